"""Sessions are lent to one question at a time, and kept for the next.

That a question comes to the same in a session that others had before is shown by the differential tests.
"""

from __future__ import annotations

import pytest

from advisor.facts.values import Fact
from advisor.reasoning import reasoner as module
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.rulebook import Rulebook
from tests.engines.naive import NaiveEngine

from .random_programs import KINDS


def reasoner() -> Reasoner:
    return Reasoner(Rulebook((), {}), KINDS, NaiveEngine())


def test_a_session_is_kept_for_the_next_question() -> None:
    made = reasoner()
    with made.session() as first:
        first.derive([])
    made.derive([])
    with made.session() as again:
        assert again is first and first.memory.questions == 2


def test_nobody_else_has_it_meanwhile() -> None:
    made = reasoner()
    with made.session() as one, made.session() as other:
        assert one is not other
    with made.session() as again:
        assert again in (one, other)


def test_what_went_wrong_ends_it() -> None:
    made = reasoner()
    with pytest.raises(ZeroDivisionError), made.session() as broken:
        raise ZeroDivisionError
    with made.session() as fresh:
        assert fresh is not broken


def test_it_ends_with_its_share_of_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 3)
    made = reasoner()
    seen = []
    for _ in range(7):
        with made.session() as session:
            session.derive([])
        seen.append(session)
    assert [seen.index(each) for each in seen] == [0, 0, 0, 3, 3, 3, 6]


def test_it_ends_with_its_share_of_described_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a question says of a kind that the catalog has stays with the engine, whoever asks next."""
    monkeypatch.setattr(module, "GUESTS", 3)
    made = reasoner()
    seen = []
    for number in (1, 2, 2, 3, 4):
        with made.session() as session:
            session.derive([Fact("card", (number,), {"id": number})])
        seen.append(session)
    assert [seen.index(each) for each in seen] == [0, 0, 0, 0, 4]

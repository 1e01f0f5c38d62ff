"""durable-rules at the edges of what it takes: sizes, refusals, renewal, errors."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from advisor.engines import durable
from advisor.engines.durable import SALTS, SESSIONS, DurableEngine, DurableNetwork
from advisor.engines.durable_wire import KINDS_IN_SET, PATTERNS_OF_KIND_IN_SET, RULES_IN_SET, split
from advisor.engines.network import Pattern, Rule
from advisor.engines.program import prepare
from advisor.errors import EngineError

COLLIDING = (6058, 264603)  # their identities, "f6058" and "f264603", have the same 32-bit hash
RULE = (Pattern(0), Pattern(1, (), ((0, 0, 0),)))


@pytest.fixture
def engine() -> DurableEngine:
    pytest.importorskip("durable_rules_engine", exc_type=ImportError)
    return DurableEngine()


def matches(engine: DurableEngine, rule: Rule, *facts: tuple[int, int, tuple[int, ...]]) -> list[Any]:
    session = engine.compile([rule]).session()
    for fact in facts:
        session.add(*fact)
    return sorted(session.matches())


def test_the_version_is_that_of_what_is_installed(engine: DurableEngine, tmp_path: Path) -> None:
    known = metadata.version("durable-rules")
    elsewhere = ModuleType("durable_rules_engine")
    elsewhere.__file__ = str(tmp_path / "durable_rules_engine.so")
    assert engine.version == durable._version(elsewhere) == known
    (tmp_path / "durable_rules-9.8.dist-info").mkdir()
    assert durable._version(elsewhere) == "9.8"


def test_a_new_fact_that_is_refused_is_told_again(engine: DurableEngine) -> None:
    network = engine.compile([(Pattern(0),)])
    session = network.session()
    for number in COLLIDING:
        session.add(number, 0, ())
    assert list(session.matches()) == [(0, (COLLIDING[0],)), (0, (COLLIDING[1],))]
    assert network.refusals == 1


def test_rulesets_are_made_anew_and_old_sessions_live_on(
    engine: DurableEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "SESSIONS", 2)
    network = engine.compile([RULE])
    sessions = [network.session() for _ in range(5)]
    for number, session in enumerate(sessions):
        session.add(1, 0, (number,))
    for number, session in enumerate(sessions):
        session.add(2, 1, (number,))
        session.add(3, 1, (number + 1,))
        assert list(session.matches()) == [(0, (1, 2))]


def test_facts_with_the_same_hash_are_really_so() -> None:
    assert len({fnv(f"f{number}") for number in COLLIDING}) == 1


def test_names_of_sessions_have_different_hashes() -> None:
    assert len({fnv(str(number)) for number in range(SESSIONS)}) == SESSIONS


def fnv(text: str) -> int:
    """The hash by which the extension tells sessions, and facts of a session, apart."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def test_the_largest_sizes_work(engine: DurableEngine) -> None:
    values = tuple(range(28))
    joined = (Pattern(0), Pattern(1, (), tuple((field, 0, field) for field in values)))
    assert matches(engine, joined, (1, 0, values), (2, 1, values)) == [(0, (1, 2))]
    constants = tuple((field, field) for field in range(240))
    assert matches(engine, (Pattern(0, constants),), (1, 0, tuple(range(240)))) == [(0, (1,))]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (tuple(Pattern(kind) for kind in range(17)), "rule 1 has 17 patterns"),
        ((Pattern(0), Pattern(1, (), tuple((f, 0, f) for f in range(29)))), "rule 1, pattern 1 has 29 joins"),
        ((Pattern(3, tuple((f, 0) for f in range(241))),), "241 fields of kind 3"),
    ],
)
def test_sizes_beyond_are_refused(engine: DurableEngine, rule: Rule, text: str) -> None:
    with pytest.raises(EngineError, match=text) as caught:
        engine.compile([(Pattern(9),), rule])
    assert caught.value.problems[0].code == "engine-size"


@pytest.mark.parametrize(
    ("rules", "sizes"),
    [
        ([(Pattern(0),)] * 100, [40, 40, 20]),
        ([tuple(Pattern(16 * n + p) for p in range(16)) for n in range(30)], [25, 5]),
        ([(Pattern(0),) * 16] * 5, [3, 2]),
        ([], []),
    ],
)
def test_long_lists_are_split(rules: list[Rule], sizes: list[int]) -> None:
    sets = split(enumerate(rules))
    assert [len(some) for some in sets] == sizes
    assert [numbered for some in sets for numbered in some] == list(enumerate(rules))
    assert (RULES_IN_SET, KINDS_IN_SET, PATTERNS_OF_KIND_IN_SET) == (40, 400, 60)


class Answers(SimpleNamespace):
    """Stands for the extension and answers as told."""

    class error(Exception):
        pass

    def create_ruleset(self, name: str, rules: str) -> int:
        return 1

    def assert_fact(self, handle: int, fact: str) -> tuple[int, int]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer, 1

    def start_action_for_state(self, handle: int, state: int) -> tuple[str, str]:
        return self.state, self.match

    def complete_and_start_action(self, handle: int, state: int) -> None:
        return None


@pytest.mark.parametrize(
    ("extension", "text"),
    [
        (Answers(answer=2), f"refused as known already, {SALTS} times over"),
        (Answers(answer=3), "unknown answer 3"),
        (Answers(answer=Answers.error("Could not assert fact, error code: 303")), "too many conditions open"),
        (Answers(answer=Answers.error("Could not assert fact, error code: 999")), "error code: 999"),
        (Answers(answer=MemoryError()), "out of memory"),
        (Answers(answer=0, state='{"exception":"oh"}', match="{}"), "an error inside"),
        (Answers(answer=0, state="{}", match='{"r0":{"p1":{"id":"f9"}}}'), "cannot be read"),
        (Answers(answer=0, state="{}", match='{"r5":{"p0":{"id":"f9"}}}'), "cannot be read"),
    ],
)
def test_trouble_is_said_in_words(extension: Any, text: str) -> None:
    session = DurableNetwork(extension, prepare([RULE])).session()
    with pytest.raises(EngineError, match=text) as caught:
        session.add(1, 0, (1,))
    assert caught.value.problems[0].code == "engine-durable"


def test_trouble_with_a_ruleset_names_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Answers, name: str, rules: str) -> int:
        raise Answers.error("Could not create ruleset, error code: 112")

    monkeypatch.setattr(Answers, "create_ruleset", refuse)
    with pytest.raises(EngineError, match=r"rules 0 to 1: .*too many rulesets"):
        DurableNetwork(Answers(), prepare([RULE, RULE]))

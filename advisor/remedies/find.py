"""From a question that does not work to what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from advisor.canonical import canonical
from advisor.facts.library import Library
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.question import Question
from advisor.reasoning.outcome import Derivation, Firing
from advisor.reasoning.reasoner import Session
from advisor.remedies.asking import Asker, together
from advisor.remedies.levers import Lever, Setting, proposed
from advisor.remedies.outcome import Outcome, outcome_of
from advisor.remedies.ranking import Judge, judge_of
from advisor.remedies.search import Limits, Proved, Search

MANY = float("inf")
Digest = Callable[[Question, Derivation], str]


@dataclass
class Remedies:
    """What can be done. `shown` is proved, best first; what is `outdone` works too, and less well in all."""

    shown: list[Proved] = field(default_factory=list)
    more: list[Proved] = field(default_factory=list)  # as good as those shown, but they are many
    outdone: list[Proved] = field(default_factory=list)
    not_enough: list[tuple[Setting, Outcome]] = field(default_factory=list)
    advice: list[Firing] = field(default_factory=list)
    kept: int = 0  # proposals that touch what is to be left alone
    asked: int = 0
    cut_short: bool = False  # more would have been asked
    judge: Judge | None = None
    levers: list[Lever] = field(default_factory=list)  # all that rules propose to change
    digests: list[str] = field(default_factory=list)  # of the answers to the variants shown


def find(
    session: Session,
    library: Library,
    question: Question,
    base: Derivation,
    rules: tuple[frozenset[str], frozenset[str]],
    digest: Digest,
) -> Remedies:
    """Ask again what rules propose, and put what works in order. `base` is the question's derivation.

    `rules`: the ids of those that decide what comes of a variant, and of those that make its whole answer,
    of which `digest` takes the digest.
    """
    deciding, whole = rules
    store = base.store
    told = proposed(base, library.kinds, _keep(store))
    asker = Asker(session, library, question, base, deciding, _policy(store, "most-variants"))
    limits = Limits(_policy(store, "most-levers"), int(min(_policy(store, "most-tries"), 9)))
    start = outcome_of(store)
    search = Search(asker, told.levers, limits, start)
    found = _distinct(search.run())
    judge = judge_of(store, found, start.work)
    front = judge.best_first(judge.front(found))
    shown = front[: int(min(_policy(store, "most-shown"), len(front)))]
    return Remedies(
        shown,
        front[len(shown) :],
        judge.best_first(proved for proved in found if proved not in front),
        list(search.nearest()),
        told.advice,
        told.kept,
        asker.asked,
        asker.cut_short,
        judge,
        told.levers,
        [digest(*asker.derive(together(proved.settings), whole)) for proved in shown],
    )


def _keep(store: Store) -> list[str]:
    return [str(path) for fact in store.of("goals") for path in fact.values.get("keep", ())]


def _policy(store: Store, name: str) -> float:
    """A number that a policy gives; no limit where none does."""
    facts: Sequence[Fact] = [fact for fact in store.of("policy") if fact.key == (name,)]
    return next((fact.values["count"] for fact in facts if "count" in fact.values), MANY)  # type: ignore


def _distinct(found: Sequence[Proved]) -> list[Proved]:
    """Two rules may propose one thing; the milder lever is kept."""
    seen: dict[str, Proved] = {}
    for proved in found:
        values = {path: value for setting in proved.settings for path, value in setting.values.items()}
        seen.setdefault(canonical(values), proved)
    return list(seen.values())

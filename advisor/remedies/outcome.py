"""What came of a variant: the figures by which remedies are judged."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from advisor.errors import AdvisorError
from advisor.facts.plain import read
from advisor.facts.store import Store
from advisor.facts.values import Fact

#: The kinds of fact that tell what came of a question. A variant is derived by the rules that these need.
DECIDING = (
    "verdict",
    "workload",
    "memory",
    "card_memory",
    "decode_speed",
    "prefill_speed",
    "goal_missed",
    "quality",
    "price",
)
WORKING = ("fits", "tight")


@dataclass(frozen=True)
class Outcome:
    """Bytes, tokens per second. None is what is not known, or does not apply."""

    status: str
    works: bool  # it fits, and no goal is missed
    required: int | None = None
    usable: int | None = None
    shortfall: int | None = None
    spare: int | None = None  # on the fullest device
    decode: dict[str, Any] | None = None
    prefill: dict[str, Any] | None = None
    missed: float | None = None  # of the goals missed: by which factor at most
    quality: dict[str, Any] | None = None
    price: dict[str, Any] | None = None
    work: int | None = None  # tokens that it is for: the context, times the sequences
    refused: str | None = None  # why it could not be asked

    @property
    def distance(self) -> float | None:
        """How far it is from working, for comparing only; None where that is no matter of degree."""
        if self.works:
            return 0.0
        if self.status in WORKING:
            return None if self.missed is None else math.log(max(self.missed, 1))
        return None if self.status == "cannot-run" or not self.shortfall else float(self.shortfall)


def outcome_of(store: Store) -> Outcome:
    memory, goals = _one(store, "memory"), list(_certain(store, "goal_missed"))
    status = read(_one(store, "verdict"), "status") or "unknown"
    return Outcome(
        status,
        status in WORKING and not goals,
        *(read(memory, name) for name in ("required", "usable", "shortfall")),
        _spare(store),
        _band(store, "decode_speed"),
        _band(store, "prefill_speed"),
        _missed(goals),
        _said(store, "quality"),
        _said(store, "price"),
        _work(_one(store, "workload")),
    )


def refused(error: AdvisorError) -> Outcome:
    """Of a variant that cannot even be asked."""
    return Outcome("cannot-run", False, refused="; ".join(problem.text for problem in error.problems))


def _work(workload: Fact | None) -> int | None:
    context, sequences = read(workload, "context"), read(workload, "sequences")
    return None if None in (context, sequences) else context * sequences


def _certain(store: Store, kind: str) -> Iterable[Fact]:
    return (fact for fact in store.of(kind) if fact.certain)


def _one(store: Store, kind: str) -> Fact | None:
    return next(iter(_certain(store, kind)), None)


def _spare(store: Store) -> int | None:
    rooms = [(read(card, "usable"), read(card, "required")) for card in _certain(store, "card_memory")]
    if not rooms or any(None in room for room in rooms):
        return None
    return min(usable - required for usable, required in rooms)


def _band(store: Store, kind: str) -> dict[str, Any] | None:
    fact = _one(store, kind)
    return {name: read(fact, name) for name in ("low", "typical", "high")} if fact else None


def _missed(goals: list[Fact]) -> float | None:
    figures = [(read(goal, "asked"), read(goal, "typical")) for goal in goals]
    factors = [asked / typical for asked, typical in figures if asked and typical]
    return max(factors, default=None)


def _said(store: Store, kind: str) -> dict[str, Any] | None:
    """All that a fact of which there is one says."""
    fact = _one(store, kind)
    return {name: read(fact, name) for name in sorted(fact.values)} if fact else None

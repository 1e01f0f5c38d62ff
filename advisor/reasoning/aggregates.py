"""Aggregates over complete facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from advisor.expressions import Unknown, Value, causes_of
from advisor.facts.kinds import Kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.budget import Budget
from advisor.reasoning.search import Causes, Env, attempt, candidates
from advisor.rules.model import Definition


@dataclass
class Found:
    """A defined value; `nothing` when there was nothing to choose from, which holds the rule back.

    `doubts` say why perhaps there is nothing to choose from.
    """

    value: Any = None
    looked: tuple[Fact, ...] = ()
    nothing: bool = False
    skipped: int = 0
    doubts: Causes = frozenset()


@dataclass(frozen=True)
class Row:
    """One candidate: the fact, what it contributes, and whether it takes part for sure."""

    fact: Fact
    value: Value
    sure: bool | Unknown

    @property
    def causes(self) -> Causes:
        """Why its part is in doubt: it may not belong here, or its value is not known."""
        return causes_of((self.sure, self.value))

    @property
    def doubtful(self) -> bool:
        return self.sure is not True or isinstance(self.value, Unknown)


def aggregate(
    step: Definition, env: Env, store: Store, kinds: Kinds, budget: Budget, proposing: bool, doubts: Causes
) -> Found:
    """Evaluate one aggregate of a rule. `doubts` say why it is not sure that the rule gets here."""
    assert step.pattern is not None
    rows = [
        _row(step, fact, sure, inner, budget, doubts)
        for fact, sure, inner in candidates(step.pattern, env, store, budget, doubts, step.formula)
    ]
    if step.how == "best":
        return _best(step, rows, kinds, proposing)
    found = _AGGREGATES[step.how](step, rows)
    found.looked = tuple(row.fact for row in rows)
    return found


def _row(step: Definition, fact: Fact, sure: bool | Unknown, env: Env, budget: Budget, doubts: Causes) -> Row:
    if type(sure) is Unknown:
        doubts |= sure.causes
        budget.spend(len(doubts))
    value = attempt(step.formula, env, doubts) if step.formula else 1
    if type(value) is Unknown:
        budget.spend(len(value.causes))
    return Row(fact, value, sure)


def _sum(step: Definition, rows: list[Row]) -> Found:
    counted = [row for row in rows if not row.doubtful and row.fact.named]
    known = sum(row.value for row in counted)
    if len(counted) == len(rows):
        return Found(known)
    lows = [_low(row, step.floor_zero) for row in rows if row.doubtful or not row.fact.named]
    return Found(Unknown(None if None in lows else known + sum(lows), _causes(rows, keys=True)))


def _low(row: Row, floor_zero: bool) -> Any:
    """The least that a doubtful row adds, None if that is not known."""
    bound = row.value.low if isinstance(row.value, Unknown) else row.value
    if bound is None or bound < 0:
        return (
            0 if floor_zero else bound if row.fact.named else None
        )  # several may have a key that is unknown
    return bound if row.sure is True and row.fact.named else 0


def _count(step: Definition, rows: list[Row]) -> Found:
    sure = [row for row in rows if row.sure is True]
    named = sum(1 for row in sure if row.fact.named)
    if named == len(rows):
        return Found(named)
    return Found(Unknown(max(named, min(1, len(sure))), _causes(rows, keys=True)))


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[Definition, list[Row]], Found]:
    def extreme(step: Definition, rows: list[Row]) -> Found:
        if not rows:
            return Found(nothing=True)
        causes = _causes(rows)
        if not causes:
            return Found(choose([row.value for row in rows]))
        some = any(row.sure is True for row in rows)
        return Found(Unknown(None, causes), doubts=frozenset() if some else causes)

    return extreme


def _collect(step: Definition, rows: list[Row]) -> Found:
    causes = _causes(rows)
    if causes:
        return Found(Unknown(None, causes))
    return Found(tuple(sorted({row.value for row in rows}, key=lambda v: (isinstance(v, str), v))))


_AGGREGATES: dict[str, Callable[[Definition, list[Row]], Found]] = {
    "sum": _sum,
    "count": _count,
    "min": _extreme(min),
    "max": _extreme(max),
    "collect": _collect,
}


def _best(step: Definition, rows: list[Row], kinds: Kinds, proposing: bool) -> Found:
    """The candidate with the extreme value, ties by name. A proposing rule passes over the doubtful."""
    causes = _causes(rows)
    judged = [row for row in rows if not row.doubtful]
    if causes and not proposing:
        return Found(_anyone(step, kinds, causes), tuple(row.fact for row in rows), doubts=causes)
    if not judged:
        return Found(nothing=True, skipped=len(rows))
    judged.sort(key=lambda row: row.fact.order)
    chosen = (max if step.descending else min)(judged, key=lambda row: row.value)
    return Found(chosen.fact, (chosen.fact,), skipped=len(rows) - len(judged))


def _anyone(step: Definition, kinds: Kinds, causes: Causes) -> Fact:
    """A stand-in for the fact that cannot be told: all its fields are unknown."""
    assert step.pattern is not None
    unknown = Unknown(None, causes)
    values = {name: unknown for name in kinds[step.pattern.kind].fields}
    return Fact(step.pattern.kind, ("?",), values, certain=False, causes=causes)


def _causes(rows: list[Row], keys: bool = False) -> Causes:
    """Why rows are in doubt; with `keys`, also because it is not known which facts they are."""
    found = frozenset().union(*(row.causes for row in rows))
    return found.union(*(causes_of(row.fact.key) for row in rows)) if keys else found

"""The names a rule defines: formulas, and aggregates over complete facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from advisor.expressions import Unknown, Value
from advisor.facts.kinds import Kinds
from advisor.facts.values import Fact, Store
from advisor.reasoning.search import Env, candidates
from advisor.rules.model import Definition


@dataclass
class Found:
    """A defined value; `nothing` when there was nothing to choose from, which holds the rule back."""

    value: Any = None
    looked: tuple[Fact, ...] = ()
    nothing: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class Row:
    """One candidate: the fact, what it contributes, and whether it takes part for sure."""

    fact: Fact
    value: Value
    sure: bool | Unknown


def define(step: Definition, env: Env, store: Store, kinds: Kinds, proposing: bool) -> Found:
    """Evaluate one definition of a rule."""
    if step.pattern is None:
        assert step.formula is not None
        return Found(step.formula.run(env))
    rows = [
        Row(fact, step.formula.run(inner) if step.formula else 1, sure)
        for fact, sure, inner in candidates(step.pattern, env, store)
    ]
    if step.how == "best":
        return _best(step, rows, kinds, proposing)
    found = _AGGREGATES[step.how](step, rows)
    found.looked = tuple(row.fact for row in rows)
    return found


def _sum(step: Definition, rows: list[Row]) -> Found:
    known = sum(row.value for row in rows if row.sure is True and not isinstance(row.value, Unknown))
    causes = _causes(rows)
    if not causes:
        return Found(known)
    lows = [_low(row, step.floor_zero) for row in rows if _doubtful(row)]
    return Found(Unknown(None if None in lows else known + sum(lows), causes))


def _low(row: Row, floor_zero: bool) -> Any:
    """The least that a doubtful row adds, None if that is not known."""
    bound = row.value.low if isinstance(row.value, Unknown) else row.value
    if bound is None or row.sure is not True and bound > 0:
        return 0 if floor_zero else None
    return bound


def _count(step: Definition, rows: list[Row]) -> Found:
    causes = frozenset().union(*(row.sure.causes for row in rows if isinstance(row.sure, Unknown)))
    sure = sum(1 for row in rows if row.sure is True)
    return Found(Unknown(sure, causes) if causes else sure)


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[Definition, list[Row]], Found]:
    def extreme(step: Definition, rows: list[Row]) -> Found:
        causes = _causes(rows)
        if causes:
            return Found(Unknown(None, causes))
        return Found(choose([row.value for row in rows])) if rows else Found(nothing=True)

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
    """The candidate with the extreme value, ties by name. A proposing rule passes over what it cannot judge."""
    causes = _causes(rows)
    judged = [row for row in rows if not _doubtful(row)]
    if causes and not proposing:
        return Found(_anyone(step, kinds, causes), tuple(row.fact for row in rows))
    if not judged:
        return Found(nothing=True, skipped=len(rows))
    judged.sort(key=lambda row: row.fact.label)
    chosen = (max if step.descending else min)(judged, key=lambda row: row.value)
    return Found(chosen.fact, (chosen.fact,), skipped=len(rows) - len(judged))


def _anyone(step: Definition, kinds: Kinds, causes: frozenset[Any]) -> Fact:
    """A stand-in for the fact that cannot be told: all its fields are unknown."""
    assert step.pattern is not None
    unknown = Unknown(None, causes)
    values = {name: unknown for name in kinds[step.pattern.kind].fields}
    return Fact(step.pattern.kind, ("?",), values, certain=False, causes=causes)


def _doubtful(row: Row) -> bool:
    return row.sure is not True or isinstance(row.value, Unknown)


def _causes(rows: list[Row]) -> frozenset[Any]:
    found: frozenset[Any] = frozenset()
    for row in rows:
        for part in (row.sure, row.value):
            if isinstance(part, Unknown):
                found |= part.causes
    return found

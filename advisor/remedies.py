"""What rules propose: changes to the question, and advice that changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from advisor.expressions import Unknown, Value
from advisor.reasoning.outcome import Derivation, Firing
from advisor.rules.model import Formula

LAST = 1_000_000


@dataclass(frozen=True)
class Remedy:
    """One proposal. `verified` is False until somebody asks again with the change, None for advice."""

    kind: str
    title: str
    changes: dict[str, Value]
    firing: Firing
    verified: bool | None
    costs: tuple[str, ...]
    place: tuple[Any, ...]


def remedies(derivation: Derivation, keep: Sequence[str]) -> tuple[list[Remedy], int]:
    """Proposals in order, and how many were left out because they touch what is kept.

    The mildest lever first, then the rule's own order.
    """
    levers = {str(fact.values["kind"]): fact.values["order"] for fact in derivation.store.of("lever")}
    found = [remedy for firing in derivation.firings if (remedy := _remedy(firing, levers))]
    allowed = [remedy for remedy in found if not _touches(remedy.changes, keep)]
    return sorted(_distinct(allowed), key=lambda remedy: remedy.place), len(found) - len(allowed)


def _remedy(firing: Firing, levers: dict[str, Any]) -> Remedy | None:
    proposal = firing.rule.propose
    if proposal is None or not firing.certain:
        return None
    changes = {path: _value(change, firing) for path, change in proposal.changes.items()}
    order = proposal.order.run(firing.env)
    if any(isinstance(value, Unknown) for value in (order, *changes.values())):
        return None
    title = proposal.title.render(firing.env)
    costs = tuple(cost.render(firing.env) for cost in proposal.costs)
    place = (levers.get(proposal.kind, LAST), Fraction(order), firing.rule.id, title)
    return Remedy(proposal.kind, title, changes, firing, None if proposal.advice else False, costs, place)


def _value(change: Formula | tuple[Value, ...], firing: Firing) -> Value:
    return change if isinstance(change, tuple) else change.run(firing.env)


def _touches(changes: Iterable[str], keep: Sequence[str]) -> bool:
    """Whether a change lies under one of the paths that the goals want left alone."""
    return any(path == kept or path.startswith(f"{kept}.") for path in changes for kept in keep)


def _distinct(found: Iterable[Remedy]) -> Iterable[Remedy]:
    """Two rules may propose one thing; the one whose rule comes first by name is kept."""
    seen: dict[Any, Remedy] = {}
    for remedy in sorted(found, key=lambda each: each.place):
        content = tuple(sorted((path, str(value)) for path, value in remedy.changes.items()))
        seen.setdefault((content or remedy.title), remedy)
    return seen.values()

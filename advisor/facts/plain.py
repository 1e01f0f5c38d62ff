"""Values as JSON has them: exact integers, fractions as floats, what is unknown as null."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from advisor.documents import LARGEST
from advisor.expressions import Unknown, Value
from advisor.facts.values import Fact


def plain(value: Value | None) -> Any:
    if value is None or isinstance(value, Unknown):
        return None
    if isinstance(value, Fraction):
        large = value.denominator == 1 or abs(value) > LARGEST
        return round(value) if large else float(value)
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def read(fact: Fact | None, name: str) -> Any:
    """A field of a fact as JSON has it; null too where there is no such fact, or none for sure."""
    return plain(fact.values.get(name)) if fact is not None and fact.certain else None


def at_least(fact: Fact | None, name: str) -> Any:
    """The lower bound of a field that is not known."""
    value = fact.values.get(name) if fact is not None and fact.certain else None
    return plain(value.low) if isinstance(value, Unknown) else None


def sources(found: Iterable[Any]) -> list[Any]:
    """Citations, with dates as text."""
    return [{k: str(v) for k, v in each.items()} if isinstance(each, dict) else str(each) for each in found]

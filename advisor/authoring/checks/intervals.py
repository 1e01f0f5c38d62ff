"""Numbers between two ends, and what arithmetic makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from advisor.units import Number

_MOST_BITS = 2_000  # beyond it an end is as good as none


class Range(NamedTuple):
    """Numbers between two ends, both included; None is no end."""

    low: Number | None = None
    high: Number | None = None


NUMBER = Range()
COUNT = Range(0)


def _end(number: Number) -> Number | None:
    size = max(abs(number.numerator), number.denominator).bit_length()
    return number if size <= _MOST_BITS else None


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else _end(one + other)


def negative(found: Range) -> Range:
    low, high = found
    return Range(None if high is None else -high, None if low is None else -low)


def add(left: Range, right: Range) -> Range:
    return Range(_sum(left.low, right.low), _sum(left.high, right.high))


def multiply(left: Range, right: Range) -> Range:
    """Of what is never negative."""
    if not (never_negative(left) and never_negative(right)):
        return NUMBER
    high = None if left.high is None or right.high is None else _end(left.high * right.high)
    return Range(_end(left.low * right.low), high)


def never_negative(found: Range) -> bool:
    return found.low is not None and found.low >= 0


def less(one: Range, other: Range, strict: bool) -> bool:
    """Whether all of one lies below all of the other."""
    if one.high is None or other.low is None:
        return False
    return one.high < other.low if strict else one.high <= other.low


def either(one: Range, other: Range) -> Range:
    """All of both."""
    low = None if one.low is None or other.low is None else min(one.low, other.low)
    high = None if one.high is None or other.high is None else max(one.high, other.high)
    return Range(low, high)


def largest(found: Sequence[Range]) -> Range:
    """The largest of several numbers, one from each."""
    highs = [each.high for each in found]
    low = max((each.low for each in found if each.low is not None), default=None)
    return Range(low, None if None in highs else max(highs))

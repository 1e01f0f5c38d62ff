"""Values in a record, as JSON has them: nothing is lost of a number, and what is missing is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from advisor.expressions import Cause, Unknown, Value

_EXACT, _UNKNOWN = "exact", "unknown"
_QUOTIENT = re.compile(r"-?[0-9]+/0*[1-9][0-9]*")


def told(value: Any) -> Any:
    """A value of a fact, or what a question holds, as JSON.

    >>> told(Fraction(1, 3))
    {'exact': '1/3'}
    """
    if isinstance(value, Fraction):
        return {_EXACT: f"{value.numerator}/{value.denominator}"}
    if isinstance(value, Unknown):
        missing = [list(cause) for cause in sorted(value.causes)]
        return {_UNKNOWN: {"at_least": told(value.low), "missing": missing}}
    if isinstance(value, (list, tuple)):
        return [told(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): told(each) for name, each in value.items()}
    return value


def read(value: Any) -> Any:
    """The value that was told; lists are lists. Raises ValueError for what no value is told as."""
    if isinstance(value, list):
        return [read(each) for each in value]
    if isinstance(value, float):
        raise ValueError(f"{value} is no exact number")
    if not isinstance(value, dict):
        return value
    if set(value) == {_EXACT}:
        return _fraction(value[_EXACT])
    if set(value) == {_UNKNOWN}:
        return _unknown(value[_UNKNOWN])
    return {name: read(each) for name, each in value.items()}


def _fraction(said: Any) -> Fraction:
    if not isinstance(said, str) or not _QUOTIENT.fullmatch(said):
        raise ValueError(f"{said} is no quotient of two integers")
    numerator, denominator = map(int, said.split("/"))
    return Fraction(numerator, denominator)


def _unknown(said: Mapping[str, Any]) -> Unknown:
    return Unknown(read(said["at_least"]), frozenset(Cause(*each) for each in said["missing"]))


def value_of(said: Any) -> Value:
    """A field of a fact: lists are tuples there."""
    found = read(said)
    return tuple(found) if isinstance(found, list) else found

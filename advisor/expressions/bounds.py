"""What is still known when something is not: lower bounds, and answers that nothing can change.

Everything here is sound: what is returned as known holds whatever the missing value turns out to
be, and `low` is never above it. Where that cannot be told, there is no bound.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from ..units import Number
from . import exact
from .errors import EvaluationError
from .values import Unknown, Value, causes_of

_NUMBERS = (int, exact.Fraction)


def low(value: Value) -> Number | None:
    """The most that is certain of a number's size, from below."""
    if type(value) is Unknown:
        return value.low
    return value if type(value) in _NUMBERS else None


def numbers(*values: Value) -> None:
    """Checked expressions compute with numbers only; others must not do harm either."""
    for value in values:
        if type(value) not in _NUMBERS and type(value) is not Unknown:
            raise EvaluationError("this is not a number")


def binary(sign: str, left: Value, right: Value) -> Value:
    """Any operation on two numbers, known or not."""
    numbers(left, right)
    if type(left) is not Unknown and type(right) is not Unknown:
        return exact.BINARY[sign](left, right)
    found = _RULES[sign](sign, left, right)
    return found.value if type(found) is _Settled else Unknown(found, causes_of((left, right)))


class _Settled:
    """A result that does not depend on what is unknown."""

    def __init__(self, value: Value) -> None:
        self.value = value


Found = Number | None | _Settled


def _plus(sign: str, left: Value, right: Value) -> Found:
    one, other = low(left), low(right)
    return None if one is None or other is None else exact.add(one, other)


def _minus(sign: str, left: Value, right: Value) -> Found:
    one = low(left)
    return None if one is None or type(right) is Unknown else exact.subtract(one, right)


def _times(sign: str, left: Value, right: Value) -> Found:
    if 0 in (left, right):
        return _Settled(0)
    one, other = low(left), low(right)
    if one is None or other is None or not _rises(left, right):
        return None
    return exact.multiply(one, other)


def _rises(left: Value, right: Value) -> bool:
    """Whether a product cannot fall below that of the bounds."""
    known = [value for value in (left, right) if type(value) is not Unknown]
    return known[0] > 0 if known else left.low >= 0 and right.low >= 0


def _over(sign: str, left: Value, right: Value) -> Found:
    if type(right) is Unknown:
        return None
    if right == 0:
        raise EvaluationError("division by zero")
    one = low(left)
    return exact.BINARY[sign](one, right) if one is not None and right > 0 else None


def _remainder(sign: str, left: Value, right: Value) -> Found:
    _over("/", left, right)  # only to refuse a division by zero
    return None


def _power(sign: str, left: Value, right: Value) -> Found:
    one = low(left)
    if type(right) is not int or one is None or one < 0 or right < 0:
        return None
    return exact.power(one, right)


_RULES: dict[str, Callable[[str, Value, Value], Found]] = {
    **{"+": _plus, "-": _minus, "*": _times, "/": _over, "//": _over, "ceildiv": _over},
    **{"%": _remainder, "**": _power, "pow": _power},
}


def unary(function: Callable[[Number], Number], value: Value) -> Value:
    """A function that never falls: floor, ceil, round."""
    numbers(value)
    if type(value) is not Unknown:
        return exact.bounded(function(value))
    return Unknown(None if value.low is None else function(value.low), value.causes)


def absolute(value: Value) -> Value:
    numbers(value)
    if type(value) is not Unknown:
        return abs(value)
    kept = value.low if value.low is not None and value.low >= 0 else None
    return Unknown(kept, value.causes)


def opaque(function: Callable[[Number], Number], value: Value) -> Value:
    """A function of which nothing is known where its argument is not: minus, log2."""
    numbers(value)
    return Unknown(None, value.causes) if type(value) is Unknown else function(value)


def largest(values: list[Value]) -> Value:
    numbers(*values)
    bounds = [bound for bound in map(low, values) if bound is not None]
    top = max(bounds, default=None)
    missing = causes_of(values)
    return Unknown(top, missing) if any(type(v) is Unknown for v in values) else top


def smallest(values: list[Value]) -> Value:
    """Known as soon as no unknown value can be below the smallest known one."""
    numbers(*values)
    known = min((v for v in values if type(v) is not Unknown), default=None)
    bounds = [v.low for v in values if type(v) is Unknown]
    if known is not None and all(bound is not None and bound >= known for bound in bounds):
        return known
    return Unknown(None if None in bounds else min(low(v) for v in values), causes_of(values))


_MIRROR = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
# A value of at least `low` meets a known one: where the test holds, the answer is settled.
_SETTLED_BY = {
    ">": (operator.gt, True),
    ">=": (operator.ge, True),
    "<": (operator.ge, False),
    "<=": (operator.gt, False),
    "==": (operator.gt, False),
    "!=": (operator.gt, True),
}
_KNOWN = {
    **{">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le},
    **{"==": operator.eq, "!=": operator.ne},
}


def compare(sign: str, left: Value, right: Value) -> Value:
    if type(left) is not Unknown and type(right) is not Unknown:
        if sign not in ("==", "!="):
            numbers(left, right)
        return _KNOWN[sign](left, right)
    if type(left) is not Unknown:
        return compare(_MIRROR[sign], right, left)
    decides, answer = _SETTLED_BY[sign]
    against = right if type(right) in _NUMBERS else None
    if against is not None and left.low is not None and decides(left.low, against):
        return answer
    return Unknown(None, causes_of((left, right)))


def either(test: Unknown, then: Value, otherwise: Value) -> Value:
    """One of two values, not known which."""
    same = type(then) is type(otherwise) is not Unknown and then == otherwise
    if same:
        return then
    one, other = low(then), low(otherwise)
    bound = None if one is None or other is None else min(one, other)
    return Unknown(bound, causes_of((test, then, otherwise)))

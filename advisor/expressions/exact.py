"""Arithmetic on known numbers: integers and fractions, nothing rounded that has an exact value.

Only `log2` and fractional exponents have no exact value. They are computed in decimal, to many more
digits than the twelve that are kept, so that every machine keeps the same twelve.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction

from ..units import Number
from .errors import EvaluationError

MAX_BITS = 1024
MAX_EXPONENT = 64
MAX_PLACES = 12
_LIMIT = 1 << MAX_BITS
_WORKING = Context(prec=50, Emax=999_999, Emin=-999_999)
_KEPT = Context(prec=12, Emax=999_999, Emin=-999_999)
_LN2 = _WORKING.ln(Decimal(2))


def bounded(value: Number) -> Number:
    """The value as an integer where it is one; no number may outgrow 1,024 bits."""
    if not (-_LIMIT < value.numerator < _LIMIT and value.denominator < _LIMIT):
        raise EvaluationError("the number is too large")
    return value.numerator if value.denominator == 1 else value


def add(left: Number, right: Number) -> Number:
    return bounded(left + right)


def subtract(left: Number, right: Number) -> Number:
    return bounded(left - right)


def multiply(left: Number, right: Number) -> Number:
    return bounded(left * right)


def divide(left: Number, right: Number) -> Number:
    _divisible(right)
    if type(left) is int and type(right) is int and not left % right:
        return bounded(left // right)
    return bounded(Fraction(left, right) if type(left) is int else left / right)


def floor_divide(left: Number, right: Number) -> int:
    _divisible(right)
    return bounded(left // right)


def ceil_divide(left: Number, right: Number) -> int:
    _divisible(right)
    return bounded(-(-left // right))


def remainder(left: Number, right: Number) -> Number:
    _divisible(right)
    return bounded(left % right)


def _divisible(right: Number) -> None:
    if not right:
        raise EvaluationError("division by zero")


def power(base: Number, exponent: Number) -> Number:
    if abs(exponent) > MAX_EXPONENT:
        raise EvaluationError(f"an exponent is at most {MAX_EXPONENT}")
    if not base and exponent < 0:
        raise EvaluationError("division by zero")
    if exponent.denominator != 1:
        return _root_power(base, exponent)
    return _whole_power(base, int(exponent))


def _whole_power(base: Number, exponent: int) -> Number:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
    if bits * abs(exponent) > MAX_BITS:  # before anything of that size exists
        raise EvaluationError("the number is too large")
    return bounded(base**exponent if exponent >= 0 else Fraction(base) ** exponent)


def _root_power(base: Number, exponent: Number) -> Number:
    if base < 0:
        raise EvaluationError("a negative number has no power with a fractional exponent")
    return _rounded(_WORKING.power(_decimal(base), _decimal(exponent)))


def log2(value: Number) -> Number:
    if value <= 0:
        raise EvaluationError("only a positive number has a logarithm")
    return _rounded(_WORKING.divide(_WORKING.ln(_decimal(value)), _LN2))


def _decimal(value: Number) -> Decimal:
    return _WORKING.divide(Decimal(value.numerator), Decimal(value.denominator))


def _rounded(value: Decimal) -> Number:
    """Twelve significant digits, as an exact number."""
    if value and abs(value.adjusted()) > MAX_BITS:  # a fraction of it would fill the memory
        raise EvaluationError("the number is too large")
    return bounded(Fraction(_KEPT.plus(value)))


def round_to(value: Number, digits: int) -> Number:
    """Halves go to the even neighbour, as in Python."""
    if type(digits) is not int or abs(digits) > MAX_PLACES:
        raise EvaluationError(f"a number is rounded to at most {MAX_PLACES} places")
    return bounded(round(value, digits))


ROUNDING = {"floor": math.floor, "ceil": math.ceil, "round": round}
BINARY = {
    **{"+": add, "-": subtract, "*": multiply, "/": divide},
    **{"//": floor_divide, "%": remainder, "**": power, "ceildiv": ceil_divide, "pow": power},
}

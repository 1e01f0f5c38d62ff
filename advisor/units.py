"""Dimensions and units: what a number counts, and how it is shown.

Inside the advisor every number stands in base units (bytes, bits, seconds, FLOP, dollars), exact.
A unit matters in two places only: where a file gives a number and where a reader sees one.
Tokens, layers, GPUs and the like are plain counts: their names are shown and have no dimension.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .errors import did_you_mean

Number = int | Fraction
#: Sorted pairs of a base ("byte", "bit", "s", "FLOP", "USD") and its exponent, which is never 0.
Dimension = tuple[tuple[str, int], ...]

NONE: Dimension = ()
BYTE: Dimension = (("byte", 1),)
BIT: Dimension = (("bit", 1),)
SECOND: Dimension = (("s", 1),)
FLOP: Dimension = (("FLOP", 1),)
USD: Dimension = (("USD", 1),)


@lru_cache(maxsize=1024)
def multiply(left: Dimension, right: Dimension) -> Dimension:
    if not right:
        return left
    total = dict(left)
    for base, exponent in right:
        total[base] = total.get(base, 0) + exponent
    return tuple(sorted((base, exponent) for base, exponent in total.items() if exponent))


def power(dimension: Dimension, exponent: Number) -> Dimension:
    """Raise to a power; ValueError where an exponent would not be an integer."""
    raised = [(base, own * Fraction(exponent)) for base, own in dimension if exponent]
    if any(own.denominator != 1 for _, own in raised):
        raise ValueError(f"{dimension_name(dimension)} to the power {exponent} means nothing")
    return tuple((base, int(own)) for base, own in raised)


@lru_cache(maxsize=1024)
def divide(left: Dimension, right: Dimension) -> Dimension:
    return multiply(left, power(right, -1)) if right else left


_WORDS = {
    "byte": ("byte", "bytes"),
    "bit": ("bit", "bits"),
    "s": ("second", "seconds"),
    "FLOP": ("FLOP", "FLOP"),
    "USD": ("dollar", "dollars"),
}
_POWERS = {1: "", 2: " squared", 3: " cubed"}


def dimension_name(dimension: Dimension) -> str:
    """For people: "bytes per second", "plain number"."""
    if not dimension:
        return "plain number"
    over = [(base, exponent) for base, exponent in dimension if exponent > 0]
    under = [(base, -exponent) for base, exponent in dimension if exponent < 0]
    words = [_word(*part, plural=part == over[-1]) for part in over]
    return " ".join(words + (["per"] if under else []) + [_word(*part) for part in under])


def _word(base: str, exponent: int, plural: bool = False) -> str:
    return _WORDS[base][plural] + _POWERS.get(exponent, f" to the power {exponent}")


class Unit(NamedTuple):
    """How numbers of one dimension are written: `scale` base units make one of it."""

    symbol: str
    dimension: Dimension
    scale: Fraction
    decimals: int
    trim: bool = True  # drop zeros at the end: "312 TFLOP/s", but "131.0 GiB"
    shown: str = ""
    plural: str = ""
    whole_from: int | None = None  # no decimals from this many on: they would claim too much


_RATE = divide(BYTE, SECOND)
_COMPUTE = divide(FLOP, SECOND)
_SIZES = {"K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_BINARY = {f"{letter}i": 1024**n for letter, n in _SIZES.items() if n < 5}
_DECIMAL = {letter: 1000**n for letter, n in _SIZES.items()}


def _unit(symbol: str, dimension: Dimension, scale: Number, decimals: int, **rest: object) -> Unit:
    more = {"shown": symbol, "plural": rest.get("shown", symbol), **rest}
    return Unit(symbol, dimension, Fraction(scale), decimals, **more)  # type: ignore[arg-type]


def _byte_units() -> Iterable[Unit]:
    yield _unit("B", BYTE, 1, 2)
    yield _unit("B/s", _RATE, 1, 1)
    for prefix, scale in (_BINARY | _DECIMAL).items():
        if prefix != "P":
            yield _unit(f"{prefix}B", BYTE, scale, 1, trim=prefix in ("Ki", "Mi"))
            yield _unit(f"{prefix}B/s", _RATE, scale, 2 if prefix == "T" else 1)


def _compute_units() -> Iterable[Unit]:
    yield _unit("FLOP", FLOP, 1, 1)
    yield _unit("FLOP/s", _COMPUTE, 1, 1)
    for prefix in "GTP":
        yield _unit(f"{prefix}FLOP", FLOP, _DECIMAL[prefix], 1)
        yield _unit(f"{prefix}FLOP/s", _COMPUTE, _DECIMAL[prefix], 2 if prefix == "P" else 1)
    yield _unit("TOP/s", _COMPUTE, _DECIMAL["T"], 1)


def _other_units() -> Iterable[Unit]:
    yield _unit("bit", BIT, 1, 3)
    yield _unit("bit/weight", BIT, 1, 3, shown="bit per weight", plural="bits per weight")
    yield _unit("Gbit/s", divide(BIT, SECOND), 10**9, 1)
    yield _unit("B/token", BYTE, 1, 1, shown="B per token")
    yield _unit("KiB/token", BYTE, 1024, 1, trim=False, shown="KiB per token")
    yield _unit("us", SECOND, Fraction(1, 10**6), 1, shown="µs")
    yield _unit("ms", SECOND, Fraction(1, 1000), 1)
    yield _unit("s", SECOND, 1, 2)
    yield _unit("min", SECOND, 60, 1)
    yield _unit("hour", SECOND, 3600, 1, shown="h")
    yield _unit("h", SECOND, 3600, 1)
    yield _unit("USD", USD, 1, 2, trim=False)
    yield _unit("USD/h", divide(USD, SECOND), Fraction(1, 3600), 2, trim=False)
    yield _unit("tok/s", power(SECOND, -1), 1, 1, trim=False, whole_from=20)
    yield _unit("percent", NONE, Fraction(1, 100), 1, shown="%")
    yield _unit("million", NONE, 10**6, 1, trim=False)
    yield _unit("billion", NONE, 10**9, 1, trim=False)


#: Plain counts that a field may name as its unit; all but the last three have a plural.
COUNT_NAMES = (
    *("token", "layer", "head", "element", "expert", "GPU", "sequence", "parameter", "core"),
    *("card", "block", "channel", "group", "lane", "node", "request", "socket", "step", "user"),
    *("weight", "MHz", "W", "year"),
)


def _count_units() -> Iterable[Unit]:
    for name in COUNT_NAMES:
        plural = name if name in ("MHz", "W", "year") else f"{name}s"
        yield _unit(name, NONE, 1, 2, shown=name, plural=plural)


#: What can be measured, by symbol; `unit` finds plain counts as well.
UNITS = {u.symbol: u for make in (_byte_units, _compute_units, _other_units) for u in make()}
_ALL_UNITS = UNITS | {u.symbol: u for u in _count_units()}


def unit(symbol: str) -> Unit:
    """The unit of this symbol; KeyError, with the nearest symbols, where there is none."""
    found = _ALL_UNITS.get(symbol)
    if found is None:
        hint = _same_but_for_case(symbol) or did_you_mean(symbol, _ALL_UNITS)
        raise KeyError(f"there is no unit {symbol!r}. {hint or ''}".rstrip())
    return found


def _same_but_for_case(symbol: str) -> str | None:
    same = [known for known in _ALL_UNITS if known.lower() == symbol.lower()]
    return f"Did you mean {' or '.join(same)}?" if same else None


_CONSTANT_UNITS = (
    *("KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB", "bit", "s", "ms", "us", "hour"),
    *("FLOP", "GFLOP", "TFLOP", "USD"),
)


def _exact(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


#: Names that give a number its dimension in an expression: the value in base units, and the dimension.
CONSTANTS: dict[str, tuple[Number, Dimension]] = {
    "byte": (1, BYTE),
    "bits_per_byte": (8, divide(BIT, BYTE)),
    **{name: (_exact(UNITS[name].scale), UNITS[name].dimension) for name in _CONSTANT_UNITS},
}

_FITTING = {
    BYTE: ("B", "KiB", "MiB", "GiB"),
    _RATE: ("B/s", "MB/s", "GB/s", "TB/s"),
    SECOND: ("us", "ms", "s", "min"),
    FLOP: ("FLOP", "GFLOP", "TFLOP"),
    _COMPUTE: ("GFLOP/s", "TFLOP/s"),
    BIT: ("bit",),
    divide(BIT, SECOND): ("Gbit/s",),
    USD: ("USD",),
    divide(USD, SECOND): ("USD/h",),
}


def show(value: Number, unit: Unit | None, dimension: Dimension = NONE) -> str:
    """A value in base units as text, always with its unit; without one, with the unit that fits.

    Rounding is exact, from the fraction itself, and halves go away from zero.
    """
    chosen = unit or _fitting(value, dimension)
    if chosen is None:
        return _show_plain(value, dimension)
    if chosen.symbol == "year":  # a calendar year: "2024", not "2,024 years"
        return _digits(value, 2, True).replace(",", "")
    scaled = value / chosen.scale
    whole = chosen.whole_from is not None and abs(scaled) >= chosen.whole_from
    number = _digits(scaled, 0 if whole else chosen.decimals, chosen.trim)
    return f"{number} {chosen.shown if number in ('1', '-1') else chosen.plural}"


def _fitting(value: Number, dimension: Dimension) -> Unit | None:
    """The largest usual unit of which the value is at least one."""
    symbols = _FITTING.get(dimension)
    if not symbols:
        return None
    fits = [s for s in symbols if abs(value) >= UNITS[s].scale or (not value and s == "s")]
    return UNITS[fits[-1] if fits else symbols[0]]


def _show_plain(value: Number, dimension: Dimension) -> str:
    """A number of no usual unit: integers whole, fractions to four significant digits."""
    number = _digits(value, max(3 - _magnitude(value), 0), True)
    return f"{number} {dimension_name(dimension)}" if dimension else number


def _digits(value: Number, decimals: int, trim: bool) -> str:
    """Decimal digits with thousands separators; a value that is not 0 never looks like 0."""
    scaled = _rounded(abs(value), decimals)
    if value and not scaled:
        return _small(value)
    whole, rest = divmod(scaled, 10**decimals)
    tail = f"{rest:0{decimals}d}" if decimals else ""
    tail = tail.rstrip("0") if trim else tail
    return f"{'-' if value < 0 else ''}{whole:,}{'.' if tail else ''}{tail}"


def _small(value: Number) -> str:
    """Two significant digits of what would round to 0: "0.0032", "3.2e-12"."""
    down = -_magnitude(value)
    if down <= 9:
        return _digits(value, down + 1, True)
    return f"{_digits(value * 10**down, 1, True)}e-{down}"


def _rounded(value: Number, decimals: int) -> int:
    """A value of at least 0 in steps of that decimal, halves up."""
    return (2 * value.numerator * 10**decimals + value.denominator) // (2 * value.denominator)


def _magnitude(value: Number) -> int:
    """The power of ten of the leading digit: 2 for 123, -3 for 0.0045, 0 for 0."""
    top, bottom = abs(value.numerator), value.denominator
    if top >= bottom or not top:
        return len(str(top // bottom)) - 1
    return -len(str((bottom - 1) // top))

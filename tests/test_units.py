"""Units: exact figures, always shown with what they count."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from advisor.units import (
    BIT,
    BYTE,
    CONSTANTS,
    COUNT_NAMES,
    FLOP,
    NONE,
    SECOND,
    UNITS,
    USD,
    dimension_name,
    divide,
    multiply,
    power,
    show,
    unit,
)

RATE = divide(BYTE, SECOND)
exponents = st.integers(-3, 3)
dimensions = st.builds(
    lambda parts: tuple(sorted((base, n) for base, n in parts.items() if n)),
    st.dictionaries(st.sampled_from(["byte", "bit", "s", "FLOP", "USD"]), exponents),
)
values = st.integers(-(10**18), 10**18) | st.fractions(-1000, 1000, max_denominator=10**15)


@given(dimensions, dimensions, dimensions)
def test_dimensions_multiply_like_numbers(a, b, c):
    assert multiply(a, b) == multiply(b, a)
    assert multiply(a, multiply(b, c)) == multiply(multiply(a, b), c)
    assert divide(multiply(a, b), b) == a
    assert multiply(a, NONE) == a
    assert divide(a, a) == NONE


@given(dimensions, st.integers(0, 4))
def test_a_power_is_a_repeated_product(a, n):
    product = NONE
    for _ in range(n):
        product = multiply(product, a)
    assert power(a, n) == product
    assert power(a, -n) == divide(NONE, product)
    assert n == 0 or power(product, Fraction(1, n)) == a


def test_a_root_that_is_no_dimension_is_refused():
    with pytest.raises(ValueError, match="bytes"):
        power(BYTE, Fraction(1, 2))


@pytest.mark.parametrize(
    ("dimension", "name"),
    [
        (NONE, "plain number"),
        (BYTE, "bytes"),
        (RATE, "bytes per second"),
        (divide(USD, SECOND), "dollars per second"),
        (power(SECOND, -1), "per second"),
        (divide(BIT, BYTE), "bits per byte"),
        (power(BYTE, 2), "bytes squared"),
        (divide(FLOP, power(SECOND, 2)), "FLOP per second squared"),
        (power(BYTE, 4), "bytes to the power 4"),
    ],
)
def test_dimensions_have_names_for_people(dimension, name):
    assert dimension_name(dimension) == name


@given(values, st.sampled_from(sorted(UNITS)))
@example(0, "GiB")
@example(Fraction(-1, 10**30), "GiB")
def test_what_is_shown_is_the_value_to_half_a_digit(value, symbol):
    shown = show(value, UNITS[symbol])
    number, _, word = shown.partition(" ")
    assert word in (UNITS[symbol].shown, UNITS[symbol].plural)
    figure = Fraction(number.replace(",", ""))
    error = abs(figure * UNITS[symbol].scale - value)
    whole_from = UNITS[symbol].whole_from
    whole = whole_from is not None and abs(value) >= whole_from * UNITS[symbol].scale
    assert error <= _last_digit(number, 0 if whole else UNITS[symbol].decimals) * UNITS[symbol].scale / 2
    assert (figure == 0) == (value == 0)
    assert not re.fullmatch(r"-0(\.0*)?", number)


def _last_digit(number: str, decimals: int) -> Fraction:
    """One step of the last digit; trimmed zeros count, and small values have digits of their own."""
    mantissa, _, exponent = number.partition("e")
    places = max(len(mantissa.partition(".")[2]), 0 if exponent else decimals)
    return Fraction(1, 10 ** (places - int(exponent or 0)))


@given(values, dimensions)
def test_a_dimension_is_never_left_out(value, dimension):
    word = show(value, None, dimension).partition(" ")[2]
    assert bool(word) == bool(dimension)


@given(values)
def test_binary_and_decimal_sizes_are_never_mixed(value):
    assert "iB" in show(value, unit("GiB"))
    assert "iB" not in show(value, unit("GB"))
    assert re.search(r" ([KMG]iB|B)$", show(value, None, BYTE))


@pytest.mark.parametrize(
    ("value", "symbol", "text"),
    [
        (131 * 2**30, "GiB", "131.0 GiB"),
        (229376, "B", "229,376 B"),
        (2039 * 10**9, "GB/s", "2,039 GB/s"),
        (2039 * 10**9, "TB/s", "2.04 TB/s"),
        (39_100_000_000, "billion", "39.1 billion"),
        (Fraction(9, 10), "percent", "90 %"),
        (Fraction(1, 40), "percent", "2.5 %"),
        (65536, "token", "65,536 tokens"),
        (1, "token", "1 token"),
        (0, "GPU", "0 GPUs"),
        (350, "W", "350 W"),
        (2024, "year", "2024"),
        (Fraction(32, 10000) * 2**30, "GiB", "0.0032 GiB"),
        (-(2**30) // 2, "GiB", "-0.5 GiB"),
        (Fraction(4127, 1000), "bit/weight", "4.127 bits per weight"),
        (229376, "KiB/token", "224.0 KiB per token"),
        (989 * 10**12, "TFLOP/s", "989 TFLOP/s"),
        (Fraction(249, 100) / 3600, "USD/h", "2.49 USD/h"),
        (Fraction(5, 10**6), "us", "5 µs"),
        (Fraction(5, 100) * 2**30, "GiB", "0.1 GiB"),
    ],
)
def test_figures_in_a_unit(value, symbol, text):
    assert show(value, unit(symbol)) == text


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0, BYTE, "0 B"),
        (1023, BYTE, "1,023 B"),
        (2048, BYTE, "2 KiB"),
        (72 * 2**30, BYTE, "72.0 GiB"),
        (-(2**30), BYTE, "-1.0 GiB"),
        (900 * 10**9, RATE, "900 GB/s"),
        (2039 * 10**9, RATE, "2.04 TB/s"),
        (Fraction(5, 10**6), SECOND, "5 µs"),
        (Fraction(21, 1000), SECOND, "21 ms"),
        (0, SECOND, "0 s"),
        (90, SECOND, "1.5 min"),
        (989 * 10**12, divide(FLOP, SECOND), "989 TFLOP/s"),
        (Fraction(25, 2), power(SECOND, -1), "12.5 per second"),
        (8, divide(BIT, BYTE), "8 bits per byte"),
        (12_345_678, NONE, "12,345,678"),
        (Fraction(1, 3), NONE, "0.3333"),
        (Fraction(10000, 3), NONE, "3,333"),
        (Fraction(1, 300_000), NONE, "0.000003333"),
    ],
)
def test_figures_without_a_unit_get_the_one_that_fits(value, dimension, text):
    assert show(value, None, dimension) == text


@pytest.mark.parametrize(
    ("wrong", "meant"), [("Gib", "GiB"), ("gb", "GB"), ("tokens", "token"), ("Tok/s", "tok/s")]
)
def test_an_unknown_unit_names_the_nearest(wrong, meant):
    with pytest.raises(KeyError, match=f"Did you mean .*{meant}"):
        unit(wrong)


def test_plain_counts_have_no_dimension():
    assert {unit(name).dimension for name in COUNT_NAMES} == {NONE}
    assert {unit(name).scale for name in COUNT_NAMES} == {1}


def test_constants_are_exact_and_agree_with_the_units():
    assert CONSTANTS["GiB"] == (2**30, BYTE)
    assert CONSTANTS["us"] == (Fraction(1, 10**6), SECOND)
    assert CONSTANTS["bits_per_byte"] == (8, divide(BIT, BYTE))
    shared = set(CONSTANTS) & set(UNITS)
    assert all(CONSTANTS[name] == (UNITS[name].scale, UNITS[name].dimension) for name in shared)
    assert all(type(value) is int or value.denominator > 1 for value, _ in CONSTANTS.values())

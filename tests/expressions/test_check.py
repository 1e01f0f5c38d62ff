"""Units are checked when a rule loads: what is well typed passes, and a contradiction names both sides."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.expressions import (
    EvaluationError,
    ExpressionError,
    TableScope,
    Type,
    check,
    compile_expression,
    describe,
    mismatch,
    parse,
)
from advisor.units import BIT, BYTE, NONE, SECOND, dimension_name, divide, power
from tests.expressions.expression_trees import MEASURES, Fact, measures

RATE = divide(BYTE, SECOND)
SCOPE = TableScope(
    {
        "need": {"bytes": Type("integer", BYTE, "GiB"), "card": Type("integer")},
        "g": {
            "bandwidth": Type("number", RATE, "GB/s"),
            "bits": Type("number", BIT, "bit/weight", optional=True),
            "name": Type("text"),
            "unified": Type("boolean"),
            "sizes": Type("list"),
        },
        "m": {field.source.removeprefix("m."): Type("number", field.dimension) for field in MEASURES},
    },
    {"n": Type("integer", NONE, "token"), "share": Type("number", NONE, "percent")},
)


def type_of(source: str) -> Type:
    return check(parse(source), SCOPE)


def refusal(source: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        type_of(source)
    assert 0 <= caught.value.offset < len(source)
    return caught.value


@given(measures())
def test_what_is_well_typed_has_its_dimension(measure):
    found = type_of(measure.source)
    assert found.dimension == measure.dimension
    assert found.base == "number"


@given(measures(), st.integers(1, 50), st.integers(1, 50), st.sampled_from([2, 3, 1000]))
def test_the_dimension_is_how_a_value_scales_with_its_units(measure, size, time, factor):
    """A byte that is half as large makes twice as many of them, in whatever power they occur."""
    before = _measured(measure.source, size, time)
    after = _measured(measure.source, size * factor, time)
    assert after == before * Fraction(factor) ** dict(type_of(measure.source).dimension).get("byte", 0)


def _measured(source: str, size: int, time: int) -> object:
    fact = Fact("m", size=size, rate=size * 5, time=time, count=3)
    try:
        return compile_expression(parse(source))({"m": fact})
    except EvaluationError:
        assume(False)


MEETINGS = ("{} + {}", "{} - {}", "{} % {}", "{} > {}", "{} == {}", "min({}, {})", "({} if n > 1 else {})")


@given(measures(2), measures(2), st.sampled_from(MEETINGS))
def test_what_does_not_fit_names_both_sides(left, right, meeting):
    assume(left.dimension != right.dimension)
    error = refusal(meeting.format(left.source, right.source))
    assert (
        error.text == f"left is {dimension_name(left.dimension)}, right is {dimension_name(right.dimension)}"
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("need.bytes", Type("integer", BYTE, "GiB")),
        ("need.bytes - 2 * GiB", Type("integer", BYTE, "GiB")),
        ("need.bytes / g.bandwidth", Type("number", SECOND)),
        ("need.bytes * 2", Type("integer", BYTE, "GiB")),
        ("need.bytes / 2", Type("number", BYTE, "GiB")),
        ("need.bytes // 2", Type("integer", BYTE, "GiB")),
        ("ceildiv(need.bytes, 2)", Type("integer", BYTE, "GiB")),
        ("ceil(need.bytes * 1.01)", Type("integer", BYTE, "GiB")),
        ("need.bytes // GiB", Type("integer")),
        ("n + 1", Type("integer", NONE, "token")),
        ("n * need.card", Type("integer")),
        ("n + 0.5", Type("number", NONE, "token")),
        ("n * default(g.bits, 16 * bit) / bits_per_byte", Type("number", BYTE)),
        ("1 / g.bandwidth", Type("number", power(RATE, -1))),
        ("n ** 2", Type("integer")),
        ("n ** -2", Type("number")),
        ("need.bytes ** 2", Type("integer", power(BYTE, 2))),
        ("(need.bytes ** 2) ** 0.5", Type("number", BYTE)),
        ("2 ** n", Type("number")),
        ("0 if n > 1 else need.bytes", Type("integer", BYTE, "GiB")),
        ("max(need.bytes, 0)", Type("integer", BYTE, "GiB")),
        ("need.bytes > 0", Type("boolean")),
        ("0 < need.bytes < 2 * GiB", Type("boolean")),
        ("has(g.bits) and not g.unified", Type("boolean")),
        ("g.name == 'A100' or g.unified == true", Type("boolean")),
        ("g.sizes != g.sizes", Type("boolean")),
        ("'a' if n > 1 else g.name", Type("text")),
        ("round(share, 2)", Type("number", NONE, "percent")),
        ("round(share)", Type("integer", NONE, "percent")),
        ("log2(n)", Type("number")),
        ("abs(need.bytes - 1 * GB)", Type("integer", BYTE, "GiB")),
        ("3 * us", Type("number", SECOND)),
        ("g.bits", Type("number", BIT, "bit/weight", optional=True)),
    ],
)
def test_types(source, expected):
    assert type_of(source) == expected


@pytest.mark.parametrize("source", ["0", "-0", "0.0", "0 * n", "0 + 0", "(0 if n > 1 else 0)", "max(0, 0)"])
def test_zero_fits_any_dimension(source):
    assert type_of(source).zero
    assert type_of(f"need.bytes > {source}").base == "boolean"
    assert type_of(f"need.bytes if n > 1 else {source}").dimension == BYTE


@pytest.mark.parametrize(
    ("source", "text", "at"),
    [
        ("need.bytes > g.bandwidth", "left is bytes, right is bytes per second", 11),
        ("(need.bytes) + (1)", "left is bytes, right is plain number", 13),
        ("n > 'a'", "left is plain number, right is text", 2),
        ("'a' + 'b'", "left is text, right is text", 4),
        ("g.name < 'a'", "left is text, right is text", 7),
        ("g.unified > true", "left is boolean, right is boolean", 10),
        ("g.unified + 1", "left is boolean, right is plain number", 10),
        ("g.name == true", "left is text, right is boolean", 7),
        ("1 < n < need.bytes", "left is plain number, right is bytes", 6),
        ("1 if n else 2", "if needs a condition, and this is plain number", 5),
        ("not n", "not needs a condition, and this is plain number", 4),
        ("g.unified and need.bytes", "and needs a condition, and this is bytes", 14),
        ("1 if n > 1 else 'a'", "left is plain number, right is text", 16),
        ("-g.name", "- needs a number, and this is text", 1),
        ("abs(g.name)", "abs needs a number, and this is text", 4),
        ("log2(need.bytes)", "log2 needs a plain number, and this is bytes", 5),
        ("2 ** need.bytes", "an exponent needs a plain number, and this is bytes", 5),
        ("need.bytes ** n", "only a plain number has a computed exponent, and this is bytes", 0),
        ("need.bytes ** 0.5", "bytes to the power 1/2 means nothing", 14),
        ("round(share, n)", "round(x, n) needs a plain integer up to 12 for n", 13),
        ("round(share, 13)", "round(x, n) needs a plain integer up to 12 for n", 13),
        ("default(g.bits, 16)", "left is bits, right is plain number", 16),
        ("min(n, need.bytes)", "left is plain number, right is bytes", 0),
        ("g.sizes + 1", "left is list, right is plain number", 8),
        ("n + nn", "there is no name 'nn'", 4),
        ("need.byte", "need has no field 'byte'", 0),
        ("nee.bytes", "no fact is bound to 'nee'", 0),
        ("has(g.bit)", "g has no field 'bit'", 4),
    ],
)
def test_contradictions_have_a_text_and_a_place(source, text, at):
    error = refusal(source)
    assert (error.text, error.offset) == (text, at)


def test_a_mistyped_name_gets_the_nearest():
    assert "bytes" in refusal("need.byte > 0").hint
    assert "need" in refusal("nee.bytes > 0").hint
    assert "share" in refusal("shar > 0").hint
    assert "GiB" in refusal("need.bytes > 2").hint


class Bare:
    """A scope that knows nothing and says nothing."""

    def field(self, alias, name):
        raise KeyError(name)

    name = field


def test_a_scope_may_raise_any_key_error():
    with pytest.raises(ExpressionError, match=r"x\.y is not known here"):
        check(parse("x.y"), Bare())


@pytest.mark.parametrize(
    ("given_type", "wanted", "why"),
    [
        (Type("integer", BYTE), Type("number", BYTE, "GB"), None),
        (Type("integer", zero=True), Type("integer", BYTE), None),
        (Type("number", BYTE), Type("integer", BYTE), "ceil"),
        (Type("integer"), Type("integer", BYTE), "this is plain number, wanted is bytes"),
        (Type("text"), Type("integer"), "this is text, wanted is plain number"),
        (Type("boolean"), Type("text"), "this is boolean, wanted is text"),
        (Type("text"), Type("text"), None),
        (Type("list", BYTE), Type("list"), "this is list of bytes, wanted is list"),
    ],
)
def test_what_fits_a_field(given_type, wanted, why):
    found = mismatch(given_type, wanted)
    assert found is None if why is None else why in found


def test_types_are_described_for_people():
    assert describe(Type("number", RATE)) == "bytes per second"
    assert describe(Type("boolean")) == "boolean"

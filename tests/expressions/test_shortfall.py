"""Where a condition is false, its text says which part of it is, and by how much."""

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
    Unknown,
    compile_expression,
    false_text,
    falsity,
    parse,
)
from advisor.units import BYTE
from tests.expressions.expression_trees import PRESENT, Fact, conditions

GIB = 2**30
SCOPE = TableScope(
    {
        "n": {"need": Type("integer", BYTE, "GiB"), "vague": Type("integer", BYTE, "GiB")},
        "h": {"have": Type("integer", BYTE, "GiB"), "layers": Type("integer", unit="layer")},
        "t": {"name": Type("text"), "open": Type("boolean"), "gone": Type("integer", optional=True)},
    },
    {"x": Type("number"), "y": Type("number")},
)
ENV = {
    "n": Fact("n", need=int(Fraction("153.1") * GIB), vague=Unknown(80 * GIB)),
    "h": Fact("h", have=72 * GIB, layers=31),
    "t": Fact("t", name="vllm", open=False),
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("n.need <= h.have", "153.1 GiB <= 72.0 GiB is false: short by 81.1 GiB"),
        ("h.have > n.need", "72.0 GiB > 153.1 GiB is false: short by 81.1 GiB"),
        ("0 >= h.have", "0 >= 72.0 GiB is false: short by 72.0 GiB"),
        ("h.layers == 32", "31 layers == 32 is false: they differ by 1 layer"),
        ("h.layers != 31", "31 layers != 31 is false: they are equal"),
        ("h.layers < 31", "31 layers < 31 is false: they are equal"),
        ("n.vague <= h.have", "at least 80.0 GiB <= 72.0 GiB is false: short by at least 8.0 GiB"),
        ("n.vague < 80 * GiB", "at least 80.0 GiB < 80 GiB is false"),
        ("t.name == 'llama.cpp'", "'vllm' == 'llama.cpp' is false"),
        ("t.open", "no is false"),
        (
            "h.layers > 3 and n.need <= h.have",
            "31 layers > 3 and 153.1 GiB <= 72.0 GiB is false, because 153.1 GiB <= 72.0 GiB is: "
            "short by 81.1 GiB",
        ),
        (
            "t.gone > 3 and t.name == 'x'",
            "unknown > 3 and 'vllm' == 'x' is false, because 'vllm' == 'x' is",
        ),
        ("1 < h.layers < 20", "1 < 31 layers < 20 is false, because 31 layers < 20 is: short by 11 layers"),
        (
            "not h.layers > 3",
            "not 31 layers > 3 is false, because 31 layers > 3 is true: short by 28 layers",
        ),
        ("h.layers > 40 or t.open", "31 layers > 40 or no is false"),
        (
            "h.layers > 40 if t.name == 'vllm' else t.open",
            "31 layers > 40 if 'vllm' == 'vllm' else no is false, because 31 layers > 40 is: "
            "short by 9 layers",
        ),
    ],
)
def test_texts(source, text):
    assert compile_expression(parse(source))(ENV) is False
    assert false_text(parse(source), ENV, SCOPE) == text


NUMBERS = st.integers(-50, 50) | st.fractions(-9, 9, max_denominator=12)
TINY = Fraction(1, 10**9)


@given(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS, NUMBERS)
def test_a_side_larger_by_what_it_is_short_of_makes_it_true_and_by_less_does_not(sign, left, right):
    holds = compile_expression(parse(f"x {sign} y"))
    assume(holds({"x": left, "y": right}) is False)
    found = falsity(parse(f"x {sign} y"), {"x": left, "y": right}, SCOPE)
    assert found.by >= 0
    assert 0 <= found.share <= 1
    strict = sign in ("<", ">", "!=")
    if sign in ("<", "<=", "!="):
        shifted = [(left, right + found.by + more) for more in (0, TINY, -TINY)]
    else:
        shifted = [(left + found.by + more, right) for more in (0, TINY, -TINY)]
    if sign == "==":  # it does not say which side
        assert left + found.by == right or right + found.by == left
        return
    exactly, above, below = (holds({"x": x, "y": y}) for x, y in shifted)
    assert exactly is (not strict)
    assert above is True
    assert below is (sign == "!=")


@given(st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 40), NUMBERS, st.integers(0, 40))
def test_a_bound_says_no_more_than_what_holds_for_every_value_above_it(sign, low, right, more):
    source = f"x {sign} y" if sign[0] == "<" else f"y {sign} x"
    holds = compile_expression(parse(source))
    assume(holds({"x": Unknown(low), "y": right}) is False)
    bound = falsity(parse(source), {"x": Unknown(low), "y": right}, SCOPE)
    real = falsity(parse(source), {"x": low + more, "y": right}, SCOPE)
    assert bound.by <= real.by
    assert "at least" in (bound.short or "at least")


PLAIN = TableScope({"a": {"whole": Type("integer"), "part": Type("number")}}, {"n": Type("integer")})


@given(conditions(PRESENT))
def test_the_part_that_is_named_has_the_value_that_is_said(expr):
    """Of any condition: what is shown of the part can be read again, and is false, or true below a `not`."""
    env = {"a": Fact("a", whole=-7, part=Fraction(5, 2)), "n": 3}
    try:
        parsed = parse(expr.source)
        assume(compile_expression(parsed)(env) is False)
        found = falsity(parsed, env, PLAIN)
        again = parse(found.part) if found.part else None
    except (EvaluationError, ExpressionError):
        assume(False)
    if again:
        assert compile_expression(again)({}) is found.true

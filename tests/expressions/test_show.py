"""Formulas are shown with values and units in place of names, and stay right."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given

from advisor.expressions import (
    EvaluationError,
    ExpressionError,
    TableScope,
    Type,
    Unknown,
    compile_expression,
    formula,
    parse,
    show_result,
    show_value,
)
from advisor.units import BIT, BYTE, NONE, SECOND, divide
from tests.expressions.expression_trees import PRESENT, Fact, conditions, numbers

GIB = 2**30
SCOPE = TableScope(
    {
        "need": {"bytes": Type("integer", BYTE, "GiB")},
        "have": {"bytes": Type("integer", BYTE, "GiB"), "short": Type("integer", BYTE, "GiB")},
        "g": {
            "bandwidth": Type("number", divide(BYTE, SECOND), "GB/s"),
            "bits": Type("number", BIT, "bit", optional=True),
            "loss": Type("integer"),
            "name": Type("text"),
            "unified": Type("boolean"),
        },
        "a": {"whole": Type("integer"), "part": Type("number")},
    },
    {"n": Type("integer", NONE, "token")},
)
ENV = {
    "need": Fact("need", bytes=int(145.7 * GIB)),
    "have": Fact("have", bytes=72 * GIB, short=Unknown(12 * GIB)),
    "g": Fact("g", bandwidth=2039 * 10**9, name="A100", unified=False, loss=-3),
    "n": 4096,
}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("need.bytes - have.bytes", "145.7 GiB - 72.0 GiB"),
        ("need.bytes>have.bytes+2*GiB", "145.7 GiB > 72.0 GiB + 2 GiB"),
        ("(need.bytes - have.bytes) / g.bandwidth", "(145.7 GiB - 72.0 GiB) / 2,039 GB/s"),
        ("need.bytes - (have.bytes - GiB)", "145.7 GiB - (72.0 GiB - 1 GiB)"),
        (
            "n * default(g.bits, 16 * bit) / bits_per_byte",
            "4,096 tokens * (default 16 bit) / 8 bits per byte",
        ),
        ("default(g.bits, n * bit / 2)", "default (4,096 tokens * 1 bit / 2)"),
        ("default(g.loss, 2)", "-3"),
        ("g.bits > 4 * bit", "unknown > 4 bit"),
        ("need.bytes - have.short", "145.7 GiB - at least 12.0 GiB"),
        ("n - g.loss", "4,096 tokens - (-3)"),
        ("-g.loss", "-(-3)"),
        ("2 ** n ** 2", "2 ** 4,096 tokens ** 2"),
        ("(-2) ** 2 - -2 ** 2", "(-2) ** 2 - (-2 ** 2)"),
        ("not g.unified and has(g.bits)", "not no and has(g.bits)"),
        ("not (g.unified or n > 1) or 1 < n < 3", "not (no or 4,096 tokens > 1) or 1 < 4,096 tokens < 3"),
        ("g.name == 'A100'", "'A100' == 'A100'"),
        (
            "ceildiv(n, 3) if n > 1 else min(n, 1.50)",
            "ceildiv(4,096 tokens, 3) if 4,096 tokens > 1 else min(4,096 tokens, 1.50)",
        ),
    ],
)
def test_formulas(source, shown):
    assert formula(parse(source), ENV, SCOPE) == shown


@given(numbers(PRESENT) | conditions(PRESENT))
def test_a_shown_formula_of_plain_numbers_computes_to_the_same(expr):
    """Parentheses are where they must be: with whole values, what is shown can be read again."""
    plain = TableScope({"a": SCOPE.aliases["a"]}, {"n": Type("integer")})
    env = {"a": Fact("a", whole=-7, part=Fraction(5, 2)), "n": 3}
    try:
        parsed = parse(expr.source)
        expected = compile_expression(parsed)(env)
        again = parse(formula(parsed, env, plain))
    except (EvaluationError, ExpressionError) as error:
        assume("deep" not in error.text and "longer" not in error.text)
        assert isinstance(error, EvaluationError)
        return
    assert compile_expression(again)({}) == expected


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (131 * GIB, Type("integer", BYTE, "GiB"), "131.0 GiB"),
        (Fraction(1, 3), Type("number"), "0.3333"),
        (True, Type("boolean"), "yes"),
        (False, Type("boolean"), "no"),
        ("AWQ", Type("text"), "AWQ"),
        ((1, 2, 4, 8), Type("list", NONE, "GPU"), "1, 2, 4 and 8"),
        (("a", "b"), Type("list"), "a and b"),
        ((GIB, 2 * GIB), Type("list", BYTE, "GiB"), "1.0 GiB and 2.0 GiB"),
        ((3,), Type("list"), "3"),
        ((), Type("list"), "none"),
        (Unknown(), Type("integer", BYTE), "unknown"),
        (Unknown(0), Type("integer", BYTE), "unknown"),
        (Unknown(12 * GIB), Type("integer", BYTE), "at least 12.0 GiB"),
        (Unknown(3), Type("integer", NONE, "GPU"), "at least 3 GPUs"),
        (Unknown(), Type("text"), "unknown"),
    ],
)
def test_values(value, kind, text):
    assert show_value(value, kind) == text


def test_a_result_that_is_an_empty_text_is_seen() -> None:
    assert show_value("", Type("text")) == ""
    assert show_result("", Type("text")) == "''"
    assert show_result(GIB, Type("integer", BYTE, "GiB")) == show_value(GIB, Type("integer", BYTE, "GiB"))

"""What is computed is what Python's own operators give on fractions, to the last digit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.expressions import EvaluationError, ExpressionError, compile_expression, normal, parse
from tests.expressions.expression_trees import PRESENT, Expr, Fact, conditions, numbers

integers = st.integers(-100, 100)
fractions = st.fractions(-50, 50, max_denominator=60)


def compute(source: str, **names: object) -> object:
    return compile_expression(parse(source))(names)


def ours(expr: Expr, env: dict[str, Fraction]) -> object:
    fact = Fact("the fact", whole=normal(env["whole"]), part=normal(env["part"]))
    try:
        parsed = parse(expr.source)
    except ExpressionError as error:  # only length and depth can be wrong with these
        assume("longer" not in error.text and "deep" not in error.text)
        raise
    return compile_expression(parsed)({"a": fact, "n": normal(env["n"])})


@given(numbers(PRESENT) | conditions(PRESENT), integers, fractions, integers)
def test_every_operator_agrees_with_python_on_fractions(expr, whole, part, n):
    env = {"whole": Fraction(whole), "part": part, "n": Fraction(n)}
    try:
        expected = expr.compute(env)
    except ZeroDivisionError:
        with pytest.raises(EvaluationError, match=r"division by zero|too large"):
            ours(expr, env)
        return
    try:
        found = ours(expr, env)
    except EvaluationError as error:
        assert "too large" in error.text
        return
    assert found == expected
    assert type(found) in (int, bool, Fraction)
    assert type(found) is not Fraction or found.denominator > 1


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=8),
    st.lists(st.sampled_from(["+", "-", "*", "//", "%", "<", "==", " and ", " or "]), min_size=7, max_size=7),
)
def test_operators_bind_as_in_python(values, signs):
    parts = [str(values[0])]
    for sign, value in zip(signs, values[1:], strict=False):
        parts += [sign, f"({value} > 0)" if sign.strip() in ("and", "or") else str(value)]
    source = "".join(parts)
    expected = _python(source)
    assume(expected is not None)
    assert compute(source) == expected


def _python(source: str) -> object:
    """Python's own answer, where ours exists too: conditions are not numbers here."""
    try:
        compile_expression(parse(source))({})
        return eval(source, {"__builtins__": {}})
    except (EvaluationError, ZeroDivisionError):
        return None


SUMMANDS = [Fraction(1, 3), Fraction(1, 10), 10**20, Fraction(-1, 7), 5]


@given(st.permutations(SUMMANDS))
def test_the_order_of_a_sum_never_changes_it(values):
    names = dict(zip("abcde", values, strict=True))
    assert compute("a + b + c + d + e", **names) == sum(SUMMANDS)


@given(st.integers(0, 10**12), st.integers(0, 9999))
def test_decimals_are_what_they_say(whole, thousandths):
    assert compute(f"{whole}.{thousandths:04}") == whole + Fraction(thousandths, 10_000)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("4.127", Fraction(4127, 1000)),
        ("1_000.5e-1", Fraction(10005, 100)),
        ("0.1 + 0.2 == 0.3", True),
        (".5 + 1.", Fraction(3, 2)),
        ("2 * GiB", 2**31),
        ("3 * us", Fraction(3, 10**6)),
        ("round(2.5)", 2),
        ("round(3.5)", 4),
        ("round(10 / 3, 2)", Fraction(333, 100)),
        ("-2 ** 2", -4),
        ("2 ** -2", Fraction(1, 4)),
        ("7 // 2 * 1.5", Fraction(9, 2)),
        ("ceildiv(-7, 2)", -3),
        ("1 < 2 < 3", True),
        ("1 < 2 > 5", False),
        ("'a' if 1 < 2 else 'b'", "a"),
        ("'é' == 'é' and true", True),
        ("1 / 0 if false else 3", 3),
        ("false and 1 / 0 > 1", False),
        ("true or 1 / 0 > 1", True),
        ("\n  1 +\n\t2\n", 3),
    ],
)
def test_examples(source, value):
    assert compute(source) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("log2(8)", 3),
        ("log2(1 / 1024)", -10),
        ("log2(3)", Fraction("1.58496250072")),
        ("pow(2, 0.5)", Fraction("1.41421356237")),
        ("8 ** (1 / 3)", 2),
        ("pow(0, 0.5)", 0),
        ("pow(1e-30, 0.5)", Fraction(1, 10**15)),
    ],
)
def test_what_has_no_exact_value_has_twelve_digits(source, value):
    assert compute(source) == value


@pytest.mark.parametrize(
    ("source", "say"),
    [
        ("1 / 0", "division by zero"),
        ("1 // 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("ceildiv(1, 0)", "division by zero"),
        ("0 ** -1", "division by zero"),
        ("log2(0)", "logarithm"),
        ("pow(-2, 0.5)", "negative"),
        ("2 ** 65", "exponent"),
        ("9**9**9", "exponent"),
        ("((((((9**64)**64)**64)**64)**64)**64)", "too large"),
        ("(1e30 ** 64) * (1e30 ** 64)", "too large"),
        ("(1e-30 ** 0.5) ** 60.5 ** 1.5", "exponent"),
        ("pow(1e60, 63.5)", "too large"),
        ("pow(1e-60, 63.5)", "too large"),
        ("'a' * 1_000_000_000_000", "not a number"),
        ("not 3", "neither true nor false"),
        ("1 and true", "neither true nor false"),
        ("'a' + 'b'", "not a number"),
        ("'a' < 3", "not a number"),
        ("-'a'", "not a number"),
        ("abs('a')", "not a number"),
        ("min('a', 'b')", "not a number"),
        ("round(1.5, 10 ** 20)", "12 places"),
    ],
)
def test_what_has_no_value_says_why_and_at_once(source, say):
    with pytest.raises(EvaluationError, match=say):
        compute(source)

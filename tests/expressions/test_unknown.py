"""What is said in spite of a missing value stays true whatever the value turns out to be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from expression_trees import FIELDS, Expr, Fact, conditions, numbers
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.expressions import (
    Cause,
    EvaluationError,
    ExpressionError,
    Unknown,
    compile_expression,
    normal,
    parse,
)

READABLE = tuple(FIELDS)
GUARDED = [
    Expr("default(a.vague, 3)", lambda env: env["vague"]),
    Expr("(a.vague if has(a.vague) else 1)", lambda env: env["vague"]),
]
VAGUE = Cause("the rule", "bytes")
small = st.integers(-20, 20).map(Fraction) | st.fractions(-20, 20, max_denominator=6)


def evaluate(source: str, **values: object) -> object:
    """With n = 5 and a fact `a` that has these fields and no others."""
    return compile_expression(parse(source))({"a": Fact("card 0", **values), "n": 5})


def outcome(expr: Expr, fact: Fact, n: object) -> object:
    try:
        run = compile_expression(parse(expr.source))
    except ExpressionError:
        assume(False)
    try:
        return run({"a": fact, "n": n})
    except EvaluationError:
        return None


def parts(depth: int) -> st.SearchStrategy[Expr]:
    return numbers(READABLE, depth) | conditions(READABLE, depth) | st.sampled_from(GUARDED)


@given(parts(3), small, small, small, small, small, st.fractions(0, 30, max_denominator=4))
def test_what_is_known_without_a_value_is_true_with_any(expr, whole, part, n, low, gone, more):
    known = {"whole": normal(whole), "part": normal(part)}
    before = outcome(expr, Fact("a", **known, vague=Unknown(normal(low), frozenset({VAGUE}))), normal(n))
    full = Fact("a", **known, vague=normal(low + more), gone=normal(gone))
    after = outcome(expr, full, normal(n))
    assume(before is not None and after is not None)
    if type(before) is not Unknown:
        assert after == before
    elif before.low is not None:
        assert after >= before.low


@given(parts(2), small, small, small, small)
def test_unknown_names_what_is_missing(expr, whole, part, n, low):
    fact = Fact("a", whole=normal(whole), part=normal(part), vague=Unknown(normal(low), frozenset({VAGUE})))
    found = outcome(expr, fact, normal(n))
    assume(type(found) is Unknown)
    assert found.causes and found.causes <= {VAGUE, Cause("a", "gone")}


LOW = Unknown(12, frozenset({VAGUE}))


@pytest.mark.parametrize(
    ("source", "low"),
    [
        ("a.low + 3", 15),
        ("a.low + a.low", 24),
        ("a.low - 3", 9),
        ("a.low * 2", 24),
        ("2.5 * a.low", 30),
        ("a.low * a.low", 144),
        ("a.low / 8", Fraction(3, 2)),
        ("a.low // 5", 2),
        ("ceildiv(a.low, 5)", 3),
        ("a.low ** 2", 144),
        ("ceil(a.low / 8)", 2),
        ("floor(a.low / 8)", 1),
        ("round(a.low / 7, 1)", Fraction(17, 10)),
        ("abs(a.low)", 12),
        ("max(a.low, 20, a.gone)", 20),
        ("min(a.low, 20)", 12),
        ("a.low if a.gone > 1 else 5", 5),
        ("default(a.low, 3)", 3),
        ("default(a.gone, a.low)", 12),
        ("3 - a.low", None),
        ("a.low * -1", None),
        ("a.low % 5", None),
        ("-a.low", None),
        ("a.low + a.gone", None),
        ("min(a.low, a.gone)", None),
        ("a.gone ** 2", None),
        ("log2(a.low)", None),
    ],
)
def test_lower_bounds_are_kept_where_they_hold(source, low):
    found = evaluate(source, low=LOW)
    assert isinstance(found, Unknown)
    assert found.low == low


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("a.low > 11", True),
        ("a.low > 12", Unknown),
        ("a.low >= 12", True),
        ("a.low < 12", False),
        ("a.low <= 11", False),
        ("a.low <= 12", Unknown),
        ("a.low == 11", False),
        ("a.low != 11", True),
        ("a.low == 13", Unknown),
        ("11 < a.low", True),
        ("12 > a.low", False),
        ("a.gone > 1", Unknown),
        ("a.gone == a.gone", Unknown),
        ("a.gone > 1 and 1 > 2", False),
        ("1 > 2 and a.gone > 1", False),
        ("a.gone > 1 or 2 > 1", True),
        ("a.gone > 1 and 2 > 1", Unknown),
        ("a.gone > 1 or 1 > 2", Unknown),
        ("not a.gone > 1", Unknown),
        ("1 < a.low <= 11", False),
        ("has(a.gone)", False),
        ("has(a.n)", True),
        ("has(a.low)", Unknown),
        ("has(a.gone) and a.gone > 3", False),
        ("default(a.gone, 7)", 7),
        ("default(a.n, 7)", 4),
        ("3 if a.gone > 1 else 3", 3),
        ("3 if a.gone > 1 else 4", Unknown),
        ("'x' if a.gone > 1 else 'x'", "x"),
        ("'x' if a.gone > 1 else 'y'", Unknown),
        ("min(a.low, 5)", 5),
        ("a.gone * 0", 0),
        ("a.gone > 1 and 1 / 0 > 1", Unknown),
        ("1 / 0 if a.gone > 1 else 3", Unknown),
    ],
)
def test_what_decides_and_what_does_not(source, value):
    found = evaluate(source, low=LOW, n=4)
    assert isinstance(found, Unknown) if value is Unknown else found == value


def test_all_causes_are_named():
    found = evaluate("a.gone + a.low + a.lost", low=LOW)
    assert found.causes == {VAGUE, Cause("card 0", "gone"), Cause("card 0", "lost")}


def test_a_division_by_zero_stays_one_even_of_the_unknown():
    for source in ("a.gone / 0", "a.gone % 0", "a.gone // 0"):
        with pytest.raises(EvaluationError, match="zero"):
            evaluate(source)

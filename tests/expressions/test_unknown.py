"""What is said in spite of a missing value stays true whatever the value turns out to be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
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
from tests.expressions.expression_trees import Expr, Fact, conditions, numbers

#: What may be missing comes up more often than what is there.
READABLE = ("a.vague", "a.vague", "m", "a.gone", "a.whole", "a.part", "n")
GUARDED = [
    Expr("default(a.vague, 3)", lambda env: env["vague"]),
    Expr("(a.vague if has(a.vague) else 1)", lambda env: env["vague"]),
]
VAGUE = Cause("the rule", "bytes")
OTHER = Cause("another rule", "count")
above = st.sampled_from([Fraction(0), Fraction(1, 4), Fraction(1), Fraction(7), Fraction(40)])
small = st.integers(-20, 20).map(Fraction) | st.fractions(-20, 20, max_denominator=6)


def evaluate(source: str, **values: object) -> object:
    """With n = 5 and a fact `a` that has these fields and no others."""
    return compile_expression(parse(source))({"a": Fact("card 0", **values), "n": 5})


def vague(low: object) -> Unknown:
    return Unknown(low, frozenset({VAGUE}))


def outcome(expr: Expr, fact: Fact, n: object, m: object) -> object:
    try:
        run = compile_expression(parse(expr.source))
    except ExpressionError:
        assume(False)
    try:
        return run({"a": fact, "n": n, "m": m})
    except EvaluationError:
        return None


parts = st.one_of(
    *[make(READABLE, depth) for make in (numbers, conditions) for depth in (1, 2, 3)],
    st.sampled_from(GUARDED),
)


@settings(max_examples=1000)
@given(parts, st.tuples(small, small, small, small), st.tuples(small, small), above, above)
def test_what_is_known_without_a_value_is_true_with_any(expr, known, missing, more, further):
    """Two values with lower bounds and one without, each then put to any value that it may have."""
    whole, part, n, gone = map(normal, known)
    low, lower = map(normal, missing)
    before = outcome(expr, Fact("a", whole=whole, part=part, vague=vague(low)), n, vague(lower))
    full = Fact("a", whole=whole, part=part, vague=normal(low + more), gone=gone)
    after = outcome(expr, full, n, normal(lower + further))
    assume(before is not None and after is not None)
    if type(before) is not Unknown:
        assert after == before
    elif before.low is not None:
        assert after >= before.low


@given(parts, small, small, small)
def test_unknown_names_what_is_missing(expr, whole, n, low):
    fact = Fact("a", whole=normal(whole), part=Fraction(1, 3), vague=vague(normal(low)))
    found = outcome(expr, fact, normal(n), Unknown(None, frozenset({OTHER})))
    assume(type(found) is Unknown)
    assert found.causes and found.causes <= {VAGUE, OTHER, Cause("a", "gone")}


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
        ("a.debt * a.debt", None),
        ("a.debt ** 2", None),
        ("abs(a.debt)", None),
        ("a.debt * 2", -6),
    ],
)
def test_lower_bounds_are_kept_where_they_hold(source, low):
    found = evaluate(source, low=LOW, debt=Unknown(-3))
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
        ("min(a.low, 12)", 12),
        ("min(a.low, 12.5)", Unknown),
        ("a.gone * 0", 0),
        ("a.gone > 1 and 1 / 0 > 1", Unknown),
        ("1 / 0 if a.gone > 1 else 3", Unknown),
    ],
)
def test_what_decides_and_what_does_not(source, value):
    found = evaluate(source, low=LOW, n=4)
    assert isinstance(found, Unknown) if value is Unknown else found == value


def test_all_causes_are_named():
    everything = {VAGUE, Cause("card 0", "gone"), Cause("card 0", "lost")}
    assert evaluate("a.gone + a.low + a.lost", low=LOW).causes == everything
    assert evaluate("a.gone > 1 and a.low > 20 and a.lost > 1", low=LOW).causes == everything
    assert evaluate("a.low if a.gone > 1 else a.lost", low=LOW).causes == everything


def test_a_division_by_zero_stays_one_even_of_the_unknown():
    for source in ("a.gone / 0", "a.gone % 0", "a.gone // 0"):
        with pytest.raises(EvaluationError, match="zero"):
            evaluate(source)

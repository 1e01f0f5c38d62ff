"""What is no expression is refused, quickly, with its place; nothing of it is ever run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.expressions import (
    FUNCTIONS,
    RESERVED,
    EvaluationError,
    ExpressionError,
    Template,
    compile_expression,
    parse,
)
from advisor.units import CONSTANTS

HOSTILE = [
    *("", " ", "\n", "#", "()", "x.__class__", "().__class__", "a.b.c", "a.b.c.d", "(a).b", "a().b"),
    *("'x'.upper", "'{0.__class__}'.format(a)", "__import__('os')", "__name__", "a.__dict__", "__x.y"),
    *("[x for x in y]", "(x for x in y)", "[1]", "(1, 2)", "{1}", "{}", "{1: 2}", "x[0]", "x[1:2]"),
    *("lambda: 1", "lambda x: x", "f'{x}'", "f''", "(x := 1)", "x = 1", "x == 1; y", "*x", "**x"),
    *("max(*x)", "max(**x)", "max(1, 2, key=abs)", "round(1, ndigits=2)", "yield", "await x", "print(1)"),
    *("eval('1')", "exec('1')", "getattr(a, 'b')", "open('x')", "import os", "has(3)", "has(x)", "has()"),
    *("default(x, 1)", "default(x.y)", "default(1, 2)", "min(1)", "max()", "ceil(1, 2)", "pow(2)"),
    *("ceildiv(1)", "min", "ceil + 1", "has.x(1)", "a.min(1, 2)", "min(1, 2)(3)", "1()", "x.y()"),
    *("None", "True", "False", "...", "1j", "b'x'", "r'x'", "u'x'", "'''x'''", "'a' 'b'", "'\\n'", "'a\\"),
    *("0x10", "0b1", "0o7", "1e999", "1e-999", "1e65", "inf.x.y", "1_", "1__0", "01", "1if x else 2"),
    *("x is y", "x is not y", "x in y", "x not in y", "~x", "x & y", "x | y", "x ^ y", "x << y", "x @ y"),
    *("x && y", "x || y", "!x", "x <> y", "x ? y : z", "x y", "x,", "x +", "(x", "x)", "x # y", "'x"),
    *("\uff58", "x.\uff59", "\uff4d\uff49\uff4e(1, 2)", "\u210c + 1", "x\u3002y", "\uff11 + 1", "x\u00a0+ 1"),
    *("x\u200b", "\ufeffx", "x \u2212 1", "é"),
    *("x\x00", "\x00", "'\x00'", "x\x0cy", "x\x1b", "'\ud800'", "1" * 31, "0." + "1" * 31, "9" * 900),
    *("(" * 10_000 + "1" + ")" * 10_000, "(" * 450 + "1" + ")" * 450, "-" * 900 + "1", "not " * 200 + "x"),
    *("x" * 100_000, "x+" * 50_000 + "x", "+".join("x" * 60), "x**" * 60 + "x", "[" * 900, "a." * 400 + "a"),
    *("1 if x else " * 50 + "1", "min(1, " * 60 + "1" + ")" * 60, "max(" + "1," * 120 + "1)"),
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_the_hostile_are_refused(source):
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.text
    assert 0 <= caught.value.offset <= len(source)
    assert caught.value.caret(source).endswith("^")


PIECES = (
    *("x", "a.b", "1", "2.5", "'t'", "(", ")", "+", "-", "**", "<", " and ", " not ", " if ", " else ", ","),
    *("min(", "{", "}", "[", "]", "__x__", ".", "9e9", "has(", "\n", "\\", "é", "\x00", "GiB", "lambda", ":"),
    *("=", "#", "64"),
)
pieces = st.sampled_from(PIECES)


@given(st.lists(pieces, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_an_expression_or_an_expression_error(source):
    for read in (parse, Template):
        try:
            read(source)
        except ExpressionError as error:
            assert 0 <= error.offset <= len(source)


class Anything:
    """A fact that has every field."""

    label = "anything"

    class values:
        @staticmethod
        def get(field: str) -> int:
            return 3


@given(st.lists(pieces, max_size=12).map("".join))
def test_whatever_is_read_can_be_run_without_harm(source):
    try:
        parsed = parse(source)
        compile_expression(parsed)(
            dict.fromkeys(parsed.names, 3) | {alias: Anything for alias, _ in parsed.paths}
        )
    except (ExpressionError, EvaluationError):
        pass


def test_names_and_paths_are_what_is_read():
    parsed = parse("a.b + min(n, 2 * GiB) if has(c.d) and true else default(a.e, m)")
    assert parsed.names == {"n", "m"}
    assert parsed.paths == {("a", "b"), ("c", "d"), ("a", "e")}


def test_an_alias_may_be_called_like_a_constant():
    assert parse("s.ways + min.x").paths == {("s", "ways"), ("min", "x")}


def test_reserved_names_are_those_that_mean_something_already():
    assert set(CONSTANTS) | set(FUNCTIONS) | {"true", "false"} == RESERVED


@pytest.mark.parametrize(
    ("source", "picture"),
    [
        ("a.b + c[0]", "a.b + c[0]\n      ^"),
        ("  'é' == x.y.z", "  'é' == x.y.z\n         ^"),
        ("a +\n  b[1]", "  b[1]\n  ^"),
    ],
)
def test_the_caret_stands_under_the_place(source, picture):
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.caret(source) == picture


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("ciel(x)", "ceil"),
        ("x = 1", "=="),
        ("x && y", "and"),
        ("True", "true"),
        ("x in y", "=="),
        ("has(x)", "has(alias.field"),
        ("x ^ y", "**"),
    ],
)
def test_slips_get_a_hint(source, hint):
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert hint in f"{caught.value.text} {caught.value.hint}"

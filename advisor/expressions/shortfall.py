"""Why a condition is false: which part of it decided that, and, where numbers are compared, by how much."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..units import Number, show, unit
from .bounds import binary
from .check import type_of
from .compile import evaluator
from .errors import EvaluationError
from .nodes import Choice, Compare, Logic, Node, Unary
from .parse import Parsed
from .show import formula_of
from .types import Scope, Type
from .values import Environment, Unknown, Value

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Falsity(NamedTuple):
    """What decided that a condition is false, and how far it is from being true.

    `part` is the deciding part with its numbers, which is `true` below a `not`; empty where it is the whole.
    `short` is the difference in words, and `by` the same in base units, at least; None where no two numbers
    are compared. `share` is that of the larger of the two, from 0, which compares differences of any unit.
    """

    part: str = ""
    true: bool = False
    short: str | None = None
    by: Number | None = None
    share: Fraction | None = None


def falsity(parsed: Parsed, env: Environment, scope: Scope) -> Falsity:
    """Of a condition that is false in this environment."""
    node, wanted = _deciding(parsed.tree, True, env)
    part = "" if node is parsed.tree else formula_of(node, env, scope)
    if isinstance(node, Compare) and len(node.operators) == 1:
        sign = node.operators[0] if wanted else _OPPOSITE[node.operators[0]]
        return _compared(Falsity(part, not wanted), sign, node, env, scope)
    return Falsity(part, not wanted)


def false_text(parsed: Parsed, env: Environment, scope: Scope) -> str:
    """`153.1 GiB <= 72.0 GiB is false: short by 81.1 GiB`"""
    found = falsity(parsed, env, scope)
    because = f", because {found.part} is{' true' if found.true else ''}" if found.part else ""
    short = f": {found.short}" if found.short else ""
    return f"{formula_of(parsed.tree, env, scope)} is false{because}{short}"


def _deciding(node: Node, wanted: bool, env: Environment) -> tuple[Node, bool]:
    """The innermost part that alone makes the whole what it should not be, and what that part should be."""
    if isinstance(node, Unary) and node.operator == "not":
        return _deciding(node.operand, not wanted, env)
    below: list[Node] = []
    if isinstance(node, Choice):
        answer = _value(node.test, env)
        below = [node.then if answer else node.otherwise] if isinstance(answer, bool) else []
    elif isinstance(node, Logic) and (node.operator == "and") == wanted:
        below = [each for each in node.operands if _value(each, env) is (not wanted)]
    elif isinstance(node, Compare) and wanted and len(node.operators) > 1:
        below = [each for each in _pairs(node) if _value(each, env) is False]
    return _deciding(below[0], wanted, env) if below else (node, wanted)


def _pairs(node: Compare) -> list[Node]:
    """`a < b < c` as `a < b` and `b < c`."""
    sides = zip(node.operators, node.operands, node.operands[1:], node.offsets, strict=False)
    return [Compare((sign,), (left, right), (offset,)) for sign, left, right, offset in sides]


def _compared(found: Falsity, sign: str, node: Compare, env: Environment, scope: Scope) -> Falsity:
    """With the difference of the two sides, where both are numbers."""
    kinds = [type_of(operand, scope) for operand in node.operands]
    left, right = (_value(operand, env) for operand in node.operands)
    gap = _gap(sign, left, right) if all(kind.numeric for kind in kinds) else None
    if gap is None:
        return found
    sizes = [abs(side) for side in (left, right) if not isinstance(side, Unknown)]
    share = Fraction(abs(gap), max([*sizes, abs(gap)]) or 1)  # type: ignore[type-var, arg-type]
    exact = Unknown not in (type(left), type(right))
    return found._replace(short=_words(sign, gap, exact, kinds), by=gap, share=share)


def _gap(sign: str, left: Value, right: Value) -> Number | None:
    """By how much the side that should be larger is too small; of an equality, how far the two are apart."""
    try:
        gaps = [binary("-", *sides) for sides in ((left, right), (right, left))]
    except EvaluationError:
        return None
    known = [gap.low if isinstance(gap, Unknown) else gap for gap in gaps]
    if sign in ("==", "!="):
        told = [gap for gap in known if gap is not None]
        return max(told, default=None)  # type: ignore[type-var, return-value]
    return known[0 if sign in ("<", "<=") else 1]  # type: ignore[return-value]


def _words(sign: str, gap: Number, exact: bool, kinds: list[Type]) -> str | None:
    if not gap:
        return "they are equal" if exact else None
    said = next((kind for kind in kinds if kind.unit), next((k for k in kinds if not k.zero), kinds[0]))
    amount = show(gap, unit(said.unit) if said.unit else None, said.dimension)
    return f"{'they differ' if sign == '==' else 'short'} by {'' if exact else 'at least '}{amount}"


def _value(node: Node, env: Environment) -> Value:
    """The value of a part; what cannot be computed is not known, for it may not be reached."""
    try:
        return evaluator(node)(env)
    except EvaluationError:
        return Unknown()

"""Conditions of the simplest form: something compared with a constant, or with something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from advisor.authoring.checks.form import INVERSE, MIRROR, Naming, form
from advisor.expressions import EvaluationError, Value
from advisor.expressions.compile import evaluator
from advisor.expressions.nodes import Compare, Logic, Node, Unary, is_constant

T = TypeVar("T")
_BOUNDS = ("<", "<=", ">", ">=")


class Atom(NamedTuple):
    """`subject` is what is compared, in its form; that two things compare so is said of both, with 0."""

    subject: str
    sign: str
    value: Value


def conjuncts(node: Node) -> Iterator[Node]:
    """Conditions that must all hold, one by one."""
    if isinstance(node, Logic) and node.operator == "and":
        yield from chain.from_iterable(map(conjuncts, node.operands))
    elif isinstance(node, Compare):
        for position, place in enumerate(node.offsets):
            yield Compare((node.operators[position],), node.operands[position : position + 2], (place,))
    else:
        yield node


def atom(node: Node, naming: Naming) -> Atom | None:
    """One conjunct as an atom, None where it is of another form."""
    if isinstance(node, Unary) and node.operator == "not":
        found = atom(node.operand, naming)
        return _tidy(found._replace(sign=INVERSE[found.sign])) if found else None
    if isinstance(node, Compare) and len(node.operators) == 1:
        return _compared(node, naming)
    if isinstance(node, Compare | Logic) or is_constant(node):
        return None
    return Atom(form(node, naming), "==", True)


def _compared(node: Compare, naming: Naming) -> Atom | None:
    (sign,), (left, right) = node.operators, node.operands
    if is_constant(left):
        left, right, sign = right, left, MIRROR[sign]
    if not is_constant(right):
        one, other = form(left, naming), form(right, naming)
        return Atom(f"{one} ~ {other}", sign, 0) if one < other else Atom(f"{other} ~ {one}", MIRROR[sign], 0)
    try:
        value = evaluator(right)({})
    except EvaluationError:
        return None
    return None if is_constant(left) else _tidy(Atom(form(left, naming), sign, value))


def _tidy(found: Atom) -> Atom:
    """What is not true is false."""
    unlike = found.sign == "!=" and isinstance(found.value, bool)
    return Atom(found.subject, "==", not found.value) if unlike else found


def clashes(atoms: Iterable[tuple[Atom, T]]) -> Iterator[tuple[T, T]]:
    """Those that cannot hold with one before them: what that one is called, and what they are."""
    seen: dict[str, dict[Any, tuple[Atom, T]]] = {}
    for found, called in atoms:
        before = seen.setdefault(found.subject, {})
        rivals = [before[key] for key in (*_BOUNDS, "==", ("!=", found.value)) if key in before]
        yield from [(name, called) for other, name in rivals if not compatible(found, other)][:1]
        key = ("!=", found.value) if found.sign == "!=" else found.sign
        if key not in before or _stricter(found, before[key][0]):
            before[key] = found, called


def _stricter(found: Atom, other: Atom) -> bool:
    """Of several with one sign the strictest says all."""
    return found.sign in _BOUNDS and (found.value < other.value) == (found.sign in ("<", "<="))


def compatible(one: Atom, other: Atom) -> bool:
    """Whether one subject may satisfy both."""
    if "!=" in (one.sign, other.sign):
        return {one.sign, other.sign} != {"==", "!="} or one.value != other.value
    if one.sign == other.sign == "==":
        return one.value == other.value
    low, high = _at_least(one, other), _at_most(one, other)
    if low is None or high is None:
        return True
    return low.value < high.value or (low.value == high.value and not {low.sign, high.sign} & {"<", ">"})


def _at_least(*atoms: Atom) -> Atom | None:
    """What bounds most from below; where several do alike, the strict one."""
    found = [each for each in atoms if each.sign in (">", ">=", "==")]
    return max(found, key=lambda each: (each.value, each.sign == ">"), default=None)


def _at_most(*atoms: Atom) -> Atom | None:
    found = [each for each in atoms if each.sign in ("<", "<=", "==")]
    return min(found, key=lambda each: (each.value, each.sign != "<"), default=None)

"""Sentences with values in them: `{name}`, `{alias.field}`, `{name:unit}`, `{{` and `}}`.

The substitution is this one and no other. A value is never read again as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..units import dimension_name, unit
from .check import type_of
from .compile import evaluator
from .errors import ExpressionError
from .nodes import Name, Path
from .show import cut, show_value
from .types import Scope, Type, describe
from .values import Environment

MAX_LENGTH = 2_000
LONGEST = 4_000  # with the values in it
FITTING = "fitting"  # the largest usual unit of which the value is at least one, whatever the field's own is
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_WORD = r"(?!__)[A-Za-z_][A-Za-z0-9_]*"
_SLOT = re.compile(rf"\s*({_WORD})(?:\.({_WORD}))?\s*(?::(.*))?", re.DOTALL)
_BRACES = {"{{": "{", "}}": "}"}
_LONE = {
    "{": ("a brace is opened and not closed", "write {{ for a brace in the text"),
    "}": ("a brace is closed and not opened", "write }} for a brace in the text"),
}


class Slot(NamedTuple):
    """One place to fill: what is read, how, and the unit that the template asks for."""

    path: str
    node: Name | Path
    unit: str | None


class Template:
    """A text with places for values, read once."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"the text is longer than {MAX_LENGTH:,} characters", MAX_LENGTH)
        self.text = text
        self.pieces = tuple(_pieces(text))
        nodes = [piece.node for piece in self.pieces if isinstance(piece, Slot)]
        self.names = frozenset(node.name for node in nodes if isinstance(node, Name))
        self.paths = frozenset((n.alias, n.field) for n in nodes if isinstance(n, Path))

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def check(self, scope: Scope) -> dict[str, Type]:
        """The type of all that is read, for `render`; ExpressionError where a unit does not fit."""
        slots = [piece for piece in self.pieces if isinstance(piece, Slot)]
        return {slot.path: _slot_type(slot, scope) for slot in slots}

    def render(self, env: Environment, types: Mapping[str, Type]) -> str:
        """The text with its values; what is not known is called unknown, and what is too long is cut."""
        filled = (_filled(piece, env, types) if isinstance(piece, Slot) else piece for piece in self.pieces)
        return cut("".join(filled), LONGEST)


def _filled(slot: Slot, env: Environment, types: Mapping[str, Type]) -> str:
    kind = types[slot.path]
    wanted = None if slot.unit == FITTING else slot.unit or kind.unit
    return show_value(evaluator(slot.node)(env), kind._replace(unit=wanted))


def _slot_type(slot: Slot, scope: Scope) -> Type:
    kind = type_of(slot.node, scope)
    if slot.unit in (None, FITTING):
        return kind
    wanted = unit(slot.unit).dimension
    if kind.base in ("text", "boolean"):
        _fail(slot, f"{slot.path} is {kind.base}, which has no unit")
    if kind.dimension != wanted:
        given = dimension_name(kind.dimension) if kind.base == "list" else describe(kind)
        _fail(slot, f"{slot.path} is {given}, {slot.unit} is {dimension_name(wanted)}", "unit-mismatch")
    return kind


def _fail(slot: Slot, text: str, code: str = "expression") -> None:
    raise ExpressionError(text, slot.node.offset, code=code)


def _pieces(text: str) -> list[str | Slot]:
    pieces: list[str | Slot] = []
    end = 0
    for match in _PIECE.finditer(text):
        pieces += [text[end : match.start()], _piece(match)]
        end = match.end()
    return [piece for piece in (*pieces, text[end:]) if piece]


def _piece(match: re.Match[str]) -> str | Slot:
    found = match[0]
    if found in _LONE:
        message, hint = _LONE[found]
        raise ExpressionError(message, match.start(), hint)
    return _BRACES.get(found) or _slot(match[1], match.start() + 1)


def _slot(inside: str, offset: int) -> Slot:
    match = _SLOT.fullmatch(inside)
    if match is None:
        what = f"{inside.strip()!r} is neither a name nor alias.field" if inside.strip() else _EMPTY
        raise ExpressionError(what, offset, "write {name}, {alias.field} or {name:unit}")
    alias, field, symbol = match.groups()
    node = Path(alias, field, offset) if field else Name(alias, offset)
    path = f"{alias}.{field}" if field else alias
    return Slot(path, node, _symbol(symbol, offset + match.start(3)))


_EMPTY = "there is nothing between the braces"


def _symbol(symbol: str | None, offset: int) -> str | None:
    if symbol is None:
        return None
    if symbol.strip() == FITTING:
        return FITTING
    try:
        return unit(symbol.strip()).symbol
    except KeyError as error:
        raise ExpressionError(error.args[0], offset) from None

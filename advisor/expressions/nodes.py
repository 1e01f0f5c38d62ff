"""The tree of an expression: nine kinds of node, each with its place in the source."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ..units import Dimension


class Literal(NamedTuple):
    """A number, text, truth value or named constant, as it stands in the source."""

    value: int | Fraction | str | bool
    dimension: Dimension
    text: str
    offset: int


class Name(NamedTuple):
    name: str
    offset: int


class Path(NamedTuple):
    alias: str
    field: str
    offset: int

    @property
    def text(self) -> str:
        return f"{self.alias}.{self.field}"


class Unary(NamedTuple):
    operator: str  # - + not
    operand: Node
    offset: int


class Binary(NamedTuple):
    operator: str  # + - * / // % **
    left: Node
    right: Node
    offset: int  # of the operator


class Compare(NamedTuple):
    """`a < b <= c`: one operator fewer than operands."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    offsets: tuple[int, ...]  # of the operators

    @property
    def offset(self) -> int:
        return self.offsets[0]


class Logic(NamedTuple):
    operator: str  # and or
    operands: tuple[Node, ...]
    offset: int


class Choice(NamedTuple):
    test: Node
    then: Node
    otherwise: Node
    offset: int


class Call(NamedTuple):
    function: str
    arguments: tuple[Node, ...]
    offset: int


Node = Literal | Name | Path | Unary | Binary | Compare | Logic | Choice | Call

_CHILDREN = {
    Unary: lambda node: (node.operand,),
    Binary: lambda node: (node.left, node.right),
    Compare: lambda node: node.operands,
    Logic: lambda node: node.operands,
    Choice: lambda node: (node.then, node.test, node.otherwise),
    Call: lambda node: node.arguments,
}


def children(node: Node) -> tuple[Node, ...]:
    """The nodes below this one, in the order of the source."""
    below = _CHILDREN.get(type(node))
    return below(node) if below else ()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from walk(child)


def is_constant(node: Node) -> bool:
    """Whether the node reads nothing and so always has the same value."""
    return not isinstance(node, Name | Path) and all(map(is_constant, children(node)))

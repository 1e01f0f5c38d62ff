"""What an expression may yield, and what it may read: types and scopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Protocol

from ..errors import did_you_mean
from ..units import NONE, Dimension, dimension_name

Base = Literal["integer", "number", "text", "boolean", "list"]
_NUMERIC = ("integer", "number")


class Type(NamedTuple):
    """`unit` is only how it is shown. `optional`: may be absent. `zero`: 0, which fits any dimension."""

    base: Base
    dimension: Dimension = NONE
    unit: str | None = None
    optional: bool = False
    zero: bool = False

    @property
    def numeric(self) -> bool:
        return self.base in _NUMERIC


BOOLEAN = Type("boolean")
TEXT = Type("text")
INTEGER = Type("integer")
NUMBER = Type("number")


class UnboundError(KeyError):
    """A scope does not know a name; the message says what was perhaps meant."""

    def __init__(self, what: str, name: str, known: Iterable[str], code: str = "unbound") -> None:
        super().__init__(name)
        self.code = code
        self.text = f"{what} {name!r}"
        self.hint = did_you_mean(name, known)


class Scope(Protocol):
    """What can be read at a place. Both raise UnboundError (or any KeyError)."""

    def field(self, alias: str, name: str) -> Type: ...

    def name(self, name: str) -> Type: ...


class TableScope:
    """A scope from two tables: the fields of each alias, and the plain names."""

    def __init__(
        self, aliases: Mapping[str, Mapping[str, Type]], names: Mapping[str, Type] | None = None
    ) -> None:
        self.aliases = aliases
        self.names = names or {}

    def field(self, alias: str, name: str) -> Type:
        fields = self.aliases.get(alias)
        if fields is None:
            raise UnboundError("no fact is bound to", alias, self.aliases)
        if name not in fields:
            raise UnboundError(f"{alias} has no field", name, fields, "unknown-field")
        return fields[name]

    def name(self, name: str) -> Type:
        if name not in self.names:
            raise UnboundError("there is no name", name, [*self.names, *self.aliases])
        return self.names[name]


def describe(kind: Type) -> str:
    """For messages: "bytes per second", "plain number", "text"."""
    if kind.base == "list" and kind.dimension:
        return f"list of {dimension_name(kind.dimension)}"
    return dimension_name(kind.dimension) if kind.numeric else kind.base


def mismatch(given: Type, wanted: Type) -> str | None:
    """Why a value of one type cannot stand where the other is wanted; None where it can."""
    alike = given.base == wanted.base or (given.numeric and wanted.numeric)
    if not alike or not same_dimension(given, wanted):
        return f"this is {describe(given)}, wanted is {describe(wanted)}"
    if wanted.base == "integer" and given.base == "number":
        return "this may be a fraction, wanted is an integer: write ceil(…), floor(…) or ceildiv"
    return None


def same_dimension(left: Type, right: Type) -> bool:
    return left.dimension == right.dimension or left.zero or right.zero

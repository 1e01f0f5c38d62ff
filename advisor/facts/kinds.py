"""Kinds: what facts can say. The source of every other check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from advisor.errors import did_you_mean
from advisor.expressions import Type, Value, normal

META = ("sources", "confidence", "note")


class Spec(NamedTuple):
    """What a kinds file says of a field; docs/language.md says what each word means."""

    type: str
    meaning: str
    unit: str | None = None
    written: Mapping[str, str] = MappingProxyType({})
    required: bool = False
    default: Any = None
    why: str | None = None
    absent: str | None = None
    min: Any = None
    max: Any = None
    choices: list[str] | None = None
    refers: str | None = None
    also: Sequence[str] = ()
    words: Mapping[str, int] = MappingProxyType({})  # texts that stand for numbers


class Field(NamedTuple):
    """A field of a kind. `written` maps each name used in files to its factor into the base unit."""

    name: str
    spec: Spec
    type: Type
    written: Mapping[str, Fraction]
    present: bool  # every fact of the kind has it: only then can engines join on it


@dataclass(frozen=True)
class Kind:
    id: str
    meaning: str
    key: tuple[str, ...]
    parent: str | None
    position: str | None
    table: str | None
    single: bool
    named_by: tuple[str, ...]  # fields whose texts people may type for a fact
    fields: Mapping[str, Field]
    place: tuple[str, int | None] = field(compare=False, default=("", None))
    columns: tuple[str, ...] = ()  # the fields that a list of such facts shows

    def key_of(self, values: Mapping[str, Value]) -> tuple[Value, ...]:
        """What names a fact of this kind: its key fields, or everything it says."""
        if self.single:
            return ()
        if self.key:
            return tuple(values[name] for name in self.key if name in values)
        return tuple(f"{name}={values[name]}" for name in sorted(values))

    @cached_property
    def written(self) -> dict[str, tuple[Field, Fraction]]:
        """For each name that files use: the field, and the factor into its base unit."""
        return {
            name: (each, factor) for each in self.fields.values() for name, factor in each.written.items()
        }

    def field_for(self, written: str) -> tuple[Field, Fraction] | None:
        return self.written.get(written)

    @property
    def name_in_config(self) -> str:
        """The table of a config file that holds facts of this kind."""
        return self.table or self.id

    @cached_property
    def parent_field(self) -> str | None:
        """The field that holds the parent's id, for facts nested in a parent."""
        return next(
            (f.name for f in self.fields.values() if self.parent and f.spec.refers == self.parent), None
        )

    def written_names(self) -> list[str]:
        return list(self.written)


class Kinds(dict[str, Kind]):
    """All kinds in effect, by id."""

    def nearest(self, name: str) -> str | None:
        return did_you_mean(name, self)

    def children(self, parent: str) -> list[Kind]:
        return [kind for kind in self.values() if kind.parent == parent]


def base_value(value: Any, factor: Fraction) -> Value:
    """A number as written, in the base unit and exact. Texts and truth values pass unchanged."""
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return tuple(value) if isinstance(value, list) else value
    return normal(value * factor)

"""Kinds: what facts can say. Declared in TOML, read here, and the source of every other check."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field as Spec, ValidationError

from advisor import units
from advisor.documents import Document
from advisor.errors import FactsError, Problem, did_you_mean
from advisor.expressions import Type, Value, normal
from advisor.facts.findings import explain

META = ("sources", "confidence", "note")
RESERVED = ("fact", "as", "on", "is", "where", "default", "propose", "fires", "unknown", *META)


class FieldSpec(BaseModel):
    """A field as it stands in a kinds file."""

    model_config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)

    type: Literal["text", "integer", "number", "boolean", "list"]
    meaning: str
    unit: str | None = None
    written: dict[str, str] = Spec(default_factory=dict)
    required: bool = False
    default: Any = None
    why: str | None = None
    absent: str | None = None
    min: Any = None
    max: Any = None
    choices: list[str] | None = None
    refers: str | None = None
    also: list[str] = Spec(default_factory=list)


class KindSpec(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Spec(pattern=r"^[a-z][a-z0-9_]*$")
    meaning: str | None = None
    key: list[str] = Spec(default_factory=list)
    parent: str | None = None
    position: str | None = None
    table: str | None = None
    single: bool = False
    fields: dict[str, FieldSpec] = Spec(default_factory=dict)


class KindsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Literal[1] = Spec(alias="schema")
    kind: list[KindSpec]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind. `written` maps each name used in files to its factor into the base unit."""

    name: str
    spec: FieldSpec
    dimension: units.Dimension
    written: Mapping[str, Fraction]

    @property
    def present(self) -> bool:
        """Whether every fact of the kind has it: only then can engines join on it."""
        return self.spec.required or self.spec.default is not None

    @property
    def type(self) -> Type:
        return Type(self.spec.type, self.dimension, self.spec.unit, optional=not self.present)


@dataclass(frozen=True, slots=True)
class Kind:
    id: str
    meaning: str
    key: tuple[str, ...]
    parent: str | None
    position: str | None
    table: str | None
    single: bool
    fields: Mapping[str, Field]
    place: tuple[str, int | None] = field(compare=False, default=("", None))

    def key_of(self, values: Mapping[str, Value]) -> tuple[Value, ...]:
        """What names a fact of this kind: its key fields, or everything it says."""
        if self.single:
            return ()
        if self.key:
            return tuple(values[name] for name in self.key if name in values)
        return tuple(f"{name}={values[name]}" for name in sorted(values))

    def field_for(self, written: str) -> tuple[Field, Fraction] | None:
        """The field that a name in a file stands for, and the factor into its base unit."""
        for each in self.fields.values():
            if written in each.written:
                return each, each.written[written]
        return None

    @property
    def name_in_config(self) -> str:
        """The table of a config file that holds facts of this kind."""
        return self.table or self.id

    @property
    def parent_field(self) -> str | None:
        """The field that holds the parent's id, for facts nested in a parent."""
        return next((f.name for f in self.fields.values() if self.parent and f.spec.refers == self.parent), None)

    def written_names(self) -> list[str]:
        return [name for each in self.fields.values() for name in each.written]


class Kinds(dict[str, Kind]):
    """All kinds in effect, by id."""

    def nearest(self, name: str) -> str | None:
        return did_you_mean(name, self)

    def children(self, parent: str) -> list[Kind]:
        return [kind for kind in self.values() if kind.parent == parent]



def load_kinds(documents: Iterable[Document]) -> Kinds:
    """Kinds of all files; a later file may add fields to a kind. Raises FactsError with all problems."""
    kinds, problems = Kinds(), []
    for document in documents:
        try:
            parsed = KindsFile.model_validate(document.data)
        except ValidationError as error:
            problems += explain(error, document)
            continue
        for number, spec in enumerate(parsed.kind):
            line = document.line_of_item("kind", number, len(parsed.kind))
            problems += _add(kinds, spec, document, line)
    problems += [p for kind in kinds.values() for p in _references(kind, kinds)]
    if problems:
        raise FactsError(problems)
    return kinds


def _add(kinds: Kinds, spec: KindSpec, document: Document, line: int | None) -> list[Problem]:
    fields, problems = {}, []
    for name, entry in spec.fields.items():
        try:
            fields[name] = _field(name, entry)
        except ValueError as error:
            at = document.line_of_key(name, line)
            problems.append(Problem("kind-field", f"{spec.id}.{name}: {error}", None, document.name, at))
    before = kinds.get(spec.id)
    again = before and (spec.key or spec.meaning or set(fields) & set(before.fields))
    if again:
        text = f"the kind {spec.id} is declared twice; a second file may only add fields"
        return [*problems, Problem("kind-twice", text, None, document.name, line)]
    place = (document.name, line)
    kinds[spec.id] = (
        replace(before, fields={**before.fields, **fields})
        if before
        else Kind(spec.id, spec.meaning or "", tuple(spec.key), spec.parent, spec.position, spec.table, spec.single, fields, place)
    )
    return problems


def _field(name: str, spec: FieldSpec) -> Field:
    if not name.isidentifier() or keyword.iskeyword(name) or name in RESERVED:
        raise ValueError("this name cannot be used for a field")
    dimension = _unit(spec.unit).dimension if spec.unit else units.NONE
    written = {key: _unit(symbol).scale if symbol else Fraction(1) for key, symbol in spec.written.items()}
    if any(symbol and _unit(symbol).dimension != dimension for symbol in spec.written.values()):
        raise ValueError("`written` has units of another dimension than `unit`")
    return Field(name, spec, dimension, written or {name: Fraction(1)})


def _unit(symbol: str) -> units.Unit:
    try:
        return units.unit(symbol)
    except KeyError as error:
        raise ValueError(error.args[0]) from None


def _references(kind: Kind, kinds: Kinds) -> list[Problem]:
    file, line = kind.place
    wrong = [f"{kind.id}: the key names no field {k}" for k in kind.key if k not in kind.fields]
    wrong += [f"{kind.id}: the key field {k} must be required" for k in kind.key if k in kind.fields and not kind.fields[k].present]
    wrong += [f"{kind.id}: there is no kind {kind.parent}"] * bool(kind.parent and kind.parent not in kinds)
    for each in kind.fields.values():
        if each.spec.refers and each.spec.refers not in kinds:
            wrong.append(f"{kind.id}.{each.name} refers to {each.spec.refers}, which is no kind")
    return [Problem("kind-reference", text, None, file, line) for text in wrong]


def base_value(value: Any, factor: Fraction) -> Value:
    """A number as written, in the base unit and exact. Texts and truth values pass unchanged."""
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return tuple(value) if isinstance(value, list) else value
    return normal(value * factor)

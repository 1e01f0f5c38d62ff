"""Kinds as they stand in files, and their loading."""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Info

from advisor import units
from advisor.documents import Document
from advisor.errors import FactsError, Problem
from advisor.expressions import Type
from advisor.facts.findings import explain
from advisor.facts.kinds import META, Field, Kind, Kinds, Spec

RESERVED = ("fact", "as", "on", "is", "where", "default", "propose", "fires", "unknown", *META)


class FieldSpec(BaseModel):
    """A field as it stands in a kinds file."""

    model_config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)

    type: Literal["text", "integer", "number", "boolean", "list"]
    meaning: str
    unit: str | None = None
    written: dict[str, str] = Info(default_factory=dict)
    required: bool = False
    default: Any = None
    why: str | None = None
    absent: str | None = None
    min: Any = None
    max: Any = None
    choices: list[str] | None = None
    refers: str | None = None
    also: list[str] = Info(default_factory=list)
    words: dict[str, int] = Info(default_factory=dict)


class KindSpec(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Info(pattern=r"^[a-z][a-z0-9_]*$")
    meaning: str | None = None
    key: list[str] = Info(default_factory=list)
    parent: str | None = None
    position: str | None = None
    table: str | None = None
    single: bool = False
    named_by: list[str] = Info(default_factory=list)
    columns: list[str] = Info(default_factory=list)
    fields: dict[str, FieldSpec] = Info(default_factory=dict)


class KindsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Literal[1] = Info(alias="schema")
    kind: list[KindSpec]


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
    own = spec.key or spec.meaning or spec.named_by or spec.columns
    again = before and (own or set(fields) & set(before.fields))
    if again:
        text = f"the kind {spec.id} is declared twice; a second file may only add fields"
        return [*problems, Problem("kind-twice", text, None, document.name, line)]
    place = (document.name, line)
    kinds[spec.id] = (
        replace(before, fields={**before.fields, **fields})
        if before
        else Kind(
            spec.id,
            spec.meaning or "",
            tuple(spec.key),
            spec.parent,
            spec.position,
            spec.table,
            spec.single,
            tuple(spec.named_by or (spec.key if len(spec.key) == 1 else ())),
            fields,
            place,
            tuple(spec.columns),
        )
    )
    return problems


def _field(name: str, spec: FieldSpec) -> Field:
    if not name.isidentifier() or keyword.iskeyword(name) or name in RESERVED:
        raise ValueError("this name cannot be used for a field")
    for each in (name, *spec.written):
        if each.startswith("_") or hasattr(BaseModel, each):  # pydantic has a meaning of its own for it
            raise ValueError(f"{each or 'nothing'} cannot be the name of a field")
    dimension = _unit(spec.unit).dimension if spec.unit else units.NONE
    written = {key: _unit(symbol).scale if symbol else Fraction(1) for key, symbol in spec.written.items()}
    if any(symbol and _unit(symbol).dimension != dimension for symbol in spec.written.values()):
        raise ValueError("`written` has units of another dimension than `unit`")
    present = spec.required or spec.default is not None
    type_ = Type(spec.type, dimension, spec.unit, optional=not present)
    declared = Spec(**{key: getattr(spec, key) for key in Spec._fields})
    return Field(name, declared, type_, written or {name: Fraction(1)}, present)


def _unit(symbol: str) -> units.Unit:
    try:
        return units.unit(symbol)
    except KeyError as error:
        raise ValueError(error.args[0]) from None


def _references(kind: Kind, kinds: Kinds) -> list[Problem]:
    file, line = kind.place
    wrong = [f"{kind.id}: the key names no field {k}" for k in kind.key if k not in kind.fields]
    wrong += [
        f"{kind.id}: the key field {k} must be required"
        for k in kind.key
        if k in kind.fields and not kind.fields[k].present
    ]
    wrong += [
        f"{kind.id}: named_by names {each}, which is no field of text"
        for each in kind.named_by
        if each not in kind.key and (each not in kind.fields or kind.fields[each].spec.type != "text")
    ]
    if kind.named_by and (len(kind.key) != 1 or kind.key[0] not in kind.named_by):
        wrong.append(f"{kind.id}: named_by needs a key of one field, and that field among its own")
    wrong += [f"{kind.id}: the columns name no field {c}" for c in kind.columns if c not in kind.fields]
    wrong += [f"{kind.id}: there is no kind {kind.parent}"] * bool(kind.parent and kind.parent not in kinds)
    for each in kind.fields.values():
        if each.spec.refers and each.spec.refers not in kinds:
            wrong.append(f"{kind.id}.{each.name} refers to {each.spec.refers}, which is no kind")
    return [Problem("kind-reference", text, None, file, line) for text in wrong]

"""Pydantic models made from kinds, and rows turned into facts with their help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, InstanceOf, StringConstraints, ValidationError, create_model

from advisor.documents import Document
from advisor.errors import Problem
from advisor.expressions import Value, show_value
from advisor.facts.findings import explain
from advisor.facts.kinds import Field, Kind, base_value
from advisor.facts.values import Fact, Given

_CONFIG = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)
LONGEST_TEXT = 4000
Number = int | InstanceOf[Fraction]
_TYPES: dict[str, Any] = {
    "text": Annotated[str, StringConstraints(max_length=LONGEST_TEXT)],
    "integer": int,
    "number": Number,
    "boolean": bool,
    "list": list[str | Number],
}
_META: tuple[tuple[str, Any, bool], ...] = (
    ("sources", list[Any], False),
    ("confidence", Literal["high", "medium", "low"], False),
    ("note", str, False),
)


@cache
def model_of(kind_id: str, fields: tuple[tuple[str, Any, bool], ...]) -> type[BaseModel]:
    """The model of a kind; cached by content, since many rows share it."""
    entries: dict[str, Any] = {
        name: (annotation, ...) if required else (annotation, None) for name, annotation, required in fields
    }
    return create_model(kind_id, __config__=_CONFIG, **entries)


def model_for(kind: Kind, nested: bool = True) -> type[BaseModel]:
    return model_of(kind.id, (*_entries(kind, nested), *_META))


def _entries(kind: Kind, nested: bool) -> Iterator[tuple[str, Any, bool]]:
    for field in kind.fields.values():
        given_by_parent = (
            nested and kind.parent is not None and field.name in (kind.position, kind.parent_field)
        )
        required = field.spec.required and len(field.written) == 1 and not given_by_parent
        for name, factor in field.written.items():
            yield name, _annotation(field, factor), required


def _annotation(field: Field, factor: Fraction) -> Any:
    if field.spec.choices:
        return Literal[tuple(field.spec.choices)]
    return _TYPES["number"] if factor != 1 and field.spec.type == "integer" else _TYPES[field.spec.type]


def fact_from(
    kind: Kind,
    row: Mapping[str, Any],
    document: Document,
    line: int | None,
    extra: Mapping[str, Value] | None = None,
    nested: bool = True,
) -> tuple[Fact | None, list[Problem]]:
    """A fact from one table of a file, and all that is wrong with it.

    `extra` holds fields that the place gives and not the row: a block's model and position. A fact that
    is not `nested` gives them itself.
    """
    values: dict[str, Value] = dict(extra or {})
    problems, whole = _read(kind, row, model_for(kind, nested), values, document, line)
    problems += _missing(kind, values, document, line) if whole else ()
    if problems:
        return None, problems
    assumed = tuple(_defaults(kind, values))
    given = Given(
        document.name, line, tuple(row.get("sources", ())), row.get("confidence"), row.get("note"), assumed
    )
    return Fact(kind.id, kind.key_of(values), values, given), []


def read_fields(
    kind: Kind, row: Mapping[str, Any], document: Document, line: int | None
) -> tuple[dict[str, Value], list[Problem]]:
    """Some fields of a fact, from their names in files, and all that is wrong with them."""
    values: dict[str, Value] = {}
    optional = ((name, annotation, False) for name, annotation, _ in _entries(kind, nested=False))
    return values, _read(kind, row, model_of(kind.id, tuple(optional)), values, document, line)[0]


def _read(
    kind: Kind,
    row: Mapping[str, Any],
    model: type[BaseModel],
    values: dict[str, Value],
    document: Document,
    line: int | None,
) -> tuple[list[Problem], bool]:
    """Add to `values` what the row says soundly. All that is wrong, and whether the model took the row."""
    wrong: set[Any] = set()
    problems: list[Problem] = []
    row = {name: _number_for(kind, name, raw) for name, raw in row.items()}
    try:
        model.model_validate(row)
    except ValidationError as error:
        problems = explain_row(error, row, document, line, model.model_fields)
        wrong = {detail["loc"][0] for detail in error.errors(include_url=False, include_context=False)}
    sound = {name: value for name, value in row.items() if name not in wrong}
    return [*problems, *_fill(kind, sound, values, document, line)], not wrong


def _number_for(kind: Kind, name: str, raw: Any) -> Any:
    """The number that a word of this field stands for; anything else as it is."""
    field, _ = kind.field_for(name) or (None, None)
    return field.spec.words.get(raw, raw) if field and isinstance(raw, str) else raw


def explain_row(
    error: ValidationError, row: Mapping[str, Any], document: Document, line: int | None, known: Iterable[str]
) -> list[Problem]:
    """All problems of one row, which begins at `line`; `known` are keys to suggest."""
    inner = explain(error, Document(document.name, dict(row), ""), known)
    return [_at(problem, document, line) for problem in inner]


def _at(problem: Problem, document: Document, line: int | None) -> Problem:
    at = line if problem.code == "missing-key" else document.line_of_key(key_of(problem), line)
    return Problem(problem.code, problem.text, problem.hint, document.name, at)


def key_of(problem: Problem) -> str:
    """The key of which a problem of a row speaks."""
    words = problem.text.split()
    return words[4] if problem.code == "unknown-key" else words[0].rstrip(":")


def partial_values(kind: Kind, row: Mapping[str, Any]) -> dict[str, Value]:
    """Some fields of a fact, from their names in files; a name that is no field's stays as it is."""
    found = {}
    for name, raw in row.items():
        field, factor = kind.field_for(name) or (None, Fraction(1))
        found[field.name if field else name] = base_value(raw, factor)
    return found


def _fill(
    kind: Kind, row: Mapping[str, Any], values: dict[str, Value], document: Document, line: int | None
) -> Iterator[Problem]:
    for name, raw in row.items():
        field, factor = kind.field_for(name) or (None, None)
        if field is None:
            continue
        if field.name in values:
            text = f"{kind.id}.{field.name} is given twice"
            yield Problem("given-twice", text, None, document.name, document.line_of_key(name, line))
        values[field.name] = base_value(raw, factor)
        for text in out_of_range(field, values[field.name]):
            yield Problem(
                "out-of-range", f"{name}: {text}", None, document.name, document.line_of_key(name, line)
            )


def _missing(
    kind: Kind, values: Mapping[str, Value], document: Document, line: int | None
) -> Iterator[Problem]:
    for field in kind.fields.values():
        if field.spec.required and field.name not in values:
            yield Problem(
                "missing-key", f"{' or '.join(field.written)} is missing", None, document.name, line
            )


def _defaults(kind: Kind, values: dict[str, Value]) -> Iterator[str]:
    for field in kind.fields.values():
        if field.name not in values and field.spec.default is not None:
            values[field.name] = base_value(field.spec.default, Fraction(1))
            yield field.name


def out_of_range(field: Field, value: Value) -> Iterator[str]:
    """What is wrong with a value's size or wholeness, in words with units."""
    if field.spec.type == "integer" and not isinstance(value, int):
        yield "must come to a whole number in the base unit"
    if isinstance(value, (str, tuple, bool)):
        return
    low, high = field.spec.min, field.spec.max
    for bound, wrong, word in ((low, "small", "least"), (high, "large", "most")):
        if bound is not None and (value < bound if wrong == "small" else value > bound):
            shown, limit = _short(show_value(value, field.type)), show_value(bound, field.type)
            yield f"{shown} is too {wrong}; the {word} is {limit}"


def _short(figure: str) -> str:
    return figure if len(figure) <= 40 else f"{figure[:24]}… ({len(figure)} characters)"

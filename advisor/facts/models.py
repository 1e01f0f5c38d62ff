"""Pydantic's validators made from kinds, and rows turned into facts with their help.

They are made with `pydantic_core`, on which pydantic's models rest: a question needs no more of pydantic,
and importing all of it takes longer than reading the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from advisor.documents import Document
from advisor.errors import Problem
from advisor.expressions import Value, show_value
from advisor.facts.findings import explain
from advisor.facts.kinds import Field, Kind, base_value
from advisor.facts.values import Fact, Given

LONGEST_TEXT = 4000
Form = str | tuple[str, ...]  # one of `_FORMS`, or the texts to choose from
Entry = tuple[str, Form, bool]  # a key of a row, what it holds, whether it must be there
_NUMBERS = [core_schema.int_schema(), core_schema.is_instance_schema(Fraction)]
_FORMS: Mapping[str, core_schema.CoreSchema] = {
    "text": core_schema.str_schema(max_length=LONGEST_TEXT),
    "integer": core_schema.int_schema(),
    "number": core_schema.union_schema([*_NUMBERS]),
    "boolean": core_schema.bool_schema(),
    "list": core_schema.list_schema(core_schema.union_schema([core_schema.str_schema(), *_NUMBERS])),
    "note": core_schema.str_schema(),
    "sources": core_schema.list_schema(),
}
_META: tuple[Entry, ...] = (
    ("sources", "sources", False),
    ("confidence", ("high", "medium", "low"), False),
    ("note", "note", False),
)


@cache
def validator_of(entries: tuple[Entry, ...]) -> SchemaValidator:
    """What takes a row with these keys and no others; cached by content, since many rows share it."""
    fields = {name: core_schema.typed_dict_field(_form(form), required=must) for name, form, must in entries}
    return SchemaValidator(
        core_schema.typed_dict_schema(fields, extra_behavior="forbid", config={"strict": True})
    )


def _form(form: Form) -> core_schema.CoreSchema:
    return _FORMS[form] if isinstance(form, str) else core_schema.literal_schema(list(form))


def _entries_of_fact(kind: Kind, nested: bool) -> tuple[Entry, ...]:
    return (*_entries(kind, nested), *_META)


def _entries(kind: Kind, nested: bool) -> Iterator[Entry]:
    for field in kind.fields.values():
        given_by_parent = (
            nested and kind.parent is not None and field.name in (kind.position, kind.parent_field)
        )
        required = field.spec.required and len(field.written) == 1 and not given_by_parent
        for name, factor in field.written.items():
            yield name, _form_of(field, factor), required


def _form_of(field: Field, factor: Fraction) -> Form:
    if field.spec.choices:
        return tuple(field.spec.choices)
    return "number" if factor != 1 and field.spec.type == "integer" else field.spec.type


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
    problems, whole = _read(kind, row, _entries_of_fact(kind, nested), values, document, line)
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
    optional = tuple((name, form, False) for name, form, _ in _entries(kind, nested=False))
    return values, _read(kind, row, optional, values, document, line)[0]


def _read(
    kind: Kind,
    row: Mapping[str, Any],
    entries: tuple[Entry, ...],
    values: dict[str, Value],
    document: Document,
    line: int | None,
) -> tuple[list[Problem], bool]:
    """Add to `values` what the row says soundly. All that is wrong, and whether its form is sound."""
    wrong: set[Any] = set()
    problems: list[Problem] = []
    row = {name: _number_for(kind, name, raw) for name, raw in row.items()}
    try:
        validator_of(entries).validate_python(row)
    except ValidationError as error:
        problems = explain_row(error, row, document, line, [name for name, _, _ in entries])
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

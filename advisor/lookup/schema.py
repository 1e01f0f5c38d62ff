"""The JSON Schemas of what looking up and checking write. Draft 2020-12; null is what is not stated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TRUTH: Schema = {"type": "boolean"}
_OPEN: Schema = {"type": "object"}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(**properties: Schema) -> Schema:
    required = list(properties)
    return {**_OPEN, "properties": properties, "required": required, "additionalProperties": False}


_PLACE = {"file": _maybe(_TEXT), "line": _maybe({"type": "integer", "minimum": 1})}
_SAID = {
    "value": {"description": "In base units: bytes, bits, seconds, FLOP, dollars, or a plain count."},
    "shown": _maybe({**_TEXT, "description": "The same for readers, with its unit."}),
}
_FIELD = {
    "name": _TEXT,
    "written": {**_list(_TEXT), "description": "The names under which files give it."},
    "meaning": _TEXT,
    "unit": _maybe({**_TEXT, "description": "In which `shown` gives it."}),
    "base": _maybe({**_TEXT, "description": "What `value` counts."}),
}


def _fact() -> Schema:
    """A fact as its file has it; absent fields are listed, with what their absence means."""
    assumed = _maybe({**_TEXT, "description": "Why, where the value is the kind's default."})
    absent = _object(name=_TEXT, meaning=_TEXT, means=_maybe(_TEXT))
    return _object(
        kind=_TEXT, meaning=_TEXT, id=_TEXT, **_PLACE,
        confidence=_maybe({"enum": ["high", "medium", "low"]}), note=_maybe(_TEXT),
        sources=_list({"type": ["string", "object"]}),
        fields=_list(_object(**_FIELD, **_SAID, assumed=assumed)), absent=_list(absent),
    )  # fmt: skip


def _derived() -> Schema:
    figures = {**_OPEN, "additionalProperties": _object(**_SAID)}
    return _object(
        rule=_TEXT, summary=_TEXT, severity={"enum": ["error", "warning", "note", "info"]}, **_PLACE,
        known=_TRUTH, text=_TEXT, figures=figures, missing=_list(_object(fact=_TEXT, field=_TEXT)),
        trace=_COUNT, firing=_TEXT,
    )  # fmt: skip


def _kinds() -> dict[str, Schema]:
    return {"kinds": _list(_object(kind=_TEXT, facts=_COUNT, meaning=_TEXT))}


def _facts() -> dict[str, Schema]:
    values = {**_OPEN, "additionalProperties": _object(**_SAID)}
    rows = _list(_object(id=_TEXT, **_PLACE, values=values))
    return {"kind": _TEXT, "meaning": _TEXT, "columns": _list(_object(**_FIELD)), "facts": rows}


def _search() -> dict[str, Schema]:
    hit = _object(kind=_TEXT, id=_TEXT, name=_maybe(_TEXT), field=_TEXT, text=_TEXT, **_PLACE)
    return {"text": _TEXT, "facts": _list(hit), "hint": _maybe(_TEXT)}


def _show() -> dict[str, Schema]:
    nested = {**_OPEN, "additionalProperties": _list(_fact())}
    return {**_fact()["properties"], "nested": nested, "derived": _list(_derived()), "traces": _list(_OPEN)}


def _check() -> dict[str, Schema]:
    severity = {"enum": ["error", "warning"]}
    told = {"code": _TEXT, "text": _TEXT, "hint": _maybe(_TEXT), **_PLACE, "column": _maybe(_COUNT)}
    checked = {**_OPEN, "additionalProperties": _COUNT}
    source = _maybe({**_TEXT, "description": "The line of the file, as it stands there."})
    findings = _list(_object(severity=severity, **told, source=source))
    return {"checked": checked, "errors": _COUNT, "warnings": _COUNT, "findings": findings}


def _codes() -> dict[str, Schema]:
    severity = {"enum": ["error", "warning"]}
    return {"codes": _list(_object(code=_TEXT, severity=severity, meaning=_TEXT))}


_MADE: dict[str, Callable[[], dict[str, Schema]]] = {
    "facts-kinds": _kinds,
    "facts-list": _facts,
    "facts-show": _show,
    "facts-search": _search,
    "facts-check": _check,
    "rules-check": _check,
    "rules-codes": _codes,
}


def lookup_schema(name: str) -> Schema:
    """The schema of `advisor.NAME/1`, for a name such as facts-list."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_object(schema={"const": f"advisor.{name}/1"}, **_MADE[name]()),
    }

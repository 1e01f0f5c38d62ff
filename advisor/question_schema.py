"""The JSON Schema of a config file, made from the kinds, so that editors complete and check it.

Editors that complete TOML read `anyOf`, `enum`, `default` and `description`, and nothing that stands beside
a `$ref`. So what may be an id or a name is an `anyOf`: known ids to choose from, or any text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from advisor import units
from advisor.expressions import show_value
from advisor.facts.kinds import Field, Kind, Kinds
from advisor.facts.library import Library
from advisor.facts.models import LONGEST_TEXT
from advisor.facts.plain import plain
from advisor.installation import installation
from advisor.question_reader import INLINE, REQUIRED

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string", "maxLength": LONGEST_TEXT}
_TYPES: Mapping[str, Schema] = {
    "text": _TEXT,
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": ["string", "number"]}},
}
_META: Mapping[str, Schema] = {
    "sources": {"type": "array", "description": "What the figures rest on."},
    "confidence": {"enum": ["high", "medium", "low"], "description": "How sure they are."},
    "note": {"type": "string", "description": "A note for the reader."},
}
_OWN = ("id", "name")  # what a part described in the question need not give


def config_schema(facts: Sequence[str | Path] = ()) -> Schema:
    """Draft 2020-12, with the kinds, fields and ids of these folders after those that ship."""
    made = installation((), facts)
    return question_schema(made.library, made.rulebook.derived)


def question_schema(library: Library, derived: set[str]) -> Schema:
    """What a config file may hold. `derived` are the kinds that rules write, which it may not."""
    writer = _Writer(library)
    tables = {kind.name_in_config: writer.table(kind) for kind in _askable(library.kinds, derived)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Question to the advisor",
        "description": "Does this model fit on this hardware?",
        "type": "object",
        "properties": {"schema": {"const": 1, "description": "Version of this form."}, **tables},
        "required": list(REQUIRED),
        "additionalProperties": False,
        "$defs": writer.ids,
    }


def _askable(kinds: Kinds, derived: set[str]) -> Iterator[Kind]:
    """The kinds whose facts a question may hold, each under the name of its table."""
    taken = {kind.table for kind in kinds.values()}
    for kind in kinds.values():
        if not kind.parent and kind.id not in derived and (kind.table or kind.id not in taken):
            yield kind


class _Writer:
    def __init__(self, library: Library) -> None:
        self.kinds, self.library = library.kinds, library
        self.ids: dict[str, Schema] = {}  # of each kind that something refers to

    def table(self, kind: Kind) -> Schema:
        """One table of the file; of a kind that may have several, one or a list of them."""
        place = kind.name_in_config
        if place in INLINE:
            return self._asked(kind, self.kinds[INLINE[place]], place)
        one = {**self._object(kind, place), **_one_of(place)}
        return one if kind.single else {"anyOf": [one, {"type": "array", "items": one}]}

    def _asked(self, kind: Kind, described: Kind, place: str) -> Schema:
        """A part named by its id, or described by its own fields."""
        made = self._object(described, place, inline=True)
        named = self._object(kind, place)["properties"]
        properties = {**made["properties"], **{name: named[name] for name in kind.fields}}
        return {**made, "description": kind.meaning, "properties": properties, "minProperties": 1}

    def _object(self, kind: Kind, place: str, nested: bool = False, inline: bool = False) -> Schema:
        left = {kind.position, kind.parent_field} if nested else set()
        fields = [field for field in kind.fields.values() if field.name not in left]
        own = {
            name: self._field(field, name, f"{place}.{name}") for field in fields for name in field.written
        }
        needed = [field for field in fields if field.spec.required and len(field.written) == 1]
        return {
            "type": "object",
            "description": kind.meaning,
            "properties": {**own, **_META, **({} if nested else self._children(kind, place))},
            "required": [name for f in needed if not (inline and f.name in _OWN) for name in f.written],
            "additionalProperties": False,
        }

    def _children(self, kind: Kind, place: str) -> dict[str, Schema]:
        return {
            child.id: {
                "type": "array",
                "description": child.meaning,
                "items": self._object(child, f"{place}.{child.id}", nested=True),
            }
            for child in self.kinds.children(kind.id)
        }

    def _field(self, field: Field, name: str, place: str) -> Schema:
        said = {"description": _meaning(field, name)}
        if field.spec.default is not None:
            said["default"] = plain(_written(field.spec.default, field.written[name]))
        if field.spec.choices:
            return {"enum": list(field.spec.choices), **said}
        if field.spec.refers:
            return {**said, "anyOf": self._reference(field, place, said)}
        kind = "number" if field.spec.type == "integer" and field.written[name] != 1 else field.spec.type
        number = {**_TYPES[kind], **_bounds(field, name)}
        words = {"enum": list(field.spec.words)}
        return {"anyOf": [number, words], **said} if field.spec.words else {**number, **said}

    def _reference(self, field: Field, place: str, said: Schema) -> list[Schema]:
        """Known ids, any name, and where it may be, a description."""
        refers = str(field.spec.refers)
        known = sorted({str(fact.key[0]) for fact in self.library.of(refers)})
        self.ids[refers] = {"description": self.kinds[refers].meaning, "enum": known}
        forms = [{"$ref": f"#/$defs/{refers}"}] if known else []
        forms += [{"enum": list(field.spec.also), **said}] if field.spec.also else []
        forms += [{**_TEXT, **said}]
        if place in INLINE:
            forms.append(self._object(self.kinds[INLINE[place]], place, inline=True))
        return forms


def _one_of(place: str) -> Schema:
    """The keys of a table of which the loader wants one."""
    _, keys = REQUIRED.get(place, ("", None))
    return {"anyOf": [{"required": [key]} for key in keys]} if keys else {}


def _bounds(field: Field, name: str) -> Schema:
    """Least and greatest value, in the unit of this name."""
    ends = {"minimum": field.spec.min, "maximum": field.spec.max}
    return {word: plain(_written(end, field.written[name])) for word, end in ends.items() if end is not None}


def _written(value: Any, factor: Fraction) -> Any:
    """A value in base units as a file writes it."""
    return value if isinstance(value, (str, bool, list)) else Fraction(value) / factor


def _meaning(field: Field, name: str) -> str:
    """What a field means, in which unit, and what holds where it is not given."""
    spec = field.spec
    unit = spec.written.get(name) or _base_unit(field)
    said = [spec.meaning, f"Unit: {unit}." if unit else ""]
    if spec.default is not None:
        value = tuple(spec.default) if isinstance(spec.default, list) else spec.default
        said.append(f"Default: {show_value(value, field.type)}{f' ({spec.why})' if spec.why else ''}.")
    said.append(f"If absent: {spec.absent}." if spec.absent else "")
    return " ".join(filter(None, said))


def _base_unit(field: Field) -> str:
    """The unit of a field under its own name: the base of its dimension, or what it counts."""
    dimension = field.type.dimension
    return units.dimension_name(dimension) if dimension else field.spec.unit or ""

"""Facts of one kind side by side, and the kinds there are."""

from __future__ import annotations

from typing import Any

from advisor.expressions import show_value
from advisor.facts.kinds import Field, Kind
from advisor.facts.library import Library
from advisor.facts.plain import plain
from advisor.facts.values import Fact
from advisor.lookup.addresses import address
from advisor.units import dimension_name


def kinds_listed(library: Library) -> dict[str, Any]:
    """The kinds of which there are facts, with how many and what they are."""
    kinds = [kind for kind in library.kinds.values() if library.of(kind.id)]
    rows = [{"kind": k.id, "facts": len(library.of(k.id)), "meaning": k.meaning} for k in kinds]
    return {"schema": "advisor.facts-kinds/1", "kinds": sorted(rows, key=lambda row: row["kind"])}


def facts_listed(library: Library, kind: Kind) -> dict[str, Any]:
    """All facts of a kind with the fields that the kind declares as its columns, else those it requires."""
    columns = columns_of(kind)
    return {
        "schema": "advisor.facts-list/1",
        "kind": kind.id,
        "meaning": kind.meaning,
        "columns": [described(field) for field in columns],
        "facts": [_row(fact, columns) for fact in library.of(kind.id)],
    }


def columns_of(kind: Kind) -> list[Field]:
    named = [kind.fields["name"]] if "name" in kind.fields else []
    shown = [kind.fields[name] for name in kind.columns] or [
        field for field in kind.fields.values() if field.spec.required
    ]
    once = dict.fromkeys(field.name for field in [*named, *shown] if (field.name,) != kind.key)
    return [kind.fields[name] for name in once]


def described(field: Field) -> dict[str, Any]:
    """A field in JSON: `unit` is how it is shown, `base` what the numbers of its values count."""
    counted = field.spec.type in ("integer", "number")
    base = dimension_name(field.type.dimension) if field.type.dimension else field.spec.unit
    return {
        "name": field.name,
        "written": list(field.written),
        "meaning": field.spec.meaning,
        "unit": field.spec.unit if counted else None,
        "base": base if counted else None,
    }


def said(fact: Fact, field: Field) -> dict[str, Any]:
    """A field of a fact: the value in base units, and as it is shown; null where it is absent."""
    value = fact.values.get(field.name)
    return {"value": plain(value), "shown": None if value is None else show_value(value, field.type)}


def place(fact: Fact) -> dict[str, Any]:
    given = fact.given
    return {"file": given.file if given else None, "line": given.line if given else None}


def _row(fact: Fact, columns: list[Field]) -> dict[str, Any]:
    values = {field.name: said(fact, field) for field in columns}
    return {"id": address(fact), **place(fact), "values": values}

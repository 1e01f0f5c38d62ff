"""Rows of files as facts, with the facts nested in them."""

from __future__ import annotations

from typing import Any

from advisor.documents import Document
from advisor.errors import Problem
from advisor.expressions import Value
from advisor.facts.kinds import Kind, Kinds
from advisor.facts.models import fact_from
from advisor.facts.values import Fact, Given


def read_row(
    kind: Kind,
    row: dict[str, Any],
    document: Document,
    line: int | None,
    kinds: Kinds,
    facts: list[Fact],
    seen: dict[str, int] | None = None,
    extra: dict[str, Any] | None = None,
) -> tuple[Fact | None, list[Problem]]:
    """One fact with the facts nested in it, appended to `facts`. `seen` counts nested headers so far."""
    nested = {child.id: child for child in kinds.children(kind.id) if child.id in row}
    own = {name: value for name, value in row.items() if name not in nested}
    fact, problems = fact_from(kind, own, document, line, extra)
    if fact is not None:
        facts.append(fact)
    parent = fact or Fact(kind.id, ("",), {}, Given(document.name, line))  # to find what is wrong in it
    for child in nested.values():
        found, wrong = _read_nested(child, row[child.id], parent, document, seen if seen is not None else {})
        problems += wrong
        facts += found if fact is not None else []
    return fact, problems


def _read_nested(
    child: Kind, rows: Any, parent: Fact, document: Document, seen: dict[str, int]
) -> tuple[list[Fact], list[Problem]]:
    facts: list[Fact] = []
    problems: list[Problem] = []
    table = f"{parent.kind}.{child.id}"
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        at = document.line_of_key(child.id, parent.given.line if parent.given else None)
        return [], [Problem("wrong-type", f"write [[{table}]] for each {child.id}", None, document.name, at)]
    headers = document.headers(table)
    first = seen.get(child.id, 0)
    seen[child.id] = first + len(rows)
    for position, row in enumerate(rows):
        line = headers[first + position] if first + position < len(headers) else None
        extra: dict[str, Value] = {}
        if child.parent_field:
            extra[child.parent_field] = parent.key[0]
        if child.position:
            extra[child.position] = position
        fact, found = fact_from(child, row, document, line, extra)
        problems += found
        if fact is not None:
            _inherit_sources(fact, parent)
            facts.append(fact)
    return facts, problems


def _inherit_sources(fact: Fact, parent: Fact) -> None:
    """What stands inside a fact is cited by that fact's sources, unless it has its own."""
    if fact.given and parent.given and not fact.given.sources:
        fact.given = fact.given._replace(sources=parent.given.sources, confidence=parent.given.confidence)

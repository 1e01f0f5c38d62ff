"""Folders of facts: every table becomes a fact, or a problem with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from advisor.documents import Document, read
from advisor.errors import FactsError, InputError, Problem, did_you_mean
from advisor.expressions import Value
from advisor.facts.kinds import Kind, Kinds, load_kinds
from advisor.facts.models import fact_from
from advisor.facts.values import Fact, Given, Store


class Library:
    """Kinds and catalog facts of all folders in effect."""

    def __init__(self, kinds: Kinds, facts: list[Fact], digests: dict[str, str]) -> None:
        self.kinds = kinds
        self.facts = facts
        self.digests = digests
        self._of: dict[str, list[Fact]] = {}
        for fact in facts:
            self._of.setdefault(fact.kind, []).append(fact)

    def of(self, kind: str) -> list[Fact]:
        return self._of.get(kind, [])


def load_library(folders: Iterable[Path]) -> Library:
    """Read folders in order. Raises FactsError with every problem of every file."""
    documents, problems = read_all(folders)
    if problems:
        raise FactsError(problems)
    kinds = load_kinds(document for document in documents if "kind" in document.data)
    facts: list[Fact] = []
    for document in documents:
        if "kind" not in document.data:
            problems += _read_facts(document, kinds, facts)
    problems += _twice(facts)
    if problems:
        raise FactsError(problems)
    return Library(kinds, facts, {document.name: document.digest for document in documents})


def read_all(folders: Iterable[Path]) -> tuple[list[Document], list[Problem]]:
    """Every TOML file below the folders, by name; files that cannot be read become problems."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.toml")):
            try:
                documents.append(read(path, f"{folder.name}/{path.relative_to(folder).as_posix()}"))
            except InputError as error:
                problems += error.problems
    return documents, problems


def _read_facts(document: Document, kinds: Kinds, facts: list[Fact]) -> list[Problem]:
    problems = list(_schema(document))
    for table, rows in document.data.items():
        if table == "schema":
            continue
        kind = kinds.get(table)
        if kind is None:
            text, at = f"there is no kind {table}", document.line_of_key(table) or 1
            problems.append(Problem("unknown-kind", text, did_you_mean(table, kinds), document.name, at))
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(Problem("wrong-type", f"write [[{table}]] for each fact", None, document.name))
        else:
            problems += _read_rows(kind, rows, document, kinds, facts)
    return problems


def _schema(document: Document) -> Iterator[Problem]:
    if document.data.get("schema") != 1:
        yield Problem("schema", "the file must begin with schema = 1", None, document.name, 1)


def _read_rows(kind: Kind, rows: list[Any], document: Document, kinds: Kinds, facts: list[Fact]) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for position, row in enumerate(rows):
        line = document.line_of_item(kind.id, position, len(rows))
        fact, found = read_row(kind, row, document, line, kinds, facts, seen)
        problems += found
    return problems


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
        fact.given = replace(fact.given, sources=parent.given.sources, confidence=parent.given.confidence)


def _twice(facts: Iterable[Fact]) -> Iterator[Problem]:
    store = Store()
    for fact in facts:
        before = store.add(fact)
        if before is not None and before.given and fact.given:
            text = f"{fact.label} stands already at {before.given.file}:{before.given.line}"
            yield Problem("fact-twice", text, None, fact.given.file, fact.given.line)

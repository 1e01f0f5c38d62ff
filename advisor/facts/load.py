"""Folders of facts: every table becomes a fact, or a problem with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from advisor.documents import Document, read
from advisor.errors import FactsError, InputError, Problem, did_you_mean
from advisor.facts.kinds import Kind, Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.facts.library import Library
from advisor.facts.rows import read_row
from advisor.facts.values import Fact


def load_library(folders: Iterable[Path]) -> Library:
    """Read folders in order. Raises FactsError with every problem of every file."""
    library, problems = read_library(folders)
    if problems:
        raise FactsError(problems)
    return library


def read_library(folders: Iterable[Path]) -> tuple[Library, list[Problem]]:
    """All facts of folders and files that are sound, and all problems of the others.

    Raises FactsError where not even the kinds can be read.
    """
    documents, problems = read_all(folders)
    try:
        kinds = load_kinds(document for document in documents if "kind" in document.data)
    except FactsError as error:
        raise FactsError([*problems, *error.problems]) from None
    facts: list[Fact] = []
    found = [
        p
        for document in documents
        if "kind" not in document.data
        for p in _read_facts(document, kinds, facts)
    ]
    if problems:  # a file that cannot be read may have held kinds
        found = [problem for problem in found if problem.code not in ("unknown-kind", "unknown-key")]
    problems += [*found, *_twice(facts)]
    first = {(fact.kind, fact.key): fact for fact in reversed(facts)}
    sound = [fact for fact in facts if first[fact.kind, fact.key] is fact]
    return Library(kinds, sound, {document.name: document.digest for document in documents}), problems


def read_all(folders: Iterable[Path]) -> tuple[list[Document], list[Problem]]:
    """Every TOML file below the folders, by name; files that cannot be read become problems."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for name, folder in _named(folders):
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*.toml")):
            shown = f"{name}/{path.relative_to(folder).as_posix()}" if path is not folder else None
            try:
                documents.append(read(path, shown))
            except InputError as error:
                problems += error.problems
    return documents, problems


def _named(folders: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Folders by their own names; a second one of the same name by its whole path."""
    seen: set[str] = set()
    for folder in folders:
        yield (folder.as_posix() if folder.name in seen else folder.name), folder
        seen.add(folder.name)


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
            at = document.line_of_table(table)
            problems.append(
                Problem("wrong-type", f"write [[{table}]] for each fact", None, document.name, at)
            )
        else:
            problems += _read_rows(kind, rows, document, kinds, facts)
    return problems


def _schema(document: Document) -> Iterator[Problem]:
    if document.data.get("schema") != 1:
        yield Problem("schema", "the file must begin with schema = 1", None, document.name, 1)


def _read_rows(
    kind: Kind, rows: list[Any], document: Document, kinds: Kinds, facts: list[Fact]
) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for position, row in enumerate(rows):
        line = document.line_of_item(kind.id, position, len(rows))
        _, found = read_row(kind, row, document, line, kinds, facts, seen)
        problems += found
    return problems


def _twice(facts: Iterable[Fact]) -> Iterator[Problem]:
    seen: dict[tuple[Any, ...], Fact] = {}
    for fact in facts:
        before = seen.setdefault((fact.kind, fact.key), fact)
        if before is not fact and before.given and fact.given:
            text = f"{fact.label} stands already at {before.given.file}:{before.given.line}"
            yield Problem("fact-twice", text, None, fact.given.file, fact.given.line)

"""Folders of facts: every table becomes a fact, or a problem with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from advisor.documents import Document, read_shared
from advisor.errors import FactsError, InputError, Problem, did_you_mean
from advisor.expressions import Value
from advisor.facts.kinds import Field, Kind, Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.facts.library import Library
from advisor.facts.overrides import TABLE, Held, Home, apply_overrides
from advisor.facts.rows import read_row
from advisor.facts.values import Fact, Given
from advisor.paths import PACK, files_below


def load_library(folders: Iterable[Path]) -> Library:
    """Read folders in order. Raises FactsError with every problem of every file."""
    reading = read_library(folders)
    if reading.problems:
        raise FactsError(reading.problems)
    return reading.library


class Reading(NamedTuple):
    """What folders and files hold: the facts that are sound, and all that is wrong with the others."""

    library: Library
    problems: list[Problem]
    documents: list[Document]


def read_library(folders: Iterable[Path]) -> Reading:
    """Read folders in order. Raises FactsError where not even the kinds can be read."""
    groups, problems = read_folders(folders)
    documents = [document for group in groups for document in group]
    try:
        kinds = load_kinds(document for document in documents if "kind" in document.data)
    except FactsError as error:
        raise FactsError([*problems, *error.problems]) from None
    reader = _Reader(kinds, groups)
    found = reader.problems
    if problems:  # a file that cannot be read may have held kinds, or what others refer to
        found = [problem for problem in found if problem.code not in _ABSENT]
    digests = {document.name: document.digest for document in documents}
    return Reading(Library(kinds, reader.sound(), digests), [*problems, *found], documents)


MAX_FILES = 5_000  # in one folder
_ABSENT = ("unknown-kind", "unknown-key", "unknown-fact", "unknown-reference")


def read_folders(folders: Iterable[Path]) -> tuple[list[list[Document]], list[Problem]]:
    """Every TOML file below each folder, by name; files that cannot be read become problems."""
    groups: list[list[Document]] = []
    problems: list[Problem] = []
    for name, folder in named(folders):
        groups.append([])
        paths = [folder] if folder.is_file() else _files(folder)
        if len(paths) > MAX_FILES:
            text = f"{name} holds more than {MAX_FILES:,} files"
            problems.append(Problem("too-many-files", text, None, name))
        for path in paths[:MAX_FILES]:
            shown = f"{name}/{path.relative_to(folder).as_posix()}" if path is not folder else None
            try:
                groups[-1].append(_document(path, shown))
            except InputError as error:
                problems += error.problems
    return groups, problems


def _document(path: Path, shown: str | None) -> Document:
    """A file that was found in a folder. A pipe there would keep its reader waiting for ever."""
    if path.exists() and not path.is_file():
        text = f"cannot read {shown}: it is no file"
        raise InputError([Problem("file-unreadable", text, None, shown)])
    return read_shared(path, shown)


def _files(folder: Path) -> list[Path]:
    return [path for path in files_below(folder, ".toml") if path != folder / PACK]


def named(folders: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Folders by their own names; a second one of the same name by its whole path."""
    seen: set[str] = set()
    for folder in folders:
        yield (folder.as_posix() if folder.name in seen else folder.name), folder
        seen.add(folder.name)


class _Reader:
    """The facts of all folders, with what later folders change in them, and all that is wrong."""

    def __init__(self, kinds: Kinds, folders: Sequence[Sequence[Document]]) -> None:
        self.kinds = kinds
        self.facts: list[Fact] = []
        self.problems: list[Problem] = []
        self.held = Held()
        for number, documents in enumerate(folders):
            first = len(self.facts)
            for document in documents:
                if "kind" not in document.data:
                    self._file(document)
            for fact in self.facts[first:]:
                self._home(fact, number)
        self.problems += apply_overrides(folders, kinds, self.held)
        self.problems += self._references({each.name: each for group in folders for each in group})

    def sound(self) -> list[Fact]:
        """The facts, of those with one key the first."""
        return [fact for fact in self.facts if self.held.homes[fact.kind, fact.key].fact is fact]

    def _file(self, document: Document) -> None:
        if document.data.get("schema") != 1:
            self._wrong("schema", "the file must begin with schema = 1", document, 1)
        for table, rows in document.data.items():
            if table not in ("schema", TABLE):
                self._table(table, rows, document)

    def _table(self, table: str, rows: Any, document: Document) -> None:
        kind = self.kinds.get(table)
        if kind is None:
            at, hint = document.line_of_key(table) or 1, did_you_mean(table, self.kinds)
            self._wrong("unknown-kind", f"there is no kind {table}", document, at, hint)
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            at = document.line_of_table(table)
            self._wrong("wrong-type", f"write [[{table}]] for each fact", document, at)
        else:
            self._rows(kind, rows, document)

    def _rows(self, kind: Kind, rows: list[Any], document: Document) -> None:
        seen: dict[str, int] = {}
        for position, row in enumerate(rows):
            line = document.line_of_item(kind.id, position, len(rows))
            _, found = read_row(kind, row, document, line, self.kinds, self.facts, seen)
            self.problems += found
            if found:
                self._gap(kind, row)

    def _gap(self, kind: Kind, row: Any) -> None:
        """What could not be read here is not thereby missing: no one is told that it does not exist."""
        first = row.get(kind.key[0]) if kind.key else None
        key = first if isinstance(first, str) else None
        inside = [child.id for child in self.kinds.children(kind.id)]
        self.held.gaps |= {(each, key) for each in (kind.id, *inside)}

    def _home(self, fact: Fact, folder: int) -> None:
        before = self.held.homes.setdefault((fact.kind, fact.key), Home(fact, folder))
        if before.fact is not fact and before.fact.given and fact.given:
            text = f"{fact.label} stands already at {before.fact.given.file}:{before.fact.given.line}"
            hint = "To change figures of it, write [[override]]." if before.folder < folder else None
            self.problems.append(Problem("fact-twice", text, hint, fact.given.file, fact.given.line))

    def _references(self, documents: Mapping[str, Document]) -> Iterator[Problem]:
        """Ids that no fact has. What stands in a question's place may be a name, which rules resolve."""
        known: dict[str, set[Value]] = {}
        for fact in self.facts:
            known.setdefault(fact.kind, set()).update(fact.key[:1])
        for fact in self.facts:
            for field, value in _referred(fact, self.kinds[fact.kind]):
                kind = str(field.spec.refers)
                if value not in known.get(kind, ()) and not self.held.may_hold(kind, value):
                    hint = did_you_mean(str(value), map(str, known.get(kind, ())))
                    text = f"{fact.label} refers to the {kind} {value}, which no folder holds"
                    yield Problem("unknown-reference", text, hint, *_place(fact, field, documents))

    def _wrong(
        self, code: str, text: str, document: Document, line: int | None, hint: str | None = None
    ) -> None:
        self.problems.append(Problem(code, text, hint, document.name, line))


def _referred(fact: Fact, kind: Kind) -> Iterator[tuple[Field, Value]]:
    """The ids of other facts that a fact holds."""
    for field in () if kind.single else kind.fields.values():
        if field.spec.refers and field.name in fact.values:
            value = fact.values[field.name]
            ids = value if isinstance(value, tuple) else (value,)
            yield from ((field, each) for each in ids if each not in field.spec.also)


def _place(fact: Fact, field: Field, documents: Mapping[str, Document]) -> tuple[str | None, int | None]:
    """File and line where a field got its value."""
    given = fact.given or Given()
    origin = next((each for each in reversed(given.overrides) if each.field == field.name), given)
    document = documents.get(str(origin.file))
    line = document.line_of_key(next(iter(field.written)), origin.line) if document else origin.line
    return origin.file, line

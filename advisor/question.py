"""A question: what a config file, flags or a mapping ask, read, completed with names, and made into facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.canonical import canonical
from advisor.changes import apply_change, plain, unusable
from advisor.documents import Document, read
from advisor.errors import InputError, Problem
from advisor.facts.kinds import Kind
from advisor.facts.library import Library
from advisor.facts.values import Fact
from advisor.question_reader import Reader, askable


@dataclass
class Question:
    """What is asked: the tables as given (names resolved) and the facts that each of them makes."""

    document: Document
    tables: dict[str, Any]
    parts: dict[str, list[Fact]]
    kinds: Mapping[str, Kind] = field(default_factory=dict)  # by table: what a question may hold

    @property
    def facts(self) -> list[Fact]:
        return [fact for part in self.parts.values() for fact in part]

    def revised(self, values: Mapping[str, Any], library: Library) -> Question:
        """The question with these values in these fields, `table.field`, as files write them.

        Raises InputError where they cannot be.
        """
        tables = dict(self.tables)
        for path, value in values.items():
            table, _, name = path.partition(".")
            row = tables[table] = {} if path == "model.id" else dict(tables.get(table) or {})
            row[name] = value
        reader = Reader(self.document, library, self.kinds, tables, set(values))
        for table in dict.fromkeys(path.partition(".")[0] for path in values):
            reader.read(table)
        if reader.problems:
            raise InputError(_once(reader.problems))
        return Question(self.document, tables, {**self.parts, **reader.parts}, self.kinds)

    @property
    def digest(self) -> str:
        return hashlib.sha256(canonical(self.tables).encode()).hexdigest()


def _texts(library: Library) -> set[str]:
    """The fields of a question that hold a text and nothing else, as `table.field`."""
    return {
        f"{kind.name_in_config}.{name}"
        for kind in library.kinds.values()
        for field in kind.fields.values()
        for name in field.written
        if kind.single and field.type.base == "text" and not field.spec.refers
    }


def read_question(
    source: str | Path | Mapping[str, Any], library: Library, derived: set[str], changes: Sequence[str] = ()
) -> Question:
    """Read a question. Raises InputError with all that is wrong with it.

    `derived` are the kinds that rules write, which a question may not hold; `changes` are `path=value`.
    """
    document = _document(source)
    problems = list(unusable(document.data, document.name))
    if problems:
        raise InputError(problems)
    tables, changed = plain(document.data), set[str]()
    texts = _texts(library)
    problems += [problem for change in changes for problem in apply_change(tables, change, changed, texts)]
    reader = Reader(document, library, askable(library, derived), tables, changed)
    reader.read_all()
    problems += reader.problems
    if problems:
        raise InputError(_once(problems))
    return Question(document, tables, reader.parts, reader.kinds)


def _document(source: str | Path | Mapping[str, Any]) -> Document:
    if isinstance(source, Mapping):
        return Document("the question", {str(key): value for key, value in source.items()}, "")
    return read(Path(source))


def _once(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))

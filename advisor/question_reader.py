"""The tables of a question, completed with names and made into facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from advisor.canonical import canonical
from advisor.documents import Document
from advisor.errors import Problem, did_you_mean
from advisor.facts.kinds import Field, Kind
from advisor.facts.library import Library
from advisor.facts.models import key_of
from advisor.facts.rows import read_row
from advisor.facts.values import Fact

REQUIRED = {
    "hardware": (
        'the question names no GPU: write gpu under [hardware] or say --gpu; "none" is the processor alone',
        ("gpu", "device"),
    ),
    "model": (
        "the question names no model: write id under [model], or the model's own fields, or say --model",
        None,
    ),
}
INLINE = {"hardware.gpu": "gpu", "hardware.device.gpu": "gpu", "model": "model"}


def askable(library: Library, derived: set[str]) -> dict[str, Kind]:
    """By table: the kinds that a question may hold."""
    tables = {kind.table for kind in library.kinds.values()}
    return {
        kind.name_in_config: kind
        for kind in library.kinds.values()
        if not (kind.parent or kind.id in derived) and (kind.table is not None or kind.id not in tables)
    }


class Reader:
    """Reads tables one after another: `parts` are the facts of each, `problems` all that is wrong."""

    def __init__(
        self,
        document: Document,
        library: Library,
        kinds: Mapping[str, Kind],
        tables: dict[str, Any],
        changed: set[str],
    ) -> None:
        self.document, self.library, self.tables, self.changed = document, library, tables, changed
        self.kinds = kinds
        self.parts: dict[str, list[Fact]] = {}
        self.facts: list[Fact] = []  # those of the table that is being read
        self.inline: set[str] = set()  # ids of what the question describes itself
        self.problems: list[Problem] = []

    def read_all(self) -> None:
        self._missing()
        for table in self.tables:
            self.read(table)
        for name, kind in self.kinds.items():
            if kind.single and name not in self.tables and not self._needs_more(kind):
                self.facts = self.parts[name] = []
                self._row(kind, name, {}, None)
        self.problems += self._twice()

    def read(self, table: str) -> None:
        value = self.tables[table]
        if table != "schema":
            self.facts = self.parts[table] = []
            self._table(table, value)
        elif value != 1 or value is True:
            self._problem("schema", "schema must be 1", self._line(table, table))

    def _needs_more(self, kind: Kind) -> bool:
        return any(field.spec.required for field in kind.fields.values())

    def _missing(self) -> None:
        for table, (text, keys) in REQUIRED.items():
            value = self.tables.get(table)
            if not value or (
                keys and isinstance(value, dict) and all(value.get(key, []) == [] for key in keys)
            ):
                self._problem("missing-key", text, self.document.line_of_table(table))
        hardware = self.tables.get("hardware")
        if isinstance(hardware, dict) and hardware.get("device") and {"gpu", "count"} & hardware.keys():
            text = "the question names GPUs twice: write either gpu and count, or [[hardware.device]]"
            self._problem("given-twice", text, self.document.line_of_table("hardware"))

    def _table(self, table: str, value: Any) -> None:
        kind = self.kinds.get(table)
        if kind is None:
            hint = did_you_mean(table, self.kinds)
            self._problem(
                "unknown-table", f"a question has no table [{table}]", self._line(table, table), hint
            )
        elif isinstance(value, dict):
            self._row(kind, table, value, self.document.line_of_table(table))
        elif not kind.single and isinstance(value, list) and all(isinstance(row, dict) for row in value):
            for position, row in enumerate(value):
                self._row(kind, table, row, self.document.line_of_item(table, position, len(value)))
        else:
            form = f"[{table}] once" if kind.single else f"[[{table}]] for each"
            self._problem("wrong-type", f"write {form}, as a table", self.document.line_of_table(table))

    def _row(self, kind: Kind, table: str, row: dict[str, Any], line: int | None) -> None:
        if table in INLINE and not set(row) <= {"id"}:
            row = {"id": self._inline(INLINE[table], row, line)}
        row = self._resolved(kind, table, row, line)
        _, problems = read_row(kind, row, self.document, line, self.library.kinds, self.facts)
        self.problems += [self._told(table, problem) for problem in problems]

    def _told(self, table: str, problem: Problem) -> Problem:
        """A problem of what was changed stands in no file."""
        path = f"{table}.{key_of(problem)}"
        return replace(problem, file=f"--set {path}", line=None) if path in self.changed else problem

    def _line(self, path: str, key: str, start: int | None = None) -> int | None:
        return self.document.line_of_key(key, start) if path not in self.changed else None

    def _resolved(self, kind: Kind, place: str, row: dict[str, Any], line: int | None) -> dict[str, Any]:
        """The row with ids in place of names; the question keeps ids too, but inline tables as they are."""
        found = dict(row)
        for child in self.library.kinds.children(kind.id):
            if isinstance(row.get(child.id), list):
                found[child.id] = self._resolved_rows(child, f"{place}.{child.id}", row[child.id])
        for field in kind.fields.values():
            for name in field.written:
                if field.spec.refers and name in row:
                    at = self._line(f"{place}.{name}", name, line)
                    found[name] = self._reference(f"{place}.{name}", field, row[name], at)
                    row[name] = row[name] if isinstance(row[name], dict) else found[name]
        return found

    def _resolved_rows(self, kind: Kind, table: str, rows: list[Any]) -> list[Any]:
        lines = [self.document.line_of_item(table, position, len(rows)) for position in range(len(rows))]
        return [
            self._resolved(kind, table, row, line) if isinstance(row, dict) else row
            for row, line in zip(rows, lines, strict=True)
        ]

    def _reference(self, place: str, field: Field, value: Any, line: int | None) -> Any:
        kind, also = str(field.spec.refers), field.spec.also
        if isinstance(value, dict) and place in INLINE:
            return self._inline(kind, value, line)
        if not isinstance(value, str) or value in also:
            return value
        if value in self.inline or self._described(kind, value):
            return value
        found, problem = self.library.names.resolve(kind, value)
        if problem:
            file = f"--set {place}" if place in self.changed else self.document.name
            self.problems.append(replace(problem, file=file, line=line))
        return found or value

    def _described(self, kind: str, name: str) -> bool:
        facts = (fact for part in self.parts.values() for fact in part)
        return any(fact.kind == kind and fact.key == (name,) for fact in facts)

    def _inline(self, kind: str, row: dict[str, Any], line: int | None) -> str:
        """A GPU or model described in the question: a fact with an id from its content."""
        self._named_too(kind, row, line)
        self._only_named(kind, row, line)
        content = hashlib.sha256(canonical(row).encode()).hexdigest()[:12]
        row = {"name": row.get("id", f"{kind} of the question"), **row}
        row["id"] = f"inline-{content}"
        self.inline.add(row["id"])
        _, problems = read_row(
            self.library.kinds[kind], row, self.document, line, self.library.kinds, self.facts
        )
        self.problems += problems
        return row["id"]

    def _named_too(self, kind: str, row: dict[str, Any], line: int | None) -> None:
        """A part of the catalog with figures beside it: which of the two is meant?"""
        if any(fact.key == (row.get("id"),) for fact in self.library.of(kind)):
            text = f"{row['id']} is a {kind} of the catalog, and fields of its own stand beside it"
            hint = "Leave out one or the other; a figure of it is changed by [[override]] in a facts folder."
            self._problem("given-twice", text, self.document.line_of_key("id", line), hint)

    def _only_named(self, kind: str, row: dict[str, Any], line: int | None) -> None:
        """A name does not describe a part: whoever writes only one of the catalog's names means that part."""
        name = row.get("name")
        if isinstance(name, str) and set(row) == {"name"} and self.library.names.meanings(kind, name):
            text = f"only a name is told of this {kind}, and names are looked up in id"
            hint = f'Write id = "{name}", or describe the {kind} by its own figures.'
            self._problem("name-alone", text, self.document.line_of_key("name", line), hint)

    def _twice(self) -> Iterator[Problem]:
        """Facts of the question that say otherwise what the catalog or the question says already."""
        seen: dict[Any, Fact] = {}
        for fact in (fact for part in self.parts.values() for fact in part):
            if not self.library.kinds[fact.kind].single:
                known = [*self.library.of(fact.kind), seen.setdefault((fact.kind, fact.key), fact)]
                before = next(each for each in known if each.key == fact.key)
                if before.values != fact.values and before.given and fact.given:
                    text = f"{fact.label} stands already at {before.given.file}:{before.given.line}"
                    yield Problem("fact-twice", text, None, fact.given.file, fact.given.line)

    def _problem(self, code: str, text: str, line: int | None, hint: str | None = None) -> None:
        self.problems.append(Problem(code, text, hint, self.document.name, line))

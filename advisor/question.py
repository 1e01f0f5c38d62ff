"""A question: what a config file, flags or a mapping ask, read, completed with names, and made into facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from advisor.documents import Document, parse, read
from advisor.errors import InputError, Problem, did_you_mean
from advisor.facts.kinds import Kind
from advisor.facts.load import Library, read_row
from advisor.facts.names import Names
from advisor.facts.values import Fact

REQUIRED = {
    "hardware": ('the question names no GPU: write gpu under [hardware], "none" for the processor alone', ("gpu", "device")),
    "model": ("the question names no model: write id under [model], or the model's own fields", None),
}
INLINE = {"hardware.gpu": "gpu", "hardware.device.gpu": "gpu", "model": "model"}


@dataclass
class Question:
    """What is asked: the tables as given (names resolved) and the facts that they make."""

    name: str
    tables: dict[str, Any]
    facts: list[Fact]

    @property
    def digest(self) -> str:
        return hashlib.sha256(canonical(self.tables).encode()).hexdigest()


def read_question(
    source: str | Path | Mapping[str, Any], library: Library, derived: set[str], changes: Sequence[str] = ()
) -> Question:
    """Read a question. Raises InputError with all that is wrong with it.

    `derived` are the kinds that rules write, which a question may not hold; `changes` are `path=value`.
    """
    document = _document(source)
    tables = _plain(document.data)
    problems = [problem for change in changes for problem in _change(tables, change)]
    reader = _Reader(document, library, derived, tables)
    problems += reader.problems
    if problems:
        raise InputError(_once(problems))
    return Question(document.name, tables, reader.facts)


def _document(source: str | Path | Mapping[str, Any]) -> Document:
    if isinstance(source, Mapping):
        return Document("the question", {str(key): value for key, value in source.items()}, "")
    return read(Path(source))


def _plain(value: Any) -> Any:
    """A copy that may be changed, with every float exact."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return Fraction(str(value)) if isinstance(value, float) else value


def _change(tables: dict[str, Any], change: str) -> Iterator[Problem]:
    """Apply one `table.field=value`: the value is TOML where it can be read as such, else a text."""
    path, equals, text = change.partition("=")
    table, dot, name = path.strip().partition(".")
    if not (equals and dot and name):
        hint = "Write --set table.field=value, for example --set deployment.context=8192."
        yield Problem("set-form", f"--set {change} names no field", hint)
        return
    target = tables.setdefault(table, {})
    if not isinstance(target, dict):
        yield Problem("set-form", f"--set {change}: {table} is no table")
        return
    target[name] = toml_or_text(text.strip())


def toml_or_text(text: str) -> Any:
    try:
        return _plain(parse(f"value = {text}", "--set").data["value"])
    except InputError:
        return text


class _Reader:
    def __init__(self, document: Document, library: Library, derived: set[str], tables: dict[str, Any]) -> None:
        self.document, self.library, self.tables = document, library, tables
        self.names = Names(library)
        self.facts: list[Fact] = []
        self.problems: list[Problem] = []
        self.kinds = {k.name_in_config: k for k in library.kinds.values() if self._askable(k, derived)}
        self._missing()
        for table, value in tables.items():
            if table != "schema":
                self._table(table, value)
        for name, kind in self.kinds.items():
            if kind.single and name not in tables and not self._needs_more(kind):
                self._row(kind, name, {})

    def _askable(self, kind: Kind, derived: set[str]) -> bool:
        if kind.parent or kind.id in derived:
            return False
        return kind.table is not None or not any(k.table == kind.id for k in self.library.kinds.values())

    def _needs_more(self, kind: Kind) -> bool:
        return any(field.spec.required for field in kind.fields.values())

    def _missing(self) -> None:
        for table, (text, keys) in REQUIRED.items():
            value = self.tables.get(table)
            if not value or (keys and isinstance(value, dict) and not any(key in value for key in keys)):
                self._problem("missing-key", text, table)

    def _table(self, table: str, value: Any) -> None:
        kind = self.kinds.get(table)
        if kind is None:
            hint = did_you_mean(table, self.kinds)
            self._problem("unknown-table", f"a question has no table [{table}]", table, hint)
            return
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if isinstance(row, dict):
                self._row(kind, table, row)
            else:
                self._problem("wrong-type", f"write [{table}] as a table", table)

    def _row(self, kind: Kind, table: str, row: dict[str, Any]) -> None:
        if table in INLINE and not set(row) <= {"id"}:
            row = {"id": self._inline(INLINE[table], row, table)}
        row = self._resolved(kind, table, row)
        line = self.document.line_of_key(table)
        _, problems = read_row(kind, row, self.document, line, self.library.kinds, self.facts)
        self.problems += problems

    def _resolved(self, kind: Kind, place: str, row: dict[str, Any]) -> dict[str, Any]:
        """The row with ids in place of names; the question keeps ids too, but inline tables as they are."""
        found = dict(row)
        for child in self.library.kinds.children(kind.id):
            if isinstance(row.get(child.id), list):
                inner = f"{place}.{child.id}"
                found[child.id] = [self._resolved(child, inner, r) if isinstance(r, dict) else r for r in row[child.id]]
        for field in kind.fields.values():
            for name in field.written:
                if field.spec.refers and name in row:
                    found[name] = self._reference(f"{place}.{name}", field.spec.refers, row[name], field.spec.also)
                    row[name] = row[name] if isinstance(row[name], dict) else found[name]
        return found

    def _reference(self, place: str, kind: str, value: Any, also: Sequence[str]) -> Any:
        if isinstance(value, dict) and place in INLINE:
            return self._inline(kind, value, place)
        if not isinstance(value, str) or value in also:
            return value
        if any(fact.kind == kind and fact.key == (value,) for fact in self.facts):
            return value
        found, problem = self.names.resolve(kind, value)
        if problem:
            self._problem(problem.code, problem.text, place.rpartition(".")[2], problem.hint)
        return found or value

    def _inline(self, kind: str, row: dict[str, Any], place: str) -> str:
        """A GPU or model described in the question: a fact with an id from its content."""
        content = hashlib.sha256(canonical(row).encode()).hexdigest()[:12]
        row = {"name": f"the {kind} of the question", **row}
        row["id"] = f"inline-{content}"
        line = self.document.line_of_key(place.rpartition(".")[2])
        _, problems = read_row(self.library.kinds[kind], row, self.document, line, self.library.kinds, self.facts)
        self.problems += problems
        return row["id"]

    def _problem(self, code: str, text: str, key: str, hint: str | None = None) -> None:
        line = self.document.line_of_key(key) if self.document.text else None
        self.problems.append(Problem(code, text, hint, self.document.name, line))


def _once(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces; fractions as numerator and denominator."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_exact)


def _exact(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value)

"""Overlays: rules of an earlier folder, changed in single fields or left out by a later one, with the reason.

A `set` has the shape of a rule and is merged into it, table into table, so that one key of a `let` can
change and the others stay as the next version of the rule has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from advisor.documents import Document
from advisor.errors import Problem, did_you_mean
from advisor.facts.findings import explain, keys_of
from advisor.rules.model import Change, Disabled, Example
from advisor.rules.spec import DisableSpec, OverrideSpec
from advisor.rules.tables import ABSENT, at, leaves, merged, without, written

Made = dict[tuple[str, str], str]  # for each rule and field that a folder changed: where

FIXED = {
    "id": "It says which rule this is. For another rule, write one of your own.",
    "test": "Write [[override.test]] below the override.",
}


@dataclass
class Row:
    """One `[[rule]]` as it stands in a file, and what later folders say of it."""

    document: Document
    position: int
    line: int | None
    folder: int
    data: dict[str, Any]
    overrides: list[Override] = field(default_factory=list)
    disabled: list[Disabled] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.data.get("id"))

    @property
    def now(self) -> dict[str, Any]:
        """The rule with all that has been changed so far."""
        data = self.data
        for override in self.overrides:
            data = override.apply(data)
        return data


@dataclass(frozen=True)
class Override:
    """Changes of one rule, by one entry of a file."""

    spec: OverrideSpec
    tests: list[dict[str, Any]] | None
    document: Document
    line: int | None

    def apply(self, data: Mapping[str, Any]) -> dict[str, Any]:
        changed = merged(data, self.spec.changes)
        for path in self.spec.remove:
            changed = without(changed, path)
        return changed if self.tests is None else {**changed, "test": self.tests}

    def changes(self, data: Mapping[str, Any]) -> tuple[Change, ...]:
        """Each changed field, with what the rule said before."""
        said = (self.spec.reason, self.document.name, self.line, tuple(self.spec.sources))
        found = [
            *leaves(self.spec.changes, data),
            *((path, at(data, path), ABSENT) for path in self.spec.remove),
        ]
        return tuple(Change(path, written(old), written(new), *said) for path, old, new in found)

    def placed(self, examples: Sequence[Example]) -> tuple[Example, ...]:
        """Its tests, with the place of each."""
        lines: list[int | None] = [*self.document.headers_inside("override.test", self.line)]
        if len(lines) != len(examples):  # written as a list
            lines = [self.line] * len(examples)
        pairs = zip(examples, lines, strict=True)
        return tuple(replace(each, file=self.document.name, line=line) for each, line in pairs)

    @property
    def place(self) -> tuple[str, int | None]:
        """File and line of the change: of the one key that it changes, if it is one."""
        keys = [path.rpartition(".")[2] for path, _, _ in leaves(self.spec.changes, {})]
        line = self.document.line_of_key(keys[0], self.line) if len(keys) == 1 else self.line
        return self.document.name, line


class Overlays:
    """What the folders say of rules in earlier ones. Rows are told what is said of them, problems are kept.

    `complete` is False where files could not be read: then an id that is not there may stand in one of them.
    """

    def __init__(self, rows: Iterable[Row], complete: bool) -> None:
        self.problems: list[Problem] = []
        self.complete = complete
        self._rows: dict[str, Row] = {}
        for row in rows:
            self._rows.setdefault(row.id, row)

    def read(self, document: Document, folder: int, made: Made) -> None:
        """Take in a file. `made` are the fields that this folder changed so far."""
        for line, raw, spec in self._entries("override", OverrideSpec, document):
            row = self._row(spec, document, line, folder)
            if (
                row
                and self._sound(spec, row, document, line)
                and self._first(spec, row, document, line, made)
            ):
                row.overrides.append(Override(spec, raw.get("test"), document, line))
        for line, _, spec in self._entries("disable", DisableSpec, document):
            row = self._row(spec, document, line, folder)
            if row:
                summary, sources = str(row.data.get("summary", "")), tuple(spec.sources)
                row.disabled.append(Disabled(row.id, summary, spec.reason, document.name, line, sources))

    def _entries(self, table: str, model: Any, document: Document) -> Iterator[tuple[int | None, Any, Any]]:
        rows = document.data.get(table)
        rows = rows if isinstance(rows, list) else []  # else the file is told of already
        for position, raw in enumerate(rows):
            if not isinstance(raw, dict):
                continue
            line = document.line_of_item(table, position, len(rows))
            try:
                yield line, raw, model.model_validate(raw)
            except ValidationError as error:
                self.problems += explain(error, document, keys_of(model), (table, position))

    def _row(self, spec: Any, document: Document, line: int | None, folder: int) -> Row | None:
        """The rule that is meant, of an earlier folder and not yet left out."""
        row = self._rows.get(spec.rule)
        if row is None:
            text, hint = f"there is no rule {spec.rule}", did_you_mean(spec.rule, self._rows)
            return self._wrong("unknown-rule", text, hint, document, line) if self.complete else None
        if row.folder >= folder:
            text = f"{row.id} stands in this very folder or a later one, at {row.document.name}:{row.line}"
            return self._wrong("override-here", text, "Change the rule itself.", document, line)
        if row.disabled and isinstance(spec, OverrideSpec):
            text = f"{row.id} is left out already, at {row.disabled[0].file}:{row.disabled[0].line}"
            return self._wrong("override-disabled", text, "Keep one of the two.", document, line)
        return row

    def _sound(self, spec: OverrideSpec, row: Row, document: Document, line: int | None) -> bool:
        """Whether it changes something that can be changed."""
        before, now = len(self.problems), row.now
        for key in FIXED.keys() & {*spec.changes, *spec.remove}:
            self._wrong("override-key", f"{key} cannot be changed", FIXED[key], document, line, key)
        for path in spec.remove:
            if at(now, path) is ABSENT:
                hint = did_you_mean(path, [known for known, _, _ in leaves(now, {})])
                self._wrong("nothing-to-remove", f"{row.id} has no {path}", hint, document, line, "remove")
        if not any(leaves(spec.changes, now)) and not spec.remove:
            hint = "Write set = { … } in the shape of the rule, or remove = [ … ]."
            self._wrong("missing-key", "the override changes nothing", hint, document, line)
        return len(self.problems) == before

    def _first(self, spec: OverrideSpec, row: Row, document: Document, line: int | None, made: Made) -> bool:
        """Whether this folder did not change the same before."""
        paths = [path for path, _, _ in leaves(spec.changes, row.now)] + spec.remove
        twice = [path for path in paths if (row.id, path) in made]
        for path in twice:
            text = f"{path} of {row.id} is changed already at {made[row.id, path]}"
            self._wrong("override-twice", text, "Keep one of the two.", document, line)
        made.update({(row.id, path): f"{document.name}:{line}" for path in paths})
        return not twice

    def _wrong(
        self, code: str, text: str, hint: str | None, document: Document, line: int | None, key: str = ""
    ) -> None:
        where = document.line_of_key(key, line) if key else line
        self.problems.append(Problem(code, text, hint, document.name, where))

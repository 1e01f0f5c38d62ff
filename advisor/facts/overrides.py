"""Overrides: figures of a fact in an earlier folder, changed or withdrawn by a later one, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Info

from advisor.documents import Document
from advisor.errors import Problem, did_you_mean
from advisor.expressions import Value
from advisor.facts.kinds import Kind, Kinds
from advisor.facts.models import explain_row, read_fields
from advisor.facts.values import Fact, Override

TABLE = "override"


_NOT_EARLIER = (
    ("this very", "Change the fact itself."),
    ("a later", "Name that folder before this one."),
)


class Home(NamedTuple):
    """A fact, and the number of the folder that holds it."""

    fact: Fact
    folder: int


@dataclass
class Held:
    """What the folders hold: facts by kind and key, and those that could not be read, as far as known.

    A gap is the kind and first key of such a fact, or None for a key that could not be read either.
    """

    homes: dict[tuple[str, tuple[Value, ...]], Home] = slot(default_factory=dict)
    gaps: set[tuple[str, Value | None]] = slot(default_factory=set)

    def may_hold(self, kind: str, first: Value) -> bool:
        """Whether a fact that could not be read may be this one."""
        return not self.gaps.isdisjoint({(kind, first), (kind, None)})


def apply_overrides(folders: Sequence[Sequence[Document]], kinds: Kinds, held: Held) -> Iterator[Problem]:
    """Change facts as the folders say, in their order. Gives all that is wrong."""
    for folder, documents in enumerate(folders):
        made: dict[tuple[str, str], _Change] = {}  # by label of the fact, and field
        for document in documents:
            for line, row in _rows(document):
                if isinstance(row, Problem):
                    yield row
                    continue
                change = _Change(row, document, line, kinds, held, folder)
                change.make(made)
                yield from change.problems


class _Row(BaseModel):
    """An override as it stands in a file. What is left over must be the key of the fact."""

    model_config = ConfigDict(extra="allow", strict=True)

    fact: str
    set: dict[str, Any] = Info(default_factory=dict)
    remove: list[str] = Info(default_factory=list)
    reason: str = ""
    sources: list[Any] = Info(default_factory=list)


def _rows(document: Document) -> Iterator[tuple[int | None, _Row | Problem]]:
    rows = document.data.get(TABLE, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        at, text = document.line_of_table(TABLE), f"write [[{TABLE}]] for each override"
        yield at, Problem("wrong-type", text, None, document.name, at)
        return
    for position, row in enumerate(rows):
        line = document.line_of_item(TABLE, position, len(rows))
        try:
            yield line, _Row.model_validate(row)
        except ValidationError as error:
            yield from ((line, problem) for problem in explain_row(error, row, document, line, ()))


class _Change:
    """One override: the fact it names, what it makes of its fields, and all that is wrong with it."""

    def __init__(
        self, row: _Row, document: Document, line: int | None, kinds: Kinds, held: Held, folder: int
    ) -> None:
        self.row, self.document, self.line = row, document, line
        self.held, self.folder = held, folder
        self.problems: list[Problem] = []
        self.fact: Fact | None = None
        self.fields: dict[str, Value | None] = {}  # None: withdrawn
        self._shape()
        kind = kinds.get(row.fact)
        if kind is None:
            hint = did_you_mean(row.fact, kinds)
            self._wrong("unknown-kind", f"there is no kind {row.fact}", hint, "fact")
            return
        self.fact = self._named(kind)
        self._set(kind)
        self._remove(kind)

    def make(self, made: dict[tuple[str, str], _Change]) -> None:
        """Change the fact, unless something is wrong. `made` are the changes of this folder so far."""
        if self.fact is None:
            return
        for field in self.fields:
            before = made.setdefault((self.fact.label, field), self)
            if before is not self:
                text = f"{field} of {self.fact.label} is changed already at {before.place}"
                self._wrong("override-twice", text, "Keep one of the two.")
        given = self.fact.given
        if given and not self.problems:
            overrides = tuple(self._override(self.fact, *change) for change in self.fields.items())
            assumed = tuple(field for field in given.assumed if field not in self.fields)
            values = {**self.fact.values, **self.fields}
            self.fact.values = {field: value for field, value in values.items() if value is not None}
            self.fact.given = given._replace(assumed=assumed, overrides=(*given.overrides, *overrides))

    @property
    def place(self) -> str:
        return f"{self.document.name}:{self.line}"

    def _override(self, fact: Fact, field: str, value: Value | None) -> Override:
        reason, sources = self.row.reason.strip(), tuple(self.row.sources)
        before, file = fact.values.get(field), self.document.name
        return Override(field, before, value, reason, file, self.line, sources)

    def _shape(self) -> None:
        if not self.row.reason.strip():
            hint = 'Write reason = "…": it stands in every answer that the change touches.'
            self._wrong("missing-key", "the override gives no reason", hint, "reason")
        if not self.row.set and not self.row.remove:
            hint = "Write set = { … } or remove = [ … ]."
            self._wrong("missing-key", "the override changes nothing", hint)

    def _named(self, kind: Kind) -> Fact | None:
        """The fact that the override names, where an earlier folder holds it."""
        if not kind.key and not kind.single:
            self._wrong("no-key", f"{kind.id} has no key, so no override can name a fact of it", None, "fact")
            return None
        found, problems = read_fields(kind, self.row.model_extra or {}, self.document, self.line)
        self.problems += problems
        for written in self.row.model_extra or {}:
            field, _ = kind.field_for(written) or (None, None)
            if field and field.name not in kind.key:
                text = f"{written} is not in the key of {kind.id}"
                self._wrong("not-key", text, "What the override changes stands in set = { … }.", written)
        missing = [name for name in kind.key if name not in found]
        if missing and not problems:
            self._wrong("missing-key", f"the override does not say {' and '.join(missing)} of the {kind.id}")
        return None if problems or missing else self._home(kind, kind.key_of(found))

    def _home(self, kind: Kind, key: tuple[Value, ...]) -> Fact | None:
        home = self.held.homes.get((kind.id, key))
        if home is not None and home.folder < self.folder:
            return home.fact
        label = Fact(kind.id, key, {}).label
        if home is not None:
            at = home.fact.given and f"{home.fact.given.file}:{home.fact.given.line}"
            which, hint = _NOT_EARLIER[home.folder > self.folder]
            self._wrong("override-here", f"{label} stands in {which} folder, at {at}", hint)
        elif not self.held.may_hold(kind.id, key[0]):
            known = [each.fact.label for each in self.held.homes.values() if each.fact.kind == kind.id]
            self._wrong("unknown-fact", f"there is no {label}", did_you_mean(label, known))
        return None

    def _set(self, kind: Kind) -> None:
        values, problems = read_fields(kind, self.row.set, self.document, self.line)
        self.problems += problems
        for name in self._without_key(kind, values, "set"):
            self.fields[name] = values[name]

    def _remove(self, kind: Kind) -> None:
        for written in self.row.remove:
            field, _ = kind.field_for(written) or (None, None)
            if field is None:
                hint = did_you_mean(written, kind.written_names())
                self._wrong("unknown-key", f"there is no key {written} here", hint, "remove")
            elif not self._without_key(kind, [field.name], "remove"):
                continue
            elif field.present:
                text = f"{written} cannot be withdrawn: every {kind.id} has it"
                self._wrong("cannot-remove", text, "Say what holds with set = { … }.", "remove")
            elif field.name in self.fields:
                text = f"{written} is set and withdrawn, or withdrawn twice"
                self._wrong("override-twice", text, "Keep one of the two.", "remove")
            elif self.fact and field.name not in self.fact.values:
                self._wrong("nothing-to-remove", f"{self.fact.label} says no {written}", None, "remove")
            else:
                self.fields[field.name] = None

    def _without_key(self, kind: Kind, names: Collection[str], where: str) -> list[str]:
        """The fields that may change: all but those that name the fact."""
        for name in names:
            if name in kind.key:
                text = f"{name} belongs to the key of {kind.id}: it says which fact this is"
                self._wrong("override-key", text, "For another part, write a fact of its own.", where)
        return [name for name in names if name not in kind.key]

    def _wrong(self, code: str, text: str, hint: str | None = None, key: str = "") -> None:
        line = self.document.line_of_key(key, self.line) if key else self.line
        self.problems.append(Problem(code, text, hint, self.document.name, line))

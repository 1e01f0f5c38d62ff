"""An installation made from a record's own rules and facts: the answer can be derived from them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from advisor.audit.records.exact import value_of
from advisor.audit.records.texts import WHOLE, Entry
from advisor.documents import MAX_BYTES, Document, parse
from advisor.errors import RulesError
from advisor.facts.kinds import Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.facts.library import Library
from advisor.facts.values import Fact, Given, Override
from advisor.installation import Installation
from advisor.rules.load import bound_rules

Table = Mapping[str, Any]


def restored(body: Table) -> Installation:
    """Rules, kinds and facts of the body. Raises what reading files raises, and ValueError or KeyError."""
    kinds = load_kinds(document for group in _documents(body["kinds"]) for document in group)
    reading = bound_rules(_documents(body["rules"]), (), kinds)
    if reading.rulebook is None:
        raise RulesError(reading.problems)
    facts = [_fact(row, kinds) for row in (*body["facts"], *body["other_facts"]) if _of_catalog(row)]
    book = reading.rulebook.for_questions()
    return Installation(Library(kinds, facts, {}), book)


def _of_catalog(row: Table) -> bool:
    return bool(row["given"]) and row["given"]["file"] is not None


def _fact(row: Table, kinds: Kinds) -> Fact:
    kind = kinds[row["kind"]]
    values = {name: value_of(each) for name, each in row["exact"].items()}
    return Fact(kind.id, kind.key_of(values), values, _given(row))


def _given(row: Table) -> Given:
    given = row["given"]
    return Given(
        given["file"],
        given["line"],
        tuple(given["sources"]),
        given["confidence"],
        given["note"],
        tuple(given["assumed"]),
        tuple(map(_override, row["overrides"], given["changes"])),
    )


def _override(told: Table, change: Sequence[Any]) -> Override:
    before, after = (None if each is None else value_of(each) for each in change)
    place = (told["reason"], told["file"], told["line"], tuple(told["sources"]))
    return Override(told["field"], before, after, *place)


def _documents(entries: Iterable[Entry]) -> list[list[Document]]:
    """The files of each folder, with every entry at its line."""
    files: dict[int, dict[str, list[Entry]]] = {}
    for entry in entries:
        files.setdefault(entry["folder"], {}).setdefault(entry["file"], []).append(entry)
    return [[parse(_text(found), name) for name, found in files[folder].items()] for folder in sorted(files)]


def _text(entries: Sequence[Entry]) -> str:
    if entries[0]["table"] == WHOLE:
        return str(entries[0]["text"])
    lines = ["schema = 1"]
    for entry in entries:
        if entry["line"] > MAX_BYTES:  # no file has as many
            raise ValueError(f"there is no line {entry['line']:,}")
        lines += [""] * (entry["line"] - 1 - len(lines))
        lines += entry["text"].rstrip("\n").split("\n")
    return "\n".join(lines) + "\n"

"""What people write of measured cases: an introduction, a word on a quantity, why a case is missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.accuracy.keys import KEYS
from advisor.documents import Document, read
from advisor.errors import InputError, Problem, did_you_mean

_TEXTS = ("title", "introduction", "closing")
_TABLES = {"quantity": ("key", "text"), "reason": ("key", "cases", "text")}


@dataclass
class Notes:
    """Markdown by place: `texts` of the page, `quantities` by key, `reasons` by case and key."""

    texts: dict[str, str] = field(default_factory=dict)
    quantities: dict[str, str] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)


def read_notes(path: Path) -> Notes:
    """Read notes. Raises InputError with all that is wrong with them."""
    document = read(path)
    problems = [*_unknown(document), *_wrong_texts(document)]
    texts = {name: document.data[name] for name in _TEXTS if name in document.data}
    notes = Notes({name: text.strip() for name, text in texts.items() if isinstance(text, str)})
    for table in _TABLES:
        for row, line in _rows(document, table):
            wrong = list(_wrong_row(table, row, document.name, line))
            problems += wrong
            if not wrong:
                _keep(notes, table, row)
    if problems:
        raise InputError(problems)
    return notes


def _keep(notes: Notes, table: str, row: Mapping[str, Any]) -> None:
    if table == "quantity":
        notes.quantities[row["key"]] = row["text"].strip()
    else:
        notes.reasons |= {(case, row["key"]): " ".join(row["text"].split()) for case in row["cases"]}


def _rows(document: Document, table: str) -> Iterator[tuple[Any, int | None]]:
    rows = document.data.get(table, [])
    rows = rows if isinstance(rows, list) else [rows]
    for position, row in enumerate(rows):
        yield row, document.line_of_item(table, position, len(rows))


def _unknown(document: Document) -> Iterator[Problem]:
    known = ("schema", *_TEXTS, *_TABLES)
    for name in document.data:
        if name not in known:
            hint = did_you_mean(name, known)
            line = document.line_of_key(name)
            yield Problem("unknown-key", f"notes have no {name}", hint, document.name, line)


def _wrong_texts(document: Document) -> Iterator[Problem]:
    for name in _TEXTS:
        if not isinstance(document.data.get(name, ""), str):
            line = document.line_of_key(name)
            yield Problem("wrong-type", f"{name} must be a text", None, document.name, line)


def _wrong_row(table: str, row: Any, file: str, line: int | None) -> Iterator[Problem]:
    wanted = _TABLES[table]
    if not isinstance(row, dict) or set(row) != set(wanted):
        hint = f"Write [[{table}]] with {', '.join(wanted)}."
        yield Problem("wrong-keys", f"each {table} has just these: {', '.join(wanted)}", hint, file, line)
        return
    if row["key"] not in KEYS:
        text = f"{row['key']} is nothing that can be measured"
        yield Problem("unknown-key", text, did_you_mean(str(row["key"]), KEYS), file, line)
    if not isinstance(row["text"], str):
        yield Problem("wrong-type", "text must be a text", None, file, line)
    cases = row.get("cases", [])
    if not isinstance(cases, list) or not all(isinstance(case, str) for case in cases):
        yield Problem("wrong-type", "cases must be a list of ids", None, file, line)

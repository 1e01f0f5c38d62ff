"""The text of all rules and kinds in effect, entry by entry, so that a record can be judged by itself.

An entry is what stands in a file from one header to the next, without its tests: they are no part of what a
rule says. Where a file is not written that way, the whole of it is one entry.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from advisor.documents import Document, parse
from advisor.errors import AdvisorError
from advisor.facts.load import read_folders

TABLES = ("rule", "override", "disable", "kind")
WHOLE = "file"
_HEADER = re.compile(r"\[\[?\s*([\w-]+)")
_TEST = re.compile(r"\[\[?\s*(rule|override)\s*\.\s*test\b")
Entry = dict[str, Any]


class Texts(NamedTuple):
    """Entries in the order of folders, files and lines."""

    rules: list[Entry]
    kinds: list[Entry]


def texts_of(rules: Iterable[Path], facts: Iterable[Path]) -> Texts:
    """Those of the files in these folders."""
    groups, declaring = read_folders(rules)[0], read_folders(facts)[0]
    kinds = [[document for document in group if "kind" in document.data] for group in declaring]
    return Texts(list(_entries(groups)), list(_entries(kinds)))


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _entries(groups: Sequence[Sequence[Document]]) -> Iterator[Entry]:
    for folder, group in enumerate(groups):
        for document in group:
            for table, name, line, text in _split(document):
                where = {"folder": folder, "file": document.name, "line": line}
                yield {**where, "table": table, "id": name, "sha256": digest(text), "text": text}


def _split(document: Document) -> Iterator[tuple[str, str, int, str]]:
    """Table, what it is called, line and text of each entry."""
    found = list(_pieces(document.lines))
    rows = _rows(document, found)
    if rows is None:
        yield WHOLE, Path(document.name).stem, 1, document.text
        return
    for (table, line, text), row in zip(found, rows, strict=True):
        yield table, str(row.get("id") or row.get("rule")), line, text


def _pieces(lines: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    starts = [n for n, line in enumerate(lines) if line.startswith("[[") and _begins(line)]
    for start, end in pairwise([*starts, len(lines)]):
        header = _HEADER.match(lines[start])
        assert header
        yield header[1], start + 1, "".join(f"{line}\n" for line in _own(lines[start:end]))


def _begins(line: str) -> bool:
    header = _HEADER.match(line)
    return bool(header) and header[1] in TABLES and line.partition("]")[0].count(".") == 0


def _own(lines: Sequence[str]) -> list[str]:
    """Without tests, and without the comments at the end: they belong to what comes next."""
    kept, testing = list[str](), False
    for line in lines:
        testing = bool(_TEST.match(line)) if line.startswith("[") else testing
        kept += [] if testing else [line]
    while kept and (not kept[-1].strip() or kept[-1].startswith("#")):
        kept.pop()
    return kept


def _rows(document: Document, found: Sequence[tuple[str, int, str]]) -> list[dict[str, Any]] | None:
    """What each piece says; None where they do not say what the file says.

    For a line within a text may look like a header.
    """
    rows: list[dict[str, Any]] = []
    said: dict[str, list[Any]] = {}
    try:
        for table, _, text in found:
            (row,) = parse(text, document.name).data[table]
            rows.append(row)
            said.setdefault(table, []).append(row)
    except (AdvisorError, KeyError, ValueError):
        return None
    tables = {name: each for name, each in document.data.items() if name in TABLES}
    return rows if said == {name: list(map(_untested, each)) for name, each in tables.items()} else None


def _untested(row: Any) -> Any:
    return {key: value for key, value in row.items() if key != "test"} if isinstance(row, dict) else row

"""Rows as a table where a terminal has room for it, as paragraphs where not, as plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from advisor.answer.text.columns import joined, padded, total, widths, write_lines
from advisor.answer.text.page import Page

ABSENT = "-"


class Row(NamedTuple):
    """Cells, the first of which names the row; and where it stands: file and line."""

    cells: Sequence[str]
    file: str | None = None
    line: int | None = None


def write_rows(console: Console, header: Sequence[str], rows: Sequence[Row]) -> None:
    """On a terminal by file, with the lines; in a pipe a line a row, nothing cut, with file and line."""
    if console.is_terminal:
        _write_by_file(Page(console), [*header, "line"], rows)
    else:
        write_lines(console, [[*header, "file"], *([*row.cells, _place(row)] for row in rows)])


def _place(row: Row) -> str:
    return ":".join(str(part) for part in (row.file, row.line) if part is not None) or ABSENT


def _write_by_file(page: Page, header: Sequence[str], rows: Sequence[Row]) -> None:
    cells = [[page.text(cell).plain for cell in (*row.cells, str(row.line or ""))] for row in rows]
    columns = widths([header, *cells])
    fits = total(columns) <= page.width
    if fits:
        page.line(_line(header, columns, "dim"))
    for file, group in groupby(zip(rows, cells, strict=True), key=lambda each: each[0].file):
        page.heading(file or "")
        for _, line in group:
            if fits:
                page.line(_line(line, columns, ""))
            else:
                _paragraph(page, header, line)


def _line(cells: Sequence[str], columns: Sequence[int], style: str) -> Text:
    line = Text(joined(padded(cell, width) for cell, width in zip(cells, columns, strict=True)), style)
    if not style:
        line.stylize("bold", 0, len(cells[0]))
    return line


def _paragraph(page: Page, header: Sequence[str], cells: Sequence[str]) -> None:
    named = zip(header[1:], cells[1:], strict=True)
    rest = [c if name == "name" else f"{name} {c}" for name, c in named if c not in ("", ABSENT)]
    page.paragraph((cells[0], "bold"), f": {', '.join(rest)}" if rest else "", lead=page.glyph("bullet"))

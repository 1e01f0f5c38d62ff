"""Rows as a table where a terminal has room for it, as paragraphs where not, as plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from advisor.answer.text_page import Page, encodable, neutral

GAP = 2  # spaces between columns
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


def write_lines(console: Console, rows: Sequence[Sequence[str]]) -> None:
    """Columns two spaces apart, with no other mark."""
    shown = [[encodable(neutral(cell), console.encoding) for cell in row] for row in rows]
    widths = _widths(shown)
    for row in shown:
        line = "".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True))
        console.out(line.rstrip(), highlight=False)


def _place(row: Row) -> str:
    return ":".join(str(part) for part in (row.file, row.line) if part is not None) or ABSENT


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width + GAP - cell_len(cell))


def _write_by_file(page: Page, header: Sequence[str], rows: Sequence[Row]) -> None:
    cells = [[page.text(cell).plain for cell in (*row.cells, str(row.line or ""))] for row in rows]
    widths = _widths([header, *cells])
    fits = sum(widths) + GAP * (len(widths) - 1) <= page.width
    if fits:
        page.line(_line(header, widths, "dim"))
    for file, group in groupby(zip(rows, cells, strict=True), key=lambda each: each[0].file):
        page.heading(file or "")
        for _, line in group:
            if fits:
                page.line(_line(line, widths, ""))
            else:
                _paragraph(page, header, line)


def _line(cells: Sequence[str], widths: Sequence[int], style: str) -> Text:
    first, *rest = (_padded(cell, width) for cell, width in zip(cells, widths, strict=True))
    return Text(first, style or "bold") + Text("".join(rest), style)


def _paragraph(page: Page, header: Sequence[str], cells: Sequence[str]) -> None:
    named = zip(header[1:], cells[1:], strict=True)
    rest = [c if name == "name" else f"{name} {c}" for name, c in named if c not in ("", ABSENT)]
    page.paragraph((cells[0], "bold"), f": {', '.join(rest)}" if rest else "", lead=page.glyph("bullet"))

"""Columns side by side, as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console

from advisor.answer.text.page import encodable, neutral

GAP = 2  # spaces between columns


def write_lines(console: Console, rows: Sequence[Sequence[str]]) -> None:
    """A line a row, with no other mark: nothing is cut, however narrow the console."""
    shown = [[encodable(neutral(cell), console.encoding) for cell in row] for row in rows]
    columns = widths(shown)
    for row in shown:
        cells = (padded(cell, width) for cell, width in zip(row, columns, strict=True))
        console.out(joined(cells).rstrip(), highlight=False)


def widths(rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column, in cells of a terminal."""
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def total(columns: Iterable[int]) -> int:
    """The width of columns together, with the gaps between them."""
    found = list(columns)
    return sum(found) + GAP * max(len(found) - 1, 0)


def padded(cell: str, width: int, right: bool = False) -> str:
    """The cell as wide as its column."""
    room = " " * (width - cell_len(cell))
    return room + cell if right else cell + room


def joined(cells: Iterable[str]) -> str:
    return (" " * GAP).join(cells)

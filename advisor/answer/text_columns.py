"""Columns side by side, as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

GAP = 2  # spaces between columns


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

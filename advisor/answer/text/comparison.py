"""Variants of a question as a table: in blocks of columns on a terminal, a line for each row in a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from advisor.answer.key_figures import KEY_FIGURES, KeyFigure
from advisor.answer.remedy_words import words
from advisor.answer.text.columns import GAP, joined, padded, total, widths, write_lines
from advisor.answer.text.figures import Table, measure, plain
from advisor.answer.text.page import Page

ABSENT = "-"
SHOWN = ("required", "usable", "spare", "decode", "prefill", "first_token", "bits_per_weight")
_SHORTEST = 8  # of a name that is cut
_LEGEND = (
    "required and usable: of all GPUs together; spare: on the fullest device, below 0 what it lacks;"
    " decode: one sequence; speeds: typical (low{to}high); {absent}: not known."
)


class Column(NamedTuple):
    """A head, the unit of its figures, and a cell for each row."""

    head: str
    unit: str
    cells: Sequence[str]

    @property
    def lines(self) -> list[str]:
        return [self.head, self.unit, *self.cells]


def write_comparison(console: Console, found: Table) -> None:
    """Write the rows of `comparison`."""
    page = Page(console)
    names, figures = axes(found), columns(found, page.glyph("to"))
    if console.is_terminal:
        _write_count(page, found["rows"])
        _write_blocks(page, names, figures)
        page.blank()
        page.paragraph((_LEGEND.format(to=page.glyph("to"), absent=ABSENT), "dim"))
    else:
        _write_lines(console, [*names, *figures])


def axes(found: Table) -> list[Column]:
    """The fields that vary, each under the shortest name that tells it apart."""
    last = Counter(path.rpartition(".")[2] for path in found["over"])
    return [
        Column(_head(path, last), "", [_name(row["set"][path]) for row in found["rows"]])
        for path in found["over"]
    ]


def _head(path: str, last: Counter[str]) -> str:
    name = path.rpartition(".")[2]
    return name if last[name] == 1 else path


def _name(value: Any) -> str:
    return "not said" if value is None else plain(value)


def columns(found: Table, dash: str) -> list[Column]:
    """Status and figures; these without their unit, which stands in the head."""
    shown = [figure for figure in KEY_FIGURES if figure.column in SHOWN]
    status = Column("status", "", [words(row["status"]) for row in found["rows"]])
    return [status, *(_figures(figure, found["rows"], dash) for figure in shown)]


def _figures(figure: KeyFigure, rows: Sequence[Table], dash: str) -> Column:
    cells = [_cell(figure, row[figure.name], dash) for row in rows]
    return Column(figure.column.replace("_", " "), figure.unit, cells)


def _cell(figure: KeyFigure, value: Any, dash: str) -> str:
    if not figure.band:
        return _bare(value, figure.unit)
    low, typical, high = (_bare((value or {}).get(end), figure.unit) for end in ("low", "typical", "high"))
    return typical if ABSENT in (low, high) else f"{typical} ({low}{dash}{high})"


def _bare(value: float | None, unit: str) -> str:
    return ABSENT if value is None else measure(value, unit).partition(" ")[0]


def _write_count(page: Page, rows: Sequence[Table]) -> None:
    counts = Counter(words(row["status"]) for row in rows)
    told = ", ".join(f"{count:,} {status}" for status, count in counts.most_common())
    page.paragraph((f"{len(rows):,} variants", "bold"), f": {told}")


def _write_lines(console: Console, shown: Sequence[Column]) -> None:
    heads = [f"{column.head} ({column.unit})" if column.unit else column.head for column in shown]
    rows = [heads, *zip(*(column.cells for column in shown), strict=True)]
    write_lines(console, rows)


# on a terminal


def _write_blocks(page: Page, names: Sequence[Column], figures: Sequence[Column]) -> None:
    clean = [
        Column(*(page.text(t).plain for t in c[:2]), [page.text(t).plain for t in c.cells]) for c in figures
    ]
    widest = max(_width(column) for column in clean)
    heads = _fitting(page, names, page.width - GAP - widest)
    if total(map(_width, heads)) + GAP + widest > page.width:
        _write_paragraphs(page, names, clean)
        return
    for block in _blocks(clean, page.width - total(map(_width, heads))):
        page.blank()
        _write_block(page, heads, block)


def _width(column: Column) -> int:
    return widths([[line] for line in column.lines])[0]


def _fitting(page: Page, names: Sequence[Column], room: int) -> list[Column]:
    """The names, the longest of them cut as far as needed and no further than they stay apart."""
    whole = [Column(page.text(c.head).plain, "", [page.text(cell).plain for cell in c.cells]) for c in names]
    longest = max(map(_width, whole))
    for most in range(longest, _SHORTEST - 1, -1):
        cut = [_cut(column, most) for column in whole]
        if total(map(_width, cut)) <= room:
            return cut
    return whole


def _cut(column: Column, most: int) -> Column:
    """Names of at most so many cells, unless two of them would then be one."""
    cut = [_middle(cell, most) for cell in column.cells]
    apart = len(set(cut)) == len(set(column.cells))
    return Column(_middle(column.head, most), "", cut) if apart else column


def _middle(name: str, most: int) -> str:
    """The beginning and the end of a long name."""
    if len(name) <= most:
        return name
    kept = most - 1
    return f"{name[: kept - kept // 2]}…{name[len(name) - kept // 2 :]}"


def _blocks(figures: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """As many columns side by side as there is room for."""
    block: list[Column] = []
    for column in figures:
        if block and sum(_width(each) + GAP for each in (*block, column)) > room:
            yield block
            block = []
        block.append(column)
    yield block


def _write_block(page: Page, names: Sequence[Column], figures: Sequence[Column]) -> None:
    sizes = [_width(column) for column in (*names, *figures)]
    texts = len(names) + (figures[0].head == "status")
    for number, row in enumerate(zip(*(c.lines for c in (*names, *figures)), strict=True)):
        if number == 1 and not any(row):
            continue  # no figure, and so no unit
        cells = [
            padded(cell, size, at >= texts) for at, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        page.line(Text(joined(cells), "dim" if number < 2 else ""))


def _write_paragraphs(page: Page, names: Sequence[Column], figures: Sequence[Column]) -> None:
    for row in range(len(figures[0].cells)):
        name = ", ".join(f"{column.head} {column.cells[row]}" for column in names)
        told = [f"{c.head} {c.cells[row]} {c.unit}".strip() for c in figures if c.cells[row] != ABSENT]
        page.paragraph((name, "bold"), f": {', '.join(told)}", lead=page.glyph("bullet"))

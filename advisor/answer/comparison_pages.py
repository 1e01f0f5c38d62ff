"""Variants of a question for spreadsheets and for pages of Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from advisor import markdown
from advisor.answer.key_figures import KEY_FIGURES
from advisor.answer.text.comparison import axes, columns
from advisor.answer.text.figures import Table

_ENDS = ("low", "typical", "high")


def to_csv(found: Table) -> str:
    """A row for each variant: figures as the JSON has them, a column for each end of a band."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow([*found["over"], "status", *(name for name, _ in _figures({}))])
    for row in found["rows"]:
        values = [_value(row["set"][path]) for path in found["over"]]
        writer.writerow([*values, row["status"], *(value for _, value in _figures(row))])
    return page.getvalue()


def _value(value: Any) -> Any:
    """A text as it is; a table, a list or a yes as JSON has it."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _figures(row: Table) -> Iterator[tuple[str, Any]]:
    for figure in KEY_FIGURES:
        value = row.get(figure.name)
        if figure.band:
            yield from ((f"{figure.name}_{end}", (value or {}).get(end)) for end in _ENDS)
        else:
            yield figure.name, value


def to_markdown(found: Table) -> str:
    """The table that is shown, with units in its head."""
    shown = [*axes(found), *columns(found, "–")]  # noqa: RUF001
    head = [f"{column.head} ({column.unit})" if column.unit else column.head for column in shown]
    cells = zip(*(column.cells for column in shown), strict=True)
    rows = [[markdown.text(cell) for cell in row] for row in cells]
    return markdown.table([markdown.text(each) for each in head], rows) + "\n"

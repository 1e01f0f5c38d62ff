"""Many variants of a question as rows of one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from advisor.answer.answer import Answer
from advisor.answer.key_figures import KEY_FIGURES, key_figures
from advisor.answer.schema.answer import STATUSES
from advisor.rules.tables import ABSENT, at

SCHEMA = "advisor.compare/1"
#: The short names by which rows are sorted, and the figures that they mean.
SORTED_BY = {figure.column: figure.name for figure in KEY_FIGURES}
Table = dict[str, Any]


def row_of(answer: Answer, paths: Sequence[str]) -> Table:
    """One variant: the fields that vary, as they were understood, what came of it, and its digests."""
    values = {path: at(answer.said["question"], path) for path in paths}
    return {
        "set": {path: None if value is ABSENT else value for path, value in values.items()},
        "status": answer.status,
        "summary": answer.said["verdict"]["summary"],
        **key_figures(answer),
        "digests": {"question": answer.question.digest, "answer": answer.digest},
    }


def comparison(
    paths: Sequence[str], rows: Iterable[Table], sort: str | None, engine: tuple[str, str]
) -> Table:
    """The table as JSON has it; `sort` names a column, with a minus before it for the largest first."""
    found = list(rows)
    if sort:
        found = _sorted(found, sort.removeprefix("-"), sort.startswith("-"))
    return {
        "schema": SCHEMA,
        "over": list(paths),
        "sorted_by": sort,
        "rows": found,
        "engine": {"name": engine[0], "version": engine[1]},
    }


def _sorted(rows: list[Table], column: str, downwards: bool) -> list[Table]:
    """By one column; rows that are equal in it stay as they are, and what is not known comes last."""
    known = [row for row in rows if _value(row, column) is not None]
    known.sort(key=lambda row: _place(_value(row, column)), reverse=downwards)
    return [*known, *(row for row in rows if _value(row, column) is None)]


def _value(row: Table, column: str) -> Any:
    if column == "status":
        return -STATUSES.index(row["status"])  # the best first
    if column in row["set"]:
        return row["set"][column]
    value = row[SORTED_BY[column]]
    return value.get("typical") if isinstance(value, dict) else value


def _place(value: Any) -> tuple[bool, Any]:
    """Numbers before texts."""
    number = isinstance(value, (int, float))
    return (not number, value if number else str(value))

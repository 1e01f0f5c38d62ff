"""`advisor compare`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.questions import STATUSES, Asked, asking
from advisor.errors import InputError, Problem

if TYPE_CHECKING:
    from advisor.installation import Installation

TOGETHER = 25  # answers kept at a time: each holds all that was derived


@click.command(short_help="Variants of a question in one table.")
@asking("csv", "markdown", sets="Change the question in all variants; beats flags.")
@click.option(
    "--over",
    "overs",
    multiple=True,
    required=True,
    metavar="TABLE.FIELD=VALUES",
    help="A field that varies: values with commas, or a range such as 1..8, 0..32+4 or 4096..65536*2.",
)
@click.option(
    "--sort", metavar="COLUMN", help="status, a figure, or a field that varies; -COLUMN: downwards."
)
def compare(asked: Asked, overs: tuple[str, ...], sort: str | None) -> None:
    """Ask every variant of a question: each value of one --over with each of the others.

    Exit status: 0 some variant fits, 1 none does, 2 the input cannot be understood, 3 the advisor
    failed, 4 of no variant it can be told.
    """
    from advisor.answer.comparison import comparison
    from advisor.answer.comparison_pages import to_csv, to_markdown
    from advisor.answer.text.comparison import write_comparison
    from advisor.cli.grid import axes_of, variants
    from advisor.installation import installation

    axes = axes_of(overs)
    paths = [axis.path for axis in axes]
    _check_sort(sort, paths)
    made = installation(asked.rules, asked.facts)
    grid = [[*asked.changes, *changes] for changes in variants(axes)]
    with asked.naming(paths):
        rows, engine = _rows(made, asked, grid, paths)
    found = comparison(paths, rows, sort, engine)
    asked.deliver(found, write_comparison, {"csv": to_csv, "markdown": to_markdown})
    statuses = {STATUSES[row["status"]] for row in rows}
    sys.exit(0 if 0 in statuses else min(statuses))


def _check_sort(sort: str | None, paths: Sequence[str]) -> None:
    from advisor.answer.comparison import SORTED_BY

    columns = ["status", *SORTED_BY, *paths]
    if sort is not None and sort.removeprefix("-") not in columns:
        text = f"there is no column {sort.removeprefix('-')}"
        raise InputError([Problem("unknown-column", text, f"One of these: {', '.join(columns)}.", "--sort")])


def _rows(
    made: Installation, asked: Asked, grid: Sequence[Sequence[str]], paths: Sequence[str]
) -> tuple[list[dict[str, Any]], tuple[str, str]]:
    """A row for each variant, and the engine. Raises InputError with all that is wrong with any of them."""
    from advisor.answer.comparison import row_of

    try:
        rows, engine = [], ("", "")
        for first in range(0, len(grid), TOGETHER):
            answers = made.ask_all(
                [(asked.source, each) for each in grid[first : first + TOGETHER]], asked.engine
            )
            rows += [row_of(answer, paths) for answer in answers]
            engine = answers[0].engine
        return rows, engine
    except InputError:
        raise InputError(dict.fromkeys(_wrong(made, asked, grid))) from None


def _wrong(made: Installation, asked: Asked, grid: Sequence[Sequence[str]]) -> Iterator[Problem]:
    from advisor.question import read_question

    for changes in grid:
        try:
            read_question(asked.source, made.library, made.rulebook.derived, changes)
        except InputError as error:
            yield from error.problems

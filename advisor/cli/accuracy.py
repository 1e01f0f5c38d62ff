"""`advisor accuracy`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from advisor.cli.output import console, encodable, pipe_that_may_break

Paths = tuple[Path, ...]
FILE = click.Path(path_type=Path)


@click.command(short_help="How far predictions are from measured cases.")
@click.argument("cases", type=FILE)
@click.option("--rules", multiple=True, type=FILE, help="A folder of more rules.")
@click.option("--facts", multiple=True, type=FILE, help="A folder of more facts.")
@click.option("--engine", help="durable, clips, or both with a comma, which compares them.")
@click.option("--targets", type=FILE, help="A TOML file of what is aimed at.")
@click.option("--notes", type=FILE, help="A TOML file of reasons for misses; markdown shows them.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
@click.option(
    "--worst", type=click.IntRange(0), default=3, show_default=True, help="Cases of each key to show."
)
@click.option("--output", type=FILE, help="Write the report to a file.")
def accuracy(
    cases: Path,
    rules: Paths,
    facts: Paths,
    engine: str | None,
    targets: Path | None,
    notes: Path | None,
    form: str,
    worst: int,
    output: Path | None,
) -> None:
    """Predict each measured case of CASES, a file with one JSON object a line, and show the errors.

    Of each quantity: the median and 90th percentile of the error within each group of cases, and of
    these the mean over groups.

    Exit status: 0, 1 a target is missed, 2 the input cannot be understood, 3 the advisor failed.
    """
    from advisor.accuracy.notes import Notes, read_notes
    from advisor.accuracy.report import accuracy as measure
    from advisor.accuracy.targets import read_targets

    wanted, said = targets and read_targets(targets), read_notes(notes) if notes else Notes()
    report = measure(cases, rules, facts, engine, wanted)
    with pipe_that_may_break():
        if form == "text" and not output:
            from advisor.accuracy.text import render

            with console() as page:
                render(report, page, worst)
        else:
            _write(_page(report, form, worst, said), form, output)
    sys.exit(1 if report["targets_missed"] else 0)


def _page(report: dict[str, Any], form: str, worst: int, notes: Any) -> str:
    if form == "json":
        import json

        return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if form == "markdown":
        from advisor.accuracy.markdown import to_markdown

        return to_markdown(report, notes, worst)
    from advisor.accuracy.text import to_text

    return to_text(report, worst)


def _write(page: str, form: str, output: Path | None) -> None:
    if output:
        from advisor.saving import replace_file

        replace_file(output, page)
    else:
        click.echo(encodable(page) if form == "json" else page, nl=False)

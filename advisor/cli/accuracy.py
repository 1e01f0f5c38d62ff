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
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--worst", type=click.IntRange(0), default=3, show_default=True, help="Cases to show of each key.")
@click.option("--output", type=FILE, help="Write the report to a file.")
def accuracy(
    cases: Path, rules: Paths, facts: Paths, engine: str | None, targets: Path | None, form: str, worst: int,
    output: Path | None,
) -> None:  # fmt: skip
    """Predict each measured case of CASES, a file with one JSON object a line, and show the errors.

    Of each quantity: the median and 90th percentile of the error within each group of cases, and of
    these the mean over groups.

    Exit status: 0, 1 a target is missed, 2 the cases cannot be understood, 3 the advisor failed.
    """
    from advisor.accuracy.report import accuracy as measure
    from advisor.accuracy.targets import read_targets

    report = measure(cases, rules, facts, engine, read_targets(targets) if targets else None)
    with pipe_that_may_break():
        _show(report, form, worst, output)
    sys.exit(1 if report["targets_missed"] else 0)


def _show(report: dict[str, Any], form: str, worst: int, output: Path | None) -> None:
    from advisor.accuracy import text

    if form == "json":
        import json

        page = json.dumps(report, indent=2, ensure_ascii=False)
    elif output:
        page = text.to_text(report, worst)
    else:
        text.render(report, console(), worst)
        return
    if output:
        from advisor.saving import replace_file

        replace_file(output, page.rstrip("\n") + "\n")
    else:
        click.echo(encodable(page))

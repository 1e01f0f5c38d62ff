"""`advisor rules doc`: a page of Markdown for each rule."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.output import pipe_that_may_break, printable
from advisor.cli.rules.options import PLACE, Paths, folders

if TYPE_CHECKING:
    from advisor.lookup.pages import Stale

PAGES = Path("docs") / "rules"


@click.command(short_help="Write a page for each rule.")
@click.option("--output", type=PLACE, default=PAGES, show_default=True, help="The folder of the pages.")
@click.option("--check", is_flag=True, help="Write nothing; name the pages that are stale.")
@folders
def doc(output: Path, check: bool, rules: Paths, facts: Paths) -> None:
    """Write a page of Markdown for each rule in effect, and an index by topic.

    Pages of rules that are no longer there are removed. A file that this command did not write is neither
    replaced nor removed.

    Exit status: 0, 1 with --check if pages are stale, 2 the rules cannot be read or the pages not written.
    """
    from advisor import snapshot
    from advisor.folders import folders_in_effect
    from advisor.lookup.pages import pages, stale, write

    places = folders_in_effect(rules, facts)
    library, rulebook = snapshot.load(*places, whole=True)
    made = pages(rulebook, library.kinds, places[0], output)
    found = stale(made, output)
    if not check:
        write(made, found, output)
    with pipe_that_may_break():
        for path, wrong in found if check else ():
            click.echo(printable(f"{output / path}: {wrong}"))
        click.echo(_summary(len(made), found, check))
    sys.exit(1 if check and any(found) else 0)


def _summary(count: int, found: Stale, check: bool) -> str:
    numbers = (len(found.missing), len(found.changed), len(found.surplus))
    if check:
        return f"{count:,} pages, {sum(numbers):,} not as they should be."
    return "{:,} pages: {:,} new, {:,} changed, {:,} removed.".format(count, *numbers)

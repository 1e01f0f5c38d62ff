"""`advisor whatif`."""

from __future__ import annotations

import sys

import click

from advisor.cli.questions import STATUSES, Asked, asking


@click.command(short_help="What changes in a question do to its answer, and why.")
@asking(sets="A change whose effect is asked for.")
def whatif(asked: Asked) -> None:
    """Answer a question as it stands and with the changes of --set: side by side, and what made the
    difference.

    Exit status: that of the second answer, as of `advisor ask`.
    """
    from advisor.answer.difference import difference
    from advisor.answer.text.difference import write_difference
    from advisor.installation import installation

    if not asked.sets:
        raise click.UsageError("say what to change: --set table.field=value")
    made = installation(asked.rules, asked.facts)
    with asked.naming():
        questions = [(asked.source, asked.by_flags), (asked.source, asked.changes)]
        before, after = made.ask_all(questions, asked.engine)
    asked.deliver(difference(before, after, made.rulebook), write_difference)
    sys.exit(STATUSES[after.status])

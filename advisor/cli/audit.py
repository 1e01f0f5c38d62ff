"""`advisor audit`: whether a record holds, what its question is answered today, what made a difference."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from advisor.cli.output import put
from advisor.cli.questions import FILE, STATUSES, Asked, asking

Paths = tuple[Path, ...]
CURRENT, OLD, BROKEN = 0, 1, 2


@click.group()
def audit() -> None:
    """Look at records that `advisor ask --record` wrote."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
        ),
        click.option("--engine", help="durable, clips, or both with a comma: derive by each."),
    ):
        command = option(command)
    return command


@audit.command(short_help="Whether a record is intact, and whether it is current.")
@click.argument("record", type=FILE)
@click.option("--rules", multiple=True, type=FILE, help="A folder of more rules, for today's answer.")
@click.option("--facts", multiple=True, type=FILE, help="A folder of more facts, for today's answer.")
@_options
def verify(record: Path, rules: Paths, facts: Paths, engine: str | None, form: str) -> None:
    """Whether RECORD is intact, and whether what is installed today says the same.

    Intact: its digests hold, and every formula and the answer follow from its own rules and facts.

    Exit status: 0 intact and current, 1 intact and no longer current, 2 not intact.
    """
    from advisor.audit.records.reading import read_bytes
    from advisor.audit.records.text import write_verification
    from advisor.audit.records.verify import verified
    from advisor.installation import installation

    engines = engine.split(",") if engine else [None]
    found = verified(read_bytes(record), engines, installation(rules, facts))
    put(found, form, write_verification)
    sys.exit(BROKEN if not found["intact"] else CURRENT if found["current"] else OLD)


@audit.command(short_help="The question of a record, answered today.")
@asking("markdown", "prose", sets="Change the question of the record.")
def replay(asked: Asked) -> None:
    """Answer the question of a record with the rules and facts of today.

    Exit status: that of the answer, as of `advisor ask`.
    """
    from advisor.audit.records.exact import read
    from advisor.audit.records.reading import read_record
    from advisor.cli.ask import deliver
    from advisor.installation import installation

    if not isinstance(asked.source, Path):
        raise click.UsageError("name the record whose question is asked")
    kept = read_record(asked.source)
    made = installation(asked.rules, asked.facts)
    with asked.naming():
        answer = made.ask(read(kept.body["question"]), asked.engine, asked.changes)
    deliver(asked, answer.to_dict())
    sys.exit(STATUSES[answer.status])


@audit.command(short_help="What made the difference between two records.")
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@_options
def diff(before: Path, after: Path, engine: str | None, form: str) -> None:
    """What differs between the questions, rules, facts and answers of two records.

    Exit status: 0 they say the same, 1 they do not, 2 one of them is not intact.
    """
    from advisor.audit.records.text import write_audit_difference
    from advisor.audit.records.verify import record_difference

    found = record_difference(before, after, engine)
    put(found, form, write_audit_difference)
    sys.exit(0 if found["changes"]["same"] else 1)

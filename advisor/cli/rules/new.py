"""`advisor rules new`: a rule to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.cli.rules.options import PLACE, Paths, folders

KINDS = ("finding", "component", "remedy")


@click.command(short_help="Begin a new rule, with its tests.")
@click.argument("id", metavar="ID")
@folders
@click.option("--into", type=PLACE, metavar="DIR", help="Where to write: else the last --rules, or here.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="finding",
    show_default=True,
    help="A sentence with a severity, a part of the memory, or a proposal.",
)
def new(id: str, rules: Paths, facts: Paths, into: Path | None, kind: str) -> None:
    """Write a rule with two tests to TOPIC.toml, where ID is topic.name. What stands there stays.

    Exit status: 0 it is written, 2 the id is none, or taken, or the rules cannot be read.
    """
    from shlex import join

    from advisor.authoring.scaffold import new_rule
    from advisor.folders import folders_in_effect

    folder = into or (rules[-1] if rules else Path())
    path = new_rule(id, kind, *folders_in_effect(rules, facts), folder)
    given = [part for each in facts for part in ("--facts", str(each))]
    more = [part for each in rules for part in ("--rules", str(each))]
    click.echo(f"Wrote {id} to {path}. Change what it says; then:")
    for command in ("check", "test"):
        click.echo(f"  {join(['advisor', 'rules', command, str(path), *more, *given])}")
    if folder not in rules:
        more += ["--rules", str(folder)]
    click.echo(f"  {join(['advisor', 'ask', 'config.toml', *more, *given])}")

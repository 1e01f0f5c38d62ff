"""`advisor rules`: look rules up, check and test them, begin new ones."""

from __future__ import annotations

import click

from advisor.cli.rules.check import check
from advisor.cli.rules.doc import doc
from advisor.cli.rules.look import list_rules, show
from advisor.cli.rules.new import new
from advisor.cli.rules.test import test

COMMANDS: tuple[click.Command, ...] = (list_rules, show, check, test, new, doc)


@click.group()
def rules() -> None:
    """Look rules up, check and test them, begin new ones."""


for command in COMMANDS:
    rules.add_command(command)

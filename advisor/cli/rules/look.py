"""`advisor rules list` and `advisor rules show`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from advisor.cli.output import put
from advisor.cli.rules.options import Paths, folders, form

if TYPE_CHECKING:
    from advisor.facts.library import Library
    from advisor.rules.rulebook import Rulebook


@click.command("list", short_help="The topics of the rules, or the rules of one topic.")
@click.argument("topic", required=False)
@click.option("--all", "whole", is_flag=True, help="Every rule. A pipe and JSON have them all anyway.")
@folders
@form
def list_rules(topic: str | None, whole: bool, rules: Paths, facts: Paths, form: str) -> None:
    """The rules in effect by topic; a topic is a file of rules. TOPIC lists the rules of one."""
    from advisor.facts.load import read_folders
    from advisor.folders import folders_in_effect
    from advisor.lookup.rules import listing
    from advisor.lookup.text_rules import write_listing

    _, rulebook = loaded(rules, facts)
    groups, _ = read_folders(folders_in_effect(rules, facts)[0])
    found = listing(rulebook, (document for group in groups for document in group), topic)
    put(found, form, partial(write_listing, whole=whole or topic is not None))


@click.command(short_help="One rule: what it reads and derives, and why.")
@click.argument("rule", metavar="ID")
@folders
@form
def show(rule: str, rules: Paths, facts: Paths, form: str) -> None:
    """One rule: what it reads and derives, why, and which rules stand around it.

    ID may go without its topic, where only one rule is called that.
    """
    from advisor.lookup.rule_card import Cards, card
    from advisor.lookup.rules import find
    from advisor.lookup.text_rules import write_rule

    library, rulebook = loaded(rules, facts)
    found = find(rulebook, rule)
    put(card(Cards(rulebook, library.kinds), found), form, write_rule)


def loaded(rules: Paths, facts: Paths) -> tuple[Library, Rulebook]:
    from advisor import snapshot
    from advisor.folders import folders_in_effect

    return snapshot.load(*folders_in_effect(rules, facts), whole=True)

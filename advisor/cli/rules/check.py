"""`advisor rules check`: all that is wrong with rules, and what may be."""

from __future__ import annotations

import sys

import click

from advisor.cli.output import existing, put
from advisor.cli.rules.options import PLACE, Paths, folders, form


@click.command(short_help="All that is wrong with rules.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=PLACE)
@folders
@click.option("--codes", is_flag=True, help="List the codes of all findings, and check nothing.")
@form
def check(paths: Paths, rules: Paths, facts: Paths, codes: bool, form: str) -> None:
    """All that is wrong with the rules in PATH, a folder or a file, which is read after all others.

    Without PATH: of your own folders, or where there are none of the rules that ship. Errors in rules
    that PATH builds on are told too.

    Exit status: 0 no errors (there may be warnings), 1 errors, 2 a folder or file is not there.
    """
    from advisor.lookup.text import write_check, write_codes

    if codes:
        from advisor.authoring.checks import listed

        put(listed(), form, write_codes)
        return
    from advisor.authoring.check_rules import check_rules
    from advisor.folders import folders_in_effect

    report = check_rules(*folders_in_effect(rules, facts), [existing(path) for path in paths])
    put(report.to_dict("advisor.rules-check/1"), form, write_check)
    sys.exit(1 if report.count("error") else 0)

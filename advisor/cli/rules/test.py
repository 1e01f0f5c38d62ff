"""`advisor rules test`: the tests that stand beside rules, run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from advisor.cli.output import existing, put
from advisor.cli.rules.options import PLACE, Paths, folders, form


@click.command(short_help="Run the tests of rules, and say what they cover.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=PLACE)
@folders
@click.option("--engine", metavar="NAME", help="clips or durable; durable,clips compares them.")
@click.option("--coverage", "full", is_flag=True, help="Name all that no test shows.")
@form
def test(
    paths: tuple[Path, ...], rules: Paths, facts: Paths, engine: str | None, full: bool, form: str
) -> None:
    """Run each [[rule.test]] of the rules in PATH, a folder or a file, which is read after all others.

    Without PATH: of your own folders, or where there are none of the rules that ship.

    Exit status: 0 all passed, 1 some failed or none ran, 2 the rules cannot be read.
    """
    from functools import partial

    from advisor.authoring.testing import run_tests
    from advisor.authoring.text_testing import write_tests
    from advisor.folders import folders_in_effect

    done = run_tests(*folders_in_effect(rules, facts), [existing(path) for path in paths], engine)
    put(done.to_dict(), form, partial(write_tests, full=full))
    sys.exit(0 if done.passed else 1)

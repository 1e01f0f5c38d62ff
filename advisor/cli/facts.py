"""`advisor facts`: look things up in the catalog, and check it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.output import existing, put

if TYPE_CHECKING:
    from advisor.facts.library import Library
    from advisor.rules.rulebook import Rulebook

Paths = tuple[Path, ...]


@click.group()
def facts() -> None:
    """Look things up in the catalog of facts, and check it."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Those that all of these commands take."""
    folder, forms = click.Path(path_type=Path), click.Choice(["text", "json"])
    for option in (
        click.option("--format", "form", type=forms, default="text", show_default=True),
        click.option("--facts", "folders", multiple=True, type=folder, help="A folder of more facts."),
        click.option("--rules", multiple=True, type=folder, help="A folder of more rules."),
    ):
        command = option(command)
    return command


@facts.command("list", short_help="The kinds of fact, or the facts of one kind.")
@click.argument("kind", required=False)
@_options
def list_facts(kind: str | None, rules: Paths, folders: Paths, form: str) -> None:
    """The facts of a kind side by side; without KIND the kinds there are."""
    from advisor.lookup import listing, text

    library, _ = _loaded(rules, folders)
    if kind is None:
        put(listing.kinds_listed(library), form, text.write_kinds)
    else:
        put(listing.facts_listed(library, _kind(library, kind)), form, text.write_list)


@facts.command(short_help="All that is known of one fact.")
@click.argument("name", nargs=-1, required=True, metavar="[KIND] ID")
@click.option("--explain", is_flag=True, help="Show the proof of what rules derive.")
@click.option("--meanings", is_flag=True, help="Say what each field means.")
@_options
def show(
    name: tuple[str, ...], explain: bool, meanings: bool, rules: Paths, folders: Paths, form: str
) -> None:
    """All that is known of one fact, and what rules derive from it alone.

    ID is an id or a name that people use. Where facts of several kinds are called that, write the KIND first.
    """
    from functools import partial

    from advisor.authoring.catalog import Catalog
    from advisor.lookup.addresses import find
    from advisor.lookup.card import card
    from advisor.lookup.text_card import write_card

    library, rulebook = _loaded(rules, folders)
    found = find(library, name)
    put(card(Catalog(library, rulebook), found, explain), form, partial(write_card, meanings=meanings))


@facts.command()
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@_options
def search(words: tuple[str, ...], rules: Paths, folders: Paths, form: str) -> None:
    """Facts in whose texts all these words occur, best first."""
    from advisor.lookup.search import searched
    from advisor.lookup.text import write_search

    library, _ = _loaded(rules, folders)
    put(searched(library, " ".join(words)), form, write_search)


@facts.command(short_help="All that is wrong with the facts.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@_options
def check(paths: Paths, rules: Paths, folders: Paths, form: str) -> None:
    """All that is wrong with the facts that ship, and with those of each PATH, a folder or a file.

    Exit status: 0 no errors (there may be warnings), 1 errors, 2 a folder or file is not there.
    """
    from advisor.authoring.check_facts import check_facts
    from advisor.folders import folders_in_effect
    from advisor.lookup.text import write_check

    places = folders_in_effect(rules, folders)
    report = check_facts(places[0], (*places[1], *map(existing, paths)))
    put(report.to_dict("advisor.facts-check/1"), form, write_check)
    sys.exit(1 if report.count("error") else 0)


def _loaded(rules: Paths, folders: Paths) -> tuple[Library, Rulebook]:
    from advisor import snapshot
    from advisor.folders import folders_in_effect

    return snapshot.load(*folders_in_effect(rules, folders), whole=True)


def _kind(library: Library, name: str) -> Any:
    from advisor.errors import InputError, Problem

    if name not in library.kinds:
        hint = library.kinds.nearest(name) or "`advisor facts list` shows the kinds."
        raise InputError([Problem("unknown-kind", f"there is no kind {name}", hint)])
    return library.kinds[name]

"""docs/rules is what the shipped rules say today, and every page of it can be read and followed."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache

from advisor.facts.kinds import Kinds
from advisor.facts.load import load_library
from advisor.lookup.pages import INDEX, pages, stale
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import load_rulebook
from advisor.rules.rulebook import Rulebook
from tests.commandline import ROOT

PAGES = ROOT / "docs" / "rules"
SECTIONS = ["Why", "Reads", "Derives", "Examples", "Sources", "Other rules"]
LINK = re.compile(r"\]\(([^)]+)\)")


@cache
def loaded() -> tuple[Rulebook, Kinds]:
    kinds = load_library([facts_folder()]).kinds
    return load_rulebook([rules_folder()], kinds), kinds


@cache
def made() -> dict[str, str]:
    return pages(*loaded(), [rules_folder()], PAGES)


def test_the_pages_are_fresh():
    assert list(stale(made(), PAGES)) == [], "`make docs` writes them"


def test_every_rule_has_a_page_and_every_page_stands_in_the_index():
    ids = {rule.id for rule in loaded()[0]}
    assert made().keys() - {INDEX} == {f"{rule.replace('.', '/')}.md" for rule in ids}
    linked = set(LINK.findall(made()[INDEX]))
    assert linked - made().keys() == {f"#{rule.partition('.')[0]}" for rule in ids}
    assert made().keys() - linked == {INDEX}


def test_every_page_has_the_same_sections():
    for path, text in made().items():
        if path != INDEX:
            assert re.findall(r"^## (.*)$", text, re.M) == SECTIONS, path


def test_every_link_leads_to_a_file():
    for path, text in made().items():
        targets = {target for target in LINK.findall(text) if not target.startswith("#")}
        assert all((PAGES / path).parent.joinpath(target).resolve().is_file() for target in targets), path


def test_every_rule_shows_a_test_that_fires_and_one_that_must_not():
    for path, text in made().items():
        if path != INDEX:
            assert text.count("**Fires**: ") == text.count("**Must not**: ") == 1, path


def test_pages_do_not_hang_on_lines_places_or_the_order_of_rules():
    """Every page would be stale with each edit, and on each machine."""
    rulebook, kinds = loaded()
    moved = [replace(rule, line=(rule.line or 0) * 7) for rule in rulebook]
    random.Random(1).shuffle(moved)
    again = pages(Rulebook((tuple(moved),), {}), kinds, [rules_folder()], PAGES)
    assert again == made()
    assert not [path for path, text in made().items() if str(ROOT) in text]


def test_no_page_is_long():
    sizes = {path: len(text) for path, text in made().items() if path != INDEX}
    assert max(sizes.values()) < 12_000 and sum(sizes.values()) / len(sizes) < 4_000

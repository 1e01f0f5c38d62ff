"""The facts and rules that ship, read from their files once for all tests of a process."""

from __future__ import annotations

from functools import cache

from advisor.facts.library import Library
from advisor.facts.load import load_library
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import load_rulebook
from advisor.rules.rulebook import Rulebook


@cache
def library() -> Library:
    return load_library([facts_folder()])


@cache
def rulebook() -> Rulebook:
    """All rules, those over the catalog too."""
    return load_rulebook([rules_folder()], library().kinds)

"""Everything that is wrong with folders of facts, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from advisor.authoring.catalog import Catalog
from advisor.authoring.findings import Finding, Report, error, report, warning
from advisor.authoring.places import once
from advisor.engines.network import Engine
from advisor.errors import FactsError, Problem
from advisor.facts.library import Library
from advisor.facts.load import read_library
from advisor.rules.load import Reading, read_rulebook


def check_facts(rules: Sequence[Path], facts: Sequence[Path], engine: Engine | None = None) -> Report:
    """Read these folders and files, the shipped ones first, and run the rules over the catalog.

    What cannot be read is a finding, and the rest is checked as far as that allows.
    """
    try:
        library, wrong, documents = read_library(once(facts))
    except FactsError as refusal:
        return report(map(error, refusal.problems), {})
    reading, misread = _rules(rules, library)
    findings = [*map(error, (*wrong, *misread)), *_unsourced(library)]
    if reading.rulebook:
        findings += Catalog(library, reading.rulebook, engine).findings()
    checked = Counter(fact.kind for fact in library.facts)
    return report(findings, checked, (*documents, *reading.documents))


def _rules(folders: Sequence[Path], library: Library) -> tuple[Reading, list[Problem]]:
    """The rules; where those of later folders do not load, what is wrong, and the shipped ones alone."""
    reading = read_rulebook(folders, library.kinds)
    if reading.rulebook:
        return reading, []
    return read_rulebook(folders[:1], library.kinds), list(reading.problems)


def _unsourced(library: Library) -> Iterator[Finding]:
    for fact in library.facts:
        if fact.given and not fact.given.sources:
            text, hint = f"{fact.label} names no sources", "Say where its figures come from: sources = [ … ]."
            yield warning(Problem("no-sources", text, hint, fact.given.file, fact.given.line))

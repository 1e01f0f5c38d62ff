"""Everything that is wrong with folders of rules, and what may be, at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor.authoring.checks import CODES, Workspace
from advisor.authoring.findings import Finding, Report, error, report
from advisor.authoring.places import names_of, once, stands, within
from advisor.errors import FactsError
from advisor.facts.library import Library
from advisor.facts.load import Reading as FactsReading
from advisor.facts.load import read_library
from advisor.rules.load import Reading, read_rulebook
from advisor.rules.model import Rule


def check_rules(rules: Sequence[Path], facts: Sequence[Path], paths: Sequence[Path] = ()) -> Report:
    """Read these folders, the shipped ones first, then `paths`, which are folders or files of rules.

    Errors are told wherever they are. Warnings are told of the rules in `paths`; without these, of the
    folders after the shipped one; of the shipped rules where there is no other.
    """
    places = once([*rules, *paths])
    try:
        known = read_library(facts)
    except FactsError as refusal:
        return report(map(error, refusal.problems), {})
    reading = read_rulebook(places, known.library.kinds)
    documents = {each.name: each for each in (*known.documents, *reading.documents)}
    gaps = _gaps(reading, known, documents)
    space = Workspace(_distinct(reading.rules), known.library, documents, gaps)
    asked = list(names_of(places, paths or rules[1:] or rules))
    chosen = [rule for rule in space.rules if stands(rule, asked)]
    findings = [*map(error, (*known.problems, *reading.problems)), *_found(space, chosen)]
    return report(findings, {"rules": len(_looked_at(reading, asked, chosen))}, documents.values())


def _found(space: Workspace, chosen: Sequence[Rule]) -> Iterator[Finding]:
    wanted = set(chosen)
    for name, code in CODES.items():
        for rule in space.rules if code.run else ():
            if code.severity == "error" or rule in wanted:
                said = code.run(rule, space)
                yield from (Finding(code.severity, space.problem(name, rule, each)) for each in said)


def _distinct(rules: Sequence[Rule]) -> list[Rule]:
    """Of rules with one id the first: that there are two is told already."""
    return list({rule.id: rule for rule in reversed(rules)}.values())[::-1]


def _looked_at(reading: Reading, asked: Sequence[str], chosen: Sequence[Rule]) -> set[str]:
    """The rules that were asked for, sound or not."""
    documents = [each for each in reading.documents if within(each.name, asked)]
    rows = [row for document in documents for row in _rows(document.data.get("rule"))]
    return {rule.id for rule in chosen} | {str(row.get("id")) for row in rows}


def _gaps(reading: Reading, known: FactsReading, documents: Mapping[str, Any]) -> set[str]:
    """Kinds that something may provide or read which could not be read itself."""
    unreadable = any(problem.file not in documents for problem in reading.problems)
    if known.problems or unreadable:
        return set(known.library.kinds)
    sound = {rule.id for rule in reading.rules} | {each.rule for each in reading.disabled}
    rows = [row for document in reading.documents for row in _rows(document.data.get("rule"))]
    return {kind for row in rows if row.get("id") not in sound for kind in _kinds(row, known.library)}


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _kinds(value: Any, library: Library) -> Iterator[str]:
    """Every kind that is named somewhere inside."""
    if isinstance(value, dict):
        yield from (kind for kind in [value.get("fact")] if isinstance(kind, str) and kind in library.kinds)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _kinds(each, library)

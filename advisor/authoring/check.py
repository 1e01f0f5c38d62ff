"""Everything that is wrong with folders of facts, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from advisor.authoring.catalog import Catalog, Finding
from advisor.engines.network import Engine
from advisor.errors import FactsError, Problem, RulesError
from advisor.facts.library import Library
from advisor.facts.load import read_library
from advisor.rules.load import load_rulebook
from advisor.rules.rulebook import Rulebook


@dataclass(frozen=True)
class Report:
    """What was found, by place; and how many facts of each kind were looked at."""

    findings: tuple[Finding, ...]
    checked: dict[str, int]

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": "advisor.facts-check/1",
            "checked": self.checked,
            "errors": self.count("error"),
            "warnings": self.count("warning"),
            "findings": [{"severity": each.severity, **asdict(each.problem)} for each in self.findings],
        }


def check(rules: Sequence[Path], facts: Sequence[Path], engine: Engine | None = None) -> Report:
    """Read these folders and files, the shipped ones first, and run the rules over the catalog.

    What cannot be read is a finding, and the rest is checked as far as that allows.
    """
    try:
        library, wrong = read_library(_once(facts))
    except FactsError as error:
        return _report(map(_error, error.problems), {})
    rulebook, misread = _rulebook(rules, library)
    findings = [*map(_error, (*wrong, *misread)), *_unsourced(library)]
    if rulebook:
        findings += Catalog(library, rulebook, engine).findings()
    return _report(findings, Counter(fact.kind for fact in library.facts))


def _once(places: Sequence[Path]) -> list[Path]:
    """Without those that lie inside an earlier one, and so are read with it."""
    whole = [place.resolve() for place in places]
    return [
        place
        for number, place in enumerate(places)
        if not any(whole[number].is_relative_to(earlier) for earlier in whole[:number])
    ]


def _report(findings: Iterator[Finding] | Sequence[Finding], checked: dict[str, int]) -> Report:
    return Report(tuple(sorted(dict.fromkeys(findings), key=_position)), dict(sorted(checked.items())))


def _position(finding: Finding) -> tuple[str, int, int, str]:
    problem = finding.problem
    return (problem.file or "", problem.line or 0, problem.column or 0, problem.text)


def _error(problem: Problem) -> Finding:
    return Finding("error", problem)


def _rulebook(folders: Sequence[Path], library: Library) -> tuple[Rulebook | None, list[Problem]]:
    """The rules; where those of later folders do not load, what is wrong, and the shipped ones alone."""
    problems: list[Problem] = []
    for group in (folders, folders[:1]):
        try:
            return load_rulebook(group, library.kinds), problems
        except RulesError as error:
            problems += error.problems
    return None, problems


def _unsourced(library: Library) -> Iterator[Finding]:
    for fact in library.facts:
        if fact.given and not fact.given.sources:
            text, hint = f"{fact.label} names no sources", "Say where its figures come from: sources = [ … ]."
            problem = Problem("no-sources", text, hint, fact.given.file, fact.given.line)
            yield Finding("warning", problem)

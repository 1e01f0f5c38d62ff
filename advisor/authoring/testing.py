"""The tests of the rules in effect, run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from advisor.authoring.catalog import preferred
from advisor.authoring.coverage import Coverage, coverage
from advisor.authoring.examples import ExampleResult, ExampleRunner
from advisor.authoring.places import names_of, once, stands
from advisor.engines import choose
from advisor.engines.network import Engine
from advisor.errors import RulesError
from advisor.facts.kinds import Kinds
from advisor.facts.load import load_library
from advisor.rules.load import Reading, read_rulebook
from advisor.rules.model import Rule


@dataclass(frozen=True)
class RulesTested:
    """What came of the tests of some rules."""

    results: tuple[ExampleResult, ...]
    coverage: Coverage
    engines: tuple[str, ...]

    @property
    def failures(self) -> list[ExampleResult]:
        return [result for result in self.results if result.wrong]

    @property
    def passed(self) -> bool:
        """Where nothing ran, nothing passed."""
        return bool(self.results) and not self.failures

    def to_dict(self) -> dict[str, Any]:
        covered = self.coverage.rules
        return {
            "schema": "advisor.rules-test/1",
            "engines": list(self.engines),
            "rules": len(covered),
            "tests": len(self.results),
            "failed": len(self.failures),
            "without_tests": [
                _place(each.rule, each.rule.file, each.rule.line) for each in covered if not each.tests
            ],
            "failures": list(map(_failure, self.failures)),
            "coverage": self.coverage.to_dict(),
        }


def run_tests(
    rules: Sequence[Path], facts: Sequence[Path], paths: Sequence[Path] = (), engine: str | None = None
) -> RulesTested:
    """Run the tests of the rules in `paths`, which are read as later folders after `rules`.

    Without them, of the rules in the folders after the shipped ones, which stand first; if there are none,
    of those. Raises FactsError and RulesError for what cannot be read.
    """
    kinds = load_library(facts).kinds
    places = once([*rules, *paths])
    reading = read_rulebook(places, kinds)
    if reading.rulebook is None:
        raise RulesError(reading.problems)
    asked = list(names_of(places, paths or rules[1:] or rules))
    chosen = [rule for rule in reading.rules if stands(rule, asked)]
    return tested(chosen, reading, kinds, _engines(engine))


def _engines(names: str | None) -> list[Engine]:
    return choose(names) if names else [preferred()]


def tested(rules: Iterable[Rule], reading: Reading, kinds: Kinds, engines: Sequence[Engine]) -> RulesTested:
    """Run all tests of these rules."""
    results = {rule: list(ExampleRunner(rule, kinds, engines).results()) for rule in rules}
    covered = coverage(results, reading.documents)
    names = tuple(engine.name for engine in engines)
    return RulesTested(tuple(each for group in results.values() for each in group), covered, names)


def _failure(result: ExampleResult) -> dict[str, Any]:
    place = _place(result.rule, result.example.file, result.example.line)
    return {**place, "test": result.example.name, "wrong": [asdict(each) for each in result.wrong]}


def _place(rule: Rule, file: str, line: int | None) -> dict[str, Any]:
    return {"rule": rule.id, "file": file, "line": line}

"""What the tests of rules show: which rules fired, which were held back, which conditions were ever false."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.authoring.examples import ExampleResult
from advisor.documents import Document
from advisor.reasoning.outcome import Firing, Miss
from advisor.rules.model import Pattern, Rule, Test
from advisor.rules.strata import node_name


@dataclass
class Condition:
    """An entry of a rule's `where` or `unless`: how often it was reached, and how often it held back."""

    rule: Rule
    key: str
    gate: Test | Pattern
    line: int | None
    reached: int = 0
    failed: int = 0

    @property
    def text(self) -> str:
        if isinstance(self.gate, Test):
            return self.gate.formula.source
        joins = [f"{name} = {other}.{field}".rstrip(".") for name, other, field in self.gate.on]
        tests = [test.formula.source for test in self.gate.where]
        told = [node_name(self.gate.kind, dict(self.gate.equals)), *joins, *tests]
        return " where ".join(filter(None, [told[0], " and ".join(told[1:])]))


@dataclass
class RuleCoverage:
    """What the tests of one rule show. A rule `can_miss` if something in it can hold it back."""

    rule: Rule
    tests: int
    fired: int
    missed: int
    can_miss: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Coverage:
    """What the tests of some rules show."""

    rules: tuple[RuleCoverage, ...]

    @property
    def never_fired(self) -> list[RuleCoverage]:
        return [each for each in self.rules if not each.fired]

    @property
    def never_missed(self) -> list[RuleCoverage]:
        return [each for each in self.rules if each.can_miss and not each.missed]

    @property
    def conditions(self) -> list[Condition]:
        return [condition for each in self.rules for condition in each.conditions]

    @property
    def never_false(self) -> list[Condition]:
        """True in all tests; or not once reached in any."""
        return [condition for condition in self.conditions if not condition.failed]

    def to_dict(self) -> dict[str, Any]:
        return {
            "fired": sum(bool(each.fired) for each in self.rules),
            "nearly_fired": sum(bool(each.missed) for each in self.rules),
            "nothing_to_miss": sum(not each.can_miss for each in self.rules),
            "conditions": len(self.conditions),
            "false_in_a_test": sum(bool(condition.failed) for condition in self.conditions),
            "never_fired": [{**_place(each.rule), "tests": each.tests} for each in self.never_fired],
            "never_nearly_fired": [{**_place(each.rule), "tests": each.tests} for each in self.never_missed],
            "always_true": list(map(_told, self.never_false)),
        }


def coverage(results: Mapping[Rule, Sequence[ExampleResult]], documents: Iterable[Document]) -> Coverage:
    """Of rules and what came of their tests."""
    named = {document.name: document for document in documents}
    return Coverage(tuple(_covered(rule, tests, named.get(rule.file)) for rule, tests in results.items()))


def _covered(rule: Rule, results: Sequence[ExampleResult], document: Document | None) -> RuleCoverage:
    conditions = tuple(_conditions(rule, document))
    derivations = [each.derivation for each in results if each.derivation]
    firings = [firing for each in derivations for firing in each.firings]
    misses = [miss for each in derivations for miss in each.misses]
    for outcome in (*firings, *misses):
        _count(rule, conditions, outcome)
    return RuleCoverage(rule, len(results), len(firings), len(misses), _can_miss(rule), conditions)


def _count(rule: Rule, conditions: Sequence[Condition], outcome: Firing | Miss) -> None:
    """Conditions are tried in one order, and the first that is false ends it."""
    gates = [*rule.steps, *rule.unless]
    stop = next((n for n, gate in enumerate(gates) if _stopped(gate, outcome)), len(gates))
    tried = list(map(id, gates[: stop + 1]))
    for condition in conditions:
        if id(condition.gate) in tried:
            condition.reached += 1
            condition.failed += tried.index(id(condition.gate)) == stop


def _stopped(gate: Any, outcome: Firing | Miss) -> bool:
    if isinstance(outcome, Firing):
        return False
    if isinstance(gate, Test):
        return gate is outcome.test
    pattern = gate if isinstance(gate, Pattern) else gate.pattern
    return pattern is not None and pattern is outcome.pattern


def _can_miss(rule: Rule) -> bool:
    """Conditions, choices among nothing, and defaults that give way."""
    chooses = any(step.how in ("min", "max", "best") for step in rule.definitions)
    return bool(
        chooses or any(map(_is_test, rule.steps)) or rule.unless or any(c.default for c in rule.conclude)
    )


def _is_test(step: object) -> bool:
    return isinstance(step, Test)


def _conditions(rule: Rule, document: Document | None) -> Iterator[Condition]:
    for step in filter(_is_test, rule.steps):
        yield Condition(rule, "where", step, _line(rule, document, "where", step.formula.source))
    for pattern in rule.unless:
        yield Condition(rule, "unless", pattern, _line(rule, document, "unless", pattern.kind))


def _line(rule: Rule, document: Document | None, key: str, text: str) -> int | None:
    """Where the rule's file has that text; else where the key stands."""
    if document is None:
        return rule.line
    found = document.place_of(text, key, rule.line)
    return found[0] if found else document.line_of_key(key, rule.line)


def _place(rule: Rule) -> dict[str, Any]:
    return {"rule": rule.id, "file": rule.file, "line": rule.line}


def _told(condition: Condition) -> dict[str, Any]:
    return {
        **_place(condition.rule),
        "line": condition.line,
        "key": condition.key,
        "text": condition.text,
        "reached": condition.reached,
    }

"""What checks look at: the rules in effect, the library, and who reads and writes each kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from advisor.authoring.checks.peers import Peers
from advisor.authoring.checks.registry import Said
from advisor.authoring.checks.shape import Named, Shape
from advisor.documents import Document
from advisor.errors import Problem
from advisor.facts.library import Library
from advisor.rules.model import Conclusion, Definition, Formula, Pattern, Rule, Test
from advisor.rules.scope import RuleScope


class Part(NamedTuple):
    """A formula of a rule: under which key it stands, with what in scope, and whether it is a condition."""

    key: str
    formula: Formula
    scope: RuleScope
    condition: bool = False


class Workspace:
    """Sound rules with what surrounds them. `gaps` are kinds of which something could not be read."""

    def __init__(
        self,
        rules: Sequence[Rule],
        library: Library,
        documents: Mapping[str, Document],
        gaps: Collection[str] = (),
    ) -> None:
        self.rules, self.library, self.documents, self.gaps = rules, library, documents, gaps

    @cached_property
    def writers(self) -> dict[str, list[tuple[Rule, Conclusion]]]:
        found: dict[str, list[tuple[Rule, Conclusion]]] = {}
        for rule in self.rules:
            for conclusion in rule.conclude:
                found.setdefault(conclusion.kind, []).append((rule, conclusion))
        return found

    @cached_property
    def readers(self) -> dict[str, list[tuple[Rule, Pattern]]]:
        found: dict[str, list[tuple[Rule, Pattern]]] = {}
        for rule in self.rules:
            for _, pattern in patterns(rule):
                found.setdefault(pattern.kind, []).append((rule, pattern))
        return found

    @cached_property
    def shapes(self) -> dict[Rule, Shape]:
        return {rule: Shape(rule, self.library.kinds, number) for number, rule in enumerate(self.rules)}

    @cached_property
    def alike(self) -> dict[tuple[str, ...], Peers]:
        """The rules that do the same."""
        found: dict[tuple[str, ...], list[Shape]] = {}
        for shape in self.shapes.values():
            found.setdefault(shape.does, []).append(shape)
        return {does: Peers(shapes) for does, shapes in found.items()}

    @cached_property
    def writing(self) -> dict[Named, Peers]:
        """The rules that write one fact, but for a default."""
        found: dict[Named, list[Shape]] = {}
        for shape in self.shapes.values():
            for named in shape.writes:
                found.setdefault(named, []).append(shape)
        return {named: Peers(shapes) for named, shapes in found.items()}

    @cached_property
    def looked_at(self) -> dict[str, dict[str, Rule]]:
        """The fields of each kind on which an engine matches, with the first rule that does so."""
        found: dict[str, dict[str, Rule]] = {}
        for rule in self.rules:
            kinds = {pattern.alias: found.setdefault(pattern.kind, {}) for pattern in rule.match}
            for pattern in rule.match:
                for field, *_ in (*pattern.equals, *pattern.on):
                    kinds[pattern.alias].setdefault(field, rule)
                for _, other, theirs in pattern.on:
                    kinds[other].setdefault(theirs, rule)
        return found

    def problem(self, code: str, rule: Rule, said: Said) -> Problem:
        """With file and line, and the column where the text can be pointed at; of a change, where that is."""
        change = next((each for each in reversed(rule.changes) if said.key in each.field.split(".")), None)
        if change:
            return Problem(code, f"{rule.id}: {said.text}", said.hint, change.file, change.line)
        document = self.documents[rule.file]
        place = document.place_of(said.source, said.key, rule.line) if said.source else None
        line, column = place or (document.line_of_key(said.key, rule.line), None)
        return Problem(code, f"{rule.id}: {said.text}", said.hint, rule.file, line, column)


def patterns(rule: Rule) -> Iterator[tuple[str, Pattern]]:
    """All that a rule reads, each under its key: `match`, `unless`, or the name that it defines."""
    yield from (("match", pattern) for pattern in rule.match)
    yield from (("unless", pattern) for pattern in rule.unless)
    yield from ((each.name, each.pattern) for each in rule.definitions if each.pattern)


def parts(rule: Rule) -> Iterator[Part]:
    """All formulas of a rule."""
    if rule.each:
        yield from (Part("each", end, rule.scope) for end in (rule.each.first, rule.each.last))
    for step in rule.steps:
        yield from _tested("where", [step], rule.scope) if isinstance(step, Test) else _of(step, rule)
    for pattern in rule.unless:
        yield from _conditions("unless", pattern, rule)
    for conclusion in rule.conclude:
        yield from (Part("conclude", each, rule.scope) for each in conclusion.fields.values())
    yield from _proposed(rule)


def names_read(rule: Rule) -> set[str]:
    """Every name and alias that something in the rule reads."""
    read = [part.formula.parsed for part in parts(rule)]
    read += [sentence.template for sentence in rule.sentences]
    joined = {other for _, pattern in patterns(rule) for _, other, _ in pattern.on}
    aliases = {alias for each in read for alias, _ in each.paths}
    return joined | aliases | {name for each in read for name in each.names}


def _of(definition: Definition, rule: Rule) -> Iterator[Part]:
    pattern = definition.pattern
    if definition.formula:
        inner = rule.scope.with_alias(pattern.alias, pattern.kind) if pattern else rule.scope
        yield Part(definition.name, definition.formula, inner)
    if pattern:
        yield from _conditions(definition.name, pattern, rule)


def _conditions(key: str, pattern: Pattern, rule: Rule) -> Iterator[Part]:
    return _tested(key, pattern.where, rule.scope.with_alias(pattern.alias, pattern.kind))


def _tested(key: str, tests: Iterable[Test], scope: RuleScope) -> Iterator[Part]:
    return (Part(key, test.formula, scope, True) for test in tests)


def _proposed(rule: Rule) -> Iterator[Part]:
    if rule.propose:
        for formula in rule.propose.formulas:
            yield Part("propose", formula, rule.propose.scope)

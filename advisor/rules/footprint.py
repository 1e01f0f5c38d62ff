"""What a rule reads: kinds of fact, with the constants they must have and the fields that are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from advisor.expressions import Value
from advisor.facts.values import Fact, may_equal
from advisor.rules.model import Definition, Formula, Pattern, Rule, Sentence, Test

Path = tuple[str, str]  # alias, field


def joined(rule: Rule) -> dict[str, frozenset[str]]:
    """Of each kind that a rule matches: the fields by which its facts are found."""
    kinds = {pattern.alias: pattern.kind for pattern in rule.match}
    found: dict[str, set[str]] = {kind: set() for kind in kinds.values()}
    for pattern in rule.match:
        found[pattern.kind].update(name for name, _ in pattern.equals)
        for name, other, field in pattern.on:
            found[pattern.kind].add(name)
            found[kinds[other]].add(field)
    return {kind: frozenset(names) for kind, names in found.items()}


class Reads(NamedTuple):
    """Facts of a kind with these constants; `fields` are those of them that the rule looks at."""

    kind: str
    constants: tuple[tuple[str, Value], ...]
    fields: frozenset[str]
    whole: bool = False  # whatever such a fact says

    def admits(self, fact: Fact) -> bool:
        """Whether a fact has these constants, or may have them."""
        return all(may_equal(fact.values.get(name, value), value) for name, value in self.constants)


def footprint(rule: Rule) -> tuple[Reads, ...]:
    """All that can make a difference to what a rule does and says where it fires."""
    fields: dict[str, set[str]] = {}
    for alias, field in _paths(rule):
        fields.setdefault(alias, set()).add(field)
    found = []
    for pattern, names in _patterns(rule):
        looked = set().union(*(fields.get(name, ()) for name in names), (n for n, _ in pattern.equals))
        found.append(Reads(pattern.kind, pattern.equals, frozenset(looked)))
    for conclusion in rule.conclude:
        if conclusion.default:  # it gives way to what others write
            naming = tuple(conclusion.naming.items())
            found.append(Reads(conclusion.kind, naming, frozenset(), True))
    return tuple(dict.fromkeys(found))


def _patterns(rule: Rule) -> Iterator[tuple[Pattern, tuple[str, ...]]]:
    """Each pattern with the names by which its facts are spoken of."""
    yield from ((pattern, (pattern.alias,)) for pattern in (*rule.match, *rule.unless))
    for step in rule.definitions:
        if step.pattern:
            yield step.pattern, (step.pattern.alias, step.name)


def _paths(rule: Rule) -> Iterator[Path]:
    for pattern, _ in _patterns(rule):
        yield from _joined(pattern)
        yield from (path for test in pattern.where for path in _tested(test))
    for step in rule.steps:
        yield from _tested(step) if isinstance(step, Test) else _computed(step)
    for formula in _formulas(rule):
        yield from formula.parsed.paths
    for sentence in rule.sentences:
        yield from sentence.template.paths


def _joined(pattern: Pattern) -> Iterator[Path]:
    for name, other, field in pattern.on:
        yield from ((pattern.alias, name), (other, field))


def _tested(test: Test) -> Iterator[Path]:
    yield from test.formula.parsed.paths
    yield from _said(test.say)


def _said(sentence: Sentence | None) -> Iterator[Path]:
    yield from sentence.template.paths if sentence else ()


def _computed(step: Definition) -> Iterator[Path]:
    yield from step.formula.parsed.paths if step.formula else ()


def _formulas(rule: Rule) -> Iterator[Formula]:
    if rule.each:
        yield from (rule.each.first, rule.each.last)
    for conclusion in rule.conclude:
        yield from conclusion.fields.values()
    if rule.propose:
        yield from rule.propose.formulas


Changed = Mapping[str, list["Change"]]


class Change(NamedTuple):
    """A fact that is gone, one that has come, or one that says something else: then in which fields."""

    before: Fact | None
    after: Fact | None
    fields: frozenset[str] | None = None

    @property
    def certain(self) -> bool:
        """Whether it is sure that there is such a fact, before and after."""
        return all(fact is not None and fact.certain for fact in (self.before, self.after))

    def concerns(self, reads: Reads) -> bool:
        if self.fields is not None and not reads.whole and not (self.fields & reads.fields):
            return False
        return any(fact is not None and reads.admits(fact) for fact in (self.before, self.after))


def rematched(rule_joins: Mapping[str, frozenset[str]], changed: Changed) -> bool:
    """Whether other facts may match a rule: some came or went, or say otherwise what it joins on."""
    return any(
        change.fields is None or change.fields & names or not change.certain
        for kind, names in rule_joins.items()
        for change in changed.get(kind, ())
    )


def concerned(reads: tuple[Reads, ...], changed: Changed) -> bool:
    """Whether one of the changes, by kind, can make a difference to a rule that reads so."""
    return any(change.concerns(each) for each in reads for change in changed.get(each.kind, ()))

"""What came of a rule: firings, near misses, and the whole derivation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from advisor.expressions import Unknown, Value, false_text, formula, show_result
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.rules.model import Definition, Pattern, Rule, Test


@dataclass(eq=False)
class Firing:
    """One application of a rule.

    `env` binds the rule's aliases and names. `premises` are the facts that matched, `looked` those that
    its aggregates and chosen candidates went through. It is undetermined when `causes` say what is missing.
    """

    rule: Rule
    env: Mapping[str, Any]
    premises: tuple[Fact, ...]
    looked: tuple[Fact, ...]
    causes: frozenset[Any] = frozenset()
    certain: bool = True
    concluded: list[Fact] = field(default_factory=list)
    skipped: int = 0  # candidates of a proposing `best` that could not be judged
    layer: int = 0  # the stratum in which it came about

    @property
    def determined(self) -> bool:
        return not self.causes

    @cached_property
    def text(self) -> str:
        return self.rule.because.render(self.env) if self.rule.because else ""

    @property
    def speaks(self) -> bool:
        """Whether its sentence says something: nothing that it names is unknown without a bound."""
        if self.rule.because is None:
            return False
        template = self.rule.because.template
        values = [self.env.get(name) for name in template.names]
        values += [self.env[alias].values.get(field) for alias, field in template.paths if alias in self.env]
        return not any(v is None or (isinstance(v, Unknown) and v.low is None) for v in values)

    @cached_property
    def formulas(self) -> list[str]:
        """Each definition, condition and computed field with its numbers in it."""
        steps = [line for step in self.rule.steps for line in self._lines(step)]
        return [*steps, *self._written()]

    def _written(self) -> Iterator[str]:
        """Concluded fields that are more than a copy: `tensor[0, query].rows = b.heads * b.k_dim = …`"""
        for conclusion, fact in zip(self.rule.conclude, self.concluded, strict=False):
            for name, written in conclusion.fields.items():
                if name in fact.values and not written.plain:
                    numbers = formula(written.parsed, self.env, self.rule.scope)
                    value = show_result(fact.values[name], written.type)
                    said = dict.fromkeys([f"{fact.label}.{name}", written.source, numbers, value])
                    yield " = ".join(said)

    def _lines(self, step: Definition | Test) -> list[str]:
        if isinstance(step, Test):
            numbers = formula(step.formula.parsed, self.env, self.rule.scope)
            source = step.formula.source
            return [f"{source}: {numbers if numbers != source else 'holds'}"]
        return [definition_text(step, self.env, self.rule)]

    @cached_property
    def sort_key(self) -> tuple[Any, ...]:
        return (self.rule.id, tuple(fact.order for fact in self.premises), _values_key(self))


@dataclass(eq=False)
class Miss:
    """A near miss: the facts matched, and then this condition was false."""

    rule: Rule
    env: Mapping[str, Any]
    premises: tuple[Fact, ...]
    passed: int
    test: Test | None  # None: `blocked` says why
    blocked: str = ""
    pattern: Pattern | None = None  # of the `unless` or aggregate that blocked it; None: a default gave way

    @cached_property
    def text(self) -> str:
        if self.test is None:
            return self.blocked
        if self.test.say is not None:
            return self.test.say.render(self.env)
        return false_text(self.test.formula.parsed, self.env, self.rule.scope)

    @cached_property
    def sort_key(self) -> tuple[Any, ...]:
        return (self.rule.id, -self.passed, tuple(fact.order for fact in self.premises), self.text)


#: By the identity of a fact: the fact, which must stay alive as long as that names it, and what it says now.
Instead = dict[int, tuple[Fact, Fact]]


def latest(instead: Instead, fact: Fact) -> Fact:
    found = instead.get(id(fact))
    return found[1] if found else fact


@dataclass
class Derivation:
    """All that followed from a set of facts, of which a question gave some."""

    store: Store
    firings: list[Firing]
    misses: list[Miss]
    given: list[Fact]
    matched: Mapping[str, Sequence[tuple[Fact, ...]]] = field(default_factory=dict)  # by rule
    instead: Instead = field(default_factory=dict)  # of a variant: `matched` may speak of facts of its base

    @cached_property
    def _concluding(self) -> dict[int, list[Firing]]:
        found: dict[int, list[Firing]] = {}
        for firing in self.firings:
            for fact in firing.concluded:
                found.setdefault(id(fact), []).append(firing)
        return found

    @cached_property
    def by_rule(self) -> dict[str, list[Firing]]:
        """The firings of each rule, by its id."""
        found: dict[str, list[Firing]] = {}
        for firing in self.firings:
            found.setdefault(firing.rule.id, []).append(firing)
        return found

    def derivations(self, fact: Fact) -> list[Firing]:
        """All firings that concluded a fact; none for one that was only given."""
        return self._concluding.get(id(fact), [])

    def sorted_firings(self) -> list[Firing]:
        """Firings in an order that depends on what they say, not on the engine."""
        return sorted(self.firings, key=lambda firing: firing.sort_key)


def definition_text(step: Definition, env: Mapping[str, Any], rule: Rule) -> str:
    """`short = need.bytes - have.bytes = 145.7 GiB - 72.0 GiB = 73.7 GiB`"""
    if step.how == "best":
        chosen = env.get(step.name)
        way, label = "most" if step.descending else "least", getattr(chosen, "label", "none")
        return f"{step.name} = the {step.pattern.kind} with the {way} {step.formula.source}: {label}"
    value = show_result(env.get(step.name), rule.scope.name(step.name))
    if step.how == "let":
        numbers = formula(step.formula.parsed, env, rule.scope)
        return " = ".join(dict.fromkeys([step.name, step.formula.source, numbers, value]))
    what = step.formula.source if step.formula else step.pattern.kind
    return f"{step.name} = {step.how} of {what} over {step.pattern.kind} = {value}"


def _values_key(firing: Firing) -> tuple[str, ...]:
    each: Value = firing.env.get(firing.rule.each.name) if firing.rule.each else 0
    return (f"{each!r:>20}",)

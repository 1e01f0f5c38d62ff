"""One rule and the facts that match it: what fires, what is undetermined, what nearly fired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from advisor.errors import Problem
from advisor.expressions import EvaluationError, Unknown, Value, causes_of
from advisor.facts.kinds import Field, Kind, Kinds
from advisor.facts.models import out_of_range
from advisor.facts.store import Store
from advisor.facts.values import Fact, may_equal
from advisor.reasoning.aggregates import aggregate
from advisor.reasoning.budget import Budget, causes_in
from advisor.reasoning.outcome import Firing, Miss
from advisor.reasoning.search import Env, attempt, candidates
from advisor.rules.model import Conclusion, Formula, Pattern, Rule, Test

MAX_EACH = 4096
NOTHING: frozenset[Any] = frozenset()


def apply(
    rule: Rule,
    facts: Sequence[Fact],
    store: Store,
    kinds: Kinds,
    budget: Budget,
    doubts: frozenset[Any] = NOTHING,
) -> Iterator[Firing | Miss | Problem]:
    """Apply a rule to a tuple of facts that match. `doubts` say why the match itself is not sure.

    A Problem is given where something cannot be computed, such as a division by zero.
    """
    for fact in facts:
        if not fact.certain:
            doubts |= fact.causes
    env: Env = {pattern.alias: fact for pattern, fact in zip(rule.match, facts, strict=True)}
    causes = len(doubts) + (causes_in(facts) if store.clouded else 0)
    try:
        for inner, more in _each(rule, env, doubts):
            budget.apply(causes)
            yield _Application(rule, inner, tuple(facts), store, kinds, budget, doubts | more).result()
    except EvaluationError as error:
        names = ", ".join(fact.label for fact in facts)
        text = f"{rule.id} cannot be computed over {names or 'nothing'}: {error}"
        yield Problem("evaluation", text, None, rule.file, rule.line)


def _each(rule: Rule, env: Env, doubts: frozenset[Any]) -> Iterator[tuple[Env, frozenset[Any]]]:
    if rule.each is None:
        yield env, NOTHING
        return
    first, last = (attempt(end, env, doubts) for end in (rule.each.first, rule.each.last))
    causes = causes_of((first, last))
    if not causes and last - first >= MAX_EACH:
        if not doubts:
            raise EvaluationError(f"the range {first}..{last} has more than {MAX_EACH:,} values")
        causes = doubts
    if causes:
        yield {**env, rule.each.name: Unknown(None, causes)}, causes
        return
    for value in range(first, last + 1):
        yield {**env, rule.each.name: value}, NOTHING


class _Application:
    def __init__(
        self,
        rule: Rule,
        env: Env,
        premises: tuple[Fact, ...],
        store: Store,
        kinds: Kinds,
        budget: Budget,
        doubts: frozenset[Any],
    ) -> None:
        self.rule, self.env, self.premises, self.store, self.kinds = rule, env, premises, store, kinds
        self.budget, self.doubts = budget, doubts
        self.looked: list[Fact] = []
        self.skipped = 0
        self.passed = 0

    def result(self) -> Firing | Miss:
        return self._steps() or self._unless() or self._write()

    def _steps(self) -> Miss | None:
        for step in self.rule.steps:
            if isinstance(step, Test):
                miss = self._test(step)
            elif step.pattern is None:
                self.env[step.name] = attempt(step.formula, self.env, self.doubts)
                continue
            else:
                miss = self._aggregate(step)
            if miss:
                return miss
        return None

    def _test(self, test: Test) -> Miss | None:
        verdict = attempt(test.formula, self.env, self.doubts)
        if verdict is False:
            return self._miss(test)
        if isinstance(verdict, Unknown):
            self.doubts |= verdict.causes
        self.passed += 1
        return None

    def _aggregate(self, step: Any) -> Miss | None:
        proposing = self.rule.propose is not None
        found = aggregate(step, self.env, self.store, self.kinds, self.budget, proposing, self.doubts)
        self.looked += found.looked
        self.skipped += found.skipped
        if found.nothing:
            return self._miss(None, f"no {step.pattern.kind} to choose from", step.pattern)
        self.env[step.name] = found.value
        self.doubts |= found.doubts
        return None

    def _unless(self) -> Miss | None:
        for pattern in self.rule.unless:
            found = [
                (fact.label, sure)
                for fact, sure, _ in candidates(pattern, self.env, self.store, self.budget, self.doubts)
            ]
            against = min((label for label, sure in found if sure is True), default=None)
            if against is not None:
                return self._miss(None, f"{against} stands against it", pattern)
            self.doubts |= causes_of(sure for _, sure in found)
        return None

    def _write(self) -> Firing | Miss:
        kept = [self._conclude(conclusion) for conclusion in self.rule.conclude]
        for fact in kept:
            written = fact.default and self._written(fact)
            if written:
                return self._miss(None, f"{written.label} is written already")
        certain = not self.doubts
        causes = self.doubts.union(*(fact.causes | causes_of(fact.values.values()) for fact in kept))
        for fact in kept:
            fact.certain, fact.causes = fact.certain and certain, fact.causes | self.doubts
        return Firing(
            self.rule, self.env, self.premises, tuple(self.looked), causes, certain, kept, self.skipped
        )

    def _conclude(self, conclusion: Conclusion) -> Fact:
        kind = self.kinds[conclusion.kind]
        absent = {n for n, (alias, field) in conclusion.copies.items() if field not in self.env[alias].values}
        fields = {name: f for name, f in conclusion.fields.items() if name not in absent}
        values = {name: self._value(kind.fields[name], formula) for name, formula in fields.items()}
        return Fact(conclusion.kind, _key(kind, values), values, default=conclusion.default)

    def _value(self, field: Field, formula: Formula) -> Value:
        value = attempt(formula, self.env, self.doubts)
        if self.doubts and isinstance(value, Unknown):  # first whether the rule applies, then what it lacks
            return Unknown(value.low, self.doubts)
        if (field.spec.min is not None or field.spec.max is not None) and not isinstance(value, Unknown):
            for text in out_of_range(field, value):
                if self.doubts:
                    return Unknown(None, self.doubts)
                raise EvaluationError(f"{field.name}: {text}")
        return value

    def _written(self, fact: Fact) -> Fact | None:
        """What another rule, or a file, wrote under the key of a default, which then gives way."""
        others = self.store.perhaps_same(fact)
        self.budget.spend(len(others))
        for other in others:
            if other.default or not _may_be(self.kinds[fact.kind], fact, other):
                continue
            if other.certain and other.key == fact.key and fact.named:
                return other
            self.doubts |= causes_of((*other.key, *fact.key)) | other.causes
        return None

    def _miss(self, test: Test | None, blocked: str = "", pattern: Pattern | None = None) -> Miss:
        return Miss(self.rule, self.env, self.premises, self.passed, test, blocked, pattern)


def _key(kind: Kind, values: dict[str, Value]) -> tuple[Value, ...]:
    """The kind's key; where a fact is named by all it says, what is unknown stands at the end."""
    if kind.single or kind.key:
        return kind.key_of(values)
    unknown = tuple(values[name] for name in sorted(values) if isinstance(values[name], Unknown))
    return (*kind.key_of({n: v for n, v in values.items() if not isinstance(v, Unknown)}), *unknown)


def _may_be(kind: Kind, one: Fact, other: Fact) -> bool:
    """Whether two facts may have one key."""
    names = () if kind.single else kind.key or kind.fields
    return all(may_equal(one.values.get(name), other.values.get(name)) for name in names)

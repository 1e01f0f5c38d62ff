"""One rule and the facts that match it: what fires, what is undetermined, what nearly fired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from advisor.errors import Problem, ReasoningError
from advisor.expressions import EvaluationError, Unknown
from advisor.facts.kinds import Kinds
from advisor.facts.models import out_of_range
from advisor.facts.values import Fact, Store
from advisor.reasoning.definitions import define
from advisor.reasoning.outcome import Firing, Miss
from advisor.reasoning.search import Env, candidates
from advisor.rules.model import Conclusion, Rule, Test

MAX_EACH = 4096
NOTHING: frozenset[Any] = frozenset()


def apply(
    rule: Rule, facts: Sequence[Fact], store: Store, kinds: Kinds, doubts: frozenset[Any] = NOTHING
) -> Iterator[Firing | Miss]:
    """Apply a rule to a tuple of facts that match. `doubts` say why the match itself is not sure."""
    for fact in facts:
        doubts |= NOTHING if fact.certain else fact.causes
    env: Env = {pattern.alias: fact for pattern, fact in zip(rule.match, facts, strict=True)}
    try:
        for inner, more in _each(rule, env):
            yield _Application(rule, inner, tuple(facts), store, kinds, doubts | more).result()
    except EvaluationError as error:
        names = ", ".join(fact.label for fact in facts)
        text = f"{rule.id} cannot be computed over {names or 'nothing'}: {error}"
        raise ReasoningError([Problem("evaluation", text, None, rule.file, rule.line)]) from None


def _each(rule: Rule, env: Env) -> Iterator[tuple[Env, frozenset[Any]]]:
    if rule.each is None:
        yield env, NOTHING
        return
    first, last = rule.each.first.run(env), rule.each.last.run(env)
    unknown = [end for end in (first, last) if isinstance(end, Unknown)]
    if unknown:
        causes = frozenset().union(*(end.causes for end in unknown))
        yield {**env, rule.each.name: Unknown(None, causes)}, causes
        return
    if last - first >= MAX_EACH:
        raise EvaluationError(f"the range {first}..{last} has more than {MAX_EACH} values")
    for value in range(first, last + 1):
        yield {**env, rule.each.name: value}, NOTHING


class _Application:
    def __init__(
        self, rule: Rule, env: Env, premises: tuple[Fact, ...], store: Store, kinds: Kinds, doubts: frozenset[Any]
    ) -> None:
        self.rule, self.env, self.premises, self.store, self.kinds = rule, env, premises, store, kinds
        self.doubts = doubts
        self.looked: list[Fact] = []
        self.skipped = 0
        self.passed = 0

    def result(self) -> Firing | Miss:
        return self._steps() or self._unless() or self._write()

    def _steps(self) -> Miss | None:
        for step in self.rule.steps:
            miss = self._test(step) if isinstance(step, Test) else self._define(step)
            if miss:
                return miss
        return None

    def _test(self, test: Test) -> Miss | None:
        verdict = test.formula.run(self.env)
        if verdict is False:
            return self._miss(test)
        if isinstance(verdict, Unknown):
            self.doubts |= verdict.causes
        self.passed += 1
        return None

    def _define(self, step: Any) -> Miss | None:
        found = define(step, self.env, self.store, self.kinds, self.rule.propose is not None)
        self.looked += found.looked
        self.skipped += found.skipped
        if found.nothing:
            return self._miss(None, f"no {step.pattern.kind} to choose from")
        self.env[step.name] = found.value
        if step.how == "best" and not found.value.certain:
            self.doubts |= found.value.causes
        return None

    def _unless(self) -> Miss | None:
        for pattern in self.rule.unless:
            for fact, sure, _ in candidates(pattern, self.env, self.store):
                if sure is True:
                    return self._miss(None, f"{fact.label} stands against it")
                self.doubts |= sure.causes
        return None

    def _write(self) -> Firing | Miss:
        kept = [self._conclude(conclusion) for conclusion in self.rule.conclude]
        for fact in kept:
            written = fact.default and self._written(fact)
            if written:
                return self._miss(None, f"{written.label} is written already")
        certain = not self.doubts
        causes = self.doubts.union(*(_unknowns(fact) for fact in kept))
        for fact in kept:
            fact.certain, fact.causes = fact.certain and certain, fact.causes | self.doubts
        return Firing(self.rule, self.env, self.premises, tuple(self.looked), causes, certain, kept, self.skipped)

    def _conclude(self, conclusion: Conclusion) -> Fact:
        kind = self.kinds[conclusion.kind]
        absent = {n for n, (alias, field) in conclusion.copies.items() if field not in self.env[alias].values}
        values = {name: f.run(self.env) for name, f in conclusion.fields.items() if name not in absent}
        for name, value in values.items():
            field = kind.fields[name]
            if (field.spec.min is not None or field.spec.max is not None) and not isinstance(value, Unknown):
                for text in out_of_range(field, value):
                    raise EvaluationError(f"{conclusion.kind}.{name}: {text}")
        return Fact(conclusion.kind, kind.key_of(values), values, default=conclusion.default)

    def _written(self, fact: Fact) -> Fact | None:
        """What another rule, or a file, wrote under the key of a default, which then gives way."""
        for other in self.store.of(fact.kind):
            if other.default:
                continue
            if other.certain and other.key == fact.key:
                return other
            if not other.certain and _may_be(other.key, fact.key):
                self.doubts |= other.causes
        return None

    def _miss(self, test: Test | None, blocked: str = "") -> Miss:
        return Miss(self.rule, self.env, self.premises, self.passed, test, blocked)


def _may_be(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    pairs = zip(one, other, strict=False)
    return all(isinstance(a, Unknown) or isinstance(b, Unknown) or a == b for a, b in pairs)


def _unknowns(fact: Fact) -> frozenset[Any]:
    found = fact.causes
    for value in fact.values.values():
        if isinstance(value, Unknown):
            found |= value.causes
    return found

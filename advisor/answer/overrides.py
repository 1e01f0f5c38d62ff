"""Figures that the user's folders changed: how the answer tells of one, and which of them it read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from advisor.expressions import show_value
from advisor.facts.kinds import Kinds
from advisor.facts.plain import sources
from advisor.facts.values import Fact, Override
from advisor.reasoning.outcome import Derivation, Firing, Miss
from advisor.reasoning.search import agrees
from advisor.rules.model import Definition, Formula, Pattern, Rule, Sentence

Slot = tuple[str, str]  # alias, field


def told(fact: Fact, override: Override, kinds: Kinds) -> dict[str, Any]:
    """One changed figure as JSON has it, and in words with its unit."""
    kind = kinds[fact.kind].fields[override.field].type
    before, after = (
        None if value is None else show_value(value, kind) for value in (override.before, override.after)
    )
    return {
        "field": override.field,
        "before": before,
        "after": after,
        "reason": override.reason,
        "file": override.file,
        "line": override.line,
        "sources": sources(override.sources),
        "text": f'{fact.label} {override.field}: {_change(override, before, after)} ("{override.reason}")',
    }


def _change(override: Override, before: str | None, after: str | None) -> str:
    if after is None:
        return f"withdrawn, was {before}"
    if before is None:
        return f"{after}, where nothing was said"
    if before != after:
        return f"{after} in place of {before}"
    same = override.before == override.after
    return f"{after}, as before" if same else f"{after}, which differs by less than is shown"


def overrides_read(derivation: Derivation, kinds: Kinds) -> list[dict[str, Any]]:
    """Changed figures that a rule read, whether it fired or nearly did; first those of rules that fired."""
    changed = [fact for fact in derivation.store if _changed(fact)]
    if not changed:
        return []
    fired, missed = (_readers(each, changed) for each in (derivation.firings, derivation.misses))
    found = []
    for fact in sorted(changed, key=lambda fact: fact.label):
        for override in _changed(fact):
            name = (fact.label, override.field)
            rules = sorted(fired.get(name, set()) | missed.get(name, set()))
            entry = {"fact": fact.label, **told(fact, override, kinds), "rules": rules}
            found += [(name not in fired, entry)] if rules else []
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def _changed(fact: Fact) -> tuple[Override, ...]:
    return fact.given.overrides if fact.given else ()


def _readers(
    applications: Sequence[Firing | Miss], changed: Sequence[Fact]
) -> dict[tuple[str, str], set[str]]:
    """For each field of a changed fact, by the fact's label and its own name, the rules that read it."""
    readers: dict[tuple[str, str], set[str]] = {}
    read: dict[tuple[str, int], set[Slot]] = {}  # by rule, and by how far it came
    for each in applications:
        how_far = (each.rule.id, id(each.test) if isinstance(each, Miss) else 0)
        slots = read[how_far] = read.get(how_far) or set(_slots(each))
        for seen, fact in _seen(each, changed):
            for field in (field for alias, field in slots if alias == seen):
                readers.setdefault((fact.label, field), set()).add(each.rule.id)
    return readers


def _seen(application: Firing | Miss, changed: Sequence[Fact]) -> Iterator[tuple[str, Fact]]:
    """The changed facts that an alias stood for, or that a search went through."""
    env = application.env
    yield from ((a, fact) for a, fact in env.items() if isinstance(fact, Fact) and _changed(fact))
    for pattern in application.rule.searches:
        if all(other in env for _, other, _ in pattern.on):
            alike = (fact for fact in changed if fact.kind == pattern.kind)
            yield from ((pattern.alias, fact) for fact in alike if agrees(fact, pattern, env) is not False)


def _slots(application: Firing | Miss) -> Iterator[Slot]:
    """What a rule read of its aliases: all of it where it fired, else up to the test that failed."""
    rule = application.rule
    test = application.test if isinstance(application, Miss) else None
    steps = rule.steps if test is None else rule.steps[: rule.steps.index(test) + 1]
    searches = [*(step.pattern for step in steps if isinstance(step, Definition)), *rule.unless]
    patterns = [*rule.match, *(pattern for pattern in searches if pattern)]
    inner = [one.formula for pattern in patterns for one in pattern.where]
    formulas = [*(step.formula for step in steps), *inner, *_ends(rule)]
    sentences = [test.say if test else None]
    if isinstance(application, Firing):
        formulas, sentences = [*formulas, *_effects(rule)], _sentences(rule)
    for pattern in patterns:
        yield from _joined(pattern)
    yield from (path for formula in formulas if formula for path in formula.parsed.paths)
    yield from (path for sentence in sentences if sentence for path in sentence.template.paths)


def _joined(pattern: Pattern) -> Iterator[Slot]:
    yield from ((pattern.alias, name) for name, _ in pattern.equals)
    for name, other, other_field in pattern.on:
        yield from ((pattern.alias, name), (other, other_field))


def _ends(rule: Rule) -> list[Formula]:
    return [rule.each.first, rule.each.last] if rule.each else []


def _effects(rule: Rule) -> list[Formula]:
    """What it computes once it fires."""
    written = [formula for conclusion in rule.conclude for formula in conclusion.fields.values()]
    return [*written, *(rule.propose.formulas if rule.propose else ())]


def _sentences(rule: Rule) -> list[Sentence | None]:
    propose = rule.propose
    return [rule.because, *((propose.title, *propose.costs) if propose else ())]

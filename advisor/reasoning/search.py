"""Looking at complete facts: which of them match a pattern, for sure or perhaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.expressions import Cause, EvaluationError, Unknown, Value
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.budget import Budget
from advisor.rules.model import Formula, Pattern

Env = dict[str, Any]
Causes = frozenset[Any]


def attempt(formula: Formula, env: Mapping[str, Any], doubts: Causes) -> Value:
    """The formula's value. Where it is in doubt whether it is reached, its failure is one more unknown."""
    try:
        return formula.run(env)
    except EvaluationError:
        if not doubts:
            raise
        return Unknown(None, doubts)


def candidates(
    pattern: Pattern,
    env: Mapping[str, Any],
    store: Store,
    budget: Budget,
    doubts: Causes,
    formula: Formula | None = None,
) -> Iterator[tuple[Fact, bool | Unknown, Env]]:
    """Facts that match, each with True, or with an Unknown that says why it may not; and its environment.

    The environment is good until the next candidate. `doubts` say why it is not sure that the rule gets here.
    The `formula` is what the caller evaluates for each.
    """
    inner = dict(env)
    facts = narrowed(pattern, env, store)
    budget.look(pattern, len(facts), formula)
    for fact in facts:
        verdict = _both(agrees(fact, pattern, env), True if fact.certain else Unknown(None, fact.causes))
        if verdict is False:
            continue
        inner[pattern.alias] = fact
        verdict = _holds(pattern, inner, verdict, doubts)
        if verdict is not False:
            yield fact, verdict, inner


def narrowed(pattern: Pattern, env: Mapping[str, Any], store: Store) -> Sequence[Fact]:
    """Facts that may match, through an index where one constant or join tells them apart.

    Those that do not match for sure are left out as far as the index knows, and no others.
    """
    if pattern.on:
        name, other, other_field = pattern.on[0]
        value = _target(env, other, other_field)
    elif pattern.equals:
        name, value = pattern.equals[0]
    else:
        return store.live(pattern.kind)
    return (
        store.live(pattern.kind) if isinstance(value, Unknown) else store.live_with(pattern.kind, name, value)
    )


def agrees(fact: Fact, pattern: Pattern, env: Mapping[str, Any]) -> bool | Unknown:
    """Constants and joins: False when one differs, Unknown when none differs and one cannot be told."""
    verdict: bool | Unknown = True
    for name, value in pattern.equals:
        verdict = _both(verdict, _same(_read(fact, name), value))
        if verdict is False:
            return False
    for name, other, other_field in pattern.on:
        if env[other] is fact and other_field == name:
            continue  # a field equals itself, known or not
        verdict = _both(verdict, _same(_read(fact, name), _target(env, other, other_field)))
        if verdict is False:
            return False
    return verdict


def _holds(pattern: Pattern, env: Env, verdict: bool | Unknown, doubts: Causes) -> bool | Unknown:
    """The pattern's own conditions, as a three-valued and."""
    for test in pattern.where:
        why = verdict.causes if isinstance(verdict, Unknown) else frozenset()
        verdict = _both(verdict, attempt(test.formula, env, doubts | why))
        if verdict is False:
            break
    return verdict


def _target(env: Mapping[str, Any], other: str, other_field: str) -> Value:
    bound = env[other]
    return _read(bound, other_field) if other_field else bound


def _read(fact: Fact, name: str) -> Value:
    value = fact.values.get(name)
    return Unknown(None, frozenset([Cause(fact.label, name)])) if value is None else value


def _same(left: Value, right: Value) -> bool | Unknown:
    if type(left) is not Unknown and type(right) is not Unknown:
        return left == right
    unknown = [side.causes for side in (left, right) if isinstance(side, Unknown)]
    return Unknown(None, frozenset().union(*unknown))


def _both(left: bool | Unknown, right: Any) -> bool | Unknown:
    if left is True and right is True:  # nearly always
        return True
    if left is False or right is False:
        return False
    causes = [side.causes for side in (left, right) if isinstance(side, Unknown)]
    return Unknown(None, frozenset().union(*causes)) if causes else True

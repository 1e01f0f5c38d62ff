"""Matches with facts that engines cannot be given: uncertain ones, and those whose joined field is unknown.

They are few. What follows from them is undetermined: it may exist, and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.expressions import Unknown
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.budget import Budget
from advisor.reasoning.search import agrees, narrowed
from advisor.rules.model import Pattern, Rule

Tuple = tuple[tuple[Fact, ...], frozenset[Any]]


def shadow_tuples(
    rule: Rule, store: Store, budget: Budget, since: Mapping[str, int], sizes: Mapping[str, int]
) -> Iterator[Tuple]:
    """Tuples of facts that perhaps match, with the reasons for the perhaps.

    Only those with a fact that came after the first `since` of its kind; those after `sizes` have to wait.
    """
    kinds = [pattern.kind for pattern in rule.match]
    if not any(kind in store.clouded for kind in kinds):
        return
    for newest, kind in enumerate(kinds):
        first = since.get(kind, 0)
        spans = [(0, since.get(each, 0) if n < newest else sizes[each]) for n, each in enumerate(kinds)]
        spans[newest] = (first, sizes[kind])
        if first < sizes[kind]:
            yield from _extend(rule, store, budget, spans, (), {}, frozenset(), False)


def _extend(
    rule: Rule,
    store: Store,
    budget: Budget,
    spans: Sequence[tuple[int, int]],
    facts: tuple[Fact, ...],
    env: dict[str, Any],
    doubts: frozenset[Any],
    shadowed: bool,
) -> Iterator[Tuple]:
    if len(facts) == len(rule.match):
        if shadowed:
            yield facts, doubts
        return
    pattern = rule.match[len(facts)]
    reach = _in_reach(pattern, env, store, spans[len(facts)])
    budget.look(pattern, len(reach))
    for fact in reach:
        if not store.lives(fact):
            continue
        verdict = agrees(fact, pattern, env)
        if verdict is False:
            continue
        more = verdict.causes if isinstance(verdict, Unknown) else frozenset()
        perhaps = shadowed or not fact.certain or isinstance(verdict, Unknown)
        yield from _extend(
            rule, store, budget, spans, (*facts, fact), {**env, pattern.alias: fact}, doubts | more, perhaps
        )


def _in_reach(
    pattern: Pattern, env: Mapping[str, Any], store: Store, span: tuple[int, int]
) -> Sequence[Fact]:
    """Facts of this span, through an index where all of a kind are asked for: the catalog is large."""
    facts = store.of(pattern.kind)
    return narrowed(pattern, env, store) if span == (0, len(facts)) else facts[slice(*span)]

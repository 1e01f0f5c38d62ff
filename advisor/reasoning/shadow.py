"""Matches with facts that engines cannot be given: uncertain ones, and those whose joined field is unknown.

They are few. What follows from them is undetermined: it may exist, and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.expressions import Unknown
from advisor.facts.values import Fact, Store
from advisor.reasoning.search import agrees
from advisor.rules.model import Rule

Tuple = tuple[tuple[Fact, ...], frozenset[Any]]


def shadow_tuples(rule: Rule, store: Store) -> Iterator[Tuple]:
    """Tuples of facts that perhaps match, with the reasons for the perhaps."""
    if any(pattern.kind in store.clouded for pattern in rule.match):
        yield from _extend(rule, store, (), {}, frozenset(), False)


def _extend(
    rule: Rule, store: Store, facts: tuple[Fact, ...], env: dict[str, Any], doubts: frozenset[Any], shadowed: bool
) -> Iterator[Tuple]:
    if len(facts) == len(rule.match):
        if shadowed:
            yield facts, doubts
        return
    pattern = rule.match[len(facts)]
    for fact in store.live(pattern.kind):
        verdict = agrees(fact, pattern, env)
        if verdict is False:
            continue
        more = verdict.causes if isinstance(verdict, Unknown) else frozenset()
        perhaps = shadowed or not fact.certain or isinstance(verdict, Unknown)
        yield from _extend(rule, store, (*facts, fact), {**env, pattern.alias: fact}, doubts | more, perhaps)

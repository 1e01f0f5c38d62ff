"""How far facts match a rule: the patterns that some satisfy together, and the first that fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.audit.why_not.premises import (
    FALSE,
    Seen,
    Table,
    matched_premise,
    not_reached,
    premise,
    steps_of,
)
from advisor.audit.why_not.rule_says import plain_text, rule_says
from advisor.facts.kinds import Kind
from advisor.facts.values import Fact
from advisor.reasoning.search import agrees, narrowed
from advisor.rules.model import Pattern, Rule

NEAREST = 3
MOST_PREFIXES = 50  # of which the facts that come nearest are looked for
Match = tuple[Fact, ...]


def longest(seen: Seen, rule: Rule) -> list[Match]:
    """The facts that satisfy, or perhaps satisfy, as many patterns from the first on as any do together."""
    found: list[Match] = [()]
    for pattern in rule.match:
        more = [(*facts, fact) for facts in found for fact in _next(seen, rule, pattern, facts)]
        if not more:
            break
        found = more
    return sorted(found, key=lambda facts: [fact.order for fact in facts])


def _next(seen: Seen, rule: Rule, pattern: Pattern, facts: Match) -> Iterator[Fact]:
    env, store = _env(rule, facts), seen.derivation.store
    for fact in narrowed(pattern, env, store):
        if store.lives(fact) and agrees(fact, pattern, env) is not False:
            yield fact


def _env(rule: Rule, facts: Match) -> dict[str, Any]:
    return {pattern.alias: fact for pattern, fact in zip(rule.match, facts, strict=False)}


def unmatched(seen: Seen, rule: Rule) -> tuple[list[Table], int]:
    """The premises of a rule that no facts match, and how many combinations of facts come as far."""
    found = longest(seen, rule)
    if len(found[0]) == len(rule.match):
        return _rows(seen, rule, found[0], _empty_range(rule)), len(found)
    pattern = rule.match[len(found[0])]
    facts, nearest = _nearest(seen, rule, pattern, found[:MOST_PREFIXES])
    return _rows(seen, rule, facts, _failing(seen, pattern, nearest, _env(rule, facts))), len(found)


def _rows(seen: Seen, rule: Rule, facts: Match, failing: Table) -> list[Table]:
    env, steps = _env(rule, facts), steps_of(rule)
    ticked = [
        matched_premise(seen, rule, pattern, fact, env)
        for pattern, fact in zip(rule.match, facts, strict=False)
    ]
    rest = list(enumerate(steps))[len(ticked) + 1 :]
    return [*ticked, failing, *(not_reached(step, at < len(rule.match)) for at, step in rest)]


def _empty_range(rule: Rule) -> Table:
    assert rule.each is not None
    return premise("range", FALSE, rule_says(rule.each), "the range holds no number")


# the pattern that fails


def _nearest(
    seen: Seen, rule: Rule, pattern: Pattern, prefixes: Sequence[Match]
) -> tuple[Match, list[Table]]:
    """The facts of the kind that disagree least, with the facts before them."""
    store = seen.derivation.store
    compared = [
        (facts, other, wrong)
        for facts in prefixes
        for other in store.live(pattern.kind)
        if (wrong := _disagreements(seen, pattern, other, _env(rule, facts)))
    ]
    if not compared:
        return prefixes[0], []
    compared.sort(key=lambda each: (len(each[2]), [fact.order for fact in each[0]], each[1].order))
    chosen = compared[0][0]
    same = [each for each in compared if each[0] is chosen]
    return chosen, [{**seen.told(other), "disagrees": wrong} for _, other, wrong in same[:NEAREST]]


def _disagreements(seen: Seen, pattern: Pattern, fact: Fact, env: Mapping[str, Any]) -> list[Table]:
    """Each constant and join that is false: the field, what it says, and what was needed."""
    wrong = []
    for name, wanted in pattern.equals:
        if agrees(fact, Pattern(pattern.kind, pattern.alias, (), ((name, wanted),)), env) is False:
            wrong.append(_disagreement(seen, fact, name, plain_text(wanted), "the rule"))
    for name, other, field in pattern.on:
        if agrees(fact, Pattern(pattern.kind, pattern.alias, ((name, other, field),)), env) is False:
            wanted = seen.value(env[other], field)
            wrong.append(_disagreement(seen, fact, name, wanted, f"{env[other].label}.{field}"))
    return wrong


def _disagreement(seen: Seen, fact: Fact, name: str, wanted: str, of: str) -> Table:
    return {"field": name, "has": seen.value(fact, name), "needs": wanted, "by": of}


def _asked(seen: Seen, pattern: Pattern, env: Mapping[str, Any]) -> Iterator[str]:
    """Its constants and joins, with the values that they had to have."""
    yield from (f"{name} = {plain_text(value)}" for name, value in pattern.equals)
    yield from (f"{name} = {seen.value(env[other], field)}" for name, other, field in pattern.on)


def _failing(seen: Seen, pattern: Pattern, nearest: list[Table], env: Mapping[str, Any]) -> Table:
    there = len(seen.derivation.store.of(pattern.kind))
    text = f"there is no {pattern.kind}"
    if there:
        say = "the one there is says" if there == 1 else f"the {there:,} there are say"
        text += f" with {' and '.join(_asked(seen, pattern, env))}: {say} otherwise"
    more = {"nearest": nearest, "makers": makers(seen, pattern), "giver": giver(seen, pattern.kind)}
    return premise("fact", FALSE, rule_says(pattern), text, **more)


# where such a fact would come from


def makers(seen: Seen, pattern: Pattern) -> list[str]:
    """The rules that could write such a fact: their conclusions have its constants, or may have them."""
    found = []
    for _, rule in seen.rulebook.writers.get(pattern.kind, ()):
        for conclusion in rule.conclude:
            if conclusion.kind == pattern.kind and all(
                conclusion.constants.get(name, value) == value for name, value in pattern.equals
            ):
                found.append(rule.id)
    return sorted(set(found))


def giver(seen: Seen, kind: str) -> str | None:
    """The file that would give such a fact; None where rules write it."""
    if kind in seen.rulebook.writers:
        return None
    known = seen.kinds[kind]
    table = next((name for name, each in seen.question.kinds.items() if each.id == kind), None)
    if table and known.single:
        return f"[{table}] of the config, or --set {table}.FIELD=VALUE"
    folder = f"[[{_table(known)}]] in a file of a folder that --facts names"
    return f"[[{table}]] of the config, or {folder}" if table else folder


def _table(kind: Kind) -> str:
    return f"{kind.parent}.{kind.id}" if kind.parent else kind.id

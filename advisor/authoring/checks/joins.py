"""Rules that cost more than they should, or more than the engine takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.workspace import Workspace
from advisor.engines.durable_wire import FIELDS_IN_KIND, JOINS_IN_PATTERN
from advisor.rules.model import Pattern, Rule, Test


@check("too-large", "a rule is too large for the engine", severity="error")
def too_large(rule: Rule, space: Workspace) -> Iterator[Said]:
    for pattern in rule.match:
        if len(pattern.on) > JOINS_IN_PATTERN:
            text = f"{pattern.alias} has {len(pattern.on)} joins; the engine takes at most {JOINS_IN_PATTERN}"
            yield Said("match", text, "Split the rule, with a fact in between.")
    for kind in dict.fromkeys(pattern.kind for pattern in rule.match):
        first = list(space.looked_at[kind].values())
        if len(first) > FIELDS_IN_KIND and first[FIELDS_IN_KIND] is rule:
            others = ", ".join(dict.fromkeys(each.id for each in first))
            text = f"rules look at {len(first)} fields of {kind}; the engine takes at most {FIELDS_IN_KIND}"
            yield Said("match", f"{text}: {others}", "Split the kind, or test some of its fields in `where`.")


@check("catalog-product", "a rule multiplies kinds of the catalog with nothing to hold them")
def catalog_product(rule: Rule, space: Workspace) -> Iterator[Said]:
    loose = [group for group in _groups(rule) if all(_several(pattern, space) for pattern in group)]
    if len(loose) > 1:
        names = " times ".join(f"{group[0].kind} ({_count(group[0], space):,})" for group in loose)
        text = f"nothing joins these kinds of the catalog, so that every pair of facts is tried: {names}"
        yield Said("match", text, "Join them with `on`, take one fact with `is`, or choose with `best`.")


def _groups(rule: Rule) -> list[list[Pattern]]:
    """The patterns, those together that joins or conditions hold together."""
    group = {pattern.alias: {pattern.alias} for pattern in rule.match}
    for aliases in _links(rule):
        whole = set().union(*(group[alias] for alias in aliases if alias in group))
        group.update(dict.fromkeys(whole, whole))
    found = {id(each): each for each in group.values()}
    return [[pattern for pattern in rule.match if pattern.alias in each] for each in found.values()]


def _links(rule: Rule) -> Iterator[Iterable[str]]:
    yield from ((pattern.alias, other) for pattern in rule.match for _, other, _ in pattern.on)
    for step in rule.steps:
        if isinstance(step, Test):
            yield {alias for alias, _ in step.formula.parsed.paths}


def _several(pattern: Pattern, space: Workspace) -> bool:
    return pattern.kind not in space.writers and _count(pattern, space) > 1


def _count(pattern: Pattern, space: Workspace) -> int:
    facts = space.library.of(pattern.kind)
    return sum(all(fact.values.get(name) == value for name, value in pattern.equals) for fact in facts)

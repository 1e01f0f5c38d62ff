"""Conditions that decide nothing: always true, never true, or never true together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from advisor.authoring.checks.atoms import Atom, atom, clashes, conjuncts
from advisor.authoring.checks.form import Naming
from advisor.authoring.checks.ranges import Place, names_of, values
from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.workspace import Part, Workspace, parts
from advisor.expressions import ExpressionError
from advisor.expressions.nodes import Call, Compare, Literal, Logic, Node, Path, Unary, children, walk
from advisor.rules.model import Pattern, Rule, Test

_CONDITIONS = (Compare, Logic, Unary)
_ASKING = ("has", "contains", "same")


@check("constant-condition", "a condition is always true, or never")
def constant_condition(rule: Rule, space: Workspace) -> Iterator[Said]:
    names = names_of(rule)
    for part in parts(rule):
        place = Place(part.scope, names)
        for node, truth in _decided(part.formula.parsed.tree, place, part.condition):
            if truth is False or _all_present(node, place):
                yield _constant(part, node, truth)


def _decided(node: Node, place: Place, condition: bool) -> Iterator[tuple[Node, bool]]:
    """The largest parts of an expression that are conditions and always have one value."""
    asks = isinstance(node, _CONDITIONS) or (isinstance(node, Call) and node.function in _ASKING)
    found = values(node, place) if asks or (condition and isinstance(node, Literal)) else None
    if found in ({True}, {False}):
        yield node, True in found
        return
    for child in children(node):
        yield from _decided(child, place, False)


def _all_present(node: Node, place: Place) -> bool:
    """Where a field may be absent, a condition that always holds still asks for it."""
    paths = [each for each in walk(node) if isinstance(each, Path)]
    return all(place.scope.field_of(each.alias, each.field).present for each in paths)


def _constant(part: Part, node: Node, truth: bool) -> Said:
    source, word = part.formula.source, "always true" if truth else "never true"
    whole = node is part.formula.parsed.tree
    text = f"`{source}` is {word}" if whole else f"a part of `{source}` is {word}"
    hint = None if whole else ExpressionError(text, node.offset).caret(source)
    return Said(part.key, text, hint, source)


class _Condition(NamedTuple):
    """A condition as it is to be called, and what stands in the file."""

    text: str
    source: str | None = None


@check("contradictory-conditions", "two conditions of a rule can never hold together")
def contradictory_conditions(rule: Rule, space: Workspace) -> Iterator[Said]:
    naming = _naming(rule)
    tests = [step for step in rule.steps if isinstance(step, Test)]
    for found in clashes([*_constants(rule.match, naming), *_tested(tests, naming)]):
        yield _never_both("where" if found[1].source else "match", found)
    for pattern in (*rule.unless, *(each.pattern for each in rule.definitions if each.pattern)):
        for found in clashes([*_constants([pattern], naming), *_tested(pattern.where, naming)]):
            yield _never_both("where" if found[1].source else "is", found)
    for pattern in rule.unless:
        if any(_is_matched(pattern, each, naming) for each in rule.match):
            text = f"it never fires: `unless` looks for {pattern.kind}, and a fact that it matches is one"
            yield Said("unless", text)


def _never_both(key: str, found: tuple[_Condition, _Condition]) -> Said:
    one, other = found
    text = (
        f"`{one.text}` and `{other.text}` never hold together"
        if one != other
        else f"`{one.text}` never holds"
    )
    return Said(key, text, None, other.source)


def _naming(rule: Rule) -> Naming:
    """Fields that joins make equal have one name."""
    same: dict[str, str] = {}
    for pattern in rule.match:
        for field, other, theirs in pattern.on:
            one, two = (_stands_for(each, same) for each in (f"{pattern.alias}.{field}", f"{other}.{theirs}"))
            if one != two:
                same[one] = two
    return Naming(lambda alias, field: _stands_for(f"{alias}.{field}", same), lambda name: name)


def _stands_for(path: str, same: dict[str, str]) -> str:
    while path in same:
        path = same[path]
    return path


def _constants(patterns: Iterable[Pattern], naming: Naming) -> Iterator[tuple[Atom, _Condition]]:
    for pattern in patterns:
        for field, value in pattern.equals:
            text = f"{pattern.alias}.{field} is {str(value).lower() if isinstance(value, bool) else value}"
            yield Atom(naming.path(pattern.alias, field), "==", value), _Condition(text)


def _tested(tests: Iterable[Test], naming: Naming) -> Iterator[tuple[Atom, _Condition]]:
    for test in tests:
        for node in conjuncts(test.formula.parsed.tree):
            found = atom(node, naming)
            if found:
                yield found, _Condition(test.formula.source, test.formula.source)


def _is_matched(pattern: Pattern, matched: Pattern, naming: Naming) -> bool:
    """Whether the fact of a match always is one that the pattern looks for."""
    own = pattern.kind == matched.kind and set(pattern.equals) <= set(matched.equals) and not pattern.where
    return own and all(
        theirs and naming.path(matched.alias, field) == naming.path(other, theirs)
        for field, other, theirs in pattern.on
    )

"""Patterns of a rule: kinds and fields that exist, joins that an engine can take."""

from __future__ import annotations

from functools import partial
from typing import Any

from advisor.errors import did_you_mean
from advisor.expressions import Type, Value
from advisor.facts.kinds import Field
from advisor.rules.model import Pattern
from advisor.rules.scope import RuleScope
from advisor.rules.spec import PatternSpec, SearchSpec
from advisor.rules.workbench import Workbench

JOINABLE = ("text", "integer", "boolean")


class PatternBinder:
    """Binds the facts that a rule matches, and those that it looks at."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    def match(self) -> list[Pattern]:
        for spec in self.bench.spec.match:
            self._bind_alias(spec)
        found = [self._match_pattern(spec) for spec in self.bench.spec.match if spec.fact in self.bench.kinds]
        return _joins_backwards(found)

    def _bind_alias(self, spec: PatternSpec) -> None:
        alias = spec.alias or spec.fact
        if spec.fact not in self.bench.kinds:
            self.bench.failed.add(alias)
            self.bench.problem(
                "unknown-kind", "match", f"there is no kind {spec.fact}", self.bench.kinds.nearest(spec.fact)
            )
        elif self.bench.scope.taken(alias):
            self.bench.problem("alias-twice", "match", f"{alias} is bound twice")
        else:
            self.bench.scope.bind(alias, spec.fact)

    def _match_pattern(self, spec: PatternSpec) -> Pattern:
        alias = spec.alias or spec.fact
        on = tuple(self._join("match", alias, name, target, present=True) for name, target in spec.on.items())
        return Pattern(
            spec.fact, alias, tuple(j for j in on if j), self._constants(spec, alias, self.bench.scope)
        )

    def _join(
        self, key: str, alias: str, name: str, target: str, present: bool, scope: RuleScope | None = None
    ) -> tuple[str, str, str] | None:
        """`field = "alias.field"`; in a search also `field = "name"`, given back as ("field", "name", "")."""
        scope = scope or self.bench.scope
        other, dot, other_field = target.partition(".")
        left = self.bench.attempt(key, lambda: scope.field_of(alias, name), name)
        if not dot and not present:
            return self._join_to_name(key, f"{alias}.{name}", left, target, scope)
        if other == alias and (present or not self.bench.scope.taken(alias)):
            text = f"{alias} is joined with itself"
            return self.bench.problem("self-join", key, text, "Use `where` instead.")
        right = self.bench.attempt(key, lambda: scope.field_of(other, other_field), target)
        if left is None or right is None:
            return None
        for field, label in ((left, f"{alias}.{name}"), (right, target)):
            self._joinable(key, field, label, present)
        if left.spec.type != right.spec.type:
            self._clash(key, f"{alias}.{name}", left, target, right.spec.type)
        return (name, other, other_field)

    def _join_to_name(
        self, key: str, label: str, left: Field | None, target: str, scope: RuleScope
    ) -> tuple[str, str, str] | None:
        right = self.bench.attempt(key, lambda: scope.name(target), target)
        if left is None or right is None:
            return None
        if not _may_join(left.type, right):
            self._clash(key, label, left, target, right.base)
        return (left.name, target, "")

    def _clash(self, key: str, label: str, left: Field, target: str, right: str) -> None:
        self.bench.problem("join-types", key, f"{label} is {left.spec.type}, {target} is {right}")

    def _joinable(self, key: str, field: Field, label: str, present: bool) -> None:
        if field.spec.type not in JOINABLE or (present and not field.present):
            why = "may be absent" if not field.present else f"is {field.spec.type}"
            self.bench.problem(
                "not-joinable", key, f"{label} {why} and cannot be joined on", "Use `where` instead."
            )

    def _constants(self, spec: PatternSpec, alias: str, scope: RuleScope) -> tuple[tuple[str, Value], ...]:
        found = []
        for name, value in spec.equals.items():
            field = self.bench.attempt("is", partial(scope.field_of, alias, name), name)
            if field is None:
                continue
            self._joinable("is", field, f"{alias}.{name}", present=True)
            self._suits(f"{alias}.{name}", value, field)
            found.append((name, value))
        return tuple(sorted(found))

    def _suits(self, label: str, value: Any, field: Field) -> None:
        wanted = {"text": str, "integer": int, "boolean": bool}.get(field.spec.type)
        choices = field.spec.choices
        if type(value) is not wanted:
            self.bench.problem("wrong-type", "is", f"{label} is {field.spec.type}; {value!r} is not")
        elif choices and value not in choices:
            hint = did_you_mean(value, choices) or f"It may be {', '.join(choices)}."
            self.bench.problem("wrong-choice", "is", f"{label} cannot be {value}", hint)

    def search(self, spec: SearchSpec, alias: str, key: str) -> Pattern | None:
        if spec.fact not in self.bench.kinds:
            return self.bench.problem(
                "unknown-kind", key, f"there is no kind {spec.fact}", self.bench.kinds.nearest(spec.fact)
            )
        inner = self.bench.scope.with_alias(alias, spec.fact)
        on = [self._join(key, alias, name, target, False, inner) for name, target in spec.on.items()]
        where = [self.bench.test(entry, inner, key) for entry in spec.where]
        constants = self._constants(spec, alias, inner)
        return Pattern(spec.fact, alias, tuple(j for j in on if j), constants, tuple(t for t in where if t))


def _joins_backwards(patterns: list[Pattern]) -> list[Pattern]:
    """Let each join stand at the later of its two patterns, which is where an engine can try it."""
    position = {pattern.alias: n for n, pattern in enumerate(patterns)}
    joins: dict[str, list[tuple[str, str, str]]] = {pattern.alias: [] for pattern in patterns}
    for pattern in patterns:
        for name, other, other_field in pattern.on:
            if other not in position:
                continue
            forward = position[other] > position[pattern.alias]
            owner, join = (
                (other, (other_field, pattern.alias, name))
                if forward
                else (pattern.alias, (name, other, other_field))
            )
            joins[owner].append(join)
    return [Pattern(p.kind, p.alias, tuple(sorted(joins[p.alias])), p.equals, p.where) for p in patterns]


def _may_join(one: Type, other: Type) -> bool:
    return one.base == other.base or (one.numeric and other.numeric)

"""The names that a rule defines, and its conditions, in the order in which they are evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from keyword import iskeyword
from typing import Any

from advisor.expressions import RESERVED, Type
from advisor.rules.model import Definition, Each, Formula, Pattern, Test
from advisor.rules.order import in_order
from advisor.rules.patterns import PatternBinder
from advisor.rules.scope import RuleScope
from advisor.rules.spec import BestSpec
from advisor.rules.workbench import Workbench

INTEGER = Type("integer", ())


class DefinitionBinder:
    """Binds `each`, `let`, the aggregates and `where`."""

    def __init__(self, bench: Workbench, patterns: PatternBinder) -> None:
        self.bench, self.patterns = bench, patterns

    def each(self) -> Each | None:
        for name, span in self.bench.spec.each.items():
            first, dots, last = span.partition("..")
            if not dots:
                return self.bench.problem("each-range", "each", f"`{span}` is no range", 'Write "1..64".')
            ends = [self.bench.formula(end.strip(), "each") for end in (first, last)]
            if any(end and end.type.base != "integer" for end in ends):
                return self.bench.problem("each-range", "each", "the ends of a range must be integers")
            self._free("each", name)
            self.bench.scope.define(name, INTEGER)
            return Each(name, *ends) if all(ends) else None
        return None

    def steps(self) -> list[Definition | Test]:
        sources = dict(self._definition_sources())
        steps: list[Definition | Test] = []
        for item in in_order(sources, self.bench.spec.where, self._order_problem):
            step = self._definition(item, sources[item]) if isinstance(item, str) else self._condition(item)
            if step is None and isinstance(item, str):
                self.bench.failed.add(item)
            if step:
                steps.append(step)
        return steps

    def _definition_sources(self) -> Iterator[tuple[str, tuple[str, Any]]]:
        seen: set[str] = set()
        for how in ("let", "sum", "min", "max", "count", "collect", "best"):
            for name, entry in getattr(self.bench.spec, how).items():
                self._free(how, name, seen)
                seen.add(name)
                yield name, (how, entry)

    def _free(self, key: str, name: str, seen: Collection[str] = ()) -> None:
        if (name in RESERVED and key != "best") or iskeyword(name):  # best binds an alias, read as `s.field`
            self.bench.problem("name-reserved", key, f"{name} means something already and cannot be defined")
        elif name in seen or self.bench.scope.taken(name):
            self.bench.problem("name-twice", key, f"{name} is defined twice")

    def _order_problem(self, text: str) -> None:
        self.bench.problem("let-order", "let", text)

    def _condition(self, position: int) -> Test | None:
        return self.bench.test(self.bench.spec.where[position], self.bench.scope)

    def _definition(self, name: str, source: tuple[str, Any]) -> Definition | None:
        how, entry = source
        if how == "let":
            formula = self.bench.formula(entry, name)
            return self._defined(Definition(name, how, formula), formula.type) if formula else None
        alias = name if how == "best" else entry.alias or entry.fact
        pattern = self.patterns.search(entry, alias, name)
        if pattern is None:
            return None
        if how == "best":
            return self._best(name, entry, pattern)
        if how == "count":
            return self._defined(Definition(name, how, None, pattern), INTEGER)
        return self._aggregate(name, how, entry.of, pattern)

    def _aggregate(self, name: str, how: str, of: str, pattern: Pattern) -> Definition | None:
        inner = self.bench.scope.with_alias(pattern.alias, pattern.kind)
        formula = self.bench.formula(of, name, inner)
        if formula is None:
            return None
        if how != "collect" and not formula.type.numeric:
            return self.bench.problem("not-a-number", name, f"`{of}` is {formula.type.base}, not a number")
        floor_zero = self._never_negative(formula, inner)
        type_ = Type("list", ()) if how == "collect" else formula.type
        return self._defined(Definition(name, how, formula, pattern, floor_zero=floor_zero), type_)

    def _best(self, name: str, entry: BestSpec, pattern: Pattern) -> Definition | None:
        self.bench.scope.bind(name, pattern.kind)
        if (entry.minimize is None) == (entry.maximize is None):
            return self.bench.problem("best", name, "`best` needs either minimize or maximize")
        inner = self.bench.scope.with_alias(name, pattern.kind)
        formula = self.bench.formula(entry.minimize or entry.maximize, name, inner)
        return Definition(name, "best", formula, pattern, entry.maximize is not None) if formula else None

    def _defined(self, definition: Definition, type_: Type) -> Definition:
        self.bench.scope.define(definition.name, type_)
        return definition

    def _never_negative(self, formula: Formula, scope: RuleScope) -> bool:
        low = scope.field_of(*formula.path).spec.min if formula.path else None
        return low is not None and low >= 0

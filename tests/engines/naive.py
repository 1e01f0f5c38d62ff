"""The judge: every combination of facts is tried against every rule, each time anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from advisor.engines.network import Match, Pattern, Rule

Fact = tuple[int, int, Sequence[int]]  # number, kind, values


class NaiveEngine:
    name = "naive"
    version = "1"

    def compile(self, rules: Sequence[Rule]) -> NaiveNetwork:
        return NaiveNetwork(rules)


class NaiveNetwork:
    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.parts = [range(len(rules))]

    def session(self) -> NaiveSession:
        return NaiveSession(self.rules)


class NaiveSession:
    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.facts: list[Fact] = []
        self.told: set[Match] = set()

    def add(self, number: int, kind: int, values: Sequence[int], part: int | None = None) -> None:
        self.facts.append((number, kind, values))

    def matches(self) -> list[Match]:
        new = [match for match in self.all_matches() if match not in self.told]
        self.told.update(new)
        return new

    def all_matches(self) -> Iterator[Match]:
        for position, rule in enumerate(self.rules):
            candidates = [[fact for fact in self.facts if passes(fact, pattern)] for pattern in rule]
            for chosen in product(*candidates):
                if all(joined(chosen, fact, pattern) for fact, pattern in zip(chosen, rule, strict=True)):
                    yield position, tuple(number for number, _, _ in chosen)


def passes(fact: Fact, pattern: Pattern) -> bool:
    _, kind, values = fact
    return kind == pattern.kind and all(values[field] == value for field, value in pattern.constants)


def joined(chosen: Sequence[Fact], fact: Fact, pattern: Pattern) -> bool:
    return all(fact[2][field] == chosen[earlier][2][other] for field, earlier, other in pattern.joins)

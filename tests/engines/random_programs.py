"""Random rules and facts, of few kinds, fields and values, so that much of it matches."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from advisor.engines.network import Pattern, Rule

KINDS, FIELDS, VALUES = 4, 3, 3

Told = tuple[int, tuple[int, ...]]  # kind, values
Rounds = list[list[Told]]

_fields = st.integers(0, FIELDS - 1)
_values = st.integers(0, VALUES - 1)
_constants = st.lists(st.tuples(_fields, _values), max_size=2).map(tuple)


@st.composite
def _rules(draw: st.DrawFn) -> Rule:
    return tuple(draw(_patterns(position)) for position in range(draw(st.integers(0, 4))))


@st.composite
def _patterns(draw: st.DrawFn, position: int) -> Pattern:
    joins = st.just(())
    if position:
        join = st.tuples(_fields, st.integers(0, position - 1), _fields)
        joins = st.lists(join, max_size=2).map(tuple)
    return Pattern(draw(st.integers(0, KINDS - 1)), draw(_constants), draw(joins))


_facts = st.tuples(st.integers(0, KINDS), st.tuples(*[_values] * FIELDS))
rule_lists = st.lists(_rules(), min_size=1, max_size=30)
fact_rounds = st.lists(st.lists(_facts, max_size=6), min_size=1, max_size=3)


def crowded(random: Random) -> tuple[list[Rule], list[Rounds]]:
    """Up to a hundred rules, and facts for three sessions of up to three rounds."""
    world = World(random)
    rules = [world.rule() for _ in range(random.choice([1, 3, 10, 30, 60, 100]))]
    return rules, [world.rounds() for _ in range(3)]


class World:
    """A few kinds, fields and values, other ones each time."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.kinds = random.choice([1, 2, 3, 6])
        self.fields = random.choice([1, 2, 3, 5])
        self.values = random.choice([2, 3, 5, 8])

    def rounds(self) -> Rounds:
        return [self.facts() for _ in range(self.random.randint(1, 3))]

    def facts(self) -> list[Told]:
        return [self.fact() for _ in range(self.random.randint(0, 6 if self.kinds > 1 else 3))]

    def fact(self) -> Told:
        return self.random.randrange(self.kinds + 1), tuple(self.value() for _ in range(self.fields))

    def rule(self) -> Rule:
        length = self.random.choice([1, 1, 2, 2, 2, 3, 3, 4, 5])
        return tuple(self.pattern(position) for position in range(length))

    def pattern(self, position: int) -> Pattern:
        constants = [(self.field(), self.value()) for _ in range(self.random.choice([0, 0, 0, 1, 1, 2]))]
        joins = self.random.choice([0, 1, 1, 1, 2, 3]) if position else 0
        joined = [(self.field(), self.random.randrange(position), self.field()) for _ in range(joins)]
        return Pattern(self.random.randrange(self.kinds), tuple(constants), tuple(joined))

    def field(self) -> int:
        return self.random.randrange(self.fields)

    def value(self) -> int:
        return self.random.randrange(self.values)

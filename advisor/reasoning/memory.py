"""Rules compiled for an engine, and the working memory of one question.

All rules stand in one network, so that a fact is told once. A rule of a later stratum may match early;
its matches wait until its stratum begins, when all that it looks at is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from advisor.engines.network import Engine, Network, Pattern, Session
from advisor.expressions import Unknown, Value
from advisor.facts.kinds import Kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.feeding import Feeder, doors, sendable
from advisor.reasoning.joins import Joins, Widths
from advisor.rules.model import Rule

Match = tuple[Rule, tuple[Fact, ...]]


class Program:
    """The rules of all strata, compiled once.

    Kinds, fields and values become integers here; `fields` lists, for each kind, those that are joined on.
    """

    def __init__(
        self, strata: Sequence[Sequence[Rule]], kinds: Kinds, engine: Engine, catalog: Store
    ) -> None:
        self.rules = [(rule, layer) for layer, rules in enumerate(strata) for rule in rules if rule.match]
        self.depth = len(strata)
        matching = [rule for rule, _ in self.rules]
        self._values: dict[tuple[type, Value], int] = {}
        self.fields = _joined_fields(matching)
        self._kinds = {kind: number for number, kind in enumerate(self.fields)}
        self.network: Network = engine.compile([self._patterns(rule) for rule in matching])
        self.feeders = [Feeder(doors([matching[at] for at in part])) for part in self.network.parts]
        self.joins = Joins(Widths(matching, kinds))
        given = [fact for kind in self.fields for fact in catalog.of(kind)]
        self.told = list(self.ready(self.feeders, self.joins, given))

    def ready(
        self, feeders: Sequence[Feeder], joins: Joins, facts: Iterable[Fact]
    ) -> Iterator[tuple[int, Fact]]:
        """Those facts, and those that waited for them, which a part of the network is to be told now."""
        for fact in facts:
            if fact.kind in self.fields and sendable(fact, self.fields[fact.kind]):
                joins.count(fact)
                for part, feeder in enumerate(feeders):
                    yield from ((part, told) for told in feeder.offer(fact))

    def _patterns(self, rule: Rule) -> tuple[Pattern, ...]:
        positions = {pattern.alias: n for n, pattern in enumerate(rule.match)}
        kinds = [pattern.kind for pattern in rule.match]
        return tuple(
            Pattern(
                self._kinds[pattern.kind],
                tuple(
                    (self._field(pattern.kind, name), self.number(value)) for name, value in pattern.equals
                ),
                tuple(
                    (
                        self._field(pattern.kind, name),
                        positions[other],
                        self._field(kinds[positions[other]], field),
                    )
                    for name, other, field in pattern.on
                ),
            )
            for pattern in rule.match
        )

    def _field(self, kind: str, name: str) -> int:
        return self.fields[kind].index(name)

    def number(self, value: Value) -> int:
        """An integer for a value: equal values of one type, and only those, have the same."""
        return self._values.setdefault((type(value), value), len(self._values))

    def tell(self, session: Session, number: int, fact: Fact, part: int) -> None:
        """Give a fact to a part of the engine's network, as integers."""
        values = [self._joined(fact.values[name], (number, name)) for name in self.fields[fact.kind]]
        session.add(number, self._kinds[fact.kind], values, part)

    def _joined(self, value: Value, place: tuple[int, str]) -> int:
        """What is not known equals only itself."""
        return self.number(place if isinstance(value, Unknown) else value)


class Memory:
    """The working memory of one question: what the engine has been told, and by which numbers."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._session = program.network.session()
        self._feeders = [feeder.copy() for feeder in program.feeders]
        self._joins = program.joins.copy()
        self._told: list[Fact] = []
        self._numbers: dict[int, int] = {}  # of what has been told, by identity
        self._untold = list(program.told)
        self._waiting: list[list[Match]] = [[] for _ in range(program.depth)]
        self._gone: set[int] = set()

    def offer(self, facts: Iterable[Fact]) -> None:
        self._untold += self._program.ready(self._feeders, self._joins, facts)

    def forget(self, facts: Iterable[Fact]) -> None:
        """These facts have become part of others: what matched them and still waits is void."""
        self._gone.update(map(id, facts))

    def matches(self, layer: int) -> list[Match]:
        """What has come to match of the rules of a stratum since the last call.

        Raises ReasoningError where the engine would have to hold too much.
        """
        if self._untold:
            self._joins.check()
            self._tell_all()
        found, self._waiting[layer] = self._waiting[layer], []
        return [match for match in found if not self._gone.intersection(map(id, match[1]))]

    def _tell_all(self) -> None:
        """Let the engine know all that is new, and put what matches with its stratum."""
        for part, fact in self._untold:
            self._tell(fact, part)
        self._untold = []
        for position, numbers in self._session.matches():
            rule, at = self._program.rules[position]
            self._waiting[at].append((rule, tuple(self._told[number] for number in numbers)))

    def _tell(self, fact: Fact, part: int) -> None:
        number = self._numbers.setdefault(id(fact), len(self._told))
        if number == len(self._told):
            self._told.append(fact)
        self._program.tell(self._session, number, fact, part)


def _joined_fields(rules: Sequence[Rule]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for rule in rules:
        aliases = {pattern.alias: pattern.kind for pattern in rule.match}
        for pattern in rule.match:
            names = found.setdefault(pattern.kind, set())
            names.update(name for name, _ in pattern.equals)
            for name, other, field in pattern.on:
                names.add(name)
                found.setdefault(aliases[other], set()).add(field)
    return {kind: tuple(sorted(names)) for kind, names in sorted(found.items())}

"""Rules compiled for an engine, and the working memory that one or many questions share.

All rules stand in one network, so that a fact is told once. A rule of a later stratum may match early;
its matches wait until it is asked for them, when all that it looks at is complete.

Facts of a question carry its number into the engine, in a field that no rule file can name, and patterns
of one rule join on it. So the facts of the catalog are told once for all questions, and the facts of one
question never match with those of another. Which kinds belong to questions follows from the rules: those
that a question gives, and whatever rules write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from advisor.engines.network import Engine, Network, Pattern, Session
from advisor.expressions import Unknown, Value
from advisor.facts.kinds import Kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.feeding import Feeder, Offer, doors, sendable
from advisor.reasoning.joins import Joins, Widths
from advisor.rules.model import Pattern as RulePattern
from advisor.rules.model import Rule

Match = tuple[Fact, ...]
ALL = 0  # in place of that number: the catalog's facts


class Program:
    """The rules of all strata, compiled once.

    Kinds, fields and values become integers here; `fields` lists, for each kind, those that are joined on.
    """

    def __init__(
        self, strata: Sequence[Sequence[Rule]], kinds: Kinds, engine: Engine, catalog: Store
    ) -> None:
        self.rules = [rule for rules in strata for rule in rules if rule.match]
        self.position = {rule.id: at for at, rule in enumerate(self.rules)}
        self.asked = questioned(strata, kinds)
        self._values: dict[tuple[type, Value], int] = {}
        self.fields = _joined_fields(self.rules)
        self._kinds = {kind: number for number, kind in enumerate(self.fields)}
        self.network: Network = engine.compile([self._patterns(rule) for rule in self.rules])
        parts = {at: part for part, positions in enumerate(self.network.parts) for at in positions}
        self.part = [parts.get(at, 0) for at in range(len(self.rules))]
        self.own = [[p.kind for p in rule.match if p.kind in self.asked] for rule in self.rules]
        self.feeders = [Feeder(doors([self.rules[at] for at in part])) for part in self.network.parts]
        self.joins = Joins(Widths(self.rules, kinds))
        given = [fact for kind in self.fields for fact in catalog.of(kind)]
        standing = [fact for fact in given if fact.kind in self.asked and self._stands(fact)]
        self.standing = set(map(id, standing))
        #: of each kind all of whose facts in the catalog stand ready, how many they are; they come first
        self.ready_made = {
            kind: count
            for kind, count in Counter(fact.kind for fact in standing).items()
            if count == len(catalog.of(kind))
        }
        common = [fact for fact in given if fact.kind not in self.asked]
        self.told = list(self.ready(self.feeders, self.joins, common))

    def _stands(self, fact: Fact) -> bool:
        """Whether every part of the network calls for the fact itself, in each question that wants it."""
        return self.sendable(fact) and all([feeder.stand(fact, self.asked) for feeder in self.feeders])

    def ready(
        self, feeders: Sequence[Feeder], joins: Joins, facts: Iterable[Fact]
    ) -> Iterator[tuple[int, Offer]]:
        """Those facts of the catalog, and those that waited for them, which a part is to be told now."""
        for fact in facts:
            if self.sendable(fact):
                joins.count(fact)
                for part, feeder in enumerate(feeders):
                    yield from ((part, told) for told in feeder.offer(fact))

    def sendable(self, fact: Fact) -> bool:
        names = self.fields.get(fact.kind)
        return names is not None and sendable(fact, names)

    def _patterns(self, rule: Rule) -> tuple[Pattern, ...]:
        first = next((n for n, pattern in enumerate(rule.match) if pattern.kind in self.asked), None)
        return tuple(
            Pattern(
                self._kinds[pattern.kind],
                tuple(
                    (self._field(pattern.kind, name), self.number(value)) for name, value in pattern.equals
                ),
                (*self._joins_of(rule, pattern), *self._of_question(rule, n, first)),
            )
            for n, pattern in enumerate(rule.match)
        )

    def _of_question(self, rule: Rule, position: int, first: int | None) -> Iterator[tuple[int, int, int]]:
        """Facts of questions join on the question: with the first such pattern of the rule."""
        if first is not None and first < position and rule.match[position].kind in self.asked:
            yield (0, first, 0)

    def _joins_of(self, rule: Rule, pattern: RulePattern) -> Iterator[tuple[int, int, int]]:
        positions = {each.alias: n for n, each in enumerate(rule.match)}
        for name, other, field in pattern.on:
            at = positions[other]
            yield self._field(pattern.kind, name), at, self._field(rule.match[at].kind, field)

    def _field(self, kind: str, name: str) -> int:
        return self.fields[kind].index(name) + (kind in self.asked)

    def number(self, value: Value) -> int:
        """An integer for a value: equal values of one type, and only those, have the same."""
        return self._values.setdefault((type(value), value), len(self._values))

    def tell(self, session: Session, number: int, offer: Offer, part: int) -> None:
        """Give a fact to a part of the engine's network, as integers; those of a question begin with it."""
        fact, question = offer
        values = [question] if fact.kind in self.asked else []
        values += [self._joined(fact.values[name], (number, name)) for name in self.fields[fact.kind]]
        session.add(number, self._kinds[fact.kind], values, part)

    def _joined(self, value: Value, place: tuple[int, str]) -> int:
        """What is not known equals only itself."""
        return self.number(place if isinstance(value, Unknown) else value)


class Memory:
    """The working memory of one session: what the engine has been told, and for which question."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.feeders = [feeder.copy() for feeder in program.feeders]
        self.untold = list(program.told)
        self.questions = 0
        self.common: list[list[Match]] = [
            [] for _ in program.rules
        ]  # of each rule: what holds in all questions
        self.guests: dict[int, Fact] = {}  # parts that questions describe, by identity
        self._session = program.network.session()
        self._told: list[Offer] = []
        self._numbers: dict[tuple[int, int], int] = {}  # of what has been told, by identity and question
        self._known: dict[tuple[Any, ...], Fact] = {}

    def once(self, fact: Fact) -> Fact:
        """A fact that a question gives; of a catalog's kind, the one before it that says the same."""
        if fact.kind in self.program.asked:
            return fact
        known = self._known.setdefault((fact.identity, repr(fact.given)), fact)
        self.guests[id(known)] = known
        return known

    def tell(self) -> Iterator[tuple[int, Match, int]]:
        """Let the engine know all that is new. Gives back what matches: rule, facts, and the question."""
        for part, offer in self.untold:
            number = self._numbers.setdefault((id(offer[0]), offer[1]), len(self._told))
            if number == len(self._told):
                self._told.append(offer)
            self.program.tell(self._session, number, offer, part)
        self.untold = []
        for position, numbers in self._session.matches():
            offers = [self._told[number] for number in numbers]
            yield position, tuple(fact for fact, _ in offers), max(question for _, question in offers)


class Case:
    """One question in a session: which of its facts the engine knows, and what matches them."""

    def __init__(self, memory: Memory, store: Store) -> None:
        self._memory, self._program, self._store = memory, memory.program, store
        memory.questions += 1
        self._question = memory.questions
        self._joins = memory.program.joins.copy()
        self._offered: set[tuple[int, str]] = set()  # parts of the network, with the kinds they know
        self._waiting: dict[int, list[Match]] = {}
        self._common: dict[int, int] = {}  # how many matches that hold in all questions have been taken
        self._own: set[int] = set()  # the guests of this question
        self._counted: set[int] = set()
        self._gone: set[int] = set()

    def offer(self, facts: Iterable[Fact]) -> None:
        """Facts that are new: those of kinds that parts of the network know already are told to these."""
        for fact in facts:
            if fact.kind not in self._program.asked:
                self._own.add(id(fact))
                self._memory.untold += self._program.ready(self._memory.feeders, self._joins, [fact])
            else:
                for part in range(len(self._memory.feeders)):
                    if (part, fact.kind) in self._offered:
                        self._offer(part, fact)

    def _offer(self, part: int, fact: Fact) -> None:
        if id(fact) in self._program.standing or not self._program.sendable(fact):
            return
        for offer in self._memory.feeders[part].offer(fact, self._question):
            if offer[1] and id(offer[0]) not in self._counted:
                self._counted.add(id(offer[0]))
                self._joins.count(offer[0])
            self._memory.untold.append((part, offer))

    def forget(self, facts: Iterable[Fact]) -> None:
        """These facts are gone: what matched them and still waits is void."""
        self._gone.update(map(id, facts))

    def remember(self, fact: Fact) -> None:
        """A fact that was gone is there again."""
        self._gone.discard(id(fact))

    def matches(self, rules: Sequence[Rule]) -> list[tuple[Rule, Match]]:
        """What has come to match of these rules since the last call.

        Raises ReasoningError where the engine would have to hold too much.
        """
        positions = [self._program.position[rule.id] for rule in rules if rule.match]
        for position in positions:
            self._need(position)
        if self._memory.untold:
            self._joins.check()
            self._sort()
        return [(self._program.rules[at], match) for at in positions for match in self._taken(at)]

    def _need(self, position: int) -> None:
        """See that the engine knows the facts of this question that a rule may match."""
        part = self._program.part[position]
        for kind in self._program.own[position]:
            if (part, kind) not in self._offered:
                self._offered.add((part, kind))
                for fact in self._store.of(kind)[self._program.ready_made.get(kind, 0) :]:
                    self._offer(part, fact)

    def _sort(self) -> None:
        for position, match, question in self._memory.tell():
            if question == ALL:
                self._memory.common[position].append(match)
            elif question == self._question:
                self._waiting.setdefault(position, []).append(match)

    def _taken(self, position: int) -> list[Match]:
        common = self._memory.common[position]
        found = [*self._waiting.pop(position, ()), *common[self._common.get(position, 0) :]]
        self._common[position] = len(common)
        return [match for match in found if self._holds(match)]

    def _holds(self, match: Match) -> bool:
        guests = self._memory.guests
        return not any(
            id(fact) in self._gone or (id(fact) in guests and id(fact) not in self._own) for fact in match
        )


def questioned(strata: Sequence[Sequence[Rule]], kinds: Kinds) -> set[str]:
    """The kinds that belong to questions: those that a question gives, and what rules write."""
    given = {kind.id for kind in kinds.values() if kind.single}
    given |= {kind.id for kind in kinds.values() if kind.parent in given}
    return given | {each.kind for rules in strata for rule in rules for each in rule.conclude}


def _joined_fields(rules: Sequence[Rule]) -> dict[str, tuple[str, ...]]:
    """Of each kind that is matched: the fields that are looked at, beside the hidden one."""
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

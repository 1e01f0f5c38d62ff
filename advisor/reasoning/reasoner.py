"""Forward chaining, stratum by stratum, on any engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from advisor.engines.network import Engine, Network, Pattern, Session
from advisor.errors import Problem, ReasoningError
from advisor.expressions import Unknown, Value
from advisor.facts.kinds import Kinds
from advisor.facts.values import Fact, Store, contradict
from advisor.reasoning.apply import apply
from advisor.reasoning.feeding import Feeder, doors, sendable
from advisor.reasoning.outcome import Derivation, Firing, Miss
from advisor.reasoning.shadow import shadow_tuples
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook

MAX_FIRINGS = 20_000  # of one rule in one question: far above any honest use, reached in seconds


class Layer:
    """The rules of one stratum, compiled for an engine.

    Kinds, fields and values become integers here; `fields` lists, for each kind, those that are joined on.
    """

    def __init__(self, rules: Sequence[Rule], engine: Engine, values: dict[tuple[type, Value], int]) -> None:
        self.rules = [rule for rule in rules if rule.match]
        self.unconditional = [rule for rule in rules if not rule.match]
        self._values = values
        self.fields = _joined_fields(self.rules)
        self.doors = doors(self.rules)
        self._kinds = {kind: number for number, kind in enumerate(self.fields)}
        self.network: Network = engine.compile([self._patterns(rule) for rule in self.rules])
        self.feeder = Feeder(self.doors)
        self.told: list[Fact] = []

    def prepare(self, catalog: Store) -> None:
        """Feed the facts that every question has in common, once."""
        for kind in self.fields:
            self.told += self.ready(self.feeder, catalog.of(kind))

    def ready(self, feeder: Feeder, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Those facts, and those that waited for them, which the engine is to be told now."""
        for fact in facts:
            if fact.kind in self.fields and sendable(fact, self.fields[fact.kind]):
                yield from feeder.offer(fact)

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

    def tell(self, session: Session, number: int, fact: Fact) -> None:
        """Give a fact to the engine, as integers."""
        values = [self._joined(fact.values[name], (number, name)) for name in self.fields[fact.kind]]
        session.add(number, self._kinds[fact.kind], values)

    def _joined(self, value: Value, place: tuple[int, str]) -> int:
        """What is not known equals only itself."""
        return self.number(place if isinstance(value, Unknown) else value)


class Reasoner:
    """Rules compiled once, with the facts that hold in every question, for any number of questions."""

    def __init__(
        self, rulebook: Rulebook, kinds: Kinds, engine: Engine, catalog: Iterable[Fact] = ()
    ) -> None:
        self.kinds = kinds
        self.engine = engine
        self.catalog = Store()
        for fact in catalog:
            self.catalog.add(fact)
        values: dict[tuple[type, Value], int] = {}
        self.layers = [Layer(rules, engine, values) for rules in rulebook.strata]
        for layer in self.layers:
            layer.prepare(self.catalog)

    def derive(self, facts: Iterable[Fact]) -> Derivation:
        """All that follows from the catalog and these facts.

        Raises ReasoningError when rules contradict each other or never end.
        """
        run = _Run(self.kinds, self.catalog)
        for fact in facts:
            run.store.add(fact)
        run.settle()
        for layer in self.layers:
            run.finish(layer)
        return Derivation(run.store, run.firings, run.misses, run.derived)


class _Memory:
    """The working memory of one layer: what its engine has been told, and by which numbers."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._session = layer.network.session()
        self._told: list[Fact] = []
        self._news = False  # told since the last look
        self._feeder = layer.feeder.copy()
        for fact in layer.told:
            self._tell(fact)

    def offer(self, facts: Iterable[Fact]) -> None:
        for fact in self._layer.ready(self._feeder, facts):
            self._tell(fact)

    def matches(self) -> list[tuple[Rule, tuple[Fact, ...]]]:
        """What matches since the last call: rules with the facts of their patterns."""
        found = self._session.matches() if self._news else ()
        self._news = False
        return [(self._layer.rules[rule], tuple(self._told[n] for n in numbers)) for rule, numbers in found]

    def _tell(self, fact: Fact) -> None:
        self._told.append(fact)
        self._news = True
        self._layer.tell(self._session, len(self._told) - 1, fact)


class _Run:
    def __init__(self, kinds: Kinds, catalog: Store) -> None:
        self.kinds = kinds
        self.store = Store(catalog)
        self.shared = {kind: len(facts) for kind, facts in catalog.by_kind.items()}
        self.derived: dict[int, list[Firing]] = {}
        self.layer = 0
        self.firings: list[Firing] = []
        self.misses: list[Miss] = []
        self.counts: Counter[str] = Counter()
        self.failed: list[Problem] = []
        self.settled: list[Fact] = []  # facts that became part of others; `derived` knows them by identity

    def finish(self, layer: Layer) -> None:
        """All that follows by the rules of one layer."""
        before = len(self.firings)
        memory = _Memory(layer)
        for kind in layer.fields:
            memory.offer(self.store.of(kind)[self.shared.get(kind, 0) :])
        for rule in layer.unconditional:
            memory.offer(self._take(rule, (), frozenset()))
        while matches := memory.matches():
            for rule, facts in matches:
                memory.offer(self._take(rule, facts, frozenset()))
        self.check()
        self._shadows(layer)
        self.settle()
        _spread_causes(self.firings[before:])
        self.layer += 1

    def check(self) -> None:
        """Raises ReasoningError with what could not be computed and what contradicts itself."""
        problems = [*self.failed, *map(self._conflict, self.store.contradictions())]
        if problems:
            raise ReasoningError(set(problems))

    def settle(self) -> None:
        """Make one fact of those that say more or less of the same."""
        self.check()
        for whole, parts in self.store.settle():
            firings = list(
                dict.fromkeys(firing for part in parts for firing in self.derived.pop(id(part), ()))
            )
            for firing in firings:
                firing.concluded = [whole if fact in parts else fact for fact in firing.concluded]
            if firings:
                self.derived[id(whole)] = firings
            self.settled += parts

    def _shadows(self, layer: Layer) -> None:
        """What perhaps follows; it may lead to more of its kind, so until nothing is new."""
        since: dict[str, int] = {}
        growing = True
        while growing:
            growing = False
            sizes = {kind: len(self.store.of(kind)) for kind in layer.fields}
            found = [
                (rule, *each)
                for rule in layer.rules
                for each in shadow_tuples(rule, self.store, since, sizes)
            ]
            for rule, facts, doubts in found:
                growing = bool(list(self._take(rule, facts, doubts))) or growing
            since = sizes
        self.check()

    def _take(self, rule: Rule, facts: tuple[Fact, ...], doubts: frozenset) -> Iterator[Fact]:
        """Apply a rule, keep what came of it, and give back the facts that are new."""
        for outcome in apply(rule, facts, self.store, self.kinds, doubts):
            if isinstance(outcome, Problem):
                self.failed.append(outcome)
                continue
            if isinstance(outcome, Miss):
                self.misses.append(outcome)
                continue
            self._count(rule)
            outcome.layer = self.layer
            self.firings.append(outcome)
            yield from list(self._keep(outcome))

    def _keep(self, firing: Firing) -> Iterator[Fact]:
        for position, fact in enumerate(firing.concluded):
            before = self.store.add(fact)
            if before is None:
                before = fact
                if not any(contradict(fact, rival) for rival in self.store.rivals(fact)):
                    yield fact
            before.causes |= fact.causes
            before.default = before.default and fact.default
            self.derived.setdefault(id(before), []).append(firing)
            firing.concluded[position] = before

    def _count(self, rule: Rule) -> None:
        self.counts[rule.id] += 1
        if self.counts[rule.id] > MAX_FIRINGS:
            text = f"{rule.id} fired more than {MAX_FIRINGS:,} times: it seems never to end"
            raise ReasoningError([Problem("endless", text, None, rule.file, rule.line)])

    def _conflict(self, group: list[Fact]) -> Problem:
        rules = {firing.rule.id: firing.rule for fact in group for firing in self.derived.get(id(fact), ())}
        names = sorted(rules)
        if not rules:
            return Problem("conflict", f"{group[0].label} is given twice, with different values")
        if any(fact.given for fact in group):
            names.append("a file")
        text = f"{' and '.join(names)} write different values for {group[0].label}"
        return Problem("conflict", text, None, rules[names[0]].file, rules[names[0]].line)


def _spread_causes(firings: Sequence[Firing]) -> None:
    """What makes a fact uncertain makes all that follows uncertain, by whichever way it came first."""
    changed = True
    while changed:
        changed = False
        for firing in firings:
            more = (
                frozenset().union(*(fact.causes for fact in firing.premises if not fact.certain))
                - firing.causes
            )
            for fact in firing.concluded:
                fact.causes |= more
            firing.causes |= more
            changed = changed or bool(more)


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

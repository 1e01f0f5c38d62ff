"""Forward chaining, stratum by stratum, on any engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from advisor.engines.network import Engine
from advisor.errors import Problem, ReasoningError
from advisor.facts.kinds import Kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact, contradict
from advisor.reasoning.apply import apply
from advisor.reasoning.budget import Budget, Prices
from advisor.reasoning.memory import Case, Match, Memory, Program
from advisor.reasoning.outcome import Derivation, Firing, Miss
from advisor.reasoning.shadow import shadow_tuples
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook

MAX_FIRINGS = 20_000  # of one rule in one question: far above any honest use, reached in seconds
TOGETHER = 200  # questions in one session: an engine keeps all of them in memory
GUESTS = 100  # parts that its questions describe, each of which the engine holds against all others
COMPARING = 40  # steps, for each two facts with one key


class Reasoner:
    """Rules compiled once, with the facts that hold in every question, for any number of questions."""

    def __init__(
        self, rulebook: Rulebook, kinds: Kinds, engine: Engine, catalog: Iterable[Fact] = ()
    ) -> None:
        self.kinds = kinds
        self.engine = engine
        self.strata = rulebook.strata
        self.catalog = Store()
        for fact in catalog:
            self.catalog.add(fact)
        self.prices = Prices()
        self.layers = {rule.id: layer for layer, rules in enumerate(self.strata) for rule in rules}
        self.rulebook = rulebook
        self.program = Program(rulebook.strata, kinds, engine, self.catalog)
        self._kept: list[Session] = []

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that nobody else has meanwhile, for one question and what is asked about it.

        It is kept for the next one, until it has had its share of them or something went wrong in it.
        """
        try:
            session = self._kept.pop()
        except IndexError:
            session = Session(self)
        yield session
        if session.memory.questions < TOGETHER and len(session.memory.guests) < GUESTS:
            self._kept.append(session)

    def derive(self, facts: Iterable[Fact]) -> Derivation:
        """All that follows from the catalog and these facts.

        Raises ReasoningError when rules contradict each other, never end or cost too much.
        """
        with self.session() as session:
            return session.derive(facts)


class Session:
    """Questions asked one after another of one engine: what they share is told once."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self.memory = Memory(reasoner.program)

    def derive(self, facts: Iterable[Fact]) -> Derivation:
        """As Reasoner.derive."""
        given = [self.memory.once(fact) for fact in facts]
        run = Run(self, Store(self.reasoner.catalog))
        run.begin(given)
        for layer, rules in enumerate(self.reasoner.strata):
            run.finish(layer, rules)
        return Derivation(run.store, run.firings, run.misses, given, run.matched)

    def vary(self, base: Derivation, facts: Iterable[Fact], wanted: frozenset[str]) -> Derivation:
        """What follows from other facts, by the rules with these ids; `base` is a derivation of this session.

        What the differing facts make no difference to is taken from the base. `wanted` holds with each rule
        those that write what it reads. Where a firing is taken over, its premises are those of the base,
        which may differ in fields that its rule does not look at. Raises what `derive` raises.
        """
        from advisor.reasoning.variant import Entangled, Variant

        given = [self.memory.once(fact) for fact in facts]
        run = Variant(self, base, wanted)
        try:
            run.begin(given)
            for layer, rules in enumerate(self.reasoner.strata):
                run.finish(layer, rules)
        except Entangled:
            return self.derive(given)
        return run.derivation()


class Run:
    """One derivation under way. `store` holds what is known of the question so far."""

    def __init__(self, session: Session, store: Store) -> None:
        reasoner = session.reasoner
        self.kinds, self.store = reasoner.kinds, store
        self.case = Case(session.memory, store)
        self.budget = Budget(reasoner.prices)
        self.derived: dict[int, list[Firing]] = {}
        self.matched: dict[str, list[Match]] = {}  # by rule: the facts that were found to match
        self.layer = 0
        self.firings: list[Firing] = []
        self.misses: list[Miss] = []
        self.counts: Counter[str] = Counter()
        self.failed: list[Problem] = []
        self.settled: list[Fact] = []  # facts that became part of others; `derived` knows them by identity

    def begin(self, facts: Iterable[Fact]) -> None:
        kept = [fact for fact in facts if self.store.add(fact) is None]
        self.settle()
        gone = set(map(id, self.settled))
        self.case.offer(fact for fact in kept if id(fact) not in gone)

    def finish(self, layer: int, rules: Sequence[Rule]) -> None:
        """All that follows by the rules of one stratum."""
        before, self.layer = len(self.firings), layer
        for rule in rules:
            if not rule.match:
                self.case.offer(self._take(rule, (), frozenset()))
        while matches := self._matches(rules):
            for rule, facts in matches:
                self.matched.setdefault(rule.id, []).append(facts)
                self.case.offer(self._take(rule, facts, frozenset()))
        self.check()
        self._shadows(rules)
        self.settle()
        self._spread_causes(self.firings[before:])

    def _matches(self, rules: Sequence[Rule]) -> list[tuple[Rule, Match]]:
        """What has come to match since the last call."""
        return self.case.matches(rules)

    def check(self) -> None:
        """Raises ReasoningError with what could not be computed and what contradicts itself."""
        problems = [*self.failed, *map(self._conflict, self.store.contradictions())]
        if problems:
            raise ReasoningError(set(problems))

    def settle(self) -> None:
        """Make one fact of those that say more or less of the same."""
        self.check()
        for whole, parts in self.store.settle():
            self._become(whole, parts)

    def _become(self, whole: Fact, parts: list[Fact]) -> None:
        firings = list(dict.fromkeys(firing for part in parts for firing in self.derived.pop(id(part), ())))
        for firing in firings:
            firing.concluded = [whole if fact in parts else fact for fact in firing.concluded]
        if firings:
            self.derived[id(whole)] = firings
        parts = [fact for fact in parts if fact is not whole]
        self.settled += parts
        self.case.forget(parts)
        self.case.offer([whole])

    def _shadows(self, rules: Sequence[Rule]) -> None:
        """What perhaps follows; it may lead to more of its kind, so until nothing is new."""
        since: dict[str, int] = {}
        growing = True
        while growing:
            growing = False
            sizes = {p.kind: len(self.store.of(p.kind)) for rule in rules for p in rule.match}
            found = [each for rule in rules for each in self._perhaps(rule, since, sizes)]
            for rule, facts, doubts in found:
                growing = bool(list(self._take(rule, facts, doubts))) or growing
            since = sizes
        self.check()

    def _perhaps(
        self, rule: Rule, since: Mapping[str, int], sizes: Mapping[str, int]
    ) -> Iterator[tuple[Rule, tuple[Fact, ...], frozenset]]:
        self.budget.begin(rule)
        for facts, doubts in shadow_tuples(rule, self.store, self.budget, since, sizes):
            yield rule, facts, doubts

    def _take(self, rule: Rule, facts: tuple[Fact, ...], doubts: frozenset) -> Iterator[Fact]:
        """Apply a rule, keep what came of it, and give back the facts that are new."""
        self.budget.begin(rule)
        for outcome in apply(rule, facts, self.store, self.kinds, self.budget, doubts):
            if isinstance(outcome, Problem):
                self.failed.append(outcome)
                continue
            if isinstance(outcome, Miss):
                self.misses.append(outcome)
                continue
            self._count(rule)
            if outcome.causes:
                self.budget.hang(len(outcome.causes))
            outcome.layer = self.layer
            self.firings.append(outcome)
            yield from list(self._keep(outcome))

    def _keep(self, firing: Firing) -> Iterator[Fact]:
        for position, fact in enumerate(firing.concluded):
            before = self.store.add(fact)
            if before is None:
                before = fact
                rivals = self.store.rivals(fact)
                if rivals:
                    self.budget.spend(COMPARING * len(rivals))
                if not any(contradict(fact, rival) for rival in rivals):
                    yield fact
            self._merge(before, fact.causes, fact.default)
            self.derived.setdefault(id(before), []).append(firing)
            firing.concluded[position] = before

    def _merge(self, fact: Fact, causes: frozenset[Any], default: bool) -> None:
        """One more rule says what this fact says."""
        fact.causes |= causes
        fact.default = fact.default and default

    def _spread_causes(self, firings: Sequence[Firing]) -> None:
        """What makes a fact uncertain makes all that follows uncertain, by whichever way it came first."""
        changed = True
        while changed:
            changed = False
            for firing in firings:
                doubtful = [fact.causes for fact in firing.premises if not fact.certain]
                more = frozenset().union(*doubtful) - firing.causes
                if more:
                    for fact in firing.concluded:
                        self._merge(fact, more, fact.default)
                    firing.causes |= more
                    changed = True

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

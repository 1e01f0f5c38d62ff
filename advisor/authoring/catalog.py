"""The rules over the catalog, derived: what they find wrong with its facts, and what they tell of one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial

from advisor.authoring.findings import Finding
from advisor.authoring.plans import Plan, Planner
from advisor.engines import choose
from advisor.engines.network import Engine
from advisor.errors import AdvisorError, EngineError, Problem, ReasoningError
from advisor.facts.library import Library
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook, written
from advisor.rules.strata import strata

WRONG = ("error", "warning")


@dataclass(frozen=True)
class Told:
    """A derivation, and those of its firings that tell of the fact that was asked for."""

    derivation: Derivation
    firings: list[Firing]


class Catalog:
    """A library and the rules over it. Each group of rules is compiled once."""

    def __init__(self, library: Library, rulebook: Rulebook, engine: Engine | None = None) -> None:
        self.library, self.rulebook = library, rulebook
        self._engine = engine

    @cached_property
    def engine(self) -> Engine:
        return self._engine or preferred()

    def findings(self) -> list[Finding]:
        """What rules with severity error or warning say, each once; and which of them can never fire."""
        planner = self._planner(rule for rule in self.rulebook.catalog if rule.severity in WRONG)
        found = {Finding("warning", problem): None for problem in planner.never()}
        for plan in planner.plans():
            for outcome in self._derivations(plan):
                for finding in _wrong(outcome, plan.own):
                    found.setdefault(finding)
        return list(found)

    def about(self, fact: Fact) -> list[Told]:
        """What rules over the catalog tell of one fact, in the order in which they stand in their files."""
        found = []
        for plan, reasoner in self._compiled:
            if plan.subject and plan.subject[1].spec.refers != fact.kind:
                continue
            derivation = reasoner().derive(_given(plan, fact))
            parts = {part.label for part in (fact, *nested(self.library, fact))}
            own = [firing for firing in derivation.firings if firing.rule.id in plan.own]
            telling = [firing for firing in own if firing.rule.severity]
            if plan.subject is None:
                telling = [f for f in telling if parts & {each.label for each in f.premises}]
            found.append(Told(derivation, sorted(telling, key=_as_written)))
        return found

    @cached_property
    def _compiled(self) -> list[tuple[Plan, Callable[[], Reasoner]]]:
        """All rules over the catalog, compiled when they are first wanted."""
        plans = self._planner(self.rulebook.catalog).plans()
        return [(plan, cache(partial(self._reasoner, plan))) for plan in plans]

    def _planner(self, wanted: Iterable[Rule]) -> Planner:
        return Planner(self.rulebook, self.library, wanted)

    def _derivations(self, plan: Plan) -> Iterator[Derivation | AdvisorError]:
        reasoner = self._reasoner(plan)
        named = self.library.of(str(plan.subject[1].spec.refers)) if plan.subject else [None]
        for fact in named:
            try:
                yield reasoner.derive(_given(plan, fact))
            except ReasoningError as error:
                yield error

    def _reasoner(self, plan: Plan) -> Reasoner:
        read = {kind for rule in plan.rules for kind in rule.reads}
        facts = [fact for fact in self.library.facts if fact.kind in read | written(plan.rules)]
        rulebook = Rulebook(tuple(map(tuple, strata(plan.rules))), {})
        return Reasoner(rulebook, self.library.kinds, self.engine, facts)


def nested(library: Library, fact: Fact) -> list[Fact]:
    """The facts that stand inside one: the blocks of a model."""
    return [
        inner
        for child in library.kinds.children(fact.kind)
        for inner in library.of(child.id)
        if child.parent_field and (inner.values.get(child.parent_field),) == fact.key
    ]


def preferred() -> Engine:
    """CLIPS where it can be used: hundreds of derivations in one process, and it gives their memory back."""
    try:
        return choose("clips")[0]
    except EngineError:
        return choose()[0]


def _given(plan: Plan, fact: Fact | None) -> list[Fact]:
    """The one fact of a question that the plan needs."""
    if plan.subject is None or fact is None:
        return []
    kind, field = plan.subject
    values = {each.name: each.spec.default for each in kind.fields.values() if each.spec.default is not None}
    values[field.name] = fact.key[0]
    return [Fact(kind.id, kind.key_of(values), values)]


def _wrong(outcome: Derivation | AdvisorError, own: Collection[str]) -> Iterator[Finding]:
    if isinstance(outcome, AdvisorError):
        yield from (Finding("error", problem) for problem in outcome.problems)
        return
    for firing in outcome.sorted_firings():
        if firing.rule.id in own and firing.certain:
            file, line = _place(firing)
            text, hint = firing.text, firing.rule.summary
            yield Finding(str(firing.rule.severity), Problem(firing.rule.id, text, hint, file, line))


def _place(firing: Firing) -> tuple[str | None, int | None]:
    """Where the first fact that matched stands, of those that stand in a file; else where the rule does."""
    for fact in (*firing.premises, *firing.looked):
        if fact.given and fact.given.file:
            return fact.given.file, fact.given.line
    return firing.rule.file, firing.rule.line


def _as_written(firing: Firing) -> tuple[object, ...]:
    return (firing.rule.file, firing.rule.line or 0, firing.sort_key)

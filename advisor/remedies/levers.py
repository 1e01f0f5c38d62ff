"""Levers: what rules propose to change, each with its settings from the mildest to the strongest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from advisor.expressions import Unknown, Value, normal
from advisor.facts.kinds import Kinds
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing
from advisor.rules.model import FOUND, Formula, Proposal, Vary

LAST = 1_000_000  # the place of a kind of remedy of which no fact tells one


@dataclass(frozen=True, eq=False)
class Setting:
    """One change to the question: a value for each field, as files write it."""

    lever: Lever
    number: int
    values: Mapping[str, Any]
    firing: Firing
    found: Value | None = None  # by a search

    @property
    def title(self) -> str:
        return _proposal(self.firing).title.render(self._env)

    @property
    def costs(self) -> list[str]:
        return [cost.render(self._env) for cost in _proposal(self.firing).costs]

    @property
    def _env(self) -> Mapping[str, Any]:
        return self.firing.env if self.found is None else {**self.firing.env, FOUND: self.found}


@dataclass(eq=False)
class Lever:
    """All settings of one rule, or all values of one search. `firings` stand in order, the mildest first."""

    firings: Sequence[Firing]
    kinds: Kinds
    fact: Fact | None  # what is known of its kind
    numbers: Sequence[Value] = ()  # of a search: the values to find the best of, the mildest first
    _made: dict[int, Setting] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return _proposal(self.firings[0]).kind

    @property
    def order(self) -> tuple[Any, ...]:
        first = self.firings[0]
        return (self.told("order", LAST), first.rule.id, _proposal(first).title.template.text, first.sort_key)

    def told(self, name: str, otherwise: Any) -> Any:
        """What the lever's fact says."""
        return self.fact.values.get(name, otherwise) if self.fact else otherwise

    def __len__(self) -> int:
        return len(self.numbers) or len(self.firings)

    def __getitem__(self, number: int) -> Setting:
        if number not in self._made:
            self._made[number] = self._setting(number)
        return self._made[number]

    def _setting(self, number: int) -> Setting:
        found = self.numbers[number] if self.numbers else None
        firing = self.firings[0 if self.numbers else number]
        env = firing.env if found is None else {**firing.env, FOUND: found}
        proposal = _proposal(firing)
        values = {path: _value(change, env) for path, change in proposal.changes.items()}
        if proposal.vary and found is not None:
            values[proposal.vary.path] = found
        written = {path: as_written(self.kinds, path, value) for path, value in values.items()}
        return Setting(self, number, written, firing, found)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The fields that it changes."""
        return frozenset(path for firing in self.firings for path in _proposal(firing).paths)


@dataclass
class Proposed:
    """What the rules of a question propose. `kept` counts what touches fields that are to be left alone."""

    levers: list[Lever]
    advice: list[Firing]
    kept: int


def proposed(derivation: Derivation, kinds: Kinds, keep: Sequence[str]) -> Proposed:
    """Levers and advice, in the order of the `lever` facts: first what changes least of what was asked."""
    facts = {str(fact.values["kind"]): fact for fact in derivation.store.of("lever")}
    firings = [firing for firing in derivation.firings if firing.rule.propose and firing.certain]
    allowed = [firing for firing in firings if not _touches(_proposal(firing).paths, keep)]
    levers = [lever for group in _groups(allowed) if (lever := _lever(group, kinds, facts))]
    advice = sorted((f for f in allowed if _proposal(f).advice), key=lambda f: _advice_order(f, facts))
    return Proposed(sorted(levers, key=lambda lever: lever.order), advice, len(firings) - len(allowed))


def _touches(changes: Iterable[str], keep: Sequence[str]) -> bool:
    """Whether a change lies under one of the paths that the goals want left alone."""
    return any(path == kept or path.startswith(f"{kept}.") for path in changes for kept in keep)


def _groups(firings: Iterable[Firing]) -> Iterable[list[Firing]]:
    """The firings of each rule are settings of one lever; each that searches is a lever of its own."""
    groups: dict[Any, list[Firing]] = {}
    for firing in firings:
        proposal = _proposal(firing)
        if not proposal.advice:
            groups.setdefault(id(firing) if proposal.vary else firing.rule.id, []).append(firing)
    return groups.values()


def _lever(group: list[Firing], kinds: Kinds, facts: Mapping[str, Fact]) -> Lever | None:
    """None where nothing can be asked: what to change is not known, or there is no value to try."""
    fact = facts.get(_proposal(group[0]).kind)
    vary = _proposal(group[0]).vary
    if vary:
        numbers = _numbers(vary, group[0])
        return Lever(group, kinds, fact, numbers) if numbers else None
    settled = sorted((each for each in group if _settled(each)), key=_order)
    return Lever(settled, kinds, fact) if settled else None


def _settled(firing: Firing) -> bool:
    changes = _proposal(firing).changes.values()
    values = [_value(change, firing.env) for change in changes]
    return not any(isinstance(value, Unknown) for value in (_rank(firing), *values))


def _order(firing: Firing) -> tuple[Any, ...]:
    return (Fraction(_rank(firing)), _proposal(firing).title.render(firing.env), firing.sort_key)


def _rank(firing: Firing) -> Any:
    return _proposal(firing).order.run(firing.env)


def _numbers(vary: Vary, firing: Firing) -> Sequence[Value]:
    """The values of a search, the one that is sought most first."""
    first, last, step = (formula.run(firing.env) for formula in vary.formulas)
    if any(isinstance(value, Unknown) for value in (first, last, step)) or step <= 0 or last < first:
        return ()
    count = (last - first) // step + 1
    values = _Steps(first, step, int(count))
    return values[::-1] if vary.largest else values


class _Steps(Sequence[Value]):
    """first, first + step, … without making them all: a context may have a million steps."""

    def __init__(self, first: Any, step: Any, count: int) -> None:
        self._first, self._step, self._count = first, step, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):  # only backwards as a whole
            return _Steps(self[self._count - 1], -self._step, self._count)
        return normal(self._first + self._step * at)


def as_written(kinds: Kinds, path: str, value: Any) -> Any:
    """A value in the unit in which files write that field."""
    table, _, name = path.partition(".")
    kind = next(each for each in kinds.values() if each.name_in_config == table)
    found = kind.field_for(name)
    if isinstance(value, tuple):
        return list(value)
    if found is None or isinstance(value, (bool, str)):
        return value
    return normal(Fraction(value) / found[1])


def _value(change: Formula | tuple[Value, ...], env: Mapping[str, Any]) -> Value:
    return change if isinstance(change, tuple) else change.run(env)


def _proposal(firing: Firing) -> Proposal:
    assert firing.rule.propose is not None
    return firing.rule.propose


def _advice_order(firing: Firing, facts: Mapping[str, Fact]) -> tuple[Any, ...]:
    fact = facts.get(_proposal(firing).kind)
    return (fact.values.get("order", LAST) if fact else LAST, firing.rule.id, _order(firing))

"""Which facts an engine needs: those that can take part in a match.

A catalog holds thousands of facts and a question concerns a few. A fact is told to the engine once, for
some pattern, its constants agree and every fact that the pattern joins to has been told with the value
that it joins on; where it joins to none, once there is some fact for the pattern before it. Patterns wait
for earlier ones of their rule only, so nothing waits in a circle, and a match can miss no fact: each of its
facts follows from those before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from advisor.facts.values import Fact
from advisor.rules.model import Rule

Slot = tuple[str, str]  # kind, field
ANY = ""  # in place of a field: whatever the fact says


class Door(NamedTuple):
    """What one pattern asks of a fact: constants, and for each join its field and the slot joined to."""

    constants: tuple[tuple[str, object], ...]
    joins: tuple[tuple[str, Slot], ...]


def doors(rules: Sequence[Rule]) -> dict[str, list[Door]]:
    """For each kind, the patterns that its facts may match."""
    found: dict[str, dict[Door, None]] = {}
    for rule in rules:
        kinds = {pattern.alias: pattern.kind for pattern in rule.match}
        for position, pattern in enumerate(rule.match):
            joins = tuple((name, (kinds[other], field)) for name, other, field in pattern.on)
            if not joins and position:
                joins = ((ANY, (rule.match[position - 1].kind, ANY)),)
            found.setdefault(pattern.kind, {})[Door(pattern.equals, joins)] = None
    return {kind: list(each) for kind, each in found.items()}


class Feeder:
    """Decides which facts to tell, each once and as soon as it can take part."""

    def __init__(self, plan: dict[str, list[Door]]) -> None:
        self._plan = plan
        self._slots = _slots(plan)
        self._seen: dict[tuple[str, str, object], bool] = {}
        self._waiting: dict[tuple[str, str, object], tuple[tuple[Fact, Door], ...]] = {}
        self._told: set[int] = set()

    def copy(self) -> Feeder:
        """A feeder that goes on from here; what it learns stays with it."""
        other = Feeder.__new__(Feeder)
        other._plan, other._slots = self._plan, self._slots
        other._seen, other._waiting, other._told = dict(self._seen), dict(self._waiting), set(self._told)
        return other

    def offer(self, fact: Fact) -> Iterator[Fact]:
        """The facts to tell now: this one, unless it has to wait, and those that waited for it."""
        queue = [(fact, door) for door in self._plan.get(fact.kind, ())]
        while queue:
            candidate, door = queue.pop()
            if id(candidate) not in self._told and self._passes(candidate, door):
                self._told.add(id(candidate))
                yield candidate
                queue += self._woken(candidate)

    def _passes(self, fact: Fact, door: Door) -> bool:
        values = fact.values
        for name, wanted in door.constants:
            if values.get(name) != wanted:
                return False
        for name, (kind, field) in door.joins:
            place = (kind, field, values.get(name))
            if place not in self._seen:
                self._waiting[place] = (*self._waiting.get(place, ()), (fact, door))
                return False
        return True

    def _woken(self, fact: Fact) -> list[tuple[Fact, Door]]:
        woken: list[tuple[Fact, Door]] = []
        for field in self._slots.get(fact.kind, ()):
            place = (fact.kind, field, fact.values.get(field))
            self._seen[place] = True
            woken += self._waiting.pop(place, ())
        return woken


def _slots(plan: dict[str, list[Door]]) -> dict[str, set[str]]:
    """The fields of each kind that others join to."""
    found: dict[str, set[str]] = {}
    for each in plan.values():
        for door in each:
            for _, (kind, field) in door.joins:
                found.setdefault(kind, set()).add(field)
    return found


def sendable(fact: Fact, fields: Sequence[str]) -> bool:
    """Whether an engine can be given the fact: it exists for sure and has all fields to join on."""
    return fact.certain and all(name in fact.values for name in fields)

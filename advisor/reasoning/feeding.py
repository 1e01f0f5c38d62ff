"""Which facts an engine needs: those that can take part in a match.

A catalog holds thousands of facts and a question concerns a few. A fact is told to the engine once, for
some pattern, its constants agree and every fact that the pattern joins to has been told with the value
that it joins on; where it joins to none, once there is some fact for the pattern before it. Patterns wait
for earlier ones of their rule only, so nothing waits in a circle, and a match can miss no fact: each of its
facts follows from those before it.

Several questions share a session. A fact of the catalog is told once for all of them, one of a question once
for each that offers it; what one question told may let a fact of another pass that could have waited. A fact
of a question's kind that holds in every question stands ready, and is told for each that wants it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from advisor.facts.values import Fact
from advisor.rules.model import Rule

Slot = tuple[str, str]  # kind, field
Offer = tuple[Fact, int]  # a fact, and the question that it is told for; 0 for all
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
        self._seen: set[tuple[str, str, object]] = set()
        self._waiting: dict[tuple[str, str, object], tuple[tuple[Offer, Door], ...]] = {}
        self._told: set[tuple[int, int]] = set()
        self._standing: dict[tuple[str, str, object], list[tuple[Fact, Door]]] = {}

    def stand(self, fact: Fact, asked: Collection[str]) -> bool:
        """Keep a fact for every question; False where it has to be offered to each.

        It can be kept where each pattern for it joins to one of the `asked` kinds, those of questions.
        """
        wanted = [door for door in self._plan.get(fact.kind, ()) if _agrees(fact, door)]
        joined = [[join for join in door.joins if join[1][0] in asked] for door in wanted]
        for door, joins in zip(wanted, joined, strict=True) if all(joined) else ():
            name, (kind, field) = joins[0]
            self._standing.setdefault((kind, field, fact.values.get(name)), []).append((fact, door))
        return all(joined)

    def copy(self) -> Feeder:
        """A feeder that goes on from here; what it learns stays with it."""
        other = Feeder.__new__(Feeder)
        other._plan, other._slots, other._standing = self._plan, self._slots, self._standing
        other._seen, other._waiting, other._told = set(self._seen), dict(self._waiting), set(self._told)
        return other

    def offer(self, fact: Fact, question: int = 0) -> Iterator[Offer]:
        """What to tell now: this fact, unless it has to wait, and those that waited for it.

        A fact for all is offered before those of a question: it wakes none of a question that wait for it.
        """
        queue = [((fact, question), door) for door in self._plan.get(fact.kind, ())]
        while queue:
            offer, door = queue.pop()
            name = (id(offer[0]), offer[1])
            if name not in self._told and self._passes(offer, door):
                self._told.add(name)
                yield offer
                queue += self._woken(offer[0], question)

    def _passes(self, offer: Offer, door: Door) -> bool:
        fact = offer[0]
        if not _agrees(fact, door):
            return False
        for name, (kind, field) in door.joins:
            place = (kind, field, fact.values.get(name))
            if place not in self._seen:
                self._waiting[place] = (*self._waiting.get(place, ()), (offer, door))
                return False
        return True

    def _woken(self, fact: Fact, question: int) -> Iterator[tuple[Offer, Door]]:
        for field in self._slots.get(fact.kind, ()):
            place = (fact.kind, field, fact.values.get(field))
            self._seen.add(place)
            yield from (each for each in self._waiting.pop(place, ()) if each[0][1] in (0, question))
            if question:
                yield from (((each, question), door) for each, door in self._standing.get(place, ()))


def _agrees(fact: Fact, door: Door) -> bool:
    return all(fact.values.get(name) == wanted for name, wanted in door.constants)


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

"""The search for what works: single changes first, then the mildest that work together.

Settings of a lever go from the mildest to the strongest, and the search trusts that what helps a little
helps more further on: it asks both ends, and bisects. What it gives back was asked, each of it, and so was
what lies one step before it and what is left when a change is dropped; there nothing is trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from advisor.remedies.asking import Asker
from advisor.remedies.levers import Lever, Setting
from advisor.remedies.outcome import Outcome

Settings = tuple[Setting, ...]
GUESSES = 2  # of where a range begins to work, before it is halved


@dataclass(frozen=True)
class Limits:
    """How far a search goes; policies say it."""

    together: float  # levers in one remedy
    tries: int  # settings between the ends, where both fail


@dataclass(frozen=True)
class Proved:
    """Changes that work. `before` is what came of the last setting but one step milder, which does not."""

    settings: Settings
    outcome: Outcome
    before: tuple[Setting, Outcome] | None = None


class Search:
    def __init__(self, asker: Asker, levers: Sequence[Lever], limits: Limits, start: Outcome) -> None:
        self.asker, self.levers, self.limits, self.start = asker, levers, limits, start
        self._alone: dict[int, int | None] = {}  # by lever: its mildest setting that works by itself

    def run(self) -> list[Proved]:
        """All that was found, each a set of changes of which none can be left out."""
        found = [proved for lever in self.levers if (proved := self._single(lever))]
        mixing = sorted((each for each in self.levers if each.told("combines", False)), key=_buying)
        for size in (2, 3):
            if size <= self.limits.together and (size == 2 or not found):
                found += self._sets(mixing, size)
        return found

    def nearest(self) -> Iterator[tuple[Setting, Outcome]]:
        """Of each lever that does not work by itself: what came nearest to it."""
        for lever in self.levers:
            if self._alone[id(lever)] is None:
                asked = [(lever[n], self.asker.known((lever[n],))) for n in (0, len(lever) - 1)]
                told = [(setting, outcome) for setting, outcome in asked if outcome is not None]
                yield from sorted(told, key=lambda each: _far(each[1]))[:1]

    # one lever

    def _single(self, lever: Lever) -> Proved | None:
        number = self._mildest(lever, range(len(lever)), ())
        self._alone[id(lever)] = number
        return None if number is None else self._proved((lever[number],))

    def _mildest(self, lever: Lever, numbers: range, others: Settings) -> int | None:
        """The mildest of these settings that works together with others, which do not work without it."""
        if not lever.numbers and self._works(lever, numbers[0], others):
            return numbers[0]
        ends = [numbers[-1], *self._between(lever, numbers)]
        works = next((number for number in ends if self._works(lever, number, others)), None)
        return None if works is None else self._first_between(lever, numbers[0] - 1, works, others)

    def _first_between(self, lever: Lever, fails: int, works: int, others: Settings) -> int:
        """The first that works, where it is known that one fails and a later one works.

        What is left free on the fullest device changes about evenly, so that it tells where to ask; where
        this does not help soon, by halves.
        """
        steps = 0
        while works - fails > 1:
            guess = self._guess(lever, fails, works, others) if steps < GUESSES else None
            middle = (fails + works) // 2 if guess is None else guess
            fails, works = (fails, middle) if self._works(lever, middle, others) else (middle, works)
            steps += 1
        return works

    def _guess(self, lever: Lever, fails: int, works: int, others: Settings) -> int | None:
        ends = [self._spare(lever, number, others) for number in (fails, works)]
        if None in ends or not ends[0] < 0 <= ends[1]:  # type: ignore[operator]
            return None
        lacks, leaves = ends
        there = fails + (works - fails) * -lacks / (leaves - lacks)  # type: ignore[operator]
        return min(max(math.ceil(there), fails + 1), works - 1)

    def _spare(self, lever: Lever, number: int, others: Settings) -> int | None:
        """What is left free, or lacks; before the first setting, without the lever."""
        settings = others if number < 0 else (*others, lever[number])
        outcome = self.asker.known(settings) if settings else self.start
        return outcome.spare if outcome else None

    def _between(self, lever: Lever, numbers: range) -> list[int]:
        """A few settings to try where the strongest fails; none of a search, which goes one way."""
        parts = 0 if lever.numbers else self.limits.tries
        inner = {numbers[len(numbers) * part // (parts + 1)] for part in range(1, parts + 1)}
        return sorted(inner - {numbers[0], numbers[-1]}, reverse=True)

    def _works(self, lever: Lever, number: int, others: Settings) -> bool:
        outcome = self.asker.ask((*others, lever[number]))
        return outcome is not None and outcome.works

    # several

    def _sets(self, levers: Sequence[Lever], size: int) -> Iterator[Proved]:
        useful = [lever for lever in levers if self._alone[id(lever)] != 0]
        for chosen in combinations(useful, size):
            if self._may_help(chosen):
                proved = self._set(chosen)
                if proved:
                    yield proved

    def _room(self, lever: Lever) -> range:
        """The settings that do not work by themselves: with the others nothing could be dropped."""
        alone = self._alone[id(lever)]
        return range(len(lever) if alone is None else alone)

    def _strongest(self, lever: Lever) -> Setting:
        return lever[self._room(lever)[-1]]

    def _promise(self, levers: Sequence[Lever]) -> float:
        """By how much all together would still fail, if what each of them gains added up."""
        known = [self.asker.known((self._strongest(lever),)) for lever in levers]
        far = [outcome.distance for outcome in known if outcome is not None]
        told = [each for each in far if each is not None]
        if self.start.distance is None or len(told) < len(levers):
            return 0.0
        return sum(told) - (len(levers) - 1) * self.start.distance

    def _may_help(self, levers: Sequence[Lever]) -> bool:
        paths = [lever.paths for lever in levers]
        disjoint = len(frozenset().union(*paths)) == sum(map(len, paths))
        return disjoint and self._promise(levers) <= 0

    def _set(self, levers: Sequence[Lever]) -> Proved | None:
        """Each lever as mild as the strongest of the others allow, one after another."""
        chosen = [self._strongest(lever) for lever in levers]
        outcome = self.asker.ask(chosen)
        if outcome is None or not outcome.works:
            return None
        for at, lever in enumerate(levers):
            others = tuple(setting for n, setting in enumerate(chosen) if n != at)
            number = self._mildest(lever, self._room(lever), others)
            if number is None:
                return None
            chosen[at] = lever[number]
        return self._proved(tuple(chosen))

    # proof

    def _proved(self, settings: Settings) -> Proved | None:
        """With the step before, asked; None where something can be dropped, or may be."""
        outcome = self.asker.ask(settings)
        less = [self.asker.ask(part) for part in _parts(settings)]
        if outcome is None or not outcome.works or any(each is None or each.works for each in less):
            return None
        *others, last = settings
        if last.number == 0:
            return Proved(settings, outcome)
        milder = last.lever[last.number - 1]
        before = self.asker.ask((*others, milder))
        return Proved(settings, outcome, (milder, before) if before and not before.works else None)


def _parts(settings: Settings) -> Iterable[Settings]:
    """All that is left when one change or more are dropped, and something stays."""
    return (part for size in range(1, len(settings)) for part in combinations(settings, size))


def _buying(lever: Lever) -> bool:
    """What can be done with the hardware that there is comes first."""
    return bool(lever.told("buys", False))


def _far(outcome: Outcome) -> float:
    return float("inf") if outcome.distance is None else outcome.distance

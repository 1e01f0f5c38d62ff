"""The store that keeps facts apart by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from advisor.expressions import Unknown, Value
from advisor.facts.values import Fact, contradict


class Store:
    """Working memory: all facts of one question, by kind and by key.

    Facts with one key that differ only in what is unknown do not contradict each other: they are rivals,
    kept apart until `settle` makes one fact of them. A store may begin with the facts of another, which
    stays as it is: of each kind it takes a copy when something is added to it or taken away.
    """

    def __init__(self, base: Store | None = None) -> None:
        self._shelves: dict[str, _Shelf] = dict(base._shelves) if base else {}
        self._own: set[str] = set()
        self._news: set[str] = set()  # kinds to which something was added since the last `settle`
        self.clouded: set[str] = set(base.clouded) if base else set()  # kinds where something is in doubt

    def __iter__(self) -> Iterator[Fact]:
        for shelf in self._shelves.values():
            yield from shelf.facts

    def of(self, kind: str) -> list[Fact]:
        shelf = self._shelves.get(kind)
        return shelf.facts if shelf else []

    def holder(self, fact: Fact) -> Fact | None:
        """The certain fact that already has this fact's key."""
        shelf = self._shelves.get(fact.kind)
        return shelf.by_key.get(fact.key) if shelf else None

    def live(self, kind: str) -> Sequence[Fact]:
        """Facts to look at: an uncertain one gives way to a certain one with its key.

        Only to one that was there at the last `settle`, else it would matter which rule comes first.
        """
        if kind not in self.clouded:
            return self.of(kind)
        shelf = self._shelves[kind]
        return [fact for fact in shelf.facts if shelf.stands(fact)]

    def perhaps_same(self, fact: Fact) -> Sequence[Fact]:
        """Facts to look at that may have this fact's key."""
        if not fact.named:
            return self.live(fact.kind)
        shelf = self._shelves.get(fact.kind)
        if shelf is None:
            return []
        holder = shelf.by_key.get(fact.key)
        unnamed = [other for other in shelf.unnamed.values() if shelf.stands(other)]
        return [holder, *unnamed] if holder else unnamed

    def lives(self, fact: Fact) -> bool:
        return fact.certain or self.holder(fact) is None

    def live_with(self, kind: str, name: str, value: Value) -> Sequence[Fact]:
        """Facts to look at whose field has this value, or none; all of them where some value is not known."""
        if kind in self.clouded:
            return self.live(kind)
        shelf = self._shelves.get(kind)
        return shelf.with_value(name, value) if shelf else []

    def add(self, fact: Fact) -> Fact | None:
        """Keep a fact. Returns one that was there before and says the same, None when it is new."""
        before = self._shelf(fact.kind).add(fact)
        self._news.add(fact.kind)
        if before is None and fact.given is None and _doubtful(fact):  # what was read is certain and known
            self.clouded.add(fact.kind)
        return before

    def withdraw(self, facts: Sequence[Fact]) -> None:
        """Take away facts of one kind that stand here."""
        if facts:
            self._shelf(facts[0].kind).withdraw(facts)

    def _shelf(self, kind: str) -> _Shelf:
        if kind not in self._own:
            self._own.add(kind)
            self._shelves[kind] = _Shelf(self._shelves.get(kind))
        return self._shelves[kind]

    def rivals(self, fact: Fact) -> list[Fact]:
        """Facts with this fact's key that say something else of it."""
        shelf = self._shelves.get(fact.kind)
        return [other for other in shelf.rivals.get(fact.key, ()) if other is not fact] if shelf else []

    def contradictions(self) -> list[list[Fact]]:
        """Facts with one key that cannot all be true."""
        groups = [group for kind in self._news for group in self._shelves[kind].rivals.values()]
        return [group for group in groups if any(contradict(*pair) for pair in combinations(group, 2))]

    def settle(self) -> list[tuple[Fact, list[Fact]]]:
        """Make one fact of each group of rivals. Gives back what it has become, and of which."""
        news, self._news = sorted(self._news), set()
        return [each for kind in news for each in self._shelves[kind].settle()]


class _Shelf:
    """The facts of one kind."""

    def __init__(self, base: _Shelf | None) -> None:
        self.facts: list[Fact] = list(base.facts) if base else []
        self.by_key: dict[tuple[Any, ...], Fact] = dict(base.by_key) if base else {}
        #: uncertain facts, and those whose key is not known, by what they say
        self.unnamed: dict[tuple[Any, ...], Fact] = dict(base.unnamed) if base else {}
        self.rivals: dict[tuple[Any, ...], list[Fact]] = {}
        self._fresh: set[tuple[Any, ...]] = set()  # keys of certain facts that are new since `settle`
        self._indexes: dict[str, tuple[int, dict[Any, list[Fact]]]] = {}

    def stands(self, fact: Fact) -> bool:
        return fact.certain or fact.key in self._fresh or fact.key not in self.by_key

    def with_value(self, name: str, value: Value) -> Sequence[Fact]:
        """Those whose field has this value, or none."""
        size, index = self._indexes.get(name, (0, {}))
        if size != len(self.facts):
            for fact in self.facts[size:]:
                index.setdefault(fact.values.get(name), []).append(fact)
            self._indexes[name] = (len(self.facts), index)
        return [*index.get(value, ()), *index.get(None, ())]

    def add(self, fact: Fact) -> Fact | None:
        """One that was there before and says the same, None where the fact is new."""
        before = self._keep_named(fact) if fact.certain and fact.named else self._keep_unnamed(fact)
        if before is None:
            self.facts.append(fact)
        return before

    def _keep_named(self, fact: Fact) -> Fact | None:
        first = self.by_key.get(fact.key)
        if first is None:
            self.by_key[fact.key] = fact
            self._fresh.add(fact.key)
            return None
        if first.values == fact.values:
            return first
        rivals = self.rivals.setdefault(fact.key, [first])
        before = next((other for other in rivals if other.values == fact.values), None)
        if before is None:
            rivals.append(fact)
        return before

    def _keep_unnamed(self, fact: Fact) -> Fact | None:
        said = fact.identity
        before = self.unnamed.get(said)
        if before is None:
            self.unnamed[said] = fact
        return before

    def withdraw(self, facts: Sequence[Fact]) -> None:
        gone = {id(fact) for fact in facts}
        self.facts = [fact for fact in self.facts if id(fact) not in gone]
        self.by_key = {key: fact for key, fact in self.by_key.items() if id(fact) not in gone}
        self.unnamed = {said: fact for said, fact in self.unnamed.items() if id(fact) not in gone}
        self._indexes = {}

    def settle(self) -> list[tuple[Fact, list[Fact]]]:
        settled = [(_merged(group), group) for group in self.rivals.values()]
        for whole, group in settled:
            others = {id(fact) for fact in group if fact is not whole}
            kept = [fact for fact in self.facts if id(fact) not in others]
            self.facts = kept if whole in group else [*kept, whole]
            self.by_key[whole.key] = whole
        if settled:
            self._indexes = {}
        self.rivals, self._fresh = {}, set()
        return settled


def _doubtful(fact: Fact) -> bool:
    return not fact.certain or any(isinstance(value, Unknown) for value in fact.values.values())


def _merged(rivals: list[Fact]) -> Fact:
    """What rivals that do not contradict each other say together."""
    names = [name for name in rivals[0].values if all(name in fact.values for fact in rivals)]
    values = {name: _most_known([fact.values[name] for fact in rivals]) for name in names}
    whole = next((fact for fact in rivals if fact.values == values), None)
    return whole or Fact(rivals[0].kind, rivals[0].key, values, default=all(fact.default for fact in rivals))


def _most_known(values: list[Value]) -> Value:
    known = [value for value in values if not isinstance(value, Unknown)]
    if known:
        return known[0]
    bounds = [value.low for value in values if value.low is not None]
    return Unknown(max(bounds, default=None), frozenset().union(*(value.causes for value in values)))

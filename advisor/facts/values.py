"""A fact and where it came from, and the store that keeps facts apart by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from advisor.expressions import Unknown, Value


class Override(NamedTuple):
    """A figure that a later folder changed, and why. None: absent before, or from now on."""

    field: str
    before: Value | None
    after: Value | None
    reason: str
    file: str | None = None
    line: int | None = None
    sources: tuple[Any, ...] = ()


class Given(NamedTuple):
    """The origin of a fact that was read and not derived."""

    file: str | None = None
    line: int | None = None
    sources: tuple[Any, ...] = ()
    confidence: str | None = None
    note: str | None = None
    assumed: tuple[str, ...] = ()  # fields that hold the kind's default
    overrides: tuple[Override, ...] = ()  # in the order in which they were made


@dataclass(slots=True, eq=False)
class Fact:
    """A fact of some kind.

    `certain` is False for a fact that may or may not exist because the rule that would write it could
    not be decided; `causes` then says what is missing.
    """

    kind: str
    key: tuple[Value, ...]
    values: Mapping[str, Value]
    given: Given | None = None
    certain: bool = True
    causes: frozenset[Any] = frozenset()
    default: bool = False  # concluded only because nobody else wrote it

    @property
    def label(self) -> str:
        """`kind[key]`, or the kind alone of which there is one: by this people know it."""
        return f"{self.kind}[{', '.join(map(_shown, self.key))}]" if self.key else self.kind

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.kind, self.certain, tuple(sorted(self.values.items(), key=_by_name)))

    @property
    def order(self) -> tuple[Any, ...]:
        """By which facts are sorted: their labels, and what they say where two may have the same."""
        if self.certain and self.named:
            return (self.label,)
        return (
            self.label,
            self.certain,
            [(name, _content(self.values[name])) for name in sorted(self.values)],
        )

    @property
    def named(self) -> bool:
        """Whether the whole key is known. If not, the fact may be the same as another, or stand for many."""
        return self.given is not None or not any(isinstance(part, Unknown) for part in self.key)


class Store:
    """Working memory: all facts of one question, by kind and by key.

    Facts with one key that differ only in what is unknown do not contradict each other: they are rivals,
    kept apart until `settle` makes one fact of them.
    """

    def __init__(self, base: Store | None = None) -> None:
        """An empty store, or one that begins with the facts of another."""
        self.by_kind: dict[str, list[Fact]] = (
            {k: list(facts) for k, facts in base.by_kind.items()} if base else {}
        )
        self._by_key: dict[tuple[Any, ...], Fact] = dict(base._by_key) if base else {}
        self._unnamed: dict[tuple[Any, ...], Fact] = {}  # uncertain facts, and those whose key is not known
        self._unnamed_of: dict[str, list[Fact]] = {}
        self._rivals: dict[tuple[Any, ...], list[Fact]] = {}
        self._fresh: set[tuple[Any, ...]] = set()  # keys of certain facts that are new since `settle`
        self._indexes: dict[tuple[str, str], tuple[int, dict[Any, list[Fact]]]] = {}
        self.clouded: set[str] = set()  # kinds with a fact that is uncertain or has an unknown value
        self._base = base
        self._added: set[str] = set()  # kinds with facts that the base does not have

    def __iter__(self) -> Iterator[Fact]:
        for facts in self.by_kind.values():
            yield from facts

    def of(self, kind: str) -> list[Fact]:
        return self.by_kind.get(kind, [])

    def holder(self, fact: Fact) -> Fact | None:
        """The certain fact that already has this fact's key."""
        return self._by_key.get((fact.kind, fact.key))

    def live(self, kind: str) -> Sequence[Fact]:
        """Facts to look at: an uncertain one gives way to a certain one with its key.

        Only to one that was there at the last `settle`, else it would matter which rule comes first.
        """
        if kind not in self.clouded:
            return self.of(kind)
        return [fact for fact in self.of(kind) if self._stands(fact)]

    def _stands(self, fact: Fact) -> bool:
        return self.lives(fact) or (fact.kind, fact.key) in self._fresh

    def perhaps_same(self, fact: Fact) -> Sequence[Fact]:
        """Facts to look at that may have this fact's key."""
        if not fact.named:
            return self.live(fact.kind)
        holder = self.holder(fact)
        unnamed = [other for other in self._unnamed_of.get(fact.kind, ()) if self._stands(other)]
        return [holder, *unnamed] if holder else unnamed

    def lives(self, fact: Fact) -> bool:
        return fact.certain or self.holder(fact) is None

    def live_with(self, kind: str, name: str, value: Value) -> Sequence[Fact]:
        """Facts to look at whose field has this value, or none; all of them where some value is not known."""
        if kind in self.clouded:
            return self.live(kind)
        if self._base and kind not in self._added:  # its indexes serve question after question
            return self._base.live_with(kind, name, value)
        facts = self.of(kind)
        size, index = self._indexes.get((kind, name), (0, {}))
        if size != len(facts):
            for fact in facts[size:]:
                index.setdefault(fact.values.get(name), []).append(fact)
            self._indexes[kind, name] = (len(facts), index)
        return [*index.get(value, ()), *index.get(None, ())]

    def add(self, fact: Fact) -> Fact | None:
        """Keep a fact. Returns one that was there before and says the same, None when it is new."""
        before = self._keep_named(fact) if fact.certain and fact.named else self._keep_unnamed(fact)
        if before is None:
            self.by_kind.setdefault(fact.kind, []).append(fact)
            self._added.add(fact.kind)
            if fact.given is None and _doubtful(fact):  # what was read is certain and known
                self.clouded.add(fact.kind)
        return before

    def _keep_named(self, fact: Fact) -> Fact | None:
        name = (fact.kind, fact.key)
        first = self._by_key.setdefault(name, fact)
        if first is fact:
            self._fresh.add(name)
            return None
        if first.values == fact.values:
            return first
        rivals = self._rivals.setdefault(name, [first])
        before = next((other for other in rivals if other.values == fact.values), None)
        if before is None:
            rivals.append(fact)
        return before

    def _keep_unnamed(self, fact: Fact) -> Fact | None:
        before = self._unnamed.setdefault(fact.identity, fact)
        if before is not fact:
            return before
        self._unnamed_of.setdefault(fact.kind, []).append(fact)
        return None

    def rivals(self, fact: Fact) -> list[Fact]:
        """Facts with this fact's key that say something else of it."""
        return [other for other in self._rivals.get((fact.kind, fact.key), ()) if other is not fact]

    def contradictions(self) -> list[list[Fact]]:
        """Facts with one key that cannot all be true."""
        return [
            group
            for group in self._rivals.values()
            if any(contradict(*pair) for pair in combinations(group, 2))
        ]

    def settle(self) -> list[tuple[Fact, list[Fact]]]:
        """Make one fact of each group of rivals. Gives back what it has become, and of which."""
        settled = []
        for name, group in self._rivals.items():
            whole = _merged(group)
            others = {id(fact) for fact in group if fact is not whole}
            kept = [fact for fact in self.by_kind[whole.kind] if id(fact) not in others]
            self.by_kind[whole.kind] = kept if whole in group else [*kept, whole]
            self._by_key[name] = whole
            settled.append((whole, group))
        self._rivals = {}
        self._fresh = set()
        return settled


def _doubtful(fact: Fact) -> bool:
    return not fact.certain or any(isinstance(value, Unknown) for value in fact.values.values())


def contradict(one: Fact, other: Fact) -> bool:
    """Whether two facts differ in what is known of them."""
    names = one.values.keys() | other.values.keys()
    return not all(may_equal(one.values.get(name), other.values.get(name)) for name in names)


def may_equal(one: Value | None, other: Value | None) -> bool:
    return isinstance(one, Unknown) or isinstance(other, Unknown) or one == other


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


def _shown(value: Value) -> str:
    return "?" if isinstance(value, Unknown) else str(value)


def _content(value: Value) -> str:
    return f"? {value.low} {sorted(value.causes)}" if isinstance(value, Unknown) else repr(value)


def _by_name(item: tuple[str, Value]) -> str:
    return item[0]

"""A fact and where it came from, and the store that keeps facts apart by their keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from advisor.expressions import Unknown, Value


@dataclass(frozen=True, slots=True)
class Given:
    """The origin of a fact that was read and not derived."""

    file: str | None = None
    line: int | None = None
    sources: tuple[Any, ...] = ()
    confidence: str | None = None
    note: str | None = None
    assumed: tuple[str, ...] = ()  # fields that hold the kind's default


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
        """`kind[key]`, by which people know it."""
        return f"{self.kind}[{', '.join(map(_shown, self.key))}]"

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.kind, self.certain, tuple(sorted(self.values.items(), key=_by_name)))


class Store:
    """Working memory: all facts of one question, by kind and by key."""

    def __init__(self, base: Store | None = None) -> None:
        """An empty store, or one that begins with the facts of another."""
        self.by_kind: dict[str, list[Fact]] = {k: list(facts) for k, facts in base.by_kind.items()} if base else {}
        self._by_key: dict[tuple[Any, ...], Fact] = dict(base._by_key) if base else {}
        self._ghosts: dict[tuple[Any, ...], Fact] = {}
        self._indexes: dict[tuple[str, str], tuple[int, dict[Any, list[Fact]]]] = {}
        self.clouded: set[str] = set()  # kinds with a fact that is uncertain or has an unknown value

    def __iter__(self) -> Iterator[Fact]:
        for facts in self.by_kind.values():
            yield from facts

    def of(self, kind: str) -> list[Fact]:
        return self.by_kind.get(kind, [])

    def holder(self, fact: Fact) -> Fact | None:
        """The certain fact that already has this fact's key."""
        return self._by_key.get((fact.kind, fact.key))

    def live(self, kind: str) -> Iterable[Fact]:
        """Facts to look at: an uncertain one gives way to a certain one with its key."""
        if kind not in self.clouded:
            return self.of(kind)
        return [f for f in self.of(kind) if f.certain or self.holder(f) is None]

    def live_with(self, kind: str, name: str, value: Value) -> Iterable[Fact]:
        """Facts to look at whose field has this value, or none; all of them where some value is not known."""
        if kind in self.clouded:
            return self.live(kind)
        facts = self.of(kind)
        size, index = self._indexes.get((kind, name), (0, {}))
        if size != len(facts):
            for fact in facts[size:]:
                index.setdefault(fact.values.get(name), []).append(fact)
            self._indexes[kind, name] = (len(facts), index)
        return [*index.get(value, ()), *index.get(None, ())]

    def add(self, fact: Fact) -> Fact | None:
        """Keep a fact. Returns the fact that was there before, None when it is new."""
        index, name = self._place(fact)
        before = index.get(name)
        if before is None:
            index[name] = fact
            self.by_kind.setdefault(fact.kind, []).append(fact)
            if not fact.certain or any(isinstance(value, Unknown) for value in fact.values.values()):
                self.clouded.add(fact.kind)
        return before

    def _place(self, fact: Fact) -> tuple[dict[tuple[Any, ...], Fact], tuple[Any, ...]]:
        if fact.certain:
            return self._by_key, (fact.kind, fact.key)
        return self._ghosts, fact.identity


def _shown(value: Value) -> str:
    return "?" if isinstance(value, Unknown) else str(value)


def _by_name(item: tuple[str, Value]) -> str:
    return item[0]

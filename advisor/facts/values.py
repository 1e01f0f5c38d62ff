"""A fact and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


def contradict(one: Fact, other: Fact) -> bool:
    """Whether two facts differ in what is known of them."""
    names = one.values.keys() | other.values.keys()
    return not all(may_equal(one.values.get(name), other.values.get(name)) for name in names)


def may_equal(one: Value | None, other: Value | None) -> bool:
    return isinstance(one, Unknown) or isinstance(other, Unknown) or one == other


def _shown(value: Value) -> str:
    return "?" if isinstance(value, Unknown) else str(value)


def _content(value: Value) -> str:
    return f"? {value.low} {sorted(value.causes)}" if isinstance(value, Unknown) else repr(value)


def _by_name(item: tuple[str, Value]) -> str:
    return item[0]

"""What every engine is given: patterns and facts made of nothing but small integers.

An engine finds the tuples of facts that satisfy the equality patterns of a rule. All else (conditions,
formulas, negation, aggregates) is the reasoner's. Kinds, fields and values arrive as integers, so that
no text from a file reaches an engine and two values join exactly when they are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pattern:
    """One fact of a rule: its kind, fields equal to constants, fields equal to those of earlier patterns."""

    kind: int
    constants: tuple[tuple[int, int], ...] = ()  # (field, value)
    joins: tuple[tuple[int, int, int], ...] = ()  # (field, earlier pattern's position, its field)


Rule = tuple[Pattern, ...]
Match = tuple[int, tuple[int, ...]]  # rule's position, then one fact number for each of its patterns


class Session(Protocol):
    """A working memory. It only grows."""

    def add(self, number: int, kind: int, values: Sequence[int], part: int | None = None) -> None:
        """Tell one fact: its number (unique in the session), kind, and a value for each field of the kind.

        `part` is the part of the network that is to know it; all of them by default.
        """

    def matches(self) -> Iterable[Match]:
        """The matches that came about since the last call, each exactly once, in any order."""


class Network(Protocol):
    """Compiled rules, from which sessions are opened.

    `parts` are the rules, by position, that share what they are told. A fact costs time in each part.
    """

    parts: Sequence[Sequence[int]]

    def session(self) -> Session: ...


class Engine(Protocol):
    name: str
    version: str

    def compile(self, rules: Sequence[Rule]) -> Network: ...

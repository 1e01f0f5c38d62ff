"""How many combinations of facts an engine may have to hold, known before it is told the facts.

An engine is C code that nothing interrupts once it has been told. So what would fill it is refused
beforehand, by an upper bound that is the same for every engine: of each rule, the product over its patterns
of the facts that may agree with what stands before. Where constants and joins give the whole key, that is
one fact; else it is the most facts that share the values joined on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from advisor.errors import Problem, ReasoningError
from advisor.facts.kinds import Kinds
from advisor.facts.values import Fact
from advisor.rules.model import Pattern, Rule

MAX_COMBINATIONS = 2_000_000  # of all rules in one question: a usual one needs 4,000, 1,024 GPUs 170,000
_HINT = (
    "Join the patterns with `on`, best by what names a fact, or say more with `is`: what is neither "
    "is combined with every fact before it."
)


class Slot(NamedTuple):
    """The facts of a kind with these constants, told apart by what is joined on; all of them by nothing."""

    kind: str
    constants: tuple[tuple[str, object], ...]
    fields: tuple[str, ...]


class Widths:
    """What each pattern of each rule multiplies by: a slot, or a kind of which the pattern names one fact."""

    def __init__(self, rules: Sequence[Rule], kinds: Kinds) -> None:
        self.rules = [(rule, [_factor(pattern, kinds) for pattern in rule.match]) for rule in rules]
        self.slots: dict[str, dict[Slot, None]] = {}
        self.weights: dict[Slot, int] = {}  # of rules with one slot: they grow with it and no faster
        self.least = 0  # what rules with one slot at most come to before there are facts
        self.wide: list[int] = []
        self.by_kind: dict[str, list[int]] = {}  # rules that rely on keys of that kind
        for position, (rule, factors) in enumerate(self.rules):
            self._note(position, rule, [each for each in factors if isinstance(each, Slot)])
            for each in factors:
                if isinstance(each, str):
                    self.by_kind.setdefault(each, []).append(position)

    def _note(self, position: int, rule: Rule, slots: list[Slot]) -> None:
        for slot in slots:
            self.slots.setdefault(slot.kind, {})[slot] = None
        if len(slots) > 1:
            self.wide.append(position)
            return
        self.least += len(rule.match)
        for slot in slots:
            self.weights[slot] = self.weights.get(slot, 0) + len(rule.match)


class Joins:
    """Facts counted for the bound, and the bound."""

    def __init__(self, widths: Widths) -> None:
        self._widths = widths
        self._tops: dict[Slot, int] = {}
        self._seen: dict[Slot, dict[Any, int]] = {}
        self._keys: dict[tuple[Any, ...], int] = {}
        self._copies: dict[str, int] = {}  # of each kind: the most facts with one key
        self._narrow = widths.least  # what rules with one slot at most come to
        self._news = True

    def copy(self) -> Joins:
        """Counts that go on from here."""
        other = Joins(self._widths)
        other._tops, other._keys, other._copies = dict(self._tops), dict(self._keys), dict(self._copies)
        other._seen = {slot: dict(seen) for slot, seen in self._seen.items()}
        other._narrow = self._narrow
        return other

    def count(self, fact: Fact) -> None:
        """One more fact that the engine may be told."""
        same = 1
        if fact.named:  # else it has a key of its own: what is not known equals only itself
            name = (fact.kind, fact.key)
            same = self._keys[name] = self._keys.get(name, 0) + 1
        if same > self._copies.get(fact.kind, 0):
            self._copies[fact.kind], self._news = same, True
        for slot in self._widths.slots.get(fact.kind, ()):
            if all(fact.values.get(name) == value for name, value in slot.constants):
                self._add(slot, tuple(fact.values.get(name) for name in slot.fields))

    def _add(self, slot: Slot, value: tuple[Any, ...]) -> None:
        seen = self._seen.setdefault(slot, {})
        number = seen[value] = seen.get(value, 0) + 1
        if number > self._tops.get(slot, 0):
            self._tops[slot], self._news = number, True
            self._narrow += self._widths.weights.get(slot, 0)

    def check(self) -> None:
        """Raises ReasoningError where the bound is past the limit, with the rule that needs the most."""
        if self._news:
            self._news = False
            if self.total() > MAX_COMBINATIONS:
                raise ReasoningError([self._problem()])

    def total(self) -> int:
        """At most so many combinations of all rules together."""
        return self._narrow + sum(map(self.bound, self._unsteady()))

    def _unsteady(self) -> Iterable[int]:
        """Rules whose bound may grow faster than the facts."""
        kinds = [kind for kind, most in self._copies.items() if most > 1]
        crowded = [self._widths.by_kind.get(kind, ()) for kind in kinds]
        return {*self._widths.wide, *(position for each in crowded for position in each)}

    def bound(self, position: int) -> int:
        """The combinations of a rule's first pattern, its first two, and so on."""
        total, product = 0, 1
        for factor in self._widths.rules[position][1]:
            tops = self._tops.get(factor, 0) if isinstance(factor, Slot) else self._copies.get(factor, 0)
            product *= tops
            total += product
        return total

    def _problem(self) -> Problem:
        bounds = {position: self.bound(position) for position in range(len(self._widths.rules))}
        worst = max(bounds, key=lambda position: (bounds[position], -position))
        rule = self._widths.rules[worst][0]
        need = min(bounds[worst], MAX_COMBINATIONS)
        more = "more than " if bounds[worst] > MAX_COMBINATIONS else ""
        text = (
            f"{rule.id} would have to try {more}{need:,} combinations of facts; all rules together may try "
            f"{MAX_COMBINATIONS:,} in one question"
        )
        return Problem("too-many-combinations", text, _HINT, rule.file, rule.line)


def _factor(pattern: Pattern, kinds: Kinds) -> Slot | str:
    kind = kinds.get(pattern.kind)
    joined = tuple(dict.fromkeys(name for name, _, _ in pattern.on))
    named = {*joined, *(name for name, _ in pattern.equals)}
    if kind and (kind.single or (kind.key and named.issuperset(kind.key))):
        return kind.id
    return Slot(pattern.kind, pattern.equals, joined)

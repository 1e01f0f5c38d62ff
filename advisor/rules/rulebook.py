"""All rules in effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from advisor.rules.closure import Closures
from advisor.rules.footprint import Reads, footprint, joined
from advisor.rules.model import Disabled, Rule
from advisor.rules.strata import edges_of


@dataclass(frozen=True)
class Rulebook:
    """The rules of a question, in the order in which they are finished; and those over the catalog."""

    strata: tuple[tuple[Rule, ...], ...]
    digests: dict[str, str]
    catalog: tuple[Rule, ...] = ()
    disabled: tuple[Disabled, ...] = ()
    _needed: dict[tuple[tuple[str, ...], bool], frozenset[str]] = field(default_factory=dict, compare=False)

    def __iter__(self) -> Iterator[Rule]:
        for layer in self.strata:
            yield from layer
        yield from self.catalog

    @property
    def of_questions(self) -> list[Rule]:
        return [rule for layer in self.strata for rule in layer]

    def for_questions(self) -> Rulebook:
        """What a question needs of it: neither the rules over the catalog nor the tests of any rule."""
        strata = tuple(tuple(replace(rule, examples=()) for rule in layer) for layer in self.strata)
        return Rulebook(strata, self.digests, (), self.disabled)

    def needed_for(self, kinds: tuple[str, ...], speaking: bool = False) -> frozenset[str]:
        """The ids of the rules that these kinds need: those that write them, and so on back.

        With `speaking`, also those whose sentences an answer shows, and what they need.
        """
        if (kinds, speaking) not in self._needed:
            wanted = [
                rule
                for rule in self.of_questions
                if written([rule]) & set(kinds) or (speaking and rule.severity and not rule.propose)
            ]
            self._needed[kinds] = frozenset(rule.id for rule in Closures(self.of_questions).of(wanted))
        return self._needed[kinds]

    @cached_property
    def joins(self) -> dict[str, dict[str, frozenset[str]]]:
        """By which fields each rule of a question finds its facts."""
        return {rule.id: joined(rule) for rule in self.of_questions}

    @cached_property
    def circular(self) -> frozenset[int]:
        """The strata in which some rule reads what one of them writes."""
        layer = {rule.id: at for at, rules in enumerate(self.strata) for rule in rules}
        rules = self.of_questions
        pairs = [(layer[rules[e.writer].id], layer[rules[e.reader].id]) for e in edges_of(rules)]
        return frozenset(writer for writer, reader in pairs if writer == reader)

    @cached_property
    def readers(self) -> dict[str, list[tuple[int, Rule]]]:
        """Of each kind: the rules that read it, with their strata."""
        found: dict[str, list[tuple[int, Rule]]] = {}
        for at, rules in enumerate(self.strata):
            for rule in rules:
                for kind in dict.fromkeys(each.kind for each in self.footprints[rule.id]):
                    found.setdefault(kind, []).append((at, rule))
        return found

    @cached_property
    def writers(self) -> dict[str, list[tuple[int, Rule]]]:
        """Of each kind: the rules that write it, with their strata."""
        found: dict[str, list[tuple[int, Rule]]] = {}
        for at, rules in enumerate(self.strata):
            for rule in rules:
                for kind in sorted(written([rule])):
                    found.setdefault(kind, []).append((at, rule))
        return found

    def prepare(self, deciding: tuple[str, ...], answered: tuple[str, ...]) -> None:
        """Work out what follows from the rules alone, so that it is kept with them."""
        self.needed_for(deciding)
        self.needed_for(answered, speaking=True)
        for name in ("footprints", "joins", "circular", "readers", "writers"):
            getattr(self, name)

    @cached_property
    def not_proposing(self) -> frozenset[str]:
        """The ids of the rules of a question that propose nothing."""
        return frozenset(rule.id for rule in self.of_questions if rule.propose is None)

    @cached_property
    def footprints(self) -> dict[str, tuple[Reads, ...]]:
        """What each rule of a question reads."""
        return {rule.id: footprint(rule) for rule in self.of_questions}

    @property
    def derived(self) -> set[str]:
        """Kinds that some rule of a question writes."""
        return written(self.of_questions)

    @property
    def read(self) -> set[str]:
        """Kinds that a question reads: its rules, and what puts remedies in order."""
        return {kind for rule in self.of_questions for kind in rule.reads} | {"lever", "ranking", "policy"}


def written(rules: Iterable[Rule]) -> set[str]:
    """Kinds that these rules write."""
    return {conclusion.kind for rule in rules for conclusion in rule.conclude}

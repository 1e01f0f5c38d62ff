"""All rules in effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from advisor.rules.model import Disabled, Rule


@dataclass(frozen=True)
class Rulebook:
    """The rules of a question, in the order in which they are finished; and those over the catalog."""

    strata: tuple[tuple[Rule, ...], ...]
    digests: dict[str, str]
    catalog: tuple[Rule, ...] = ()
    disabled: tuple[Disabled, ...] = ()

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

    @property
    def derived(self) -> set[str]:
        """Kinds that some rule of a question writes."""
        return written(self.of_questions)

    @property
    def read(self) -> set[str]:
        """Kinds that a question reads: its rules, and what puts remedies in order."""
        return {kind for rule in self.of_questions for kind in rule.reads} | {"lever"}


def written(rules: Iterable[Rule]) -> set[str]:
    """Kinds that these rules write."""
    return {conclusion.kind for rule in rules for conclusion in rule.conclude}

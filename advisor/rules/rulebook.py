"""All rules in effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from advisor.rules.model import Rule


@dataclass(frozen=True)
class Rulebook:
    """All rules in effect, in the order in which they are finished."""

    strata: tuple[tuple[Rule, ...], ...]
    digests: dict[str, str]

    def __iter__(self) -> Iterator[Rule]:
        for layer in self.strata:
            yield from layer

    def without_examples(self) -> Rulebook:
        """The same rules without their tests, which no question needs."""
        strata = tuple(tuple(replace(rule, examples=()) for rule in layer) for layer in self.strata)
        return Rulebook(strata, self.digests)

    @property
    def derived(self) -> set[str]:
        """Kinds that some rule writes."""
        return {conclusion.kind for rule in self for conclusion in rule.conclude}

    @property
    def read(self) -> set[str]:
        """Kinds that some rule reads."""
        return {pattern.kind for rule in self for pattern in (*rule.match, *rule.searches)}

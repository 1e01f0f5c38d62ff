"""All facts in effect, by kind."""

from __future__ import annotations

from advisor.facts.kinds import Kinds
from advisor.facts.names import Names
from advisor.facts.values import Fact


class Library:
    """Kinds and catalog facts of all folders in effect."""

    def __init__(self, kinds: Kinds, facts: list[Fact], digests: dict[str, str]) -> None:
        self.kinds = kinds
        self.facts = facts
        self.digests = digests
        self._of: dict[str, list[Fact]] = {}
        for fact in facts:
            self._of.setdefault(fact.kind, []).append(fact)
        self.names = Names(kinds, self._of)

    def of(self, kind: str) -> list[Fact]:
        return self._of.get(kind, [])

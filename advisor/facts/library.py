"""All facts in effect, by kind."""

from __future__ import annotations

from copy import copy

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

    def with_kinds(self, kinds: set[str]) -> Library:
        """The same without the facts of other kinds. Names stay as they are."""
        kept = copy(self)
        kept.facts = [fact for fact in self.facts if fact.kind in kinds]
        kept._of = {kind: facts for kind, facts in self._of.items() if kind in kinds}
        return kept

    def of(self, kind: str) -> list[Fact]:
        return self._of.get(kind, [])

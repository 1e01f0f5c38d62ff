"""What the verdict and the figures of an answer rest on, and how far from them it stands."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing
from advisor.remedies.outcome import DECIDING

VERDICT = "verdict"
LAST = 1_000_000  # the place of what no figure rests on


class Grounds:
    """Firings and facts by their place: the nearest to the verdict first, then what only other figures need.

    What no figure rests on, such as what proposals look at, is not among them.
    """

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.firings: dict[Firing, int] = {}
        self.facts: dict[str, tuple[int, Fact]] = {}
        self._seen: set[int] = set()
        self._next = 0
        for kinds in ((VERDICT,), DECIDING):
            self._descend([fact for kind in kinds for fact in derivation.store.of(kind)])

    def _descend(self, facts: Iterable[Fact]) -> None:
        """Step by step from facts to the firings that concluded them, and on to what these rest on."""
        while facts := self._new(facts):
            for fact in facts:
                if fact.named:
                    self.facts.setdefault(fact.label, (self._next, fact))
            found = [firing for fact in facts for firing in self.derivation.derivations(fact)]
            new = dict.fromkeys(firing for firing in found if firing not in self.firings)
            self.firings |= dict.fromkeys(new, self._next)
            facts = [fact for firing in new for fact in (*firing.premises, *firing.looked)]
            self._next += 1

    def _new(self, facts: Iterable[Fact]) -> list[Fact]:
        found = {id(fact): fact for fact in facts if id(fact) not in self._seen}
        self._seen |= found.keys()
        return list(found.values())

    def of_rule(self, rule: str) -> list[Firing]:
        """Its firings among them, in an order that depends on what they say."""
        found = (firing for firing in self.derivation.by_rule.get(rule, ()) if firing in self.firings)
        return sorted(found, key=lambda firing: firing.sort_key)

    def place_of(self, rule: str) -> int:
        """The place of the nearest of them."""
        return min((self.firings[firing] for firing in self.of_rule(rule)), default=LAST)

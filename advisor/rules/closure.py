"""Rules with all the rules that write what they read, and so on back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from advisor.rules.model import Rule
from advisor.rules.strata import edges_of


class Closures:
    """Closures among a set of rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = list(rules)
        self._writers: dict[str, set[int]] = {}
        for edge in edges_of(self.rules):
            self._writers.setdefault(self.rules[edge.reader].id, set()).add(edge.writer)

    def of(self, wanted: Iterable[Rule]) -> list[Rule]:
        """These rules and those that they need, in the order of the set."""
        found = {rule.id for rule in wanted}
        queue = list(found)
        for name in queue:
            new = {self.rules[writer].id for writer in self._writers.get(name, ())} - found
            found |= new
            queue += sorted(new)
        return [rule for rule in self.rules if rule.id in found]

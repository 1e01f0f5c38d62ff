"""The explanation trace: every firing with its facts, sources and formulas, in an order of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.answer.overrides import told
from advisor.answer.rule_changes import told_changes
from advisor.expressions import show_value
from advisor.facts.kinds import Kinds
from advisor.facts.plain import sources
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing, Miss

NEAREST = 3


class Trace:
    """Names for facts and firings that depend on what they say, not on the order in which they came."""

    def __init__(self, derivation: Derivation, kinds: Kinds) -> None:
        self.kinds = kinds
        self.derivation = derivation
        self.firings = derivation.sorted_firings()
        self._firing_ids = {id(firing): f"r{n}" for n, firing in enumerate(self.firings, 1)}
        self.facts = sorted(self._used(), key=lambda fact: (fact.kind, fact.label, _content(fact)))
        self._fact_ids = {id(fact): f"f{n}" for n, fact in enumerate(self.facts, 1)}

    def _used(self) -> Iterable[Fact]:
        used: dict[int, Fact] = {}
        for firing in self.firings:
            for fact in (*firing.premises, *firing.looked, *firing.concluded):
                used[id(fact)] = fact
        return used.values()

    def firing_id(self, firing: Firing) -> str:
        return self._firing_ids[id(firing)]

    def reader_of(self, owner: str, field: str) -> Firing | None:
        """The first firing that came upon a missing figure: it had that fact before it."""
        for firing in sorted(self.firings, key=lambda each: each.layer):
            seen = (fact.label for fact in (*firing.premises, *firing.looked))
            if any(tuple(cause) == (owner, field) for cause in firing.causes) and owner in seen:
                return firing
        return None

    def to_dict(self, figures: bool = True) -> dict[str, Any]:
        """The trace as JSON has it; without `figures` only what follows from what, which is much quicker."""
        return {
            "facts": [self._fact(fact, figures) for fact in self.facts],
            "firings": [self._firing(firing, figures) for firing in self.firings],
            "near_misses": self._misses() if figures else [],
        }

    def _fact(self, fact: Fact, figures: bool) -> dict[str, Any]:
        fields = self.kinds[fact.kind].fields
        said = sorted(fact.values.items()) if figures else []
        return {
            "id": self._fact_ids[id(fact)],
            "kind": fact.kind,
            "label": fact.label,
            "values": {name: show_value(value, fields[name].type) for name, value in said},
            "given": _given(fact),
            "overrides": [told(fact, each, self.kinds) for each in fact.given.overrides]
            if fact.given
            else [],
            "derived_by": sorted((self.firing_id(f) for f in self.derivation.derivations(fact)), key=_number),
            "certain": fact.certain,
        }

    def _firing(self, firing: Firing, figures: bool) -> dict[str, Any]:
        rule = firing.rule
        return {
            "id": self.firing_id(firing),
            "rule": rule.id,
            "file": rule.file,
            "line": rule.line,
            "premises": [self._fact_ids[id(fact)] for fact in firing.premises],
            "looked": sorted({self._fact_ids[id(fact)] for fact in firing.looked}, key=_number),
            "formulas": firing.formulas if figures else [],
            "concludes": [self._fact_ids[id(fact)] for fact in firing.concluded],
            "text": firing.text,
            "severity": rule.severity,
            "overrides": told_changes(rule),
            "undetermined": [{"fact": c.owner, "field": c.field} for c in sorted(firing.causes)],
            "sources": sources(rule.sources),
        }

    def _misses(self) -> list[dict[str, Any]]:
        by_rule: dict[str, list[Miss]] = {}
        for miss in self.derivation.misses:
            by_rule.setdefault(miss.rule.id, []).append(miss)
        return [self._near(rule, misses) for rule, misses in sorted(by_rule.items())]

    def _near(self, rule: str, misses: list[Miss]) -> dict[str, Any]:
        best = max(miss.passed for miss in misses)
        nearest = sorted((m for m in misses if m.passed == best), key=lambda miss: miss.sort_key)[:NEAREST]
        return {
            "rule": rule,
            "count": len(misses),
            "nearest": [self._miss(miss) for miss in nearest],
            "overrides": told_changes(nearest[0].rule),
        }

    def _miss(self, miss: Miss) -> dict[str, Any]:
        known = [self._fact_ids.get(id(fact)) for fact in miss.premises]
        return {"premises": [name for name in known if name], "text": miss.text, "passed": miss.passed}


def _given(fact: Fact) -> dict[str, Any] | None:
    given = fact.given
    if given is None:
        return None
    return {
        "file": given.file,
        "line": given.line,
        "sources": sources(given.sources),
        "confidence": given.confidence,
        "assumed": list(given.assumed),
    }


def _content(fact: Fact) -> str:
    return repr(sorted((name, str(value)) for name, value in fact.values.items()))


def _number(name: str) -> int:
    return int(name[1:])

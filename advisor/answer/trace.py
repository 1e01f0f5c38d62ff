"""The explanation trace: every firing with its facts, sources and formulas, in an order of its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from advisor.answer.looked import Absent, Choice, Looked, pattern_text
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
        self.facts = _sorted(self._used())
        self._fact_ids = {id(fact): f"f{n}" for n, fact in enumerate(self.facts, 1)}
        self._looked = Looked(derivation.store, kinds)

    def _used(self) -> Iterable[Fact]:
        used: dict[int, Fact] = {}
        for firing in self.firings:
            for fact in (*firing.premises, *firing.looked, *firing.concluded):
                used[id(fact)] = fact
        return used.values()

    @cached_property
    def _choices(self) -> dict[int, list[Choice]]:
        """The choices of each firing, by its identity."""
        return {id(firing): self._looked.choices(firing) for firing in self.firings}

    @cached_property
    def all_facts(self) -> list[Fact]:
        """With those that choices passed over and nothing rests on: their names come after all others."""
        used = set(map(id, self.facts))
        lost = (fact for found in self._choices.values() for each in found for fact, _ in each.losers)
        others = _sorted({id(fact): fact for fact in lost if id(fact) not in used}.values())
        self._fact_ids |= {id(fact): f"f{n}" for n, fact in enumerate(others, len(self.facts) + 1)}
        return [*self.facts, *others]

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
        facts = self.all_facts if figures else self.facts
        return {
            "facts": [self._fact(fact, figures) for fact in facts],
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
            "absent": [_absent(each) for each in self._looked.absent(firing)] if figures else [],
            "choices": [self._choice(each) for each in self._choices[id(firing)]] if figures else [],
            "by_default": [fact.label for fact in firing.concluded if fact.default and firing.certain],
            "concludes": [self._fact_ids[id(fact)] for fact in firing.concluded],
            "text": firing.text,
            "severity": rule.severity,
            "overrides": told_changes(rule),
            "undetermined": [{"fact": c.owner, "field": c.field} for c in sorted(firing.causes)],
            "sources": sources(rule.sources),
        }

    def _choice(self, choice: Choice) -> dict[str, Any]:
        formula = choice.step.formula
        assert formula is not None and choice.step.pattern is not None
        value = None if choice.value is None else show_value(choice.value, formula.type)
        return {
            "name": choice.step.name,
            "kind": choice.step.pattern.kind,
            "by": formula.source,
            "prefer": "most" if choice.step.descending else "least",
            "chosen": self._fact_ids[id(choice.chosen)] if choice.chosen else None,
            "value": value,
            "losers": [
                {
                    "fact": self._fact_ids[id(fact)],
                    "label": fact.label,
                    "value": show_value(lost, formula.type),
                }
                for fact, lost in choice.losers
            ],
            "more": choice.more,
            "doubtful": choice.doubtful,
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


def _absent(absent: Absent) -> dict[str, Any]:
    return {
        "kind": absent.pattern.kind,
        "pattern": pattern_text(absent.pattern),
        "facts": absent.facts,
        "nearest": [{"fact": near.fact.label, "text": near.text} for near in absent.nearest],
    }


def _sorted(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.kind, fact.label, _content(fact)))


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

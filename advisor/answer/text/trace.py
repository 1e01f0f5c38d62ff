"""The trace as a graph: from a firing to the facts it rests on and the firings those came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.answer.text.figures import Table

SEVERITIES = ("error", "warning", "note", "info")


class Trace:
    def __init__(self, answer: Table) -> None:
        trace = answer.get("trace") or {}
        self.facts: dict[str, Any] = {fact["id"]: fact for fact in trace.get("facts") or []}
        self.firings: dict[str, Any] = {one["id"]: one for one in trace.get("firings") or []}
        self.misses = list(trace.get("near_misses") or [])
        self.verdict = self._verdict(answer)

    def _verdict(self, answer: Table) -> str | None:
        """The firing behind the verdict, else the one behind the gravest conclusion."""
        verdict = answer.get("verdict") or {}
        facts = [fact for fact in self.facts.values() if fact.get("kind") == "verdict"]
        named = [verdict.get("firing"), *(one for fact in facts for one in fact.get("derived_by") or [])]
        said = [one.get("firing") for one in by_severity(answer)]
        return next((one for one in named + said if one in self.firings), None)

    def reasons(self, firing: str) -> Iterator[str]:
        """The firings that derived what this one rests on, nearest first."""
        for fact in self.premises(firing):
            yield from self.derivations(fact)

    def premises(self, firing: str) -> list[str]:
        """The facts that matched, then those that its aggregates went through."""
        return [*self.matched(firing), *self.looked(firing)]

    def matched(self, firing: str) -> list[str]:
        ids = self.firings[firing].get("premises") or []
        return [fact for fact in dict.fromkeys(ids) if fact in self.facts]

    def looked(self, firing: str) -> list[str]:
        """What sums, counts and choices went through and did not match besides."""
        matched, ids = self.matched(firing), self.firings[firing].get("looked") or []
        return [fact for fact in dict.fromkeys(ids) if fact in self.facts and fact not in matched]

    def derivations(self, fact: str) -> list[str]:
        """The firings that concluded a fact."""
        return [one for one in dict.fromkeys(self.facts[fact].get("derived_by") or []) if one in self.firings]

    def chain(self, firing: str | None) -> list[Any]:
        """All that this firing rests on, itself first, in order of distance."""
        if firing is None:
            return []
        found = {firing: None}
        for one in (queue := [firing]):
            new = [reason for reason in self.reasons(one) if reason not in found]
            found |= dict.fromkeys(new)
            queue += dict.fromkeys(new)
        return [self.firings[one] for one in found]

    def missing(self) -> dict[str, list[str]]:
        """What is not known and the rules that asked for it; of what the verdict rests on, else all."""
        gaps: dict[str, list[str]] = {}
        for one in self.firings.values():
            for gap in _gaps(one):
                gaps[gap] = sorted({*gaps.get(gap, ()), str(one.get("rule"))})
        near = {gap for one in self.chain(self.verdict) for gap in _gaps(one)}
        return {gap: rules for gap, rules in gaps.items() if gap in near} or gaps


def _gaps(firing: Table) -> list[str]:
    return [gap_text(gap) for gap in firing.get("undetermined") or []]


def gap_text(gap: Table) -> str:
    return f"{gap.get('field')} of {gap.get('fact')}"


def by_severity(answer: Table) -> list[Any]:
    """The conclusions, gravest first."""
    order = {name: rank for rank, name in enumerate(SEVERITIES)}
    return sorted(answer.get("conclusions") or [], key=lambda one: order.get(one.get("severity"), len(order)))

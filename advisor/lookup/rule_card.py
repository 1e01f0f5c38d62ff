"""One rule as data: what it reads and derives, in the words of its file, and which rules stand around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from advisor.expressions import Type, Value, describe
from advisor.facts.kinds import Kinds
from advisor.facts.plain import plain, sources
from advisor.lookup.rules import row, topic_of
from advisor.rules.model import Conclusion, Definition, Formula, Pattern, Proposal, Rule, Test, Vary
from advisor.rules.rulebook import Rulebook
from advisor.rules.strata import edges_of
from advisor.rules.tables import decimal, written
from advisor.units import unit

Made = dict[str, Any]
_FRACTION = re.compile(r"\((-?\d+) / (\d+)\)")


class Cards:
    """The rules in effect, each as data."""

    def __init__(self, rulebook: Rulebook, kinds: Kinds) -> None:
        self.kinds = kinds
        rules = list(rulebook)
        self._writers: dict[str, dict[str, set[str]]] = {rule.id: {} for rule in rules}
        self._readers: dict[str, dict[str, set[str]]] = {rule.id: {} for rule in rules}
        for edge in edges_of(rules):
            writer, reader = rules[edge.writer].id, rules[edge.reader].id
            if writer != reader:
                self._writers[reader].setdefault(edge.node, set()).add(writer)
                self._readers[writer].setdefault(edge.node, set()).add(reader)

    def of(self, rule: Rule) -> Made:
        """All that its file says of a rule, but for what its tests give and expect."""
        each = rule.each
        return {
            **row(rule),
            "topic": topic_of(rule.id),
            "because": rule.because.template.text if rule.because else None,
            "prose": rule.prose,
            "match": [self._pattern(pattern) for pattern in rule.match],
            "each": each and {"name": each.name, "first": _source(each.first), "last": _source(each.last)},
            "where": [_test(step) for step in rule.steps if isinstance(step, Test)],
            "unless": [self._pattern(pattern) for pattern in rule.unless],
            "define": [self._definition(rule, step) for step in rule.definitions],
            "conclude": [self._conclusion(conclusion) for conclusion in rule.conclude],
            "propose": rule.propose and _proposal(rule.propose),
            "sources": sources(rule.sources),
            "tests": [example.name for example in rule.examples],
            "written_by": _listed(self._writers[rule.id]),
            "read_by": _listed(self._readers[rule.id]),
            "changes": [
                {**change._asdict(), "sources": sources(change.sources)} for change in rule.changes
            ],
        }  # fmt: skip

    def _pattern(self, pattern: Pattern) -> Made:
        return {
            "fact": pattern.kind,
            "as": pattern.alias,
            "meaning": self.kinds[pattern.kind].meaning,
            "on": {name: f"{other}.{field}" if field else other for name, other, field in pattern.on},
            "is": {name: plain(value) for name, value in pattern.equals},
            "where": [_test(test) for test in pattern.where],
        }

    def _definition(self, rule: Rule, step: Definition) -> Made:
        return {
            "name": step.name,
            "how": _how(step),
            "formula": step.formula and _source(step.formula),
            "unit": None if step.how == "best" else counted(rule.scope.name(step.name)),
            "over": step.pattern and self._pattern(step.pattern),
        }

    def _conclusion(self, conclusion: Conclusion) -> Made:
        kind = self.kinds[conclusion.kind]
        fields = [(kind.fields[name], formula) for name, formula in conclusion.fields.items()]
        return {
            "fact": kind.id,
            "meaning": kind.meaning,
            "default": conclusion.default,
            "fields": [
                {"name": f.name, "formula": _source(made), "unit": counted(f.type), "meaning": f.spec.meaning}
                for f, made in fields
            ],
        }


def card(cards: Cards, rule: Rule) -> Made:
    return {"schema": "advisor.rules-show/1", **cards.of(rule)}


def counted(type_: Type) -> str:
    """What a value counts: bytes, tokens, plain number; text, boolean or list for what is no number."""
    shown = unit(type_.unit) if type_.unit and not type_.dimension and type_.numeric else None
    return shown.plural if shown and shown.scale == 1 else describe(type_)


def _how(step: Definition) -> str:
    """The word of the file: let, sum, min, max, count, collect, minimize or maximize."""
    return step.how if step.how != "best" else "maximize" if step.descending else "minimize"


def _source(formula: Formula) -> str:
    """As the file has it; a decimal is bound as a fraction."""
    fraction = _FRACTION.fullmatch(formula.source)
    value = Fraction(int(fraction[1]), int(fraction[2])) if fraction else None
    return str(written(value)) if value is not None and decimal(value) == value else formula.source


def _test(test: Test) -> Made:
    return {"test": _source(test.formula), "say": test.say.template.text if test.say else None}


def _proposal(proposal: Proposal) -> Made:
    return {
        "kind": proposal.kind,
        "title": proposal.title.template.text,
        "set": {path: _change(change) for path, change in proposal.changes.items()},
        "vary": proposal.vary and _vary(proposal.vary),
        "costs": [cost.template.text for cost in proposal.costs],
        "order": _source(proposal.order),
        "advice": proposal.advice,
    }


def _vary(vary: Vary) -> Made:
    ends = {"from": _source(vary.first), "to": _source(vary.last), "step": _source(vary.step)}
    return {"field": vary.path, **ends, "seek": "largest" if vary.largest else "smallest"}


def _change(change: Formula | tuple[Value, ...]) -> str:
    return str(written(list(change))) if isinstance(change, tuple) else _source(change)


def _listed(rules: Mapping[str, Iterable[str]]) -> list[Made]:
    return [{"fact": node, "rules": sorted(ids)} for node, ids in sorted(rules.items())]

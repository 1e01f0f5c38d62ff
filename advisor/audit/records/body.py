"""The body of a record: a question, and all that its answer was derived from.

It is the same for the same question, rules and facts, on every engine, machine and Python: it holds no
time, no path of a machine and no name of an engine.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from advisor.answer.answer import Answer
from advisor.answer.overrides import told as told_override
from advisor.audit.records.exact import told
from advisor.audit.records.texts import Texts
from advisor.facts.kinds import Kinds
from advisor.facts.library import Library
from advisor.facts.plain import sources
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Firing
from advisor.rules.model import Definition

Table = dict[str, Any]
#: Parts of an answer that stand apart in the body, or that other questions and machines would change.
_APART = ("question", "assumptions", "trace", "engine", "folders", "digests")


def body_of(answer: Answer, library: Library, texts: Texts) -> Table:
    """The body, as JSON has it. The answer must hold its remedies, if its record is to hold them."""
    said = answer.to_dict()
    trace = said["trace"]
    catalog = _Catalog(library, answer.kinds)
    used = list(zip(answer.trace.all_facts, trace["facts"], strict=True))
    known = {catalog.key(fact) for fact, _ in used if catalog.holds(fact)}
    return {
        "question": told(answer.question.tables),
        "assumptions": said["assumptions"],
        "rules": texts.rules,
        "kinds": texts.kinds,
        "facts": [{**row, **catalog.origin(fact), "exact": told(fact.values)} for fact, row in used],
        "other_facts": [catalog.told(key) for key in catalog.beside(known)],
        "firings": [
            {**row, "let": _let(firing)}
            for firing, row in zip(answer.trace.firings, trace["firings"], strict=True)
        ],
        "near_misses": trace["near_misses"],
        "answer": {
            **{name: part for name, part in said.items() if name not in _APART},
            "digests": {name: said["digests"][name] for name in ("question", "answer")},
        },
    }


def _let(firing: Firing) -> Table:
    """What the rule's own names stood for; for a chosen fact its label."""
    names = [step.name for step in firing.rule.steps if isinstance(step, Definition)]
    names += [firing.rule.each.name] if firing.rule.each else []
    values = {name: firing.env.get(name) for name in names}
    return {name: told(getattr(value, "label", value)) for name, value in values.items()}


class _Catalog:
    """The facts of an installation, by kind and label."""

    def __init__(self, library: Library, kinds: Kinds) -> None:
        self.kinds = kinds
        self._facts = {self.key(fact): fact for fact in library.facts}

    def key(self, fact: Fact) -> tuple[str, str]:
        return fact.kind, fact.label

    def holds(self, fact: Fact) -> bool:
        return self._facts.get(self.key(fact)) is fact

    def origin(self, fact: Fact) -> Table:
        """Where a fact was given: one of the question has no file, for the question stands in the record."""
        given = fact.given
        if given is None:
            return {"given": None}
        held = self.holds(fact)
        return {
            "given": {
                "file": given.file if held else None,
                "line": given.line if held else None,
                "sources": sources(given.sources),
                "confidence": given.confidence,
                "note": given.note,
                "assumed": list(given.assumed),
                "changes": [[told(each.before), told(each.after)] for each in given.overrides],
            }
        }

    def beside(self, known: Container[tuple[str, str]]) -> list[tuple[str, str]]:
        """All others, in order."""
        return sorted(key for key in self._facts if key not in known)

    def told(self, key: tuple[str, str]) -> Table:
        """A fact exactly, and what folders changed in it."""
        fact = self._facts[key]
        overrides = fact.given.overrides if fact.given else ()
        return {
            "kind": fact.kind,
            "label": fact.label,
            "overrides": [told_override(fact, each, self.kinds) for each in overrides],
            **self.origin(fact),
            "exact": told(fact.values),
        }

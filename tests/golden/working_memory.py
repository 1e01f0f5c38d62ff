"""What a verdict rests on: the rules that can reach it, and the given facts that they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from advisor.answer.answer import Answer
from advisor.engines import choose
from advisor.facts.values import Fact
from advisor.installation import Installation
from advisor.question import Question, read_question
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.model import Rule

PARTS = ("gpu", "model", "block", "extra_tensor")


class Verdicts:
    """Asks for the verdict alone, with the rules that can have a part in it, over any facts."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.kinds = installation.library.kinds
        needed = needed_for("verdict", installation.rulebook)
        strata = (
            tuple(rule for rule in layer if rule.id in needed) for layer in installation.rulebook.strata
        )
        rulebook = replace(installation.rulebook, strata=tuple(layer for layer in strata if layer))
        self.read = rulebook.read
        self.reasoner = Reasoner(rulebook, self.kinds, choose("clips")[0])

    def question(self, source: Path | dict[str, Any], changes: Iterable[str] = ()) -> Question:
        rulebook = self.installation.rulebook
        return read_question(source, self.installation.library, rulebook.derived, list(changes))

    def facts(self, question: Question) -> list[Fact]:
        """What the rules read, without GPUs and models that the question does not name: no verdict does."""
        named = {value for fact in question.facts for value in fact.values.values()}
        return [
            fact
            for fact in (*self.installation.library.facts, *question.facts)
            if fact.kind in self.read and (fact.kind not in PARTS or fact.key[0] in named)
        ]

    def ask(self, question: Question, facts: Iterable[Fact]) -> Answer:
        digests = {"question": "", "rules": "", "facts": ""}
        return Answer(question, self.reasoner.derive(facts), self.kinds, ("clips", ""), digests)


def needed_for(kind: str, rules: Iterable[Rule]) -> set[str]:
    """The rules that write the kind, those that write what they read, and so on."""
    everything = list(rules)
    wanted, needed, before = {kind}, set[str](), -1
    while len(needed) > before:
        before = len(needed)
        for rule in everything:
            if wanted & {conclusion.kind for conclusion in rule.conclude}:
                needed.add(rule.id)
                wanted |= {pattern.kind for pattern in (*rule.match, *rule.searches)}
    return needed


def facts_used(derivation: Derivation) -> list[Fact]:
    """The given facts that some firing matched or looked at."""
    used = {id(f): f for firing in derivation.firings for f in (*firing.premises, *firing.looked) if f.given}
    return list(used.values())


def without(fact: Fact, field: str) -> Fact:
    return replace(fact, values={name: value for name, value in fact.values.items() if name != field})


def lacking(facts: Iterable[Fact], fact: Fact, field: str) -> list[Fact]:
    """The facts, one of them without a field. A session may know it by one told before that says the same."""
    name = (fact.kind, fact.key, fact.given)
    found = [without(each, field) if (each.kind, each.key, each.given) == name else each for each in facts]
    assert any(field not in each.values for each in found if (each.kind, each.key) == name[:2])
    return found


def deletions(verdicts: Verdicts, used: Iterable[Fact]) -> Iterator[tuple[Fact, str]]:
    """Each optional figure of catalog facts and of parts written inline, unless its absence has a meaning."""
    for fact in used:
        kind = verdicts.kinds[fact.kind]
        fields = kind.fields
        for name in fact.values if not kind.single else ():
            if not fields[name].present and not fields[name].spec.absent:
                yield fact, name

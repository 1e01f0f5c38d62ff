"""How the rules over the catalog are to be derived: with what given, and by the help of which rules.

A rule over the catalog may read what rules of a question derive, as long as they need no more of the
question than one fact that names something of the catalog: `asked_model` names a model. Such a rule is
derived once for each fact that can be named, the others once over the whole catalog. Which it is
follows from what the rules read and write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from advisor.errors import Problem
from advisor.facts.kinds import Field, Kind
from advisor.facts.library import Library
from advisor.rules.closure import Closures
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook, written
from advisor.rules.strata import edges_of, reads


@dataclass(frozen=True)
class Plan:
    """Rules to derive together. `own` are those over the catalog whose sentences count here.

    `subject` is the kind of question fact that is given, and its field that names a fact of the catalog.
    """

    subject: tuple[Kind, Field] | None
    rules: tuple[Rule, ...]
    own: frozenset[str]


class Planner:
    def __init__(self, rulebook: Rulebook, library: Library, wanted: Iterable[Rule]) -> None:
        self.asked = _asked(rulebook, library)
        self.subjects = dict(_subjects(self.asked.values()))
        self.wanted = list(wanted)
        rules = Closures([*rulebook.of_questions, *rulebook.catalog]).of(self.wanted)
        stated = {fact.kind for fact in library.facts}
        self.lacking = _lacking(rules, self.asked.keys() - self.subjects.keys(), stated)
        self._alive = Closures([rule for rule in rules if rule.id not in self.lacking])

    def plans(self) -> list[Plan]:
        """One for each kind of question fact that is needed, and one for what needs none."""
        groups: dict[str | None, list[Rule]] = {}
        for rule in self.wanted:
            needed = self._needed(rule)
            if rule.id not in self.lacking and len(needed) < 2:
                groups.setdefault(min(needed, default=None), []).append(rule)
        return [self._plan(kind, rules) for kind, rules in groups.items()]

    def _plan(self, kind: str | None, rules: list[Rule]) -> Plan:
        subject = (self.asked[kind], self.subjects[kind]) if kind else None
        return Plan(subject, tuple(self._alive.of(rules)), frozenset(rule.id for rule in rules))

    def _needed(self, rule: Rule) -> set[str]:
        return self.subjects.keys() & {kind for each in self._alive.of([rule]) for kind in each.reads}

    def never(self) -> Iterator[Problem]:
        """Rules over the catalog that can never fire, for what they read only a whole question gives."""
        for rule in self.wanted:
            lacking = sorted(self.lacking.get(rule.id) or self._needed(rule))
            if rule.id in self.lacking or len(lacking) > 1:
                needs = " and ".join(lacking)
                text = f"{rule.id} can never fire: it needs {needs}, which only a question gives"
                hint = f"Over the catalog one of these may be given, and no more: {', '.join(self.subjects)}."
                yield Problem("never-fires", text, hint, rule.file, rule.line)


def _asked(rulebook: Rulebook, library: Library) -> dict[str, Kind]:
    """The kinds that only a question gives: of which it has one, and what may stand inside that."""
    derived = written(rulebook)
    single = {
        kind.id
        for kind in library.kinds.values()
        if kind.single and kind.id not in derived and not library.of(kind.id)
    }
    return {
        kind.id: kind
        for kind in library.kinds.values()
        if kind.id in single or (kind.parent in single and not library.of(kind.id))
    }


def _subjects(asked: Iterable[Kind]) -> Iterator[tuple[str, Field]]:
    """Those that need nothing but the id of something in the catalog."""
    for kind in asked:
        required = [field for field in kind.fields.values() if field.spec.required]
        if kind.single and len(required) == 1 and required[0].spec.refers:
            yield kind.id, required[0]


def _lacking(rules: list[Rule], missing: set[str], stated: set[str]) -> dict[str, set[str]]:
    """For each rule that cannot be derived: the missing kinds on which it depends.

    A rule cannot where it matches what is missing, or what is derived only from that and `stated` in no
    file; nor where it looks at something that is not complete without it.
    """
    found = {rule.id: lacks for rule in rules if (lacks := {kind for kind, *_ in reads(rule)} & missing)}
    writers: dict[tuple[str, str, bool], set[str]] = {}
    for edge in edges_of(rules):
        writers.setdefault((rules[edge.reader].id, edge.node, edge.waits), set()).add(rules[edge.writer].id)
    growing = True
    while growing:
        growing = False
        for (reader, node, waits), names in writers.items():
            lost = names & found.keys()
            enough = not waits and (lost < names or node.partition("[")[0] in stated)
            if reader not in found and lost and not enough:
                found[reader] = set().union(*(found[name] for name in lost))
                growing = True
    return found

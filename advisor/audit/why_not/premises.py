"""The premises of a rule, held against the facts: each true, false, not known, or not reached.

A premise is what a rule asks of facts: a pattern that a fact matches, a definition, a condition, an `unless`,
a default that nobody else wrote. They stand in the order in which they are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from advisor.audit.why_not.rule_says import Step, rule_says
from advisor.expressions import Unknown, Value, false_text, falsity, formula, show_value
from advisor.facts.kinds import Kinds
from advisor.facts.plain import plain
from advisor.facts.values import Fact
from advisor.question import Question
from advisor.reasoning.budget import Budget, Prices
from advisor.reasoning.outcome import Derivation, Firing, Miss, definition_text
from advisor.reasoning.search import agrees, attempt, candidates
from advisor.rules.footprint import footprint
from advisor.rules.model import Conclusion, Definition, Each, Pattern, Rule, Test
from advisor.rules.rulebook import Rulebook

Table = dict[str, Any]
TRUE, FALSE, UNKNOWN, NOT_REACHED = "true", "false", "unknown", "not-reached"
STATES = (TRUE, FALSE, UNKNOWN, NOT_REACHED)
PREMISES = ("fact", "range", "definition", "condition", "unless", "default")
IN_DOUBT = frozenset([("", "")])  # what cannot be computed is not known: it was perhaps not reached


@dataclass(frozen=True)
class Seen:
    """One question with all that was derived, and the rules by which."""

    question: Question
    derivation: Derivation
    rulebook: Rulebook
    kinds: Kinds

    @cached_property
    def misses(self) -> dict[str, list[Miss]]:
        """The near misses of each rule, by its id."""
        found: dict[str, list[Miss]] = {}
        for miss in self.derivation.misses:
            found.setdefault(miss.rule.id, []).append(miss)
        return found

    def value(self, fact: Fact, name: str) -> str:
        value = fact.values.get(name)
        return "not said" if value is None else show_value(value, self.kinds[fact.kind].fields[name].type)

    def told(self, fact: Fact, names: Sequence[str] = ()) -> Table:
        """A fact: its label, what it says in these fields, and the rules or the file it comes from."""
        given = fact.given
        return {
            "fact": fact.label,
            "values": {name: self.value(fact, name) for name in names},
            "rules": sorted({firing.rule.id for firing in self._writing(fact)}),
            "file": given.file if given else None,
            "line": given.line if given else None,
        }

    def labelled(self, fact: Fact) -> set[str]:
        """The fields that its label says already."""
        kind = self.kinds[fact.kind]
        return set() if kind.single else set(kind.key or kind.fields)

    def writer(self, miss: Miss, default: Conclusion) -> Fact | None:
        """The fact to which a default gave way, if it was this default."""
        for fact in self.derivation.store.of(default.kind):
            if miss.blocked == f"{fact.label} is written already" and fact.certain:
                said = ((name, default.fields.get(name)) for name in self.kinds[fact.kind].key)
                if all(f is None or attempt(f, miss.env, IN_DOUBT) == fact.values.get(n) for n, f in said):
                    return fact
        return None

    def _writing(self, fact: Fact) -> list[Firing]:
        """What concluded it; it may have become part of one that says more."""
        found = self.derivation.derivations(fact)
        holder = self.derivation.store.holder(fact)
        return found or (self.derivation.derivations(holder) if holder else [])

    def against(self, rule: Rule, pattern: Pattern, env: Any) -> list[tuple[Fact, bool | Unknown]]:
        """Facts that match a pattern of an `unless` or an aggregate, for sure or perhaps."""
        budget = Budget(Prices())
        budget.begin(rule)
        found = candidates(pattern, env, self.derivation.store, budget, IN_DOUBT)
        return sorted(((fact, sure) for fact, sure, _ in found), key=lambda each: each[0].order)


def steps_of(rule: Rule) -> list[Step]:
    """All premises of a rule, in the order in which they are looked at."""
    defaults = [each for each in rule.conclude if each.default]
    return [*rule.match, *([rule.each] if rule.each else []), *rule.steps, *rule.unless, *defaults]


def held_at(seen: Seen, miss: Miss) -> int:
    """The place of the premise that was false, among all of the rule."""
    steps = list(enumerate(steps_of(miss.rule)))[len(miss.rule.match) :]
    if miss.test is not None:
        return next(at for at, step in steps if step is miss.test)
    if miss.pattern is not None:
        searched = ((at, step.pattern if isinstance(step, Definition) else step) for at, step in steps)
        return next(at for at, pattern in searched if pattern is miss.pattern)
    return next(at for at, step in steps if isinstance(step, Conclusion) and seen.writer(miss, step))


def premise(
    what: str, state: str, rule_says: str, text: str, facts: Sequence[Table] = (), **more: Any
) -> Table:
    """As JSON has it. `say`: what the rule has to say; `by`: how much a comparison is short, in base units;
    `nearest`: facts that disagree; `makers` and `giver`: where a fact that there is not could come from.
    """
    return {
        "premise": what,
        "state": state,
        "rule_says": rule_says,
        "text": text,
        "facts": list(facts),
        "say": None,
        "short": None,
        "by": None,
        "nearest": [],
        "makers": [],
        "giver": None,
        **more,
    }


def premises_of(seen: Seen, each: Firing | Miss) -> list[Table]:
    """Every premise of one application of a rule; what comes after the first false one was not reached."""
    steps = steps_of(each.rule)
    last = held_at(seen, each) if isinstance(each, Miss) else len(steps)
    matched = zip(each.rule.match, each.premises, strict=True)
    rows = [matched_premise(seen, each.rule, pattern, fact, each.env) for pattern, fact in matched]
    for at, step in enumerate(steps[len(rows) :], len(rows)):
        rows.append(_looked_at(seen, each, step, at == last) if at <= last else not_reached(step))
    return rows


def not_reached(step: Step, matched: bool = False) -> Table:
    """`matched`: a pattern that a fact should match, and not of an `unless`."""
    unless = isinstance(step, Pattern) and not matched
    what = "fact" if matched else _WHAT[type(step)]
    return premise(what, NOT_REACHED, rule_says(step, unless), "not reached")


_WHAT = {Pattern: "unless", Each: "range", Definition: "definition", Test: "condition", Conclusion: "default"}


# one premise


def matched_premise(seen: Seen, rule: Rule, pattern: Pattern, fact: Fact, env: Any) -> Table:
    """A fact that matched, with the fields of it that the rule reads."""
    sure = fact.certain and agrees(fact, pattern, env) is True
    told = seen.told(fact, sorted(_read(rule, pattern) - seen.labelled(fact)))
    said = ", ".join(f"{name} {value}" for name, value in told["values"].items())
    perhaps = "" if sure else "perhaps "
    text = f"{perhaps}{fact.label}{': ' if said else ''}{said}"
    return premise("fact", TRUE if sure else UNKNOWN, rule_says(pattern), text, [told])


def _read(rule: Rule, pattern: Pattern) -> set[str]:
    """The fields that the rule reads of facts of such a pattern."""
    alike = (pattern.kind, pattern.equals)
    found = [each.fields for each in footprint(rule) if (each.kind, each.constants) == alike]
    return set().union(*found)


def _looked_at(seen: Seen, each: Firing | Miss, step: Step, false: bool) -> Table:
    if isinstance(step, Test):
        return _condition(each, step, false)
    if isinstance(step, Definition):
        return _definition(seen, each, step, false)
    if isinstance(step, Pattern):
        return _unless(seen, each, step)
    if isinstance(step, Each):
        value = each.env[step.name]
        text = f"{step.name} = {show_value(value, each.rule.scope.name(step.name))}"
        return premise("range", _state(value), rule_says(step), text)
    return _default(seen, each, step, false)


def _state(value: Value) -> str:
    return UNKNOWN if isinstance(value, Unknown) else TRUE


def _condition(each: Firing | Miss, test: Test, false: bool) -> Table:
    parsed, scope = test.formula.parsed, each.rule.scope
    if not false:
        state = _state(attempt(test.formula, each.env, IN_DOUBT))
        return premise("condition", state, rule_says(test), formula(parsed, each.env, scope))
    found = falsity(parsed, each.env, scope)
    said = test.say.render(each.env) if test.say else None
    more = {"short": found.short, "by": plain(found.by), "say": said}
    return premise("condition", FALSE, rule_says(test), false_text(parsed, each.env, scope), **more)


def _definition(seen: Seen, each: Firing | Miss, step: Definition, false: bool) -> Table:
    if false and step.pattern:
        text = f"no {step.pattern.kind} to choose from: {_why_none(seen, each, step.pattern)}"
        return premise("definition", FALSE, rule_says(step), text)
    value, text = each.env.get(step.name), definition_text(step, each.env, each.rule)
    if not isinstance(value, Fact):
        return premise("definition", _state(value), rule_says(step), text)  # type: ignore[arg-type]
    facts = [seen.told(value)] if value.certain else []
    return premise("definition", TRUE if value.certain else UNKNOWN, rule_says(step), text, facts)


def _why_none(seen: Seen, each: Firing | Miss, pattern: Pattern) -> str:
    asked, there = seen.against(each.rule, pattern, each.env), seen.derivation.store.of(pattern.kind)
    if asked:
        return f"of {len(asked)} it is not known whether they are what is asked for, or how good"
    return f"there are {len(there):,}, and none is as asked" if there else "there is none"


def _unless(seen: Seen, each: Firing | Miss, pattern: Pattern) -> Table:
    found = seen.against(each.rule, pattern, each.env)
    sure = [fact for fact, verdict in found if verdict is True]
    if sure:
        told = [seen.told(fact) for fact in sure]
        return premise("unless", FALSE, rule_says(pattern, True), f"{_listed(sure)} against it", told)
    if found:
        facts = [fact for fact, _ in found]
        told = [seen.told(fact) for fact in facts]
        return premise(
            "unless", UNKNOWN, rule_says(pattern, True), f"perhaps {_listed(facts)} against it", told
        )
    return premise("unless", TRUE, rule_says(pattern, True), f"no such {pattern.kind}")


def _listed(facts: Sequence[Fact]) -> str:
    more = f" and {len(facts) - 1} more stand" if len(facts) > 1 else " stands"
    return facts[0].label + more


def _default(seen: Seen, each: Firing | Miss, step: Conclusion, false: bool) -> Table:
    writer = seen.writer(each, step) if false and isinstance(each, Miss) else None
    if writer is None:
        return premise("default", TRUE, rule_says(step), "nobody else wrote it")
    told = [seen.told(writer)]
    return premise("default", FALSE, rule_says(step), f"{writer.label} is written already", told)

"""What a firing looked for and did not find, and what its choices passed over.

Both are worked out from what the firing bound and from the facts that there are in the end. What a negation
or a choice goes through was complete before its rule was applied, so this finds what the rule found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import nsmallest
from typing import Any, NamedTuple

from advisor.expressions import Cause, EvaluationError, Unknown, Value, formula, show_value
from advisor.facts.kinds import Kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Firing
from advisor.reasoning.search import agrees, narrowed
from advisor.rules.model import Definition, Formula, Pattern, Rule
from advisor.rules.tables import written

NEAREST = 3
LOSERS = 24
_UNDECIDED = Unknown(None, frozenset([Cause("", "")]))


class Near(NamedTuple):
    """A fact that a negation looked at, and why it does not stand against the firing."""

    fact: Fact
    text: str


class Absent(NamedTuple):
    """A negation that holds: there are so many facts of the kind, and none of them matches."""

    pattern: Pattern
    facts: int
    nearest: list[Near]


class Choice(NamedTuple):
    """A `best`. None is chosen where that cannot be told; `more` losers are not among the losers listed."""

    step: Definition
    chosen: Fact | None
    value: Value | None
    losers: list[tuple[Fact, Value]]
    more: int
    doubtful: int  # candidates that could not be judged


class Looked:
    """Looks once more, with the facts of one derivation."""

    def __init__(self, store: Store, kinds: Kinds) -> None:
        self.store, self.kinds = store, kinds
        self._parts: dict[int, list[Pattern]] = {}
        self._orders: dict[int, tuple[Any, ...]] = {}
        self._sorted: dict[str, list[Fact]] = {}

    def absent(self, firing: Firing) -> list[Absent]:
        """The negations of a firing that hold for sure, in the order of the rule."""
        found = [self._absent(firing, pattern) for pattern in firing.rule.unless]
        return [each for each in found if each is not None]

    def _absent(self, firing: Firing, pattern: Pattern) -> Absent | None:
        env = dict(firing.env)
        reach = narrowed(pattern, env, self.store)
        failed = [(self._failed(pattern, fact, env), fact) for fact in reach]
        if any(at is None for at, _ in failed):
            return None
        best = nsmallest(NEAREST, failed, key=lambda each: (-(each[0] or 0), self._order(each[1])))
        near = [fact for _, fact in best] + self._others(pattern.kind, reach, NEAREST - len(best))
        told = [Near(fact, self._why(firing.rule, pattern, fact, env)) for fact in near]
        return Absent(pattern, len(self._all(pattern.kind)), told)

    def _failed(self, pattern: Pattern, fact: Fact, env: dict[str, Any]) -> int | None:
        """The place of the first condition that is false; None where none is false for sure."""
        env[pattern.alias] = fact
        verdicts = (_verdict(part, fact, env) for part in self._conditions(pattern))
        return next((at for at, verdict in enumerate(verdicts) if verdict is False), None)

    def _conditions(self, pattern: Pattern) -> list[Pattern]:
        """The pattern as patterns of one condition each; those by which facts are found come first."""
        if id(pattern) not in self._parts:
            bare = Pattern(pattern.kind, pattern.alias)
            self._parts[id(pattern)] = [
                *(bare._replace(on=(each,)) for each in pattern.on),
                *(bare._replace(equals=(each,)) for each in pattern.equals),
                *(bare._replace(where=(each,)) for each in pattern.where),
            ]
        return self._parts[id(pattern)]

    def _others(self, kind: str, reach: Any, count: int) -> list[Fact]:
        """The first of those facts that an index has told apart already: their first condition is false."""
        known = set(map(id, reach))
        others = (fact for fact in self._all(kind) if count > 0 and id(fact) not in known)
        return [fact for fact, _ in zip(others, range(count), strict=False)]

    def _all(self, kind: str) -> list[Fact]:
        if kind not in self._sorted:
            self._sorted[kind] = sorted(self.store.live(kind), key=self._order)
        return self._sorted[kind]

    def _order(self, fact: Fact) -> tuple[Any, ...]:
        if id(fact) not in self._orders:
            self._orders[id(fact)] = fact.order
        return self._orders[id(fact)]

    def _why(self, rule: Rule, pattern: Pattern, fact: Fact, env: dict[str, Any]) -> str:
        at = self._failed(pattern, fact, env)
        assert at is not None
        part = self._conditions(pattern)[at]
        if part.where:
            test, scope = part.where[0], rule.scope.with_alias(pattern.alias, pattern.kind)
            return (
                test.say.render(env) if test.say else f"{formula(test.formula.parsed, env, scope)} is false"
            )
        name = part.on[0][0] if part.on else part.equals[0][0]
        type_ = self.kinds[pattern.kind].fields[name].type
        said = f"{name} is {show_value(fact.values[name], type_)}"
        if part.equals:
            return f"{said}, not {show_value(part.equals[0][1], type_)}"
        target, wanted = _target(part, env)
        return f"{said}, {target} is {show_value(wanted, type_)}"

    def choices(self, firing: Firing) -> list[Choice]:
        """What each `best` of a firing chose, and what it passed over, nearest first."""
        steps = (step for step in firing.rule.definitions if step.how == "best")
        return [self._choice(firing, step) for step in steps]

    def _choice(self, firing: Firing, step: Definition) -> Choice:
        assert step.pattern is not None and step.formula is not None
        env, judged, doubtful = dict(firing.env), [], 0
        for fact in narrowed(step.pattern, env, self.store):
            sure = self._sure(step.pattern, fact, env)
            value = _run(step.formula, env) if sure is not False else None
            if sure is True and not isinstance(value, Unknown):
                judged.append((fact, value))
            doubtful += sure is not False and (sure is not True or isinstance(value, Unknown))
        judged.sort(key=lambda each: self._order(each[0]))
        judged.sort(key=lambda each: each[1], reverse=step.descending)
        chosen = firing.env[step.name]
        won = next((value for fact, value in judged if fact is chosen), None)
        lost = [each for each in judged if each[0] is not chosen] if won is not None else []
        more = max(len(lost) - LOSERS, 0)
        return Choice(step, chosen if won is not None else None, won, lost[:LOSERS], more, doubtful)

    def _sure(self, pattern: Pattern, fact: Fact, env: dict[str, Any]) -> bool | None:
        """Whether the fact matches; None where that cannot be told."""
        env[pattern.alias] = fact
        verdicts = [True if fact.certain else _UNDECIDED]
        for part in self._conditions(pattern):
            verdicts.append(_verdict(part, fact, env))
            if verdicts[-1] is False:
                return False
        return True if all(verdict is True for verdict in verdicts) else None


def _verdict(part: Pattern, fact: Fact, env: Mapping[str, Any]) -> Value:
    return _run(part.where[0].formula, env) if part.where else agrees(fact, part, env)


def _target(part: Pattern, env: Mapping[str, Any]) -> tuple[str, Value]:
    """What a join asks for: by its name in the rule, and its value."""
    _, alias, field = part.on[0]
    return (f"{alias}.{field}", env[alias].values[field]) if field else (alias, env[alias])


def _run(each: Formula, env: Mapping[str, Any]) -> Value:
    """Its value. What cannot be computed was in doubt before, else the rule would not have fired."""
    try:
        return each.run(env)
    except EvaluationError:
        return _UNDECIDED


def pattern_text(pattern: Pattern) -> str:
    """A negation as its rule has it: `unless waived, check = "vram"`."""
    alias = "" if pattern.alias == pattern.kind else f" as {pattern.alias}"
    return ", ".join([f"unless {pattern.kind}{alias}", *_terms(pattern)])


def _terms(pattern: Pattern) -> Iterator[str]:
    yield from (f"{name} = {'.'.join(filter(None, target))}" for name, *target in pattern.on)
    yield from (f"{name} = {written(value)}" for name, value in pattern.equals)
    yield from (test.formula.source for test in pattern.where)

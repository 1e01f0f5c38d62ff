"""What a rulebook means, said as plainly as can be: every rule is tried on every combination of facts,
everything is computed anew until nothing changes. Slow on purpose; only expressions are shared with the
reasoner, and they have differential tests of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any

from advisor.expressions import Cause, EvaluationError, Unknown, Value
from advisor.facts.kinds import Kind, Kinds
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation
from advisor.rules.model import Conclusion, Definition, Formula, Pattern, Rule, Test

ROUNDS = 60
NONE: frozenset[Cause] = frozenset()


class Cycle(Exception):
    """Some rule would have to wait for itself."""


class Wrong(Exception):
    """A conflict, a value that does not exist, or no end."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Outcome:
    """A firing, or a near miss: then `failed` says what stood against it."""

    rule: Rule
    premises: tuple[Fact, ...]
    env: Mapping[str, Any]
    passed: int
    failed: str | None = None
    doubts: frozenset[Cause] = NONE
    concluded: list[Fact] = field(default_factory=list)
    skipped: int = 0


# ---------------------------------------------------------------- the order of rules


def levels(rules: Sequence[Rule], kinds: Kinds) -> list[list[Rule]]:
    """Each rule after all that it reads; together only with rules that lead back to it and need no wait."""
    gaps = {(r.id, w.id): gap for r, w in product(rules, rules) if (gap := _gap(r, w, kinds)) is not None}
    leads = set(gaps)
    level = {rule.id: 0 for rule in rules}
    for middle, reader, writer in product(level, repeat=3):
        if (reader, middle) in leads and (middle, writer) in leads:
            leads.add((reader, writer))
    for _ in range(len(rules) + 1):
        before = dict(level)
        for (reader, writer), gap in gaps.items():
            least = gap if (writer, reader) in leads else 1
            level[reader] = max(level[reader], level[writer] + least)
        if level == before:
            layers = sorted(set(level.values()))
            return [[rule for rule in rules if level[rule.id] == n] for n in layers]
    raise Cycle


def _gap(reader: Rule, writer: Rule, kinds: Kinds) -> int | None:
    gaps = [_reads(reader, conclusion, kinds) for conclusion in writer.conclude]
    return max((gap for gap in gaps if gap is not None), default=None)


def _reads(reader: Rule, written: Conclusion, kinds: Kinds) -> int | None:
    fixed = {n: f.run({}) for n, f in written.fields.items() if not f.parsed.names and not f.parsed.paths}
    if any(p.kind == written.kind and _meet(dict(p.equals), fixed) for p in reader.searches):
        return 1
    for own in reader.conclude:
        mine = {n: v for n, v in own.constants.items() if n in _key_names(kinds[own.kind])}
        if own.default and own.kind == written.kind and not written.default and _meet(mine, fixed):
            return 1
    return 0 if any(p.kind == written.kind and _meet(dict(p.equals), fixed) for p in reader.match) else None


def _meet(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    return all(other[name] == value for name, value in one.items() if name in other)


def _key_names(kind: Kind) -> Sequence[str]:
    return () if kind.single else kind.key or tuple(kind.fields)


# ---------------------------------------------------------------- derivation


def derive(rules: Sequence[Rule], kinds: Kinds, facts: Iterable[Fact]) -> tuple[list[Fact], list[Outcome]]:
    """All facts and all outcomes. Raises Cycle or Wrong."""
    world, outcomes = list(facts), []
    for layer in levels(rules, kinds):
        world, more = _layer(layer, kinds, world)
        outcomes += more
    return world, outcomes


def _layer(rules: Sequence[Rule], kinds: Kinds, base: list[Fact]) -> tuple[list[Fact], list[Outcome]]:
    world = base
    for perhaps in (False, True):  # first what is sure; what is in doubt cannot add to that
        for _ in range(ROUNDS):
            outcomes = [o for rule in rules for o in _all_outcomes(rule, kinds, world, base, perhaps)]
            after = _united([*base, *(fact for outcome in outcomes for fact in outcome.concluded)])
            _no_conflict(after)
            stable = set(map(told, after)) == set(map(told, world))
            world = after
            if stable:
                break
        else:
            raise Wrong("endless")
    return _settled(world), outcomes


def _all_outcomes(
    rule: Rule, kinds: Kinds, world: list[Fact], base: list[Fact], perhaps: bool
) -> Iterator[Outcome]:
    for facts in product(*([f for f in _live(world) if f.kind == p.kind] for p in rule.match)):
        env = {p.alias: fact for p, fact in zip(rule.match, facts, strict=True)}
        verdict = _and(_agrees(fact, p, env) for p, fact in zip(rule.match, facts, strict=True))
        doubts = _causes(verdict).union(*(fact.causes for fact in facts if not fact.certain))
        if verdict is False or (doubts and not perhaps):
            continue
        for inner, more in _ranges(rule, env, doubts):
            yield _Trial(rule, kinds, facts, _live(base), inner, doubts | more).outcome()


def _live(world: list[Fact]) -> list[Fact]:
    """An uncertain fact counts only where no certain one has its key."""
    sure = {(fact.kind, fact.key) for fact in world if fact.certain and _named(fact)}
    return [fact for fact in world if fact.certain or (fact.kind, fact.key) not in sure]


def _named(fact: Fact) -> bool:
    return not any(isinstance(part, Unknown) for part in fact.key)


def _united(facts: Iterable[Fact]) -> list[Fact]:
    """One of each that says the same, with the reasons of all."""
    found: dict[tuple[Any, ...], Fact] = {}
    for fact in facts:
        same = found.get(fact.identity, fact)
        found[fact.identity] = replace(
            fact, causes=fact.causes | same.causes, default=fact.default and same.default
        )
    return list(found.values())


def _groups(world: Iterable[Fact]) -> list[list[Fact]]:
    groups: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in world:
        if fact.certain and _named(fact):
            groups.setdefault((fact.kind, fact.key), []).append(fact)
    return list(groups.values())


def _no_conflict(world: list[Fact]) -> None:
    for group in _groups(world):
        for one, other in combinations(group, 2):
            for name in one.values.keys() | other.values.keys():
                pair = (one.values.get(name), other.values.get(name))
                if not any(isinstance(v, Unknown) for v in pair) and pair[0] != pair[1]:
                    raise Wrong("conflict")


def _settled(world: list[Fact]) -> list[Fact]:
    """Facts with one key say one thing: of each field the most that any of them knows."""
    rest = [fact for fact in world if not fact.certain or not _named(fact)]
    return rest + [_whole(group) for group in _groups(world)]


def _whole(group: list[Fact]) -> Fact:
    names = set.intersection(*(set(fact.values) for fact in group))
    values: dict[str, Value] = {}
    for name in names:
        said = [fact.values[name] for fact in group]
        known = [value for value in said if not isinstance(value, Unknown)]
        lows = [value.low for value in said if isinstance(value, Unknown) and value.low is not None]
        values[name] = (
            known[0] if known else Unknown(max(lows, default=None), NONE.union(*map(_causes, said)))
        )
    given = next((fact.given for fact in group if fact.given), None)
    return replace(group[0], values=values, given=given, default=all(fact.default for fact in group))


# ---------------------------------------------------------------- three values


def _causes(value: Any) -> frozenset[Cause]:
    return value.causes if isinstance(value, Unknown) else NONE


def _and(verdicts: Iterable[Any]) -> bool | Unknown:
    found = list(verdicts)
    if any(verdict is False for verdict in found):
        return False
    causes = NONE.union(*map(_causes, found))
    return Unknown(None, causes) if causes else True


def _equal(left: Value, right: Value) -> bool | Unknown:
    causes = _causes(left) | _causes(right)
    return Unknown(None, causes) if causes else left == right


def _read(fact: Fact, name: str) -> Value:
    missing = Unknown(None, frozenset([Cause(fact.label, name)]))
    return fact.values.get(name, missing)


def _agrees(fact: Fact, pattern: Pattern, env: Mapping[str, Any]) -> bool | Unknown:
    verdicts = [_equal(_read(fact, name), value) for name, value in pattern.equals]
    for name, other, other_field in pattern.on:
        same = env[other] is fact and name == other_field
        target = _read(env[other], other_field) if other_field else env[other]
        verdicts.append(True if same else _equal(_read(fact, name), target))
    return _and(verdicts)


def _run(formula: Formula, env: Mapping[str, Any], doubts: frozenset[Cause]) -> Value:
    """A formula that is perhaps not reached cannot fail."""
    try:
        return formula.run(env)
    except EvaluationError:
        if doubts:
            return Unknown(None, doubts)
        raise Wrong("evaluation") from None


def _ranges(
    rule: Rule, env: Mapping[str, Any], doubts: frozenset[Cause]
) -> Iterator[tuple[dict[str, Any], frozenset[Cause]]]:
    if rule.each is None:
        yield dict(env), NONE
        return
    first, last = _run(rule.each.first, env, doubts), _run(rule.each.last, env, doubts)
    causes = _causes(first) | _causes(last)
    if causes:
        yield {**env, rule.each.name: Unknown(None, causes)}, causes
    elif last - first >= 4096:
        raise Wrong("evaluation")
    else:
        yield from (({**env, rule.each.name: n}, NONE) for n in range(first, last + 1))


# ---------------------------------------------------------------- one rule, one combination of facts


@dataclass
class _Row:
    fact: Fact
    sure: bool | Unknown
    value: Value

    @property
    def causes(self) -> frozenset[Cause]:
        return _causes(self.sure) | _causes(self.value)


class _Trial:
    def __init__(
        self,
        rule: Rule,
        kinds: Kinds,
        premises: tuple[Fact, ...],
        complete: list[Fact],
        env: dict[str, Any],
        doubts: frozenset[Cause],
    ) -> None:
        self.rule, self.kinds, self.premises, self.complete = rule, kinds, premises, complete
        self.env, self.doubts, self.passed, self.skipped = env, doubts, 0, 0

    def outcome(self) -> Outcome:
        failed = self._steps() or self._blocked()
        concluded = [] if failed else [self._fact(conclusion) for conclusion in self.rule.conclude]
        failed = failed or next(
            (why for fact in concluded if fact.default and (why := self._gives_way(fact))), None
        )
        if failed:
            return Outcome(self.rule, self.premises, self.env, self.passed, failed)
        for fact in concluded:
            fact.certain, fact.causes = not self.doubts, self.doubts
        return Outcome(
            self.rule, self.premises, self.env, self.passed, None, self.doubts, concluded, self.skipped
        )  # fmt: skip

    def _steps(self) -> str | None:
        for step in self.rule.steps:
            failed = self._test(step) if isinstance(step, Test) else self._define(step)
            if failed:
                return failed
        return None

    def _test(self, test: Test) -> str | None:
        verdict = _run(test.formula, self.env, self.doubts)
        if verdict is False:
            return test.formula.source
        self.doubts |= _causes(verdict)
        self.passed += 1
        return None

    def _blocked(self) -> str | None:
        for pattern in self.rule.unless:
            rows = self._rows(pattern, None)
            sure = sorted(row.fact.label for row in rows if row.sure is True)
            if sure:
                return f"{sure[0]} stands against it"
            self.doubts = self.doubts.union(*(row.causes for row in rows))
        return None

    def _rows(self, pattern: Pattern, formula: Formula | None) -> list[_Row]:
        rows = []
        for fact in self.complete:
            if fact.kind != pattern.kind:
                continue
            sure = _and(
                [_agrees(fact, pattern, self.env), True if fact.certain else Unknown(None, fact.causes)]
            )
            inner = {**self.env, pattern.alias: fact}
            for test in pattern.where:
                if sure is not False:
                    sure = _and([sure, _run(test.formula, inner, self.doubts | _causes(sure))])
            if sure is not False:
                value = _run(formula, inner, self.doubts | _causes(sure)) if formula else 1
                rows.append(_Row(fact, sure, value))
        return rows

    def _define(self, step: Definition) -> str | None:
        if step.pattern is None:
            assert step.formula is not None
            self.env[step.name] = _run(step.formula, self.env, self.doubts)
            return None
        rows = self._rows(step.pattern, step.formula)
        if step.how == "best":
            return self._best(step, rows)
        if step.how in ("min", "max") and not rows:
            return f"no {step.pattern.kind} to choose from"
        if step.how in ("min", "max") and not any(row.sure is True for row in rows):
            self.doubts = self.doubts.union(*(row.causes for row in rows))
        self.env[step.name] = _AGGREGATES[step.how](step, rows)
        return None

    def _best(self, step: Definition, rows: list[_Row]) -> str | None:
        assert step.pattern is not None
        unclear = [row for row in rows if row.causes]
        causes = NONE.union(*(row.causes for row in rows))
        if unclear and not self.rule.propose:
            fields = self.kinds[step.pattern.kind].fields
            nobody = Fact(
                step.pattern.kind, ("?",), dict.fromkeys(fields, Unknown(None, causes)), None, False, causes
            )
            self.env[step.name] = nobody
            self.doubts |= causes
            return None
        self.skipped += len(unclear)
        clear = sorted((row for row in rows if not row.causes), key=lambda row: row.fact.order)
        if not clear:
            return f"no {step.pattern.kind} to choose from"
        edge = (max if step.descending else min)(row.value for row in clear)
        self.env[step.name] = next(row.fact for row in clear if row.value == edge)
        return None

    def _fact(self, conclusion: Conclusion) -> Fact:
        kind = self.kinds[conclusion.kind]
        values: dict[str, Value] = {}
        for name, formula in conclusion.fields.items():
            copied = conclusion.copies.get(name)
            if not copied or copied[1] in self.env[copied[0]].values:
                values[name] = self._in_range(kind, name, _run(formula, self.env, self.doubts))
        return Fact(kind.id, key_of(kind, values), values, default=conclusion.default)

    def _in_range(self, kind: Kind, name: str, value: Value) -> Value:
        spec = kind.fields[name].spec
        if isinstance(value, Unknown):
            return Unknown(value.low, self.doubts) if self.doubts else value
        if isinstance(value, str):
            return value
        if (spec.min is not None and value < spec.min) or (spec.max is not None and value > spec.max):
            if self.doubts:
                return Unknown(None, self.doubts)
            raise Wrong("evaluation")
        return value

    def _gives_way(self, fact: Fact) -> str | None:
        names = _key_names(self.kinds[fact.kind])
        for other in self.complete:
            if other.kind != fact.kind or other.default:
                continue
            pairs = [(fact.values.get(name), other.values.get(name)) for name in names]
            if any(a != b for a, b in pairs if not isinstance(a, Unknown) and not isinstance(b, Unknown)):
                continue
            unsure = NONE.union(*(_causes(v) for pair in pairs for v in pair))
            if other.certain and not unsure:
                return f"{other.label} is written already"
            self.doubts |= unsure | (NONE if other.certain else other.causes)
        return None


def key_of(kind: Kind, values: Mapping[str, Value]) -> tuple[Value, ...]:
    if kind.single:
        return ()
    if kind.key:
        return tuple(values[name] for name in kind.key)
    known = [f"{name}={values[name]}" for name in sorted(values) if not isinstance(values[name], Unknown)]
    return (*known, *(values[name] for name in sorted(values) if isinstance(values[name], Unknown)))


# ---------------------------------------------------------------- aggregates


def _sum(step: Definition, rows: list[_Row]) -> Value:
    causes = NONE.union(*(row.causes.union(*map(_causes, row.fact.key)) for row in rows))
    if not causes:
        return sum(row.value for row in rows)
    lows = [_least(row, step.floor_zero) for row in rows]
    return Unknown(None if None in lows else sum(lows), causes)


def _least(row: _Row, never_negative: bool) -> Value | None:
    """The least that a row adds. One whose key is not known may be several, or none besides another."""
    low = row.value.low if isinstance(row.value, Unknown) else row.value
    if row.sure is True and _named(row.fact) and low is not None and low >= 0:
        return low
    if never_negative or (low is not None and low >= 0):
        return 0
    return low if _named(row.fact) else None


def _count(step: Definition, rows: list[_Row]) -> Value:
    causes = NONE.union(*(_causes(row.sure).union(*map(_causes, row.fact.key)) for row in rows))
    sure = [row for row in rows if row.sure is True]
    named = [row for row in sure if _named(row.fact)]
    return Unknown(max(len(named), 1 if sure else 0), causes) if causes else len(rows)


def _plain(find: Any) -> Any:
    def aggregate(step: Definition, rows: list[_Row]) -> Value:
        causes = NONE.union(*(row.causes for row in rows))
        return Unknown(None, causes) if causes else find([row.value for row in rows])

    return aggregate


_AGGREGATES = {
    "sum": _sum,
    "count": _count,
    "min": _plain(min),
    "max": _plain(max),
    "collect": _plain(lambda values: tuple(sorted(set(values)))),
}


# ---------------------------------------------------------------- to compare


def told(fact: Fact) -> tuple[Any, ...]:
    """A fact as its contents."""
    values = tuple((name, shown(fact.values[name])) for name in sorted(fact.values))
    return (fact.kind, fact.certain, fact.default, values, tuple(sorted(fact.causes)))


def shown(value: Any) -> Any:
    if isinstance(value, Fact):
        return told(value)
    if isinstance(value, Unknown):
        return ("?", value.low, tuple(sorted(value.causes)))
    return (type(value).__name__, value)


Summary = tuple[Counter[Any], Counter[Any], Counter[Any]]


def summary_of_reference(world: list[Fact], outcomes: list[Outcome]) -> Summary:
    final = {_place(fact): fact for fact in world}
    firings, misses = Counter(), Counter()
    for outcome in outcomes:
        premises = tuple(told(_final(fact, final, True)) for fact in outcome.premises)
        if outcome.failed is not None:
            misses[outcome.rule.id, premises, _number(outcome), outcome.passed, outcome.failed] += 1
            continue
        concluded = [_final(fact, final, False) for fact in outcome.concluded]
        unknown = NONE.union(*(_causes(v) for fact in outcome.concluded for v in fact.values.values()))
        causes = tuple(sorted(outcome.doubts | unknown))
        firings[_firing(outcome, premises, causes, not outcome.doubts, concluded, outcome.skipped)] += 1
    return Counter(map(told, world)), firings, misses


def summary_of_reasoner(derivation: Derivation) -> Summary:
    firings, misses = Counter(), Counter()
    for miss in derivation.misses:
        premises = tuple(map(told, miss.premises))
        failed = miss.test.formula.source if miss.test else miss.blocked
        misses[miss.rule.id, premises, _number(miss), miss.passed, failed] += 1
    for one in derivation.firings:
        premises = tuple(map(told, one.premises))
        firings[
            _firing(one, premises, tuple(sorted(one.causes)), one.certain, one.concluded, one.skipped)
        ] += 1
    return Counter(map(told, derivation.store)), firings, misses


def _firing(
    one: Any,
    premises: tuple[Any, ...],
    causes: tuple[Cause, ...],
    certain: bool,
    concluded: list[Fact],
    skipped: int,
) -> tuple[Any, ...]:
    names = tuple((step.name, shown(one.env[step.name])) for step in one.rule.definitions)
    return (one.rule.id, premises, _number(one), names, causes, certain, tuple(map(told, concluded)), skipped)


def _number(one: Any) -> Any:
    return shown(one.env[one.rule.each.name]) if one.rule.each else None


def _place(fact: Fact) -> tuple[Any, ...]:
    return (fact.kind, fact.key) if fact.certain and _named(fact) else fact.identity


def _final(fact: Fact, final: Mapping[tuple[Any, ...], Fact], premise: bool) -> Fact:
    """What became of a fact: all reasons of an uncertain one; as a conclusion also what its rivals know."""
    found = final.get(_place(fact), fact)
    return fact if premise and fact.certain else found

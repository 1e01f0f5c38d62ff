"""What rules may cost: the bound of combinations is never too low, and steps are counted alike everywhere."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings

from advisor.engines import ENGINES, ClipsEngine
from advisor.engines.network import Engine
from advisor.errors import ReasoningError, RulesError
from advisor.expressions import Unknown
from advisor.facts.values import Fact
from advisor.reasoning import budget, joins
from advisor.reasoning.joins import Joins, Widths
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.model import Rule
from tests.durable import HAS_DURABLE

from .random_programs import KINDS, Program, programs
from .test_differential import rulebook

ENGINES_HERE = [make() for name, make in ENGINES.items() if name != "durable" or HAS_DURABLE]


def combinations(rule: Rule, facts: list[Fact]) -> int:
    """How many facts, pairs and so on agree with the first patterns of a rule, by trying all."""
    found = [{}]
    total = 0
    for pattern in rule.match:
        pairs = product(found, (fact for fact in facts if fact.kind == pattern.kind))
        found = [{**env, pattern.alias: fact} for env, fact in pairs if agree(env, fact, pattern)]
        total += len(found)
    return total


def agree(env: dict[str, Fact], fact: Fact, pattern: Any) -> bool:
    joined = [(fact, name, env[other], field) for name, other, field in pattern.on]
    return all(fact.values.get(name) == value for name, value in pattern.equals) and all(
        same(one, name, other, field) for one, name, other, field in joined
    )


def same(one: Fact, name: str, other: Fact, field: str) -> bool:
    """As engines have it: what is not known equals only itself."""
    left, right = one.values.get(name), other.values.get(field)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return one is other and name == field
    return left == right


@settings(max_examples=150)
@given(programs())
def test_the_bound_is_never_below_what_there_is(program: Program) -> None:
    """After every fact that an engine may be told, derived ones and several of one key among them."""
    rules = program.bound()
    try:
        derivation = Reasoner(rulebook(rules), KINDS, ClipsEngine()).derive(program.given())
    except (ReasoningError, RulesError):
        return
    matching = [rule for rule in rules if rule.match]
    counted, told = Joins(Widths(matching, KINDS)), []
    for fact in derivation.store:
        if fact.certain:
            counted.count(fact)
            told.append(fact)
    needed = [combinations(rule, told) for rule in matching]
    assert all(need <= counted.bound(number) for number, need in enumerate(needed))
    assert sum(needed) <= counted.total()


@pytest.mark.parametrize("engine", ENGINES_HERE, ids=lambda engine: engine.name)
def test_no_engine_is_told_what_is_too_much(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of one less than is needed stops it before the engine hears of the facts."""
    rules = Program([PAIRS], [{"fact": "item", "id": n, "group": n % 2} for n in range(10)])
    assert len(derived(rules, engine).firings) == 100
    monkeypatch.setattr(joins, "MAX_COMBINATIONS", 109)  # ten, and each of them with ten
    with pytest.raises(ReasoningError) as caught:
        derived(rules, engine)
    (problem,) = caught.value.problems
    assert problem.code == "too-many-combinations" and problem.text.startswith("even.r0 would have to try")


PAIRS = {
    "id": "even.r0",
    "summary": "…",
    "match": [{"fact": "item", "as": "x"}, {"fact": "item", "as": "y"}],
    "conclude": {"fact": "link", "start": "x.id", "end": "y.id"},
}


def derived(program: Program, engine: Engine) -> Any:
    return Reasoner(rulebook(program.bound()), KINDS, engine).derive(program.given())


def steps(program: Program, engine: Engine, most: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What stops a program that has so many steps; nothing where they are enough."""
    monkeypatch.setattr(budget, "MAX_STEPS", most)
    try:
        derived(program, engine)
    except ReasoningError as error:
        return [problem.text for problem in error.problems]
    return []


SUMS = {
    "id": "even.r0",
    "summary": "…",
    "match": [{"fact": "item", "as": "x"}],
    "sum": {"t": {"of": "o.id", "fact": "item", "as": "o", "where": ["o.id < x.id"]}},
    "conclude": {"fact": "note", "topic": "'a'", "id": "x.id", "value": "t"},
}


def test_the_last_step_is_the_same_with_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a number of steps that is enough and one less is not; every engine has the same."""
    program = Program([SUMS], [{"fact": "item", "id": n, "group": 0} for n in range(20)])
    least = []
    for engine in ENGINES_HERE:
        low, high = 0, 100_000
        while high - low > 1:
            middle = (low + high) // 2
            enough = not steps(program, engine, middle, monkeypatch)
            low, high = (low, middle) if enough else (middle, high)
        least.append(high)
        (text,) = steps(program, engine, low, monkeypatch)
        assert text == f"even.r0 takes {high:,} of the {low:,} steps that all rules have in one question"
    assert len(set(least)) == 1 and least[0] > 400  # twenty times twenty are looked at


def test_steps_grow_with_what_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the facts, four times the steps: what was enough for the one is far from enough for the other."""
    small, large = (
        Program([SUMS], [{"fact": "item", "id": n, "group": 0} for n in range(count)]) for count in (200, 400)
    )
    most = 200 * (200 * 6 + 200)
    assert not steps(small, ENGINES_HERE[-1], most, monkeypatch)
    assert steps(large, ENGINES_HERE[-1], 2 * most, monkeypatch)

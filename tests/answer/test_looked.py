"""Negations that are said to hold do hold, and nothing passed over is better than what was chosen."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings

import advisor
from advisor.answer.answer import Answer
from advisor.answer.looked import LOSERS, NEAREST, Looked, pattern_text
from advisor.answer.trace import Trace
from advisor.canonical import canonical
from advisor.engines.clips import ClipsEngine
from advisor.errors import ReasoningError, RulesError
from advisor.expressions import EvaluationError, Unknown
from advisor.facts.values import Fact, may_equal
from advisor.reasoning.budget import Budget, Prices
from advisor.reasoning.outcome import Derivation, Firing
from advisor.reasoning.reasoner import Reasoner
from advisor.reasoning.search import candidates
from advisor.rules.model import Formula, Pattern
from advisor.rules.rulebook import Rulebook
from advisor.rules.strata import strata
from tests.commandline import EXAMPLES
from tests.reasoning.random_programs import KINDS, Program, programs

PROGRAMS = programs()


@cache
def asked(name: str) -> Answer:
    return advisor.ask(EXAMPLES / f"{name}.toml", engine="clips", remedies=False)


def derived(program: Program, backwards: bool = False) -> Derivation:
    """What follows; programs that do not load or contradict themselves are of no use here."""
    rules, facts = program.bound(), program.given()
    try:
        layers = tuple(map(tuple, strata(rules[::-1] if backwards else rules)))
        return Reasoner(Rulebook(layers, {}), KINDS, ClipsEngine()).derive(
            facts[::-1] if backwards else facts
        )
    except (ReasoningError, RulesError):
        assume(False)
        raise


def matching(firing: Firing, pattern: Pattern, derivation: Derivation) -> list[tuple[Fact, Any]]:
    """As the reasoner itself looks."""
    budget = Budget(Prices())
    budget.begin(firing.rule)
    found = candidates(pattern, firing.env, derivation.store, budget, firing.causes)
    return [(fact, sure) for fact, sure, _ in found]


def passed(fact: Fact, pattern: Pattern, firing: Firing) -> int:
    """How many conditions come before the first that is false."""
    env = {**firing.env, pattern.alias: fact}
    joins = [
        (fact.values.get(name), env[alias].values.get(field) if field else env[alias])
        for name, alias, field in pattern.on
    ]
    constants = [(fact.values.get(name), value) for name, value in pattern.equals]
    for at, (one, other) in enumerate([*joins, *constants]):
        if None not in (one, other) and not may_equal(one, other):
            return at
    false = (at for at, test in enumerate(pattern.where) if is_false(test.formula, env))
    return len(joins) + len(constants) + next(false)


def is_false(formula: Formula, env: dict[str, Any]) -> bool:
    try:
        return formula.run(env) is False
    except EvaluationError:
        return False


def check_absent(derivation: Derivation, looked: Looked) -> int:
    count = 0
    for firing in derivation.firings:
        holding = looked.absent(firing)
        expected = [each for each in firing.rule.unless if not matching(firing, each, derivation)]
        assert [each.pattern for each in holding] == expected
        assert firing.causes or len(expected) == len(firing.rule.unless)
        for absent in holding:
            facts = derivation.store.live(absent.pattern.kind)
            assert absent.facts == len(facts)
            assert len(absent.nearest) == min(len(facts), NEAREST)
            assert all(near.text for near in absent.nearest)
            ranks = sorted((-passed(fact, absent.pattern, firing), fact.order) for fact in facts)
            told = [(-passed(near.fact, absent.pattern, firing), near.fact.order) for near in absent.nearest]
            assert told == ranks[:NEAREST]
            count += 1
    return count


def check_choices(derivation: Derivation, looked: Looked) -> int:
    count = 0
    for firing in derivation.firings:
        for choice in looked.choices(firing):
            step = choice.step
            assert step.pattern is not None and step.formula is not None
            found = matching(firing, step.pattern, derivation)
            if choice.chosen is None:
                assert firing.causes or choice.doubtful
                continue
            assert choice.chosen is firing.env[step.name]
            assert 1 + len(choice.losers) + choice.more + choice.doubtful == len(found)
            assert len(choice.losers) <= LOSERS
            values = [choice.value, *(value for _, value in choice.losers)]
            assert not any(isinstance(value, Unknown) for value in values)
            better = [b > a if step.descending else b < a for a, b in pairwise(values)]
            assert not any(better)
            count += 1
    return count


@settings(max_examples=150)
@given(PROGRAMS)
def test_of_any_program(program: Program):
    derivation = derived(program)
    looked = Looked(derivation.store, KINDS)
    check_absent(derivation, looked)
    check_choices(derivation, looked)


@settings(max_examples=150)
@given(PROGRAMS)
def test_what_is_said_by_default_nothing_else_says(program: Program):
    derivation = derived(program)
    told = {one["id"]: one["by_default"] for one in Trace(derivation, KINDS).to_dict()["firings"]}
    for number, firing in enumerate(derivation.sorted_firings(), 1):
        pairs = list(zip(firing.rule.conclude, firing.concluded, strict=True))
        standing = [fact for written, fact in pairs if written.default and firing.certain]
        assert told[f"r{number}"] == [fact.label for fact in standing]
        for fact in standing:
            assert fact.given is None
            for one in derivation.derivations(fact):
                wrote = zip(one.rule.conclude, one.concluded, strict=True)
                assert all(written.default for written, concluded in wrote if concluded is fact)


@settings(max_examples=60)
@given(PROGRAMS)
def test_no_order_changes_a_trace(program: Program):
    one, other = (Trace(derived(program, each), KINDS).to_dict() for each in (False, True))
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize("name", ["mixtral-8x22b-a100", "home-rtx-4090"])
def test_of_what_ships(name: str):
    answer = asked(name)
    looked = Looked(answer.derivation.store, answer.kinds)
    assert check_absent(answer.derivation, looked) > 5
    assert check_choices(answer.derivation, looked) > 0


def test_the_trace_tells_them_with_their_figures():
    trace = asked("mixtral-8x22b-a100").trace.to_dict()
    facts = {fact["id"]: fact for fact in trace["facts"]}
    assert list(facts) == [f"f{n}" for n in range(1, len(facts) + 1)]
    short = next(one for one in trace["firings"] if one["rule"] == "memory.insufficient-vram")
    assert short["absent"] == [
        {"kind": "waived", "pattern": 'unless waived, check = "vram"', "facts": 0, "nearest": []}
    ]
    shared = next(one for one in trace["firings"] if one["rule"] == "parallelism.equal-shares")
    assert (short["by_default"], shared["by_default"]) == ([], ["card_share[0]"])
    named = next(one for one in trace["firings"] if one["rule"] == "defaults.format-anywhere")
    assert named["absent"][0]["nearest"][0] == {
        "fact": "format_name[int8, any]",
        "text": "runtime is any, l.runtime is vllm",
    }
    for choice in (choice for one in trace["firings"] for choice in one["choices"]):
        for loser in choice["losers"]:
            assert facts[loser["fact"]]["label"] == loser["label"]
            assert facts[loser["fact"]]["kind"] == choice["kind"]


def test_names_of_facts_do_not_depend_on_the_figures():
    trace = asked("mixtral-8x22b-a100").trace
    bare, whole = trace.to_dict(figures=False), trace.to_dict()
    labels = [(fact["id"], fact["label"]) for fact in bare["facts"]]
    assert labels == [(fact["id"], fact["label"]) for fact in whole["facts"][: len(labels)]]
    assert not any(one["absent"] or one["choices"] for one in bare["firings"])


def test_a_negation_reads_as_in_its_file():
    for pattern in (each for one in asked("home-rtx-4090").derivation.firings for each in one.rule.unless):
        text = pattern_text(pattern)
        assert text.startswith(f"unless {pattern.kind}")
        assert all(test.formula.source in text for test in pattern.where)

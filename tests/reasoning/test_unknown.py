"""Leaving figures blank never makes the reasoner say what the full facts deny."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from advisor.engines import ClipsEngine
from advisor.errors import ReasoningError, RulesError
from advisor.expressions import Unknown
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner

from .random_programs import KINDS, Program, programs, randoms
from .test_differential import rulebook


def _derivations(program: Program, blanks: set[tuple[int, str]]) -> tuple[Derivation, Derivation]:
    """With all figures, and without some.

    A blank beside a rule that writes a figure there is a contradiction, and an error is no wrong answer.
    """
    try:
        reasoner = Reasoner(rulebook(program.bound()), KINDS, ClipsEngine())
        full = reasoner.derive(program.given())
    except (ReasoningError, RulesError):
        assume(False)
    try:
        return full, reasoner.derive(program.without(blanks).given())
    except ReasoningError as error:
        assert all(problem.code == "conflict" for problem in error.problems), error
        assume(False)


def _blanks(program: Program, random: Random) -> set[tuple[int, str]]:
    places = [
        (number, name)
        for number, row in enumerate(program.facts)
        for name in row
        if name != "fact" and not KINDS[row["fact"]].fields[name].present
    ]
    return {place for place in places if random.random() < 0.4}


def _covers(less: Fact, more: Fact) -> bool:
    """Whether `less`, with blanks filled in, may be `more`: known values agree and bounds hold."""
    if less.kind != more.kind:
        return False
    return all(_filled(less.values[name], more.values.get(name)) for name in less.values)


def _filled(value: Any, other: Any) -> bool:
    if isinstance(value, Unknown):
        return other is not None and (value.low is None or other >= value.low)
    return value == other


@settings(max_examples=500, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(optional=False, blanks=False, proposing=False), randoms())
def test_blanks_make_answers_unknown_and_never_wrong(program: Program, random: Random) -> None:
    full, partial = _derivations(program, _blanks(program, random))
    for fact in partial.store:
        if fact.certain:
            assert any(_covers(fact, other) for other in full.store), fact
    for fact in full.store:
        assert any(_covers(other, fact) for other in partial.store), fact


@settings(max_examples=200, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(optional=False, blanks=False, proposing=False), randoms())
def test_blanks_never_let_a_rule_fire_for_sure_that_else_does_not(program: Program, random: Random) -> None:
    full, partial = _derivations(program, _blanks(program, random))
    for firing in partial.firings:
        if firing.certain:
            assert any(_same_firing(firing, other) for other in full.firings), firing


def _same_firing(less: Any, more: Any) -> bool:
    pairs = zip(less.premises, more.premises, strict=False)
    return less.rule is more.rule and all(_covers(one, other) for one, other in pairs)

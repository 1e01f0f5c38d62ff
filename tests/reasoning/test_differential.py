"""The reasoner, on every engine, derives what the reference derives, whatever the order."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from advisor.engines import ENGINES
from advisor.engines.network import Engine
from advisor.errors import EngineError, ReasoningError, RulesError
from advisor.facts.values import Fact
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook
from advisor.rules.strata import strata

from . import reference
from .random_programs import KINDS, Program, programs, randoms

sys.path.append(str(Path(__file__).parents[1] / "engines"))
from naive import NaiveEngine

Found = tuple[str, object]  # "facts" and all of them, or the code of an error


def _engines() -> dict[str, Engine]:
    """Every engine that can be made here. Only durable-rules may be missing, on Python 3.13 and later."""
    found: dict[str, Engine] = {"naive": NaiveEngine()}
    for name, make in ENGINES.items():
        try:
            found[name] = make()
        except EngineError:
            if name != "durable":
                raise
    return found


USABLE = _engines()


def rulebook(rules: Sequence[Rule]) -> Rulebook:
    return Rulebook(tuple(map(tuple, strata(rules))), {})


def derived(reasoner: Reasoner, facts: Sequence[Fact]) -> Found:
    try:
        return "facts", reference.summary_of_reasoner(reasoner.derive(facts))
    except ReasoningError as error:
        return "error", {problem.code for problem in error.problems}


def expected(rules: Sequence[Rule], facts: Sequence[Fact]) -> Found:
    try:
        return "facts", reference.summary_of_reference(*reference.derive(rules, KINDS, facts))
    except reference.Wrong as error:
        return "error", {error.code}


def same(one: Found, other: Found) -> None:
    """Of several errors in one program, which comes first is not fixed."""
    if one[0] == other[0] == "error":
        assert one[1] & other[1], (one, other)
        return
    assert one[0] == other[0], (one, other)
    for mine, theirs, what in zip(one[1], other[1], ("facts", "firings", "misses"), strict=True):
        assert mine == theirs, (what, dict(mine - theirs), dict(theirs - mine))


@settings(max_examples=1500, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(), programs(), randoms())
def test_every_engine_derives_what_the_reference_derives(
    program: Program, other: Program, random: Random
) -> None:
    rules, facts = program.bound(), program.given()
    try:
        book = rulebook(rules)
    except RulesError as error:
        assert {problem.code for problem in error.problems} == {"cycle"}
        with pytest.raises(reference.Cycle):
            reference.levels(rules, KINDS)
        return
    wanted = expected(rules, facts)
    for engine in USABLE.values():
        reasoner = Reasoner(book, KINDS, engine)
        same(derived(reasoner, facts), wanted)
        derived(reasoner, other.given())
        same(derived(reasoner, random.sample(facts, len(facts))), wanted)  # after others, in another order
    order = random.sample(range(len(rules)), len(rules))
    half = random.randint(0, len(facts))
    shuffled = Reasoner(rulebook(program.bound(order)), KINDS, USABLE["clips"], facts[:half])
    same(derived(shuffled, facts[half:]), wanted)

"""A question derived from another one comes to what it comes to by itself."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings

from advisor.errors import ReasoningError, RulesError
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner, Session

from . import reference
from .random_programs import KINDS, Program, Row, facts, make, programs, randoms
from .test_differential import USABLE, rulebook


def changed(program: Program, random: Random) -> list[Fact]:
    """Some facts say something else, and perhaps some are gone and some come."""
    others = [row for _ in range(4) for row in facts(random, True)]
    rows = [copy.copy(row) for row in program.facts]
    for row in random.sample(rows, random.randint(1, len(rows))):
        twins = [each for each in others if each["fact"] == row["fact"]]
        names = [name for name in KINDS[row["fact"]].fields if name not in KINDS[row["fact"]].key]
        if twins and names:
            _say(row, random.choice(names), random.choice(twins))
    for row in random.sample(rows, min(len(rows), random.choice([0, 0, 1]))):
        rows.remove(row)
    rows += random.sample(others, min(len(others), random.choice([0, 1, 2])))
    return [make(row) for row in _without_twice(rows)]


def _say(row: Row, name: str, twin: Row) -> None:
    """The field as the other row has it."""
    row.pop(name, None)
    row.update({key: value for key, value in twin.items() if key == name})


def _without_twice(rows: list[Row]) -> list[Row]:
    return list({(row["fact"], make(row).key): row for row in rows}.values())


def facts_of(derivation: Derivation) -> Counter[Any]:
    return reference.summary_of_reasoner(derivation)[0]


def outcome(derive: Callable[..., Derivation], *given: Any) -> tuple[str, Any]:
    try:
        return "facts", facts_of(derive(*given))
    except ReasoningError as error:
        return "error", {problem.code for problem in error.problems}


def same(one: tuple[str, Any], other: tuple[str, Any]) -> None:
    assert one[0] == other[0], (one, other)
    if one[0] == "error":
        assert one[1] & other[1]
    else:
        assert one[1] == other[1], (dict(one[1] - other[1]), dict(other[1] - one[1]))


@settings(max_examples=350, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(), randoms())
def test_a_variant_comes_to_what_it_comes_to_by_itself(program: Program, random: Random) -> None:
    tried(program, random, ["clips"])


@settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(), randoms())
def test_it_does_on_every_engine(program: Program, random: Random) -> None:
    tried(program, random, list(USABLE))


def tried(program: Program, random: Random, engines: list[str]) -> None:
    rules = program.bound()
    try:
        book = rulebook(rules)
    except RulesError:
        return
    variants = [changed(program, random) for _ in range(4)]
    for name in engines:
        reasoner = Reasoner(book, KINDS, USABLE[name])
        try:
            compare(reasoner, program.given(), variants, frozenset(rule.id for rule in rules))
        except ReasoningError:
            return


def compare(
    reasoner: Reasoner, given: list[Fact], variants: list[list[Fact]], wanted: frozenset[str]
) -> None:
    """Variants one after another, and the question again: each as by itself, and the base as it was.

    Each from the question, and from the variant before it.
    """
    session = Session(reasoner)
    base = last = session.derive(given)
    before = facts_of(base)
    for variant in variants:
        by_itself = outcome(Session(reasoner).derive, variant)
        same(outcome(session.vary, base, variant, wanted), by_itself)
        same(outcome(session.vary, last, variant, wanted), by_itself)
        last = session.vary(last, variant, wanted) if by_itself[0] == "facts" else last
    assert facts_of(base) == before
    same(outcome(session.vary, base, given, wanted), ("facts", before))

"""A question derived from another one comes to what it comes to by itself."""

from __future__ import annotations

import copy
from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.errors import ReasoningError, RulesError
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner

from . import reference
from .random_programs import KINDS, Program, Row, facts, make, programs
from .test_differential import USABLE, rulebook


def changed(program: Program, random: Random) -> Program:
    """Some facts are gone, some come, some say something else."""
    others = facts(random, True)
    rows = [copy.copy(row) for row in program.facts]
    for row in random.sample(rows, min(len(rows), random.choice([1, 1, 2, 3]))):
        twins = [each for each in others if each["fact"] == row["fact"]]
        what = random.choice(["goes", "says", "says"])
        if what == "goes":
            rows.remove(row)
        elif twins:
            name = random.choice(sorted(random.choice(twins).keys() - {"fact"}))
            row.update({name: value for twin in twins for key, value in twin.items() if key == name})
    rows += random.sample(others, min(len(others), random.choice([0, 0, 1, 2])))
    return Program(program.rules, _without_twice(rows))


def _without_twice(rows: list[Row]) -> list[Row]:
    return list({(row["fact"], make(row).key): row for row in rows}.values())


def facts_of(derivation: Derivation) -> Counter[Any]:
    return reference.summary_of_reasoner(derivation)[0]


def outcome(derive: Any) -> tuple[str, Any]:
    try:
        return "facts", facts_of(derive())
    except ReasoningError as error:
        return "error", {problem.code for problem in error.problems}


def same(one: tuple[str, Any], other: tuple[str, Any]) -> None:
    assert one[0] == other[0], (one, other)
    if one[0] == "error":
        assert one[1] & other[1]
    else:
        assert one[1] == other[1], (dict(one[1] - other[1]), dict(other[1] - one[1]))


@settings(max_examples=500, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(), st.randoms(use_true_random=False))
def test_a_variant_comes_to_what_it_comes_to_by_itself(program: Program, random: Random) -> None:
    rules = program.bound()
    try:
        book = rulebook(rules)
    except RulesError:
        return
    wanted = frozenset(rule.id for rule in rules)
    variants = [changed(program, random) for _ in range(3)]
    for engine in USABLE.values():
        reasoner = Reasoner(book, KINDS, engine)
        session = reasoner.session()
        try:
            base = session.derive(program.given())
        except ReasoningError:
            return
        before = facts_of(base)
        for variant in variants:
            by_itself = outcome(lambda given=variant.given(): reasoner.derive(given))
            same(outcome(lambda given=variant.given(): session.vary(base, given, wanted)), by_itself)
        assert facts_of(base) == before
        same(outcome(lambda: session.vary(base, program.given(), wanted)), ("facts", before))

"""Telling an engine only the facts that can take part: no match is lost, and nothing else is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.facts.values import Fact
from advisor.reasoning.feeding import Feeder, doors
from advisor.rules.model import Pattern
from tests.engines import naive
from tests.engines.naive import NaiveSession
from tests.engines.random_programs import FIELDS, fact_rounds, rule_lists

NAMES = [f"f{number}" for number in range(FIELDS)]


@dataclass(frozen=True)
class Rule:
    """As much of a rule as feeding looks at."""

    match: tuple[Pattern, ...]


def readable(rule: Sequence[naive.Pattern]) -> Rule:
    """The same rule as the reasoner has it: kinds, aliases and fields by name."""
    return Rule(
        tuple(
            Pattern(
                f"k{pattern.kind}",
                f"a{position}",
                tuple((NAMES[field], f"a{earlier}", NAMES[other]) for field, earlier, other in pattern.joins),
                tuple((NAMES[field], value) for field, value in pattern.constants),
            )
            for position, pattern in enumerate(rule)
        )
    )


def fact(kind: int, values: Sequence[int], number: int) -> Fact:
    return Fact(f"k{kind}", (number,), dict(zip(NAMES, values, strict=True)))


def fed(feeder: Feeder, facts: Iterable[Fact], question: int = 0) -> list[Fact]:
    return [told for each in facts for told, _ in feeder.offer(each, question)]


def matches(rules: Sequence[naive.Rule], facts: Iterable[Fact]) -> set[naive.Match]:
    session = NaiveSession(rules)
    for each in facts:
        session.add(each.key[0], int(each.kind[1:]), list(each.values.values()))
    return set(session.all_matches())


def able(rules: Sequence[Rule], facts: Sequence[Fact]) -> list[Fact]:
    """The facts that can take part, found by looking again and again."""
    found: list[Fact] = []
    while new := [
        each for each in facts if each not in found and any(_enters(each, rule, found) for rule in rules)
    ]:
        found += new
    return found


def _enters(each: Fact, rule: Rule, found: Sequence[Fact]) -> bool:
    kinds = {pattern.alias: pattern.kind for pattern in rule.match}
    return any(
        pattern.kind == each.kind
        and all(each.values[name] == value for name, value in pattern.equals)
        and all(
            any(other.kind == kinds[alias] and other.values[field] == each.values[name] for other in found)
            for name, alias, field in pattern.on
        )
        and (bool(pattern.on) or position == 0 or before in {other.kind for other in found})
        for position, (pattern, before) in enumerate(zip(rule.match, ["", *kinds.values()], strict=False))
    )


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[naive.Rule], list[Fact]]:
    """Rules, and facts in the order in which they arrive."""
    rows = [row for told in draw(fact_rounds) for row in told]
    facts = [fact(kind, values, number) for number, (kind, values) in enumerate(rows)]
    rules = [rule[:3] for rule in draw(rule_lists)[:6]]
    return rules, draw(st.permutations(facts))


@settings(max_examples=300)
@given(programs())
def test_no_match_is_lost(program: tuple[list[naive.Rule], list[Fact]]) -> None:
    rules, facts = program
    told = fed(Feeder(doors([readable(rule) for rule in rules])), facts)
    assert matches(rules, told) == matches(rules, facts)


@settings(max_examples=300)
@given(programs())
def test_what_can_take_part_is_told_once_and_nothing_else(
    program: tuple[list[naive.Rule], list[Fact]],
) -> None:
    rules, facts = program
    described = [readable(rule) for rule in rules]
    told = fed(Feeder(doors(described)), facts)
    assert sorted(each.key for each in told) == sorted(each.key for each in able(described, facts))


@settings(max_examples=200)
@given(programs(), st.integers(0, 18))
def test_a_copy_goes_on_by_itself(program: tuple[list[naive.Rule], list[Fact]], cut: int) -> None:
    """What holds in every question is fed once; each question goes on from there and leaves no trace."""
    rules, facts = program
    common, own = facts[:cut], facts[cut:]
    feeder = Feeder(doors([readable(rule) for rule in rules]))
    before = fed(feeder, common)
    first = fed(feeder.copy(), own)
    again = fed(feeder.copy(), own)
    assert first == again
    assert matches(rules, [*before, *first]) == matches(rules, facts)


@settings(max_examples=200)
@given(programs(), st.integers(0, 18), st.sets(st.integers(0, 3)))
def test_questions_after_one_another_miss_nothing(
    program: tuple[list[naive.Rule], list[Fact]], cut: int, kinds: set[int]
) -> None:
    """Facts of some kinds belong to questions: those of the catalog stand ready, each question gives its own.

    Of each question, what was told for it and for all has every match that all its facts have. A question
    describes parts, which are for all, before any other fact is looked at.
    """
    rules, facts = program
    asked = {f"k{kind}" for kind in kinds}
    feeder = Feeder(doors([readable(rule) for rule in rules]))
    common, own = facts[:cut], facts[cut:]
    offered = [each for each in common if each.kind in asked and not feeder.stand(each, asked)]
    for_all = fed(feeder, [each for each in common if each.kind not in asked])
    in_order = sorted([*offered, *own], key=lambda each: each.kind in asked)
    for question in (1, 2, 3):
        told = [
            offer for each in in_order for offer in feeder.offer(each, question if each.kind in asked else 0)
        ]
        for_all += [each for each, whose in told if whose == 0]
        for_it = [each for each, whose in told if whose]
        assert matches(rules, [*for_all, *for_it]) == matches(rules, facts)


# ---------------------------------------------------------------- by hand

CARD_AND_GPU = Rule((Pattern("card", "c"), Pattern("gpu", "g", (("id", "c", "gpu"),))))
CARD = Fact("card", (0,), {"index": 0, "gpu": "x"})
GPU, OTHER = (Fact("gpu", (name,), {"id": name}) for name in ("x", "y"))


def test_a_fact_waits_for_the_one_it_joins_to() -> None:
    feeder = Feeder(doors([CARD_AND_GPU]))
    assert fed(feeder, [GPU, OTHER]) == []
    assert fed(feeder, [CARD]) == [CARD, GPU]


def test_one_that_comes_later_is_told_at_once() -> None:
    feeder = Feeder(doors([CARD_AND_GPU]))
    assert fed(feeder, [CARD, OTHER, GPU]) == [CARD, GPU]


def test_a_fact_of_another_kind_or_with_another_constant_is_not_told() -> None:
    feeder = Feeder(doors([Rule((Pattern("gpu", "g", (), (("id", "x"),)),))]))
    assert fed(feeder, [CARD, OTHER, GPU]) == [GPU]


def test_a_fact_is_told_once_though_two_rules_want_it() -> None:
    feeder = Feeder(doors([CARD_AND_GPU, Rule((Pattern("gpu", "g"),))]))
    assert fed(feeder, [GPU, CARD, GPU]) == [GPU, CARD]


def test_it_goes_on_through_a_chain() -> None:
    chain = Rule(
        (
            Pattern("a", "a"),
            Pattern("b", "b", (("x", "a", "x"),)),
            Pattern("c", "c", (("x", "b", "y"), ("y", "a", "y"))),
        )
    )
    a, b, c = (Fact(kind, (1,), {"x": x, "y": y}) for kind, x, y in (("a", 1, 9), ("b", 1, 2), ("c", 2, 9)))
    assert fed(Feeder(doors([chain])), [c, b, a]) == [a, b, c]

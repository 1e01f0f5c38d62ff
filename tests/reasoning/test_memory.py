"""The working memory of a question: matches wait for their stratum, and facts that are gone match nothing."""

from __future__ import annotations

from advisor.facts.kinds import Kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.memory import Memory, Program
from advisor.rules.model import Pattern
from tests.engines.naive import NaiveEngine


class Rule:
    """As much of a rule as the memory looks at."""

    def __init__(self, name: str, *match: Pattern) -> None:
        self.name, self.match = name, match


A, B = Pattern("a", "x"), Pattern("b", "y", on=(("n", "x", "n"),))
FIRST, LATER = Rule("first", A), Rule("later", A, B)


def fact(kind: str, number: int) -> Fact:
    return Fact(kind, (number,), {"n": number})


def store(*facts: Fact) -> Store:
    kept = Store()
    for each in facts:
        kept.add(each)
    return kept


def memory(*catalog: Fact) -> Memory:
    return Memory(Program(((FIRST,), (LATER,)), Kinds(), NaiveEngine(), store(*catalog)))


def said(found: list) -> list[tuple[str, list[int]]]:
    return sorted((rule.name, [each.key[0] for each in facts]) for rule, facts in found)


def test_matches_of_a_later_stratum_wait_for_it() -> None:
    mine = memory(fact("b", 1))
    mine.offer([fact("a", 1), fact("a", 2)])
    assert said(mine.matches(0)) == [("first", [1]), ("first", [2])]
    assert mine.matches(0) == []
    assert said(mine.matches(1)) == [("later", [1, 1])]
    assert mine.matches(1) == []


def test_facts_of_an_earlier_stratum_match_in_a_later_one() -> None:
    mine = memory()
    mine.offer([fact("a", 1)])
    assert said(mine.matches(0)) == [("first", [1])]
    mine.offer([fact("b", 1)])
    assert mine.matches(0) == []
    assert said(mine.matches(1)) == [("later", [1, 1])]


def test_what_is_gone_matches_nothing_any_more() -> None:
    part, whole = fact("a", 1), fact("a", 1)
    mine = memory(fact("b", 1))
    mine.offer([part])
    mine.matches(0)
    mine.forget([part])
    mine.offer([whole])
    (match,) = mine.matches(1)
    assert match[1][0] is whole


def test_memories_of_one_program_do_not_know_of_each_other() -> None:
    program = Program(((FIRST,), (LATER,)), Kinds(), NaiveEngine(), store(fact("b", 1)))
    one, other = Memory(program), Memory(program)
    one.offer([fact("a", 1)])
    assert said(one.matches(0)) == [("first", [1])]
    assert other.matches(0) == [] and other.matches(1) == []

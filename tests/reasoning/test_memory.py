"""The working memory of questions: matches wait for their rule, and questions stay apart."""

from __future__ import annotations

from advisor.documents import Document
from advisor.facts.kinds_file import load_kinds
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.memory import Case, Memory, Program
from advisor.rules.model import Pattern
from tests.engines.naive import NaiveEngine


class Rule:
    """As much of a rule as the memory looks at."""

    def __init__(self, name: str, *match: Pattern) -> None:
        self.id = self.name = name
        self.match, self.conclude = match, ()


A, B = Pattern("a", "x"), Pattern("b", "y", on=(("n", "x", "n"),))
FIRST, LATER, ALONE = Rule("first", A), Rule("later", A, B), Rule("alone", Pattern("b", "y"))


def fact(kind: str, number: int) -> Fact:
    return Fact(kind, (number,), {"n": number})


def store(*facts: Fact) -> Store:
    kept = Store()
    for each in facts:
        kept.add(each)
    return kept


class Asked:
    """A question, its facts, and what the memory finds for it."""

    def __init__(self, memory: Memory) -> None:
        self.memory, self.store = memory, Store()
        self.case = Case(memory, self.store)

    def gives(self, *facts: Fact) -> Asked:
        for each in facts:
            self.store.add(each)
        self.case.offer(facts)
        return self

    def found(self, *rules: Rule) -> list[tuple[str, list[int]]]:
        return sorted(
            (rule.name, [each.key[0] for each in facts]) for rule, facts in self.case.matches(rules)
        )


KINDS = load_kinds(
    [
        Document(
            "kinds.toml",
            {
                "schema": 1,
                "kind": [
                    {"id": "a", "single": True, "fields": {"n": {"type": "integer", "meaning": "…"}}},
                    {
                        "id": "b",
                        "key": ["n"],
                        "fields": {"n": {"type": "integer", "required": True, "meaning": "…"}},
                    },
                ],
            },
            "",
        )
    ]
)


def memory(*catalog: Fact) -> Memory:
    return Memory(Program(((FIRST,), (LATER,), (ALONE,)), KINDS, NaiveEngine(), store(*catalog)))


def test_matches_wait_until_their_rule_is_asked_for() -> None:
    mine = Asked(memory(fact("b", 1))).gives(fact("a", 1), fact("a", 2))
    assert mine.found(FIRST) == [("first", [1]), ("first", [2])]
    assert mine.found(FIRST) == []
    assert mine.found(LATER) == [("later", [1, 1])]
    assert mine.found(LATER) == []


def test_facts_that_come_later_match_with_those_before() -> None:
    mine = Asked(memory())
    assert mine.gives(fact("a", 1)).found(FIRST, LATER) == [("first", [1])]
    assert mine.gives(fact("b", 1)).found(FIRST, LATER) == [("later", [1, 1])]


def test_what_is_gone_matches_nothing_any_more() -> None:
    part, whole = fact("a", 1), fact("a", 1)
    mine = Asked(memory(fact("b", 1))).gives(part)
    mine.found(FIRST)
    mine.case.forget([part])
    mine.gives(whole)
    ((_, match),) = mine.case.matches([LATER])
    assert match[0] is whole


def test_questions_of_one_session_do_not_know_of_each_other() -> None:
    shared = memory(fact("b", 1))
    one = Asked(shared).gives(fact("a", 1))
    assert one.found(FIRST, LATER) == [("first", [1]), ("later", [1, 1])]
    other = Asked(shared)
    assert other.found(FIRST, LATER) == []
    assert other.gives(fact("a", 2)).found(FIRST, LATER) == [("first", [2])]


def test_what_holds_in_all_questions_is_found_in_each() -> None:
    shared = memory(fact("b", 1), fact("b", 2))
    for _ in range(3):
        assert Asked(shared).found(ALONE) == [("alone", [1]), ("alone", [2])]


def test_a_part_that_a_question_describes_is_that_questions() -> None:
    shared = memory()
    for number in (1, 2):
        guest = shared.once(fact("b", number))
        assert Asked(shared).gives(guest, fact("a", number)).found(LATER, ALONE) == [
            ("alone", [number]),
            ("later", [number, number]),
        ]
    assert Asked(shared).gives(fact("a", 1)).found(LATER, ALONE) == []


def test_what_two_questions_describe_alike_is_told_once() -> None:
    shared = memory()
    one, other = (shared.once(fact("b", 1)) for _ in range(2))
    assert one is other

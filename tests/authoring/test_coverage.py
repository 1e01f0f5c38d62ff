"""What tests show of a rule: each way in which one can fire, be held back, or leave a condition unshown."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from advisor.authoring.coverage import Coverage, coverage
from advisor.authoring.examples import ExampleRunner
from advisor.documents import parse
from advisor.facts.kinds import Kinds
from advisor.facts.load import load_library
from advisor.paths import facts_folder
from advisor.rules.load import read_rules
from tests.engines.naive import NaiveEngine

HEAD = """schema = 1
[[rule]]
id = "r.it"
summary = "…"
severity = "info"
because = "Said."
match = [{ fact = "gpu", as = "g" }]
"""
GUARDED = """where = [
  "g.memory > 2 * GB",
  { test = "has(g.name) and g.vendor == 'NVIDIA'", say = "…" },
]
unless = [
  { fact = "card", is = { index = 7 } }, { fact = "card", on = { gpu = "g.id" }, where = ["card.index > 2"] },
]
"""
FIRES = {"memory_gb": 4, "vendor": "NVIDIA"}
SMALL, OTHER = {"memory_gb": 1, "vendor": "NVIDIA"}, {"memory_gb": 4, "vendor": "AMD"}
SEVENTH, THIRD = '{ fact = "card", index = 7, gpu = "x" }', '{ fact = "card", index = 3, gpu = "a" }'


@cache
def kinds() -> Kinds:
    return load_library([facts_folder() / "kinds"]).kinds


def covered(rule: str, *tests: tuple[Any, ...]) -> Coverage:
    """Of one rule whose tests give a GPU with these fields, and other facts as TOML has them."""
    document = parse(HEAD + rule + "".join(_test(*each) for each in tests), "r.toml")
    (bound,), problems = read_rules(document, kinds())
    assert not problems, [str(each) for each in problems]
    return coverage({bound: list(ExampleRunner(bound, kinds(), [NaiveEngine()]).results())}, [document])


def _test(gpu: dict[str, Any] | None, *others: str) -> str:
    fields = "".join(f", {name} = {value!r}" for name, value in (gpu or {}).items())
    rows = [f'{{ fact = "gpu", id = "a"{fields} }}', *others] if gpu is not None else others
    return f'[[rule.test]]\nname = "…"\ngiven = [{", ".join(rows)}]\nsays = "never said, of no matter here"\n'


def unshown(found: Coverage) -> list[tuple[str, int | None, int]]:
    return [(each.text, each.line, each.reached) for each in found.never_false]


BIG, MADE = "g.memory > 2 * GB", "has(g.name) and g.vendor == 'NVIDIA'"
BLOCKERS = ("card[index=7]", "card where gpu = g.id and card.index > 2")


def test_a_rule_without_conditions_has_nothing_to_miss() -> None:
    found = covered("", (FIRES,)).to_dict()
    assert (found["fired"], found["nothing_to_miss"], found["nearly_fired"]) == (1, 1, 0)
    assert (found["never_fired"], found["never_nearly_fired"], found["always_true"]) == ([], [], [])


@pytest.mark.parametrize("tests", [(), ((None,),), ((SMALL,), (OTHER,))])
def test_a_rule_that_no_test_fires(tests: tuple[Any, ...]) -> None:
    found = covered(GUARDED, *tests).to_dict()
    assert [(one["rule"], one["tests"]) for one in found["never_fired"]] == [("r.it", len(tests))]


@pytest.mark.parametrize(
    ("held_back", "nearly"), [((None,), 0), ((SMALL,), 1), ((FIRES, SEVENTH), 1), ((FIRES, THIRD), 1)]
)
def test_a_rule_nearly_fires_where_its_facts_match_and_something_holds_it_back(
    held_back: tuple[Any, ...], nearly: int
) -> None:
    found = covered(GUARDED, (FIRES,), held_back).to_dict()
    assert (found["fired"], found["nearly_fired"], len(found["never_nearly_fired"])) == (
        1,
        nearly,
        1 - nearly,
    )


def test_a_condition_that_was_never_false_is_told_with_its_line() -> None:
    everything = [(BIG, 9, 1), (MADE, 10, 1), *((text, 13, 1) for text in BLOCKERS)]
    assert unshown(covered(GUARDED, (FIRES,))) == everything
    for number, gap in enumerate(((SMALL,), (OTHER,), (FIRES, SEVENTH), (FIRES, THIRD))):
        texts = [text for text, _, _ in unshown(covered(GUARDED, (FIRES,), gap))]
        assert texts == [text for n, (text, _, _) in enumerate(everything) if n != number]


def test_nothing_is_left_where_each_condition_was_false_once() -> None:
    found = covered(GUARDED, (FIRES,), (SMALL,), (OTHER,), (FIRES, SEVENTH), (FIRES, THIRD)).to_dict()
    assert (found["conditions"], found["false_in_a_test"], found["always_true"]) == (4, 4, [])


def test_what_comes_after_a_false_condition_is_not_reached() -> None:
    assert unshown(covered(GUARDED, (SMALL,))) == [(MADE, 10, 0), *((text, 13, 0) for text in BLOCKERS)]
    assert [reached for _, _, reached in unshown(covered(GUARDED, (SMALL,), (OTHER,)))] == [0, 0]


def test_what_is_not_known_is_not_false() -> None:
    undetermined = covered(GUARDED, ({"vendor": "NVIDIA"},))
    assert undetermined.to_dict()["fired"] == 1
    assert unshown(undetermined)[0] == (BIG, 9, 1)


@pytest.mark.parametrize("how", ["min = { low = { of = 'c.index', fact = 'card', as = 'c' } }\n",
                                 "best = { c = { minimize = 'c.index', fact = 'card' } }\n"])  # fmt: skip
def test_a_choice_among_nothing_is_a_near_miss_and_no_condition(how: str) -> None:
    found = covered(how + 'where = ["g.memory > 2 * GB"]\n', (FIRES,)).to_dict()
    assert (found["fired"], found["nearly_fired"], found["conditions"]) == (0, 1, 1)


def test_conditions_after_a_choice_are_reached_once_there_is_something_to_choose_from() -> None:
    rule = "min = { low = { of = 'c.index', fact = 'card', as = 'c' } }\nwhere = ['low > 2']\n"
    assert unshown(covered(rule, (FIRES,))) == [("low > 2", 9, 0)]
    assert unshown(covered(rule, (FIRES, THIRD))) == [("low > 2", 9, 1)]


def test_a_default_that_gives_way_is_a_near_miss() -> None:
    rule = "conclude = { fact = 'card', index = 3, gpu = 'g.id', default = true }\n"
    assert covered(rule, (FIRES,)).to_dict()["never_nearly_fired"] != []
    found = covered(rule, (FIRES, THIRD)).to_dict()
    assert (found["fired"], found["nearly_fired"], found["nothing_to_miss"]) == (0, 1, 0)


def test_a_condition_written_on_the_line_of_its_key() -> None:
    assert unshown(covered('where = "g.memory > 2 * GB"\n', (FIRES,))) == [(BIG, 8, 1)]

"""Every rule that ships: its own tests pass, one of them fires it and one must not."""

from __future__ import annotations

from functools import cache

import pytest

from advisor.authoring.coverage import Coverage
from advisor.authoring.examples import ExampleResult
from advisor.authoring.testing import run_tests
from advisor.paths import facts_folder, rules_folder
from tests.shipped import rulebook

RULES = sorted(rule.id for rule in rulebook())


@cache
def results() -> tuple[dict[str, list[ExampleResult]], Coverage]:
    done = run_tests([rules_folder()], [facts_folder()], engine="clips")
    found: dict[str, list[ExampleResult]] = {}
    for result in done.results:
        found.setdefault(result.rule.id, []).append(result)
    return found, done.coverage


@pytest.mark.parametrize("id", RULES)
def test_examples(id: str) -> None:
    of_rule = results()[0][id]
    assert {each.example.name: each.wrong for each in of_rule if each.wrong} == {}
    assert any(result.fired for result in of_rule), "no test fires it"
    assert not all(result.fired for result in of_rule), "no test in which it must not fire"


def test_every_rule_fires_in_a_test_and_is_held_back_in_another() -> None:
    covered = results()[1]
    assert [each.rule.id for each in covered.never_fired] == []
    assert [each.rule.id for each in covered.never_missed] == []


def test_every_condition_is_false_in_a_test() -> None:
    assert [(each.rule.id, each.text) for each in results()[1].never_false] == []


@pytest.mark.parametrize(
    "name", ["insufficient-vram", "offload-penalty", "suggest-int4", "suggest-multi-gpu"]
)
def test_rules_that_people_look_for(name: str) -> None:
    assert [id for id in RULES if id.endswith(f".{name}")]

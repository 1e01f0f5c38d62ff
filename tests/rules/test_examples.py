"""Every rule that ships: its own tests pass, one of them fires it and one must not."""

from __future__ import annotations

import pytest

from advisor.authoring.examples import run_example
from advisor.engines import choose
from advisor.facts.load import load_library
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import load_rulebook

KINDS = load_library([facts_folder()]).kinds
RULES = sorted(load_rulebook([rules_folder()], KINDS), key=lambda rule: rule.id)
ENGINE = choose("clips")[0]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples(rule) -> None:
    results = [run_example(rule, example, KINDS, ENGINE) for example in rule.examples]
    assert {result.example.name: result.wrong for result in results if result.wrong} == {}
    assert any(result.fired for result in results), "no test fires it"
    assert not all(result.fired for result in results), "no test in which it must not fire"


@pytest.mark.parametrize(
    "name", ["insufficient-vram", "offload-penalty", "suggest-int4", "suggest-multi-gpu"]
)
def test_rules_that_people_look_for(name: str) -> None:
    assert [rule.id for rule in RULES if rule.id.endswith(f".{name}")]

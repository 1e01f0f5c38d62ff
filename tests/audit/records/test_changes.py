"""What made the difference between two records, told in full and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from advisor.audit.records.again import Side
from advisor.audit.records.changes import compared
from advisor.audit.records.record import body_today
from advisor.installation import installation
from tests.audit.records.samples import A100

GPU = """[[override]]
fact = "gpu"
id = "a100-sxm4-80"
reason = "measured here"
set = { memory_mib_reported = 81251 }
"""
POLICY = """[[override]]
fact = "policy"
id = "tight"
reason = "careful"
set = { share = 0.3 }
"""
ADDED = """[[format_name]]
name = "ours"
runtime = "any"
format = "bf16"
sources = ["us"]
"""
SHARE = """[[override]]
rule = "memory.insufficient-vram"
reason = "in other words"
set = { because = "It lacks memory." }
"""
MINE = """[[rule]]
id = "own.mine"
summary = "Of this house."
severity = "note"
match = [{ fact = "memory", as = "m" }]
"""


@pytest.fixture(scope="module")
def side(tmp_path_factory) -> Callable[..., Side]:
    """An answer by what ships and by files of rules and facts; each is asked once."""

    @cache
    def make(rules: str = "", facts: str = "", *changes: str) -> Side:
        folder: Path = tmp_path_factory.mktemp("own")
        for kind, text in (("rules", rules), ("facts", facts)):
            (folder / kind).mkdir()
            (folder / kind / "own.toml").write_text(f"schema = 1\n{text}", "utf-8")
        made = installation((folder / "rules",), (folder / "facts",))
        answer = made.ask(A100, "clips", changes, remedies=False)
        return Side(body_today(answer, made), answer, made)

    return make


def told(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.get("id") or each["fact"], each["change"]) for each in (*found["rules"], *found["facts"])]


def test_nothing_differs_from_itself(side):
    one = side()
    found = compared(one, one)
    assert found["same"] and not told(found) and not any(found["remedies"].values())
    assert found["answers"]["same"] and not found["answers"]["changes"]


def test_a_figure_that_decides_is_told_with_its_reason(side):
    found = compared(side(), side(facts=GPU))
    (change,) = found["facts"]
    assert not found["same"] and not found["rules"] and change["decides"]
    assert (change["fact"], change["change"]) == ("gpu[a100-sxm4-80]", "changed")
    assert change["fields"] == [{"field": "memory_reported", "before": "81,920 MiB", "after": "81,251 MiB"}]
    assert "measured here" in change["text"] and change["file"].endswith("own.toml") and change["line"] == 2


def test_what_decides_stands_before_what_does_not(side):
    found = compared(side(), side(facts=ADDED + POLICY + GPU))
    assert [each["decides"] for each in found["facts"]] == [True, False, False]
    assert found["facts"][0]["fact"] == "gpu[a100-sxm4-80]"
    assert {each["change"] for each in found["facts"]} == {"changed", "added"}


@pytest.mark.parametrize("rules", [SHARE, '[[disable]]\nrule = "memory.insufficient-vram"\nreason = "no"\n'])
def test_rules_that_folders_change_are_told(side, rules: str):
    found = compared(side(), side(rules=rules))
    (change,) = found["rules"]
    assert (change["id"], change["change"], change["decides"]) == ("memory.insufficient-vram", "added", True)
    assert not found["same"] and change["table"] in rules


def test_a_rule_that_is_written_otherwise_is_told_field_by_field(side):
    one, other = (f'{MINE}because = "{text}"\n' for text in ("One {m.usable:GiB}.", "Two."))
    found = compared(side(one), side(other))
    (change,) = found["rules"]
    assert change["change"] == "changed" and not change["decides"]
    assert change["fields"] == [{"field": "because", "before": '"One {m.usable:GiB}."', "after": '"Two."'}]


def test_there_and_back_mirror_each_other(side):
    one = side(facts=ADDED)
    other = side(SHARE, GPU, "deployment.weights=int4")
    there, back = compared(one, other), compared(other, one)
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert [(name, swapped[change]) for name, change in told(there)] == told(back)
    for here, again in zip(there["facts"], back["facts"], strict=True):
        pairs = [(field["before"], field["after"]) for field in again["fields"]]
        assert [(field["after"], field["before"]) for field in here["fields"]] == pairs
    (change,) = there["answers"]["changes"]
    assert (change["field"], change["before"], change["after"]) == ("deployment.weights", "int8", "int4")

"""What an answer says of rules that the user's folders changed; and that it is else as if they stood so."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import advisor
from advisor import folders
from advisor.answer.schema.answer import answer_schema
from advisor.answer.text.answer import to_text
from advisor.paths import rules_folder
from tests.commandline import EXAMPLES

QUESTION = EXAMPLES / "mixtral-8x22b-a100.toml"
PENALTY = "offload.offload-penalty"
HALF = 'share = "w.active / w.bytes"'
OVERRIDE = """
[[override]]
rule = "offload.offload-penalty"
set = { let.share = "w.active / w.bytes / 2" }
reason = "Half of the experts stay on the card."
sources = ["our own bench"]
"""
DISABLE = """
[[disable]]
rule = "memory.insufficient-vram"
reason = "We look at it by hand."
"""


def ask(tmp_path: Path, *entries: str, remedies: bool = False) -> dict[str, Any]:
    (tmp_path / "mine").mkdir(exist_ok=True)
    (tmp_path / "mine" / "fix.toml").write_text("schema = 1\n" + "".join(entries), "utf-8")
    return advisor.ask(QUESTION, rules=[tmp_path / "mine"], engine="clips", remedies=remedies).to_dict()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_it_is_the_same_as_editing_the_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = ask(tmp_path, OVERRIDE, remedies=True)
    edited = tmp_path / "rules"
    shutil.copytree(rules_folder(), edited)
    file = edited / "offload.toml"
    assert file.read_text("utf-8").count(HALF) >= 1
    file.write_text(file.read_text("utf-8").replace(HALF, HALF[:-1] + ' / 2"'), "utf-8")
    monkeypatch.setattr(folders, "rules_folder", lambda: edited)
    as_edited = advisor.ask(QUESTION, engine="clips").to_dict()
    assert changed["digests"]["answer"] == as_edited["digests"]["answer"]
    assert changed["digests"]["rules"] != as_edited["digests"]["rules"]
    monkeypatch.undo()
    without = advisor.ask(QUESTION, engine="clips").to_dict()
    assert without["digests"]["answer"] != changed["digests"]["answer"]


def test_a_change_shows_wherever_its_rule_was_applied(tmp_path: Path) -> None:
    answer = ask(tmp_path, OVERRIDE)
    (change,) = answer["rule_changes"]
    text = 'let.share = "w.active / w.bytes / 2" in place of "w.active / w.bytes"'
    assert change["text"] == f'the rule {PENALTY}: {text} ("Half of the experts stay on the card.")'
    assert (change["file"], change["line"], change["sources"]) == ("mine/fix.toml", 3, ["our own bench"])
    firings = [each for each in answer["trace"]["firings"] if each["overrides"]]
    assert {each["rule"] for each in firings} == {PENALTY}
    assert flat(to_text(answer)).count("Half of the experts") == 1
    assert flat(to_text(answer, explain=True)).count(f"changed in mine/fix.toml:3: {text}") == 1
    Draft202012Validator(answer_schema()).validate(answer)


def test_a_change_of_a_rule_that_nearly_fired_shows_too(tmp_path: Path) -> None:
    answer = ask(tmp_path, OVERRIDE.replace("{ let.share", '{ where = ["m.shortfall < 0"], let.share'))
    assert {each["field"] for each in answer["rule_changes"]} == {"let.share", "where"}
    near = [each for each in answer["trace"]["near_misses"] if each["overrides"]]
    assert [each["rule"] for each in near] == [PENALTY]
    assert "changed in mine/fix.toml:3: where" in flat(to_text(answer, explain=True))


def test_a_change_of_a_rule_that_was_not_applied_is_not_told(tmp_path: Path) -> None:
    summary = OVERRIDE.replace('{ let.share = "w.active / w.bytes / 2" }', '{ summary = "…" }')
    answer = ask(tmp_path, summary.replace(PENALTY, "linear-layers.lightning"))
    trace = answer["trace"]
    assert "linear-layers.lightning" not in {each["rule"] for each in trace["firings"] + trace["near_misses"]}
    assert answer["rule_changes"] == []


def test_a_rule_left_out_is_told_in_every_answer(tmp_path: Path) -> None:
    answer = ask(tmp_path, DISABLE)
    assert not [each for each in answer["conclusions"] if each["rule"] == "memory.insufficient-vram"]
    (change,) = answer["rule_changes"]
    assert (change["change"], change["rule"], change["field"]) == (
        "disable",
        "memory.insufficient-vram",
        None,
    )
    said = 'the rule memory.insufficient-vram is left out ("We look at it by hand.")'
    assert change["text"].startswith(said) and said in flat(to_text(answer))
    Draft202012Validator(answer_schema()).validate(answer)


def test_without_overlays_nothing_is_said_of_them() -> None:
    answer = advisor.ask(QUESTION, engine="clips", remedies=False).to_dict()
    assert answer["rule_changes"] == [] and "Changed by your folders" not in to_text(answer)

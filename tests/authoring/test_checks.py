"""The checks of rules: each code has an example that is found and one that is not, and what ships is clean."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from advisor.authoring.check_rules import check_rules
from advisor.authoring.checks import CODES
from advisor.authoring.findings import Report
from advisor.errors import Problem
from advisor.paths import facts_folder, rules_folder
from tests.commandline import ROOT

HERE = Path(__file__).resolve().parent / "checks"
FACTS, RULES = HERE / "facts", HERE / "rules"
EXAMPLES = {path.stem: path for path in sorted(HERE.glob("*.toml"))}


def checked(folder: Path, text: str, before: str | None = None) -> Report:
    """What is found in a file t.toml, and one before it, over the kinds and rules of the examples."""
    for name, content in (("t.toml", text), ("before.toml", before)):
        if content is not None:
            (folder / name).write_text(content, "utf-8")
    return check_rules([RULES], [FACTS], [folder])


def problems(report: Report) -> list[Problem]:
    return [finding.problem for finding in report.findings]


# ---------------------------------------------------------------- each code


def test_every_code_has_an_example_and_every_example_a_code():
    assert EXAMPLES.keys() == CODES.keys()


@pytest.mark.parametrize("code", EXAMPLES)
def test_it_is_found_and_nothing_else(code: str, tmp_path: Path):
    wanted: dict[str, Any] = tomllib.loads(EXAMPLES[code].read_text("utf-8"))["finds"]
    report = checked(tmp_path, wanted["file"], wanted.get("before"))
    assert [(each.severity, each.problem.code) for each in report.findings] == [(CODES[code].severity, code)]
    (found,) = problems(report)
    assert found.file == f"{tmp_path.name}/t.toml" and found.line == wanted.get("line")
    assert wanted["text"] in found.text
    assert wanted.get("hint", "") in (found.hint or "")


@pytest.mark.parametrize("code", EXAMPLES)
def test_its_counterpart_is_clean(code: str, tmp_path: Path):
    example = tomllib.loads(EXAMPLES[code].read_text("utf-8"))
    assert example["silent"]["file"] != example["finds"]["file"]
    assert problems(checked(tmp_path, example["silent"]["file"])) == []


def test_what_surrounds_the_examples_is_clean():
    assert problems(check_rules([RULES], [FACTS])) == []


def test_what_ships_is_clean():
    assert problems(check_rules([rules_folder()], [facts_folder()])) == []

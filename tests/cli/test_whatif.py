"""`advisor whatif`: whose status it has, what is the question and what its change, what is written where."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.commandline import EXAMPLES, advisor
from tests.durable import NEEDS_DURABLE

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"
SMALL = ("--gpu", "rtx-4090", "--model", "mistral-7b-v0.3", "--weights", "awq")


def whatif(*arguments: object) -> dict[str, Any]:
    said = advisor("whatif", *arguments, "--format", "json", "--engine", "clips")
    assert said.err == ""
    return json.loads(said.out)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((A100, "--set", "deployment.context=1024"), 1),
        ((A100, "--set", "hardware.count=4"), 0),
        ((*SMALL, "--set", "hardware.gpu=none"), 1),
        (("--gpu", "rtx-4090", "--set", "model.hidden_size=64"), 2),
        ((*SMALL, "--set", "model={hidden_size=64}"), 2),
        ((A100,), 2),
    ],
)
def test_the_status_is_that_of_the_second_answer(arguments: tuple[object, ...], status: int):
    said = advisor("whatif", *arguments, "--engine", "clips")
    assert said.status == status
    if status != 2:
        sets = [each for flag, each in pairwise(arguments) if flag == "--set"]
        rest = [each for each in arguments if each not in ("--set", *sets)]
        changes = [part for each in sets for part in ("--set", each)]
        assert advisor("ask", *rest, *changes, "--engine", "clips").status == status


def test_an_unknown_verdict(tmp_path: Path):
    path = tmp_path / "question.toml"
    path.write_text('[hardware]\ngpu = "rtx-4090"\n[model]\nhidden_size = 64\n')
    assert advisor("whatif", path, "--set", "deployment.context=64", "--engine", "clips").status == 4


def test_flags_are_the_question_and_sets_its_change():
    found = whatif(A100, "--context", "1024", "--set", "deployment.context=2048")
    assert found["changes"] == [{"field": "deployment.context", "before": 1024, "after": 2048}]
    asked = json.loads(advisor("ask", A100, "--context", "1024", "--format", "json", "--engine", "clips").out)
    assert found["before"]["digests"] == {name: asked["digests"][name] for name in ("question", "answer")}


def test_without_a_change_there_is_nothing_to_ask():
    said = advisor("whatif", A100)
    assert said.status == 2 and "--set table.field=value" in said.err


def test_what_is_wrong_is_said_of_the_flag_or_the_change():
    said = advisor("whatif", A100, "--gpu", "no-such", "--set", "deployment.weights=no-such")
    assert said.status == 2 and "advisor: --gpu: " in said.err
    said = advisor("whatif", A100, "--set", "deployment.weights=no-such")
    assert said.status == 2 and "advisor: --set deployment.weights: " in said.err


def test_the_output_keeps_to_its_schema(tmp_path: Path):
    schema = json.loads(advisor("schema", "whatif").out)
    Draft202012Validator.check_schema(schema)
    path = tmp_path / "found.json"
    change = ("--set", "hardware.count=2", "--engine", "clips")
    said = advisor("whatif", A100, *change, "--format", "json", "--output", path)
    assert said == (1, "", "")
    Draft202012Validator(schema).validate(json.loads(path.read_text("utf-8")))
    said = advisor("whatif", A100, *change, "--output", path)
    assert said == (1, "", "") and path.read_text("utf-8") == advisor("whatif", A100, *change).out


@NEEDS_DURABLE
def test_engines_make_no_difference():
    found = [
        json.loads(
            advisor("whatif", A100, "--set", "hardware.count=4", "--format", "json", "--engine", engine).out
        )
        for engine in ("clips", "durable")
    ]
    assert found[0].pop("engine") != found[1].pop("engine")
    assert found[0] == found[1]


def test_folders_take_part(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(
        'schema = 1\n[[rule]]\nid = "mine.long"\nsummary = "It is long."\nseverity = "info"\n'
        'match = [{ fact = "workload", as = "w" }]\nwhere = ["w.context > 5000"]\n'
        'because = "Long: {w.context}."\n'
    )
    change = ("--context", "4096", "--set", "deployment.context=6000", "--rules", tmp_path)
    found = whatif(A100, *change)
    told = [row for row in found["rules"]["only_after"] if row["rule"] == "mine.long"]
    assert [row["text"] for row in told] == ["Long: 6,000 tokens."] and not told[0]["decides"]

"""`advisor why`: what is a file and what is text, the forms, the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.commandline import EXAMPLES, advisor

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"
SMALL = ("--gpu", "rtx-4090", "--model", "mistral-7b-v0.3", "--weights", "awq")


def test_without_a_text_it_is_the_verdict():
    said = advisor("why", A100, "--depth", "1", "--engine", "clips")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Verdict: does not fit\nby verdict.does-not-fit (rules/verdict.toml:")
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "arguments",
    [
        (*SMALL, "memory.required_bytes"),
        ("memory.required_bytes", *SMALL),
        ("--set", "hardware.gpu=rtx-4090", "--set", "model.id=mistral-7b-v0.3", "required_bytes"),
    ],
)
def test_where_options_ask_the_first_word_is_text(arguments: tuple[str, ...]):
    said = advisor("why", *arguments, "--depth", "1", "--engine", "clips")
    assert (said.status, said.err) == (0, "")
    assert "required_bytes: memory\n" in said.out


def test_a_text_of_several_words():
    said = advisor("why", A100, "rule", "of", "thumb", "quote", "--depth", "1", "--engine", "clips")
    assert said.out.startswith("Conclusion rule-of-thumb.too-large\n")


@pytest.mark.parametrize(
    ("arguments", "err"),
    [
        ((A100, "qqq"), "nothing in the answer is called qqq"),
        ((A100, "kv"), "kv may mean"),
        ((A100, "verdict.fits"), "verdict.fits did not fire"),
        (("gone.toml",), "gone.toml"),
        (("gone.toml", *SMALL), "gone.toml"),
        ((A100, "--depth", "0"), "--depth"),
    ],
)
def test_what_cannot_be_understood(arguments: tuple[object, ...], err: str):
    said = advisor("why", *arguments, "--engine", "clips")
    assert (said.status, said.out) == (2, "")
    assert err in said.err


def test_the_forms(tmp_path: Path):
    schema = json.loads(advisor("schema", "why").out)
    found = json.loads(advisor("why", A100, "memory", "--format", "json", "--engine", "clips").out)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(found)
    asked = json.loads(advisor("ask", A100, "--no-remedies", "--format", "json", "--engine", "clips").out)
    assert found["digest"] == asked["digests"]["answer"]
    chart = advisor("why", A100, "memory", "--format", "mermaid", "--engine", "clips").out
    assert chart.startswith("flowchart BT\n")
    path = tmp_path / "why.md"
    said = advisor("why", A100, "memory", "--format", "markdown", "--output", path, "--engine", "clips")
    assert (said.status, said.out) == (0, "")
    assert path.read_text("utf-8").startswith("## Fact f")


def test_remedies_are_looked_for_where_nothing_is_called_so():
    said = advisor("why", A100, "b200", "--depth", "1", "--engine", "clips")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Remedy-1: B200 SXM 180GB in place of A100 SXM4 80GB\n")
    assert "--set hardware.gpu=b200-sxm-180" in said.out
    assert "as the remedy says" in " ".join(said.out.split())

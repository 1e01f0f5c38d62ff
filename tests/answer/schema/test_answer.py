"""The JSON Schema of an answer is a schema, holds for real answers, and refuses what is not one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.answer.schema.answer import answer_schema

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
VALIDATOR = Draft202012Validator(answer_schema())


def load(name: str) -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "samples" / f"{name}.json").read_text("utf-8"))


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Each description of an object with named fields."""
    if isinstance(schema, dict):
        if "additionalProperties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


def test_it_is_a_schema():
    Draft202012Validator.check_schema(answer_schema())
    assert "$id" not in answer_schema()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_hold(path: Path):
    assert not [error.message for error in VALIDATOR.iter_errors(json.loads(path.read_text("utf-8")))]


def test_every_field_is_described_and_sizes_name_their_unit():
    for table in objects(answer_schema()):
        for name, field in table["properties"].items():
            assert field.get("description"), name
            if "bytes" in name:
                assert "in bytes" in field["description"], name


@pytest.mark.parametrize(
    "break_it",
    [
        lambda answer: answer.update(extra=1),
        lambda answer: answer.update(schema="advisor.answer/2"),
        lambda answer: answer.pop("verdict"),
        lambda answer: answer["verdict"].update(status="maybe"),
        lambda answer: answer["memory"].update(weights_bytes=1.5),
        lambda answer: answer["memory"].update(weights_bytes="131.0 GiB"),
        lambda answer: answer["memory"].pop("required_bytes"),
        lambda answer: answer["remedies"][0].update(verified="yes"),
        lambda answer: answer["conclusions"][0].update(severity="fatal"),
        lambda answer: answer["trace"]["firings"][0].update(premisses=[]),
    ],
)
def test_what_is_no_answer_is_refused(break_it: Any):
    answer = load("does-not-fit")
    break_it(answer)
    assert not VALIDATOR.is_valid(answer)


def test_question_and_values_are_open():
    answer = load("does-not-fit")
    answer["question"]["lora"] = {"slots": 4}
    answer["trace"]["facts"][0]["values"]["lora_slots"] = "4"
    assert VALIDATOR.is_valid(answer)

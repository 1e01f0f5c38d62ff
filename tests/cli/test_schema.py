"""`advisor schema`: what it prints is a schema, and the one that answers keep to."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from advisor.answer.schema.answer import answer_schema
from tests.commandline import advisor


def test_schema():
    said = advisor("schema", "answer")
    assert said.status == 0
    Draft202012Validator.check_schema(json.loads(said.out))
    assert json.loads(said.out) == answer_schema()

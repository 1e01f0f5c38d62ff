"""The JSON Schema of a report: what machines may rely on, field by field, with units."""

from __future__ import annotations

from typing import Any

from advisor.accuracy.keys import KEYS
from advisor.accuracy.targets import LIMITS

Schema = dict[str, Any]
STATUSES = ("answered", "unknown", "error")
_VALUE = "in base units (bytes, tokens, tokens per second, bits, parameters)"


def accuracy_schema() -> Schema:
    """Draft 2020-12. Null is what is not known or does not apply."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "How far predictions are from measured cases, version 1",
        **_object("Measured cases, predicted and scored.", _report()),
    }


def _report() -> dict[str, Schema]:
    digests = {name: _text(f"SHA-256 of the {name}, in hex.") for name in ("rules", "facts")}
    return {
        "schema": {"const": "advisor.accuracy/1", "description": "Name and version of this form."},
        "file": _text("The file of cases."),
        "cases": _count("Cases in it."),
        "questions": _count("Different questions that were asked."),
        "engine": _text("The rule engine."),
        "digests": _object("What was asked.", digests),
        "targets_missed": _count("Limits that are not kept, of all keys."),
        "keys": _list("Scores of each quantity.", _key()),
        "results": _list("Each quantity of each case.", _result()),
    }


def _key() -> dict[str, Schema]:
    band = {"given": _count("Measured values with a predicted band."), "holds": _count("Those inside it.")}
    return {
        "key": _name(),
        "meaning": _text("What was measured."),
        "unit": _maybe(_text("In which values of it are; null: yes or no.")),
        "form": {"enum": ["number", "truth", "depths"], "description": "Depths: a list of speeds."},
        "cases": _count("Cases that measured it."),
        "answered": _count("Those with a prediction."),
        "unknown": _count("Those of which it cannot be told."),
        "error": _count("Those whose question is refused."),
        **_errors("mean over groups"),
        "pooled_median": _share("The same over all cases alike."),
        "pooled_p90": _share("The same over all cases alike."),
        **_counts(),
        "right_share": _share("Yes or no: share of right answers, mean over groups."),
        "pooled_right_share": _share("The same over all answers alike."),
        "band": _object("How often a measured value lies in the predicted band.", band),
        "groups": _list("Scores of each group.", _group()),
        "targets": _list("What is aimed at.", _target()),
    }


def _group() -> dict[str, Schema]:
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    return {
        "groups": {**names, "description": "Its name; several: groups with few answers, counted as one."},
        "cases": _count("Cases of it that measured the quantity."),
        "answered": _count("Those with a prediction."),
        **_errors("in this group"),
        **_counts(),
    }


def _errors(where: str) -> dict[str, Schema]:
    return {
        "median": _share(f"Median of the errors, {where}; null for yes or no."),
        "p90": _share(f"90th percentile of the errors, {where}; null for yes or no."),
    }


def _counts() -> dict[str, Schema]:
    return {name: _maybe(_count(f"Yes or no: {name} answers.")) for name in ("right", "wrong")}


def _target() -> dict[str, Schema]:
    return {
        "figure": {"enum": list(LIMITS), "description": "Of what."},
        "limit": {"type": "number", "description": "The limit, as a share of one."},
        "value": _share("What came out."),
        "at_most": {"type": "boolean", "description": "Whether it is the most allowed, and not the least."},
        "met": {"type": "boolean", "description": "Whether it is kept."},
    }


def _result() -> dict[str, Schema]:
    shown = {name: _text("For readers, with its unit.") for name in ("measured", "predicted")}
    return {
        "id": _text("Id of the case."),
        "group": _text("Its group."),
        "key": _name(),
        "measured": {**_value(f"What was measured, {_VALUE}; of depths a list."), "not": {"type": "null"}},
        "predicted": _value("What is predicted, likewise; null: it cannot be told."),
        "low": _value("Low end of the predicted band, where one is given."),
        "high": _value("High end of it."),
        "shown": _object("Both for readers.", shown),
        "error": _share("Share of the measured value; of depths their mean; of yes or no 0 right, 1 wrong."),
        "in_band": {
            "type": "array",
            "items": {"type": "boolean"},
            "description": "For each measured value with a band, whether it lies in it.",
        },
        "rule": _maybe(_text("Id of the rule that made the figure, or most of it.")),
        "status": {"enum": list(STATUSES), "description": "Error: the question is refused."},
        "why": _maybe(_text("What is missing, or why the question is refused.")),
    }


def _name() -> Schema:
    return {"enum": list(KEYS), "description": "The quantity."}


def _value(description: str) -> Schema:
    number = {"type": "number", "minimum": 0}
    many = {"type": "array", "items": number, "minItems": 1}
    return {"description": description, "anyOf": [number, {"type": "boolean"}, many, {"type": "null"}]}


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def _share(description: str) -> Schema:
    return _maybe({"type": "number", "minimum": 0, "description": description})


def _maybe(schema: Schema) -> Schema:
    inner = {key: value for key, value in schema.items() if key != "description"}
    return {"description": schema["description"], "anyOf": [inner, {"type": "null"}]}


def _list(description: str, properties: dict[str, Schema]) -> Schema:
    return {"type": "array", "description": description, "items": _object("One entry.", properties)}


def _object(description: str, properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }

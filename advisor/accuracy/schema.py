"""The JSON Schema of a report: what machines may rely on, field by field, with units."""

from __future__ import annotations

from advisor.accuracy.keys import KEYS
from advisor.accuracy.targets import LIMITS
from advisor.schema_parts import DRAFT, Schema, maybe, number, record, records, text, whole

STATUSES = ("answered", "unknown", "error")
_VALUE = "in base units (bytes, tokens, tokens per second, bits, parameters)"


def accuracy_schema() -> Schema:
    """Draft 2020-12. Null is what is not known or does not apply."""
    return {
        "$schema": DRAFT,
        "title": "How far predictions are from measured cases, version 1",
        **record("Measured cases, predicted and scored.", _report()),
    }


def _report() -> dict[str, Schema]:
    digests = {name: text(f"SHA-256 of the {name}, in hex.") for name in ("rules", "facts")}
    return {
        "schema": {"const": "advisor.accuracy/1", "description": "Name and version of this form."},
        "file": text("The file of cases."),
        "cases": whole("Cases in it."),
        "questions": whole("Different questions that were asked."),
        "engine": text("The rule engine."),
        "digests": record("What was asked.", digests),
        "targets_missed": whole("Limits that are not kept, of all keys."),
        "keys": records("Scores of each quantity.", _key()),
        "results": records("Each quantity of each case.", _result()),
    }


def _key() -> dict[str, Schema]:
    band = {"given": whole("Measured values with a predicted band."), "holds": whole("Those inside it.")}
    return {
        "key": _name(),
        "meaning": text("What was measured."),
        "unit": maybe(text("In which values of it are; null: yes or no.")),
        "form": {"enum": ["number", "truth", "depths"], "description": "Depths: a list of speeds."},
        "cases": whole("Cases that measured it."),
        "answered": whole("Those with a prediction."),
        "unknown": whole("Those of which it cannot be told."),
        "error": whole("Those whose question is refused."),
        **_errors("mean over groups"),
        "pooled_median": _share("The same over all cases alike."),
        "pooled_p90": _share("The same over all cases alike."),
        **_counts(),
        "right_share": _share("Yes or no: share of right answers, mean over groups."),
        "pooled_right_share": _share("The same over all answers alike."),
        "band": record("How often a measured value lies in the predicted band.", band),
        "groups": records("Scores of each group.", _group()),
        "targets": records("What is aimed at.", _target()),
    }


def _group() -> dict[str, Schema]:
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    return {
        "groups": {**names, "description": "Its name; several: groups with few answers, counted as one."},
        "cases": whole("Cases of it that measured the quantity."),
        "answered": whole("Those with a prediction."),
        **_errors("in this group"),
        **_counts(),
    }


def _errors(where: str) -> dict[str, Schema]:
    return {
        "median": _share(f"Median of the errors, {where}; null for yes or no."),
        "p90": _share(f"90th percentile of the errors, {where}; null for yes or no."),
    }


def _counts() -> dict[str, Schema]:
    return {name: maybe(whole(f"Yes or no: {name} answers.")) for name in ("right", "wrong")}


def _target() -> dict[str, Schema]:
    return {
        "figure": {"enum": list(LIMITS), "description": "Of what."},
        "limit": {"type": "number", "description": "The limit, as a share of one."},
        "value": _share("What came out."),
        "at_most": {"type": "boolean", "description": "Whether it is the most allowed, and not the least."},
        "met": {"type": "boolean", "description": "Whether it is kept."},
    }


def _result() -> dict[str, Schema]:
    shown = {name: text("For readers, with its unit.") for name in ("measured", "predicted")}
    return {
        "id": text("Id of the case."),
        "group": text("Its group."),
        "key": _name(),
        "measured": {**_value(f"What was measured, {_VALUE}; of depths a list."), "not": {"type": "null"}},
        "predicted": _value("What is predicted, likewise; null: it cannot be told."),
        "low": _value("Low end of the predicted band, where one is given."),
        "high": _value("High end of it."),
        "shown": record("Both for readers.", shown),
        "error": _share("Share of the measured value; of depths their mean; of yes or no 0 right, 1 wrong."),
        "in_band": {
            "type": "array",
            "items": {"type": "boolean"},
            "description": "For each measured value with a band, whether it lies in it.",
        },
        "rule": maybe(text("Id of the rule that made the figure, or most of it.")),
        "status": {"enum": list(STATUSES), "description": "Error: the question is refused."},
        "why": maybe(text("What is missing, or why the question is refused.")),
    }


def _name() -> Schema:
    return {"enum": list(KEYS), "description": "The quantity."}


def _value(description: str) -> Schema:
    figure = {"type": "number", "minimum": 0}
    many = {"type": "array", "items": figure, "minItems": 1}
    return {"description": description, "anyOf": [figure, {"type": "boolean"}, many, {"type": "null"}]}


def _share(description: str) -> Schema:
    return maybe(number(description))

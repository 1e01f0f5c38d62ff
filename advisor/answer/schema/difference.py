"""The JSON Schema of two answers side by side, and of the figures by which answers are compared."""

from __future__ import annotations

from advisor.answer.key_figures import KEY_FIGURES, KeyFigure
from advisor.answer.schema.answer import STATUSES
from advisor.answer.schema.trace import SEVERITIES, cited
from advisor.schema_parts import (
    DRAFT,
    Schema,
    anything,
    choice,
    maybe,
    number,
    record,
    records,
    text,
    texts,
    typed,
    whole,
)


def difference_schema() -> Schema:
    """Draft 2020-12. Null is what is not known, or is not there."""
    return {
        "$schema": DRAFT,
        "title": "Two answers of the advisor and what made the difference, version 1",
        **record("A question as it stands and with changes.", _difference()),
    }


def _difference() -> dict[str, Schema]:
    return {
        "schema": {"const": "advisor.whatif/1", "description": "Name and version of this form."},
        "changes": records("Fields of the question that differ.", _change()),
        "unread": texts("Those of them that no rule reads."),
        "same": typed("boolean", "Nothing else differs."),
        "before": record("The question as it stands.", _side()),
        "after": record("The question with the changes.", _side()),
        "figures": records("The figures of both, side by side.", _figure()),
        "rules": _both("Rules that fired under one of them only, nearest to the verdict first.", _rule()),
        "facts": _both("Facts on which figures of one of them only rest, nearest first.", _fact()),
        "values": records("Figures derived under both that differ, nearest first.", _value()),
        "engine": record("The rule engine.", {name: text(f"Its {name}.") for name in ("name", "version")}),
    }


def _both(description: str, entry: dict[str, Schema]) -> Schema:
    lists = {"only_before": records("Before.", entry), "only_after": records("After.", entry)}
    return record(description, lists)


def _change() -> dict[str, Schema]:
    return {
        "field": text("Path in the question."),
        "before": {"description": "Its value; null: not said."},
        "after": {"description": "Its value; null: not said."},
    }


def verdict() -> dict[str, Schema]:
    return {
        "status": choice("The verdict.", STATUSES),
        "summary": text("One sentence with the figure that matters and its unit."),
        "rule": maybe(text("Id of the rule that decided.")),
    }


def _side() -> dict[str, Schema]:
    digests = {name: text(f"SHA-256 of the {name}, in hex.") for name in ("question", "answer")}
    return {
        "question": anything("The question as understood."),
        "verdict": record("What came out.", verdict()),
        "quality": maybe(anything("What is known of the loss of quality.")),
        "price": maybe(anything("What the machine costs, where a price is cited.")),
        "digests": record("As `advisor ask` gives them.", digests),
    }


def _figure() -> dict[str, Schema]:
    bare = {"anyOf": [{"type": "number"}, {"type": "object"}, {"type": "null"}]}
    return {
        "figure": choice("Which; bytes, tokens per second or seconds.", tuple(f.name for f in KEY_FIGURES)),
        "before": {**bare, "description": "Its value before."},
        "after": {**bare, "description": "Its value after."},
        "differs": typed("boolean", "Whether the two are different."),
    }


def key_figure(figure: KeyFigure) -> Schema:
    """Of one answer."""
    if figure.band:
        ends = {name: maybe(number(f"{name}, in tokens per second")) for name in ("low", "typical", "high")}
        return maybe(record(figure.meaning, ends))
    return maybe(typed("integer" if figure.whole else "number", figure.meaning))


def _rule() -> dict[str, Schema]:
    return {
        "rule": text("Id of the rule."),
        "severity": maybe(choice("Severity, if the rule has one.", SEVERITIES)),
        "text": text("Its sentence, or what it is for."),
        "times": whole("How often it fired.", minimum=1),
        "decides": typed("boolean", "A verdict or a figure rests on it; else it only has something to say."),
        "held_back_by": maybe(text("The condition that was false under the other; null: its facts lack.")),
    }


def _fact() -> dict[str, Schema]:
    return {
        "kind": text("Kind of fact."),
        "fact": text("Kind and key."),
        "values": anything("Field to value as text, with its unit."),
        "confidence": maybe(text("How sure the file is of its figures.")),
        "file": maybe(text("File.")),
        "line": maybe(whole("Line in the file, from 1.", minimum=1)),
        "sources": cited(),
    }


def _value() -> dict[str, Schema]:
    rule = "Id of the rule that derived it {}; null: it was given."
    return {
        "kind": text("Kind of fact."),
        "fact": text("Kind and key."),
        "field": text("The field."),
        "before": text("Its value before, with its unit."),
        "after": text("Its value after, with its unit."),
        "before_value": {"description": "The same in base units (bytes, seconds); null: not known."},
        "after_value": {"description": "The same in base units (bytes, seconds); null: not known."},
        "rule_before": maybe(text(rule.format("before"))),
        "rule_after": maybe(text(rule.format("after"))),
        "also": texts("Fields, with their facts, that only say the same again."),
    }

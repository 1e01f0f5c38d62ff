"""The JSON Schemas of what `advisor rules list` and `advisor rules show` write."""

from __future__ import annotations

from typing import get_args

from advisor.rules.spec import Prose
from advisor.schema_parts import (
    DRAFT,
    Schema,
    choice,
    maybe,
    record,
    records,
    text,
    texts,
    typed,
    whole,
)

_PLACE = {
    "file": text("Its folder and file."),
    "line": maybe(typed("integer", "Where in the file.", minimum=1)),
}
_SOURCES = typed("array", "Where it comes from.", items={"type": ["string", "object"]})
_FORMULA = text("An expression, as the file has it.")
_TEXT = maybe(text("A text with places for values; null: none."))
_UNIT = text("What the value counts: bytes, tokens, plain number; text, boolean or list for what is none.")


def _map(description: str, of: Schema) -> Schema:
    return {"type": "object", "additionalProperties": of, "description": description}


def _row() -> dict[str, Schema]:
    return {
        "id": text("topic.name"),
        "summary": text("What it says, in a sentence."),
        "severity": maybe(
            choice(
                "How a firing is shown; null: it is a step of the reasoning.",
                ("error", "warning", "note", "info"),
            )
        ),
        "status": choice("How settled it is.", ("stable", "preview", "deprecated")),
        "over": choice("What it is about: a question or the catalog.", ("question", "catalog")),
        **_PLACE,
        "shipped": typed("boolean", "Whether it ships; else it comes from a later folder."),
        "changed": whole("How many of its fields later folders changed."),
    }


def _list() -> dict[str, Schema]:
    topics = {
        "topic": text("The first half of the ids of its rules."),
        "about": maybe(text("What its file says of itself.")),
        "rules": records("Its rules, as they stand in their files.", _row()),
    }
    left_out = {"rule": text("Its id."), "summary": text("Its summary."), "reason": text("Why."), **_PLACE}
    return {
        "topic": maybe(text("The topic that was asked for; null: all.")),
        "topics": records("By name.", topics),
        "disabled": records("Rules that later folders left out, and where.", left_out),
    }


def _test() -> dict[str, Schema]:
    return {"test": _FORMULA, "say": _TEXT}


def _pattern() -> dict[str, Schema]:
    return {
        "fact": text("The kind of fact."),
        "as": text("The name for it in expressions."),
        "meaning": text("What such a fact is."),
        "on": _map("Joins: a field, and what it equals.", {"type": "string"}),
        "is": _map("Fields that hold a constant.", {"type": ["string", "boolean", "integer"]}),
        "where": records("Conditions of this fact.", _test()),
    }


def _derived() -> dict[str, Schema]:
    fields = {"name": text("The field."), "formula": _FORMULA, "unit": _UNIT, "meaning": text("What it is.")}
    return {
        "fact": text("The kind of fact."),
        "meaning": text("What such a fact is."),
        "default": typed("boolean", "Only where nothing else says it."),
        "fields": records("Its fields.", fields),
    }


def _definition() -> dict[str, Schema]:
    how = ("let", "sum", "min", "max", "count", "collect", "minimize", "maximize")
    return {
        "name": text("The name that it defines."),
        "how": choice("What makes its value.", how),
        "formula": maybe(text("An expression; null for a count.")),
        "unit": maybe(text("What the value counts; null where it is a fact.")),
        "over": maybe(record("The facts that an aggregate goes through; null for let.", _pattern())),
    }


def _proposal() -> dict[str, Schema]:
    search = {
        "field": text("The field of the question."),
        **{"from": _FORMULA, "to": _FORMULA, "step": _FORMULA},
        "seek": {"enum": ["largest", "smallest"], "description": "Which of the values that work."},
    }
    return {
        "kind": text("The sort of remedy."),
        "title": text("A text with places for values."),
        "set": _map("Fields of the question, and what they become.", {"type": "string"}),
        "vary": maybe(record("What is searched for by asking; null where nothing is.", search)),
        "costs": texts("What it costs."),
        "order": text("Its place among those of the rule, the mildest first."),
        "advice": typed("boolean", "It changes nothing in the question."),
    }


def _show() -> dict[str, Schema]:
    others = {"fact": text("Kind and constants of what is read."), "rules": texts("Ids.")}
    ends = {"name": text("The name of the number."), "first": _FORMULA, "last": _FORMULA}
    changes = {
        "field": text("The field, with its table."),
        "before": maybe(text("As TOML has it; null: it was absent.")),
        "after": maybe(text("As TOML has it; null: it is withdrawn.")),
        "reason": text("Why."),
        **_PLACE,
        "sources": _SOURCES,
    }
    return {
        **_row(),
        "topic": text("The first half of its id."),
        "because": _TEXT,
        "prose": maybe(choice("Its part of the prose summary; null: none.", get_args(Prose))),
        "match": records("The facts that it needs. None: it fires once.", _pattern()),
        "each": maybe(record("It fires for each integer of a range.", ends)),
        "where": records("Conditions, all of which must hold.", _test()),
        "unless": records("Facts of which there must be none.", _pattern()),
        "define": records("Names for expressions, in the order in which they are needed.", _definition()),
        "conclude": records("The facts that it derives.", _derived()),
        "propose": maybe(record("A change to the question.", _proposal())),
        "sources": _SOURCES,
        "tests": texts("The names of its tests."),
        "written_by": records("Which rules write what it reads.", others),
        "read_by": records("Which rules read what it writes.", others),
        "changes": records("What later folders changed in it.", changes),
    }


def rules_schema(name: str) -> Schema:
    """The schema of `advisor.NAME/1`: rules-list or rules-show."""
    made = {"rules-list": _list, "rules-show": _show}[name]()
    form = {"const": f"advisor.{name}/1", "description": "The form of this output, with its version."}
    return {
        "$schema": DRAFT,
        **record(f"What `advisor {name.replace('-', ' ')}` tells.", {"schema": form, **made}),
    }

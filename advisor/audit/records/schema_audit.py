"""The JSON Schemas of what `advisor audit` finds."""

from __future__ import annotations

from advisor.answer.schema.difference import difference_schema, verdict
from advisor.answer.schema.trace import cited
from advisor.audit.records.verify import DIFFERENCE, SCHEMA
from advisor.schema_parts import (
    DRAFT,
    Schema,
    anything,
    choice,
    maybe,
    record,
    records,
    text,
    texts,
    typed,
    whole,
)


def audit_schema(what: str) -> Schema:
    """Of `audit-verify` or `audit-diff`. Draft 2020-12."""
    verify = what == "audit-verify"
    title = "Whether a record holds, version 1" if verify else "What differs between two records, version 1"
    return {"$schema": DRAFT, "title": title, **record(f"{title}.", _verify() if verify else _diff())}


def _verify() -> dict[str, Schema]:
    now = {
        "current": typed("boolean", "Today's answer is the same."),
        "refused": texts("Why the question cannot be asked today."),
        "changes": maybe(record("What differs; null: it could not be asked.", _changes())),
    }
    return {
        "schema": {"const": SCHEMA, "description": "Name and version of this form."},
        "record": maybe(record("What the record says; null: it is none.", _head())),
        "intact": typed("boolean", "All checks hold."),
        "current": maybe(typed("boolean", "Today's answer is the same; null: it is not intact.")),
        "checks": records("What was looked at.", _check()),
        "now": maybe(record("Today's answer; null: it is not intact.", now)),
    }


def _diff() -> dict[str, Schema]:
    side = {"name": text("File."), **_head()}
    return {
        "schema": {"const": DIFFERENCE, "description": "Name and version of this form."},
        "before": record("The first record.", side),
        "after": record("The second record.", side),
        "changes": record("What differs.", _changes()),
    }


def _check() -> dict[str, Schema]:
    return {
        "name": text("What was looked at."),
        "holds": typed("boolean", "Whether it holds."),
        "text": text("In words, with where it fails."),
    }


def _head() -> dict[str, Schema]:
    return {
        "made": text("When, in UTC."),
        "host": anything("Where."),
        "advisor": text("Version of the advisor."),
        "engine": anything("The rule engine."),
        "body_sha256": text("Digest of the body."),
        "verdict": record("What came out.", {**verdict(), "firing": maybe(text("Id of its firing."))}),
        "question": anything("What was asked."),
    }


def _changes() -> dict[str, Schema]:
    answers = {key: value for key, value in difference_schema().items() if key not in ("$schema", "title")}
    sides = {
        "only_before": texts("Titles of those that there are no more."),
        "only_after": texts("Titles of new ones."),
        "otherwise": texts("Titles of those that come to something else."),
    }
    return {
        "same": typed("boolean", "Both say the same, remedies included."),
        "rules": records("Rules and kinds with other texts; those on which figures rest first.", _rule()),
        "facts": records("Facts that say something else; those on which figures rest first.", _fact()),
        "remedies": record("Remedies that differ.", sides),
        "answers": answers,
    }


def _change() -> dict[str, Schema]:
    field = {
        "field": text("The field."),
        "before": maybe(text("What it said; null: nothing.")),
        "after": maybe(text("What it says; null: nothing.")),
    }
    return {
        "change": choice("What became of it.", ("changed", "added", "removed")),
        "fields": records("The fields that differ.", field),
        "file": text("File."),
        "line": maybe(whole("Line in the file, from 1.", minimum=1)),
        "decides": typed("boolean", "A verdict or a figure rests on it."),
        "text": text("The change in words."),
    }


def _rule() -> dict[str, Schema]:
    return {"table": text("Rule, override, disable or kind."), "id": text("Its id."), **_change()}


def _fact() -> dict[str, Schema]:
    return {"kind": text("Kind of fact."), "fact": text("Kind and key."), **_change(), "sources": cited()}

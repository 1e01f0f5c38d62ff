"""The JSON Schema of a record: what an auditor may rely on."""

from __future__ import annotations

from advisor.answer.schema.answer import answer_schema
from advisor.answer.schema.trace import cited
from advisor.audit.records.form import SCHEMA
from advisor.audit.records.texts import TABLES, WHOLE
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

_EXACT = """Field to value, exact and in base units (bytes, seconds): an integer, text, truth value or list, \
{"exact": "p/q"} for a fraction, {"unknown": {"at_least": …, "missing": [[fact, field], …]}}."""


def record_schema() -> Schema:
    """Draft 2020-12."""
    parts = {"body": record("What was asked, answered, and all it rests on.", _body()), "header": header()}
    return {"$schema": DRAFT, "title": "Record of the advisor, version 1", **record("A record.", parts)}


def header() -> Schema:
    """How the record was made, and the digests that hold it together."""
    host = {name: text(f"Its {name}.") for name in ("name", "system", "python")}
    engine = {name: text(f"Its {name}.") for name in ("name", "version")}
    installed = {name: text(f"Digest of all {name} installed.") for name in ("rules", "facts")}
    keys = {
        "schema": {"const": SCHEMA, "description": "Name and version of this form."},
        "made": text("When, in UTC."),
        "host": record("Where.", host),
        "advisor": text("Version of the advisor."),
        "engine": record("The rule engine.", engine),
        "folders": typed("array", "Folders in effect beside those that ship, in order."),
        "installed": record("What was installed.", installed),
        "body_sha256": text("SHA-256 of the body as it stands in the file, in hex."),
        "sha256": text("SHA-256 of the header without this key, with sorted keys and no spaces."),
    }
    return record("How it was made; no part of what was derived.", keys)


def _body() -> dict[str, Schema]:
    answer = answer_schema()["properties"]
    trace = answer["trace"]["properties"]
    return {
        "question": anything("The question's tables, names resolved; fractions are exact."),
        "assumptions": answer["assumptions"],
        "rules": records("Texts of the rules in effect, and of what folders change in them.", _entry()),
        "kinds": records("Texts of the kinds of fact.", _entry()),
        "facts": _entries(trace["facts"], {"exact": anything(_EXACT), "given": maybe(_given())}),
        "other_facts": records("All other facts that rules could look at.", _fact()),
        "firings": _entries(trace["firings"], {"let": anything("What the rule's own names stood for.")}),
        "near_misses": trace["near_misses"],
        "answer": anything("The answer as `advisor schema answer` has it, without what stands elsewhere."),
    }


def _entries(told: Schema, more: dict[str, Schema]) -> Schema:
    """A list of the trace, whose entries hold more here."""
    entry = told["items"]
    keys = {**entry["properties"], **more}
    return {**told, "items": {**entry, "properties": keys, "required": sorted({*entry["required"], *more})}}


def _entry() -> dict[str, Schema]:
    return {
        "folder": whole("Which folder, from 0: what ships."),
        "file": text("File."),
        "line": whole("Line in the file, from 1.", minimum=1),
        "table": choice("What it is.", (*TABLES, WHOLE)),
        "id": text("Id of the rule or kind that it is or changes."),
        "sha256": text("SHA-256 of the text, in hex."),
        "text": text("The text, without tests."),
    }


def _fact() -> dict[str, Schema]:
    return {
        "kind": text("Kind of fact."),
        "label": text("Kind and key."),
        "overrides": typed("array", "Figures that folders changed, with reasons."),
        "given": _given(),
        "exact": anything(_EXACT),
    }


def _given() -> Schema:
    return record(
        "Where it was given.",
        {
            "file": maybe(text("File; null: the question.")),
            "line": maybe(whole("Line in the file, from 1.", minimum=1)),
            "sources": cited(),
            "confidence": maybe(text("How sure the file is of its figures.")),
            "note": maybe(text("What the file notes.")),
            "assumed": texts("Fields that hold a default."),
            "changes": typed("array", "Exact values before and after each override."),
        },
    )

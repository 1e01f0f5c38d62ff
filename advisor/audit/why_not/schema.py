"""The JSON Schema of why a rule did not fire, or why a remedy is not proposed."""

from __future__ import annotations

from advisor.answer.key_figures import KEY_FIGURES
from advisor.answer.schema.difference import verdict
from advisor.answer.schema.remedies import STATUSES
from advisor.answer.schema.trace import SEVERITIES, cited
from advisor.audit.why_not.cases import CASES
from advisor.audit.why_not.fates import FATES
from advisor.audit.why_not.inquiry import ABOUT
from advisor.audit.why_not.premises import PREMISES, STATES
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


def why_not_schema() -> Schema:
    """Draft 2020-12. Null is what is not known, or does not apply."""
    return {
        "$schema": DRAFT,
        "title": "Why a rule did not fire, or a remedy is not proposed, version 1",
        **record("What was asked about, and why it is not so.", _why_not()),
    }


def _why_not() -> dict[str, Schema]:
    digests = {name: text(f"SHA-256 of the {name}, in hex.") for name in ("question", "answer")}
    return {
        "schema": {"const": "advisor.why-not/1", "description": "Name and version of this form."},
        "asked": text("The words that were asked about."),
        "about": choice("What they mean.", ABOUT),
        "question": anything("The question as understood."),
        "verdict": record("What came out.", verdict()),
        "rules": records("The rule that was asked about.", _rule()),
        "remedies": records("What became of each remedy that was asked about.", _remedy()),
        "more": whole("How many more remedies these words mean, of which it does not tell."),
        "variant": maybe(record("What came out with the changes that were asked about.", _variant())),
        "engine": record("The rule engine.", {name: text(f"Its {name}.") for name in ("name", "version")}),
        "digests": record("As `advisor ask` gives them.", digests),
    }


def _place() -> dict[str, Schema]:
    return {"file": maybe(text("File.")), "line": maybe(whole("Line in the file, from 1.", minimum=1))}


def _rule() -> dict[str, Schema]:
    attempt = {"premises": records("In the order in which they are looked at.", _premise())}
    return {
        "rule": text("Id of the rule."),
        "summary": text("What it is for."),
        "severity": maybe(choice("Severity, if the rule has one.", SEVERITIES)),
        **_place(),
        "changes": records("Fields of the rule that later folders changed.", _change()),
        "sources": cited(),
        "case": choice("Why it did not fire, or that it did.", CASES),
        "text": text("The same in a sentence."),
        "fired": whole("How often it fired for sure."),
        "sentences": texts("What it said where it fired, the first few."),
        "attempts": records("Facts that were tried, the nearest first; the rest is counted.", attempt),
        "more": whole("How many attempts are not shown."),
        "missing": records("Figures that are missing, on which it hangs.", _missing()),
        "makers": records("Where a fact lacks: the rules that would make one.", _maker()),
    }


def _change() -> dict[str, Schema]:
    return {
        "field": text("The field, with its table."),
        "before": maybe(text("As TOML had it; null: absent.")),
        "after": maybe(text("As TOML has it now; null: withdrawn.")),
        "reason": text("Why, as the folder says."),
        **_place(),
        "sources": cited(),
        "text": text("The change in words."),
    }


def _premise() -> dict[str, Schema]:
    return {
        "premise": choice("Which part of the rule it is.", PREMISES),
        "state": choice("Whether it holds.", STATES),
        "rule_says": text("As the rule has it."),
        "text": text("With what was found, and numbers in place of names."),
        "facts": records("Facts that it speaks of.", _fact()),
        "say": maybe(text("What the rule has to say where the condition is false.")),
        "short": maybe(text("By how much a comparison is false, in words.")),
        "by": maybe(typed("number", "The same in base units (bytes, seconds).")),
        "nearest": records("Facts of that kind that disagree, the nearest first.", _near()),
        "makers": texts("Ids of the rules that could write such a fact."),
        "giver": maybe(text("The file that could give such a fact; null: only rules write it.")),
    }


def _fact() -> dict[str, Schema]:
    return {
        "fact": text("Kind and key."),
        "values": anything("Fields that the rule reads, with their values as text."),
        "rules": texts("Ids of the rules that wrote it; empty: it was given."),
        **_place(),
    }


def _near() -> dict[str, Schema]:
    disagreement = {
        "field": text("The field."),
        "has": text("Its value."),
        "needs": text("The value that was needed."),
        "by": text("What asks for that: the rule, or a field of a fact before it."),
    }
    return {**_fact(), "disagrees": records("Where it disagrees.", disagreement)}


def _missing() -> dict[str, Schema]:
    return {
        "fact": text("Kind and key of the fact."),
        "field": text("The field, under the name that files use."),
        "text": text("What is not said."),
        "meaning": maybe(text("What the field means.")),
        "places": texts("Where it could be given."),
        "rules": texts("Ids of the rules that wrote the fact; empty: it was given."),
        **_place(),
    }


def _maker() -> dict[str, Schema]:
    return {
        "rule": text("Id of the rule."),
        "case": choice("What became of it.", CASES),
        "text": text("Why, in short."),
    }


def _remedy() -> dict[str, Schema]:
    return {
        "proposed_by": text("Id of the rule that proposes it, or would."),
        "kind": text("Its kind."),
        "title": maybe(text("Its title; null: it was not proposed.")),
        "set": anything("The fields that it changes, as files write them."),
        "fate": choice("What became of it.", FATES),
        "text": text("The same in a sentence."),
        "rank": maybe(whole("Its place among those shown.", minimum=1)),
        "by": maybe(text("The remedy that outdoes it, or that it is a part of.")),
        "variant": maybe(record("What came out when it was asked by itself.", _variant())),
        "rule": maybe(record("Why the rule that would propose it did not fire.", _rule())),
    }


def _variant() -> dict[str, Schema]:
    bare = {"anyOf": [{"type": "number"}, {"type": "object"}, {"type": "null"}]}
    figure = {
        "figure": choice("Which; bytes, tokens per second or seconds.", tuple(f.name for f in KEY_FIGURES)),
        "before": {**bare, "description": "Its value in the question."},
        "after": {**bare, "description": "Its value with the changes."},
        "differs": typed("boolean", "Whether the two are different."),
    }
    return {
        "set": anything("The fields that it changes."),
        "status": maybe(choice("The verdict; null: it could not be asked.", STATUSES)),
        "works": typed("boolean", "It fits, and no goal is missed."),
        "summary": maybe(text("The verdict in a sentence.")),
        "text": text("What came out, in words."),
        "missed": texts("Goals that it misses."),
        "refused": maybe(text("Why it could not be asked.")),
        "figures": records("The figures of both, side by side.", figure),
        "rules": records("Rules by which it would work, and why they did not fire.", _rule()),
    }

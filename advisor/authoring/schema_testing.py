"""The JSON Schema of what testing rules writes."""

from __future__ import annotations

from advisor.schema_parts import DRAFT, Schema, choice, maybe, record, records, text, texts, typed, whole

CODES = ("given", "expected", "not-derived", "derived", "not-said", "error", "engines-disagree")


def rules_test_schema() -> Schema:
    """Draft 2020-12."""
    return {
        "$schema": DRAFT,
        "title": "Tests of rules, version 1",
        **record("What came of the tests that stand beside rules.", _tested()),
    }


def _tested() -> dict[str, Schema]:
    failure = {**_place("the test"), "test": text("Its name."), "wrong": records("All of it.", _mismatch())}
    return {
        "schema": {"const": "advisor.rules-test/1", "description": "Name and version of this form."},
        "engines": texts("The rule engines that ran them."),
        "rules": whole("Rules looked at."),
        "tests": whole("Tests that ran; where there are none, nothing passed."),
        "failed": whole("Tests that failed."),
        "without_tests": records("Rules that have none.", _place("the rule")),
        "failures": records("Tests that failed.", failure),
        "coverage": record("What the tests show of the rules.", _coverage()),
    }


def _place(what: str) -> dict[str, Schema]:
    line = maybe(typed("integer", f"The line of {what}.", minimum=1))
    return {"rule": text("Id of the rule."), "file": text("Its file."), "line": line}


def _mismatch() -> dict[str, Schema]:
    return {
        "code": choice("What is wrong.", CODES),
        "text": text("The same in one sentence."),
        "wanted": maybe(record("What the test expects, or rejects where the code is derived.", _outline())),
        "derived": records("What came instead, the nearest first.", _outline()),
        "because": texts("Why nothing came."),
    }


def _outline() -> dict[str, Schema]:
    shown = {"type": "string"}
    return {
        "what": text("The kind of the fact; firing, or sentence."),
        "fields": typed("object", "Fields as TOML and readers have them.", additionalProperties=shown),
        "differs": typed("object", "Those that differ, with what was wanted.", additionalProperties=shown),
        "text": text("The sentence of a firing."),
    }


def _coverage() -> dict[str, Schema]:
    tested = {**_place("the rule"), "tests": whole("How many tests it has.")}
    condition = {
        **_place("the condition"),
        "key": choice("Where it stands.", ("where", "unless")),
        "text": text("The condition."),
        "reached": whole("How often it was tried; 0: never."),
    }
    return {
        "fired": whole("Rules that fired in a test."),
        "nearly_fired": whole("Rules that matched their facts in a test, and were held back."),
        "nothing_to_miss": whole("Rules that nothing can hold back once their facts match."),
        "conditions": whole("Entries of `where` and `unless`."),
        "false_in_a_test": whole("Those that held their rule back in a test."),
        "never_fired": records("Rules that fired in no test.", tested),
        "never_nearly_fired": records("Rules that no test shows held back, though they can be.", tested),
        "always_true": records(
            "Conditions that were never false: nothing shows that they matter.", condition
        ),
    }

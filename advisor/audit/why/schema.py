"""The JSON Schema of a proof: what `advisor why` writes."""

from __future__ import annotations

from advisor.answer.schema.remedies import STATUSES
from advisor.answer.schema.trace import fact, firing
from advisor.schema_parts import (
    DRAFT,
    Schema,
    anything,
    choice,
    either,
    maybe,
    record,
    records,
    text,
    texts,
    whole,
)

_SUBJECTS = ("verdict", "conclusion", "rule", "firing", "fact", "component", "figure", "remedy")
_ROLES = ("subject", "by", "matched", "looked")


def why_schema() -> Schema:
    """Draft 2020-12."""
    return {
        "$schema": DRAFT,
        "title": "Proof of what the advisor says, version 1",
        **record("One thing that an answer says, and all that it rests on.", _why()),
    }


def _why() -> dict[str, Schema]:
    return {
        "schema": {"const": "advisor.why/1", "description": "Name and version of this form."},
        "subject": record("What is proved.", _subject()),
        "verdict": record("The verdict on the question as it was asked.", _verdict()),
        "digest": text("Digest of the answer: its digests.answer."),
        "depth": maybe(whole("After how many derivations trees are cut; null: they are not.", minimum=1)),
        "proofs": records(
            "Trees over one answer each; of a remedy also that on the changed question.", _proof()
        ),
    }


def _subject() -> dict[str, Schema]:
    return {
        "is": choice("What it is.", _SUBJECTS),
        "id": text("Its id, or what was asked for."),
        "text": text("What is said of it."),
        "others": texts("Ids of firings of the same rule, or that want the same figures, and are not shown."),
    }


def _verdict() -> dict[str, Schema]:
    return {"status": choice("The verdict.", STATUSES), "summary": text("It in a sentence.")}


def _proof() -> dict[str, Schema]:
    return {
        "title": maybe(text("What it proves of the subject; null: the subject itself.")),
        "set": anything("Changes to the question: path to its new value."),
        "status": choice("The verdict on the question with them.", STATUSES),
        "digest": text("Digest of the answer to it."),
        "promised": maybe(text("The digest that the remedy told; another one means that it does not hold.")),
        "lines": records("The tree in reading order.", _line()),
        "facts": records("The facts of the lines, each once.", {**fact(), "by": _by()}),
        "firings": records("The firings of the lines, each once.", firing()),
    }


def _by() -> Schema:
    return maybe(text("The firing that ends its smallest proof; null: it is given."))


def _line() -> dict[str, Schema]:
    below = {"firings": whole("Firings."), "facts": whole("Facts.")}
    return {
        "level": whole("Derivations between it and the subject."),
        "is": choice("Which of the two.", ("fact", "firing")),
        "id": text("Its id."),
        "as": choice("As what it stands below the line above it of one level less.", _ROLES),
        "again": either("Whether it stands in full on another line.", "boolean"),
        "below": maybe(record("What the cut leaves out below it and no line shows.", below)),
        "more": whole("Facts that sums, counts and choices went through beside those listed."),
    }

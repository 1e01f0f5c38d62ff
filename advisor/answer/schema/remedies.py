"""The part of the answer's JSON Schema that tells what can be done, and how it was found."""

from __future__ import annotations

from advisor.schema_parts import (
    Schema,
    anything,
    choice,
    either,
    maybe,
    number,
    record,
    records,
    size,
    text,
    texts,
    typed,
    whole,
)

STATUSES = ("cannot-run", "does-not-fit", "unknown", "tight", "fits")
_BAND = {name: maybe(number(f"{name}, in tokens per second")) for name in ("low", "typical", "high")}


def remedy() -> dict[str, Schema]:
    proof = "true: asked, and it works; null: advice, nothing to ask."
    part = {
        "rule": text("Id of the rule that proposed it."),
        "firing": text("Id of its firing in the trace."),
        "set": anything("Path in the question to its new value."),
    }
    return {
        "rank": whole("1 is the best.", minimum=1),
        "kind": text("What sort of change it is."),
        "title": text("The change in a few words."),
        "set": anything("Path in the question to its new value; null removes it."),
        "rule": text("Id of the rule that proposed it; of several, the first."),
        "parts": records("The proposals that it puts together: without one of them it does not work.", part),
        "verified": either(proof, "boolean", "null"),
        "changes": whole("Levers that it moves; several fields of one lever are one change."),
        "outcome": maybe(record("What came out when it was asked.", _proved())),
        "one_step_milder": maybe(record("What came of the step before: it does not work.", _asked())),
        "costs": texts("What it costs, a sentence each."),
        "text": text("Why, and how."),
        "firing": maybe(text("Id of the firing in the trace; of several, the first.")),
    }


OF_PROOF = ("parts", "changes", "one_step_milder", "firing")


def _proved() -> dict[str, Schema]:
    digest = "Digest of the answer to the question so changed: digests.answer when it is asked."
    status = choice("The verdict with the changes applied.", ("fits", "tight"))
    return {**_outcome(), "status": status, "digest": text(digest)}


def _asked() -> dict[str, Schema]:
    return {"set": anything("Path in the question to its new value."), **_outcome()}


def _outcome() -> dict[str, Schema]:
    return {
        "status": choice("The verdict with the change applied.", STATUSES),
        "required_bytes": size("What all GPUs together need"),
        "usable_bytes": size("What the runtime may use of them"),
        "shortfall_bytes": size("What is missing: the sum of each GPU's own shortfall"),
        "spare_bytes": maybe(typed("integer", "What the fullest device has left, in bytes; below 0: lacks.")),
        "decode_tokens_per_second": maybe(number("Typical tokens per second of one sequence.")),
        "decode_band": maybe(record("The same with low and high.", _BAND)),
        "prefill_tokens_per_second": maybe(number("Typical tokens of prompt per second.")),
        "quality": maybe(anything("What is known of the loss of quality: a published figure, or bits.")),
        "price": maybe(anything("What the machine costs, where a price is cited, with its day.")),
        "refused": maybe(text("Why it could not be asked.")),
    }


def search() -> dict[str, Schema]:
    figure = {
        "figure": text("What remedies are compared by."),
        "prefer": choice("Which way is better.", ("least", "most")),
        "meaning": text("In words."),
    }
    names = {"kind": text("What sort of change."), "title": text("In a few words."), "rule": text("Id.")}
    named = {
        "title": text("The changes in a few words."),
        "set": anything("Path in the question to its new value."),
        "status": choice("The verdict with the changes applied.", STATUSES),
    }
    lever = {
        "kind": text("What sort of change."),
        "rule": text("Id of the rule that proposes it."),
        "settings": texts("All that it proposes, mildest first; of a search the two ends."),
        "text": text("Why it may help."),
        "firing": text("Id of its first firing in the trace."),
    }
    tried = {**names, **_asked()}
    return {
        "asked": whole("Variants of the question that were asked."),
        "cut_short": either("Whether more would have been asked.", "boolean"),
        "more": records("Remedies that work and are left out because they are many.", named),
        "outdone": records("Remedies that work, and another one is no worse in any figure.", named),
        "ranking": records("By what remedies are put in order, first things first.", figure),
        "considered": records("The levers that rules propose, mildest first.", lever),
        "not_enough": records("Of each lever that does not work by itself: what came nearest.", tried),
    }

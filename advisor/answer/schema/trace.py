"""The JSON Schema of an answer's trace, and of the figures that overlays changed."""

from __future__ import annotations

from advisor.schema_parts import Schema, anything, choice, maybe, record, records, text, texts, whole

SEVERITIES = ("error", "warning", "note", "info")


def trace() -> dict[str, Schema]:
    return {
        "facts": records(
            "Facts that something rests on, derived ones, and those passed over.", fact(), FACT_OPTIONAL
        ),
        "firings": records("Each application of a rule.", firing(), FIRING_OPTIONAL),
        "near_misses": records("Rules that nearly fired: how often, and the nearest few.", _miss(), _CHANGED),
    }


FACT_OPTIONAL = ("certain", "overrides")
CITED = ("sources",)
_CHANGED = ("overrides",)
FIRING_OPTIONAL = (*_CHANGED, "absent", "by_default", "choices")


def fact() -> dict[str, Schema]:
    return {
        "id": text("Id in this trace."),
        "kind": text("Kind of fact."),
        "label": text("Kind and key, for reading."),
        "values": anything("Field to value as text, with its unit."),
        "given": maybe(record("Where it stands, if it was not derived.", _given(), _GIVEN_OPTIONAL)),
        "overrides": records("Figures of it that later folders changed, in order.", _override(), CITED),
        "derived_by": texts("Ids of the firings that concluded it."),
        "certain": {"type": "boolean", "description": "False: it may change once what is unknown is known."},
    }


_GIVEN_OPTIONAL = ("sources", "confidence", "assumed")


def _given() -> dict[str, Schema]:
    return {
        **_position(),
        "sources": cited(),
        "confidence": maybe(text("How sure the file is of its figures.")),
        "assumed": texts("Fields whose value is assumed."),
    }


def _override() -> dict[str, Schema]:
    return {
        "field": text("The field."),
        "before": maybe(text("Its value before, with its unit; null: nothing was said.")),
        "after": maybe(text("Its value now, with its unit; null: withdrawn.")),
        "reason": text("Why, as the folder says."),
        **_position(),
        "sources": cited(),
        "text": text("The change in words."),
    }


def read_override() -> dict[str, Schema]:
    return {
        "fact": text("Kind and key of the fact."),
        **_override(),
        "rules": texts("Ids of the rules that read the field, those that nearly fired included."),
    }


def _position() -> dict[str, Schema]:
    return {"file": maybe(text("File.")), "line": maybe(whole("Line in the file, from 1.", minimum=1))}


def firing() -> dict[str, Schema]:
    gap = {"fact": text("Label of the fact."), "field": text("Field that is not known.")}
    return {
        "id": text("Id in this trace."),
        "rule": text("Id of the rule."),
        **_position(),
        "premises": texts("Ids of the facts that matched."),
        "looked": texts("Ids of the facts that sums, counts and choices went through."),
        "formulas": texts("Each definition and condition, with names and then with numbers."),
        "absent": records("Its negations that hold: what would have stood against it.", _absent()),
        "choices": records("What it chose, and what it passed over.", _choice()),
        "by_default": texts("Of what it concluded, for reading: what it says because nothing else says it."),
        "concludes": texts("Ids of the facts that it concluded."),
        "text": text("The rule's sentence; empty where it says nothing."),
        "severity": maybe(choice("Severity, if the rule has one.", SEVERITIES)),
        "overrides": records("Fields of the rule that later folders changed.", _change()),
        "undetermined": records("What was not known and kept it from concluding.", gap),
        "sources": cited(),
    }


def _absent() -> dict[str, Schema]:
    near = {
        "fact": text("Kind and key of the fact."),
        "text": text("Why it does not stand against it, with the values."),
    }
    return {
        "kind": text("Kind of fact that would stand against it."),
        "pattern": text("The negation, as the rule has it."),
        "facts": whole("How many facts of that kind there are; none of them matches."),
        "nearest": records("Those that come nearest to it.", near),
    }


def _choice() -> dict[str, Schema]:
    loser = {
        "fact": text("Id of the fact."),
        "label": text("Its kind and key, for reading."),
        "value": text("Its value, with its unit."),
    }
    return {
        "name": text("Name of the choice in the rule."),
        "kind": text("Kind of fact that is chosen from."),
        "by": text("The formula by whose value it chooses."),
        "prefer": choice("Which value is better.", ("least", "most")),
        "chosen": maybe(text("Id of the chosen fact; null: it cannot be told.")),
        "value": maybe(text("Its value, with its unit.")),
        "losers": records("Those that were passed over, nearest first.", loser),
        "more": whole("How many more were passed over."),
        "doubtful": whole("How many could not be judged, because something of them is not known."),
    }


def _miss() -> dict[str, Schema]:
    near = {
        "premises": texts("Ids of the facts that matched; not all of them need be in the trace."),
        "text": text("The condition that was false, with its numbers."),
        "passed": whole("Conditions that held before it."),
    }
    return {
        "rule": text("Id of the rule."),
        "count": whole("How often it nearly fired."),
        "nearest": records("The nearest.", near),
        "overrides": records("Fields of the rule that later folders changed.", _change()),
    }


def _change() -> dict[str, Schema]:
    return {
        "field": text("The field of the rule, with its table: let.efficiency."),
        "before": maybe(text("What stood there, as TOML has it; null: nothing.")),
        "after": maybe(text("What stands there now; null: withdrawn.")),
        "reason": text("Why, as the folder says."),
        **_position(),
        "sources": cited(),
        "text": text("The change in words."),
    }


def rule_change() -> dict[str, Schema]:
    told = {**_change(), "field": maybe(text("The field of the rule; null where the rule is left out."))}
    return {"rule": text("Id of the rule."), "change": choice("What.", ("override", "disable")), **told}


def cited() -> Schema:
    """A list of citations."""
    keys = {"title": text("Title."), "url": text("Address."), "accessed": text("Day, as YYYY-MM-DD.")}
    cited = {"type": "object", "properties": {**keys, "quote": text("Words or figures quoted.")}}
    items = {"anyOf": [{"type": "string"}, cited]}
    return {"type": "array", "description": "What the figures or the reasoning rest on.", "items": items}

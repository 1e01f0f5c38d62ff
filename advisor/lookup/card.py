"""All that is known of one fact: what its file says, what it leaves out, and what rules derive from it."""

from __future__ import annotations

from typing import Any

from advisor.answer.trace import Trace
from advisor.authoring.catalog import Catalog, nested
from advisor.expressions import Unknown, causes_of, show_value
from advisor.facts.kinds import Field, Kinds
from advisor.facts.plain import plain, sources
from advisor.facts.values import Fact
from advisor.lookup.addresses import address
from advisor.lookup.listing import described, place, said
from advisor.reasoning.outcome import Firing


def card(catalog: Catalog, fact: Fact, explain: bool = False) -> dict[str, Any]:
    """One fact in JSON. With `explain`, each derived figure names a firing of one of the `traces`."""
    library = catalog.library
    told = catalog.about(fact)
    traces = [Trace(each.derivation, library.kinds) for each in told]
    inner: dict[str, list[Fact]] = {}
    for part in nested(library, fact):
        inner.setdefault(part.kind, []).append(part)
    return {
        "schema": "advisor.facts-show/1",
        **_fact(fact, library.kinds, bool(inner)),
        "nested": {kind: [_fact(part, library.kinds) for part in parts] for kind, parts in inner.items()},
        "derived": [
            _derived(firing, traces[number], number)
            for number, each in enumerate(told)
            for firing in each.firings
        ],
        "traces": [trace.to_dict() for trace in traces] if explain else [],
    }


def _fact(fact: Fact, kinds: Kinds, has_parts: bool = False) -> dict[str, Any]:
    """What the file says. What stands inside a fact may say what it leaves out: then absence is no word."""
    kind, given = kinds[fact.kind], fact.given
    absent = [field for field in kind.fields.values() if field.name not in fact.values]
    return {
        "kind": kind.id,
        "meaning": kind.meaning,
        "id": address(fact),
        **place(fact),
        "confidence": given.confidence if given else None,
        "note": given.note if given else None,
        "sources": sources(given.sources) if given else [],
        "fields": [_field(fact, field) for field in kind.fields.values() if field.name in fact.values],
        "absent": [
            {"name": f.name, "meaning": f.spec.meaning, "means": None if has_parts else f.spec.absent}
            for f in absent
        ],
    }


def _field(fact: Fact, field: Field) -> dict[str, Any]:
    """`assumed` says why the value is what it is, where it is the kind's default."""
    assumed = fact.given is not None and field.name in fact.given.assumed
    return {
        **described(field),
        **said(fact, field),
        "assumed": (field.spec.why or "the default") if assumed else None,
    }


def _derived(firing: Firing, trace: Trace, number: int) -> dict[str, Any]:
    rule = firing.rule
    missing = sorted(_missing(firing))
    return {
        "rule": rule.id,
        "summary": rule.summary,
        "severity": rule.severity,
        "file": rule.file,
        "line": rule.line,
        "known": not missing,
        "text": firing.text,
        "figures": _figures(firing),
        "missing": [{"fact": cause.owner, "field": cause.field} for cause in missing],
        "trace": number,
        "firing": trace.firing_id(firing),
    }


def _missing(firing: Firing) -> frozenset[Any]:
    """What is absent of all that its sentence speaks of."""
    template = firing.rule.because.template
    values = [firing.env.get(name) for name in template.names]
    values += [firing.env[alias].values.get(field) for alias, field in template.paths]
    return firing.causes | causes_of(values)


def _figures(firing: Firing) -> dict[str, Any]:
    """The numbers that the rule defines, by name: in base units, and as they are shown."""
    found = {}
    for step in firing.rule.definitions:
        value = firing.env.get(step.name)
        if step.how == "best" or isinstance(value, (str, bool, tuple, type(None))):
            continue
        unknown = isinstance(value, Unknown)
        shown = None if unknown else show_value(value, firing.rule.scope.name(step.name))
        found[step.name] = {"value": plain(value), "shown": shown}
    return found

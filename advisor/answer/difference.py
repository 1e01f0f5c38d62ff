"""Two answers side by side, and the rules, facts and figures that made the difference between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from advisor.answer.answer import SEVERITIES, Answer
from advisor.answer.grounds import LAST, VERDICT, Grounds
from advisor.answer.key_figures import KEY_FIGURES, key_figures
from advisor.canonical import canonical
from advisor.expressions import Unknown, Value, show_value
from advisor.facts.plain import plain, sources
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Firing
from advisor.remedies.outcome import outcome_of
from advisor.rules.rulebook import Rulebook

SCHEMA = "advisor.whatif/1"
#: Kinds that hold the figures which stand side by side: these are what differs, and not why.
_SHOWN = (VERDICT, "memory", "decode_speed", "prefill_speed", "quality", "price")
Table = dict[str, Any]


class Side(NamedTuple):
    """An answer with what its verdict and its figures rest on."""

    answer: Answer
    grounds: Grounds

    @property
    def fired(self) -> Mapping[str, list[Firing]]:
        return self.answer.derivation.by_rule


def difference(before: Answer, after: Answer, rulebook: Rulebook) -> Table:
    """Both answers and what differs, as JSON has it; in each list what is nearest to the verdict first."""
    sides = Side(before, Grounds(before.derivation)), Side(after, Grounds(after.derivation))
    changes, figures = list(_changes(before, after)), _figures(before, after)
    rules, facts = _both_ways(_rules_only, *sides), _both_ways(_facts_only, *sides)
    values = _values(*sides, {(_key(each["before"]), _key(each["after"])) for each in changes})
    found = [*rules.values(), *facts.values(), values, [each for each in figures if each["differs"]]]
    return {
        "schema": SCHEMA,
        "changes": changes,
        "unread": [each["field"] for each in changes if not _is_read(each["field"], after, rulebook)],
        "same": before.status == after.status and not any(found),
        "before": _told(before),
        "after": _told(after),
        "figures": figures,
        "rules": rules,
        "facts": facts,
        "values": values,
        "engine": {"name": before.engine[0], "version": before.engine[1]},
    }


def _both_ways(find: Callable[[Side, Side], Iterable[Table]], before: Side, after: Side) -> Table:
    return {"only_before": list(find(before, after)), "only_after": list(find(after, before))}


def _told(answer: Answer) -> Table:
    outcome = outcome_of(answer.derivation.store)
    return {
        "question": answer.said["question"],
        "verdict": answer.said["verdict"],
        "quality": outcome.quality,
        "price": outcome.price,
        "digests": {"question": answer.question.digest, "answer": answer.digest},
    }


def _figures(before: Answer, after: Answer) -> list[Table]:
    old, new = key_figures(before), key_figures(after)
    return [
        {
            "figure": figure.name,
            "before": old[figure.name],
            "after": new[figure.name],
            "differs": old[figure.name] != new[figure.name],
        }
        for figure in KEY_FIGURES
    ]


# what was changed


def _changes(before: Answer, after: Answer) -> Iterator[Table]:
    """Fields of the question that differ; null is a field that is not there."""
    old, new = _fields(before), _fields(after)
    for path in dict.fromkeys([*old, *new]):
        if old.get(path) != new.get(path):
            yield {"field": path, "before": old.get(path), "after": new.get(path)}


def _fields(answer: Answer) -> Table:
    tables = answer.said["question"]
    rows = {name: table for name, table in tables.items() if isinstance(table, dict)}
    inner = {f"{name}.{field}": value for name, row in rows.items() for field, value in row.items()}
    return inner | {name: table for name, table in tables.items() if name not in rows}


def _is_read(path: str, answer: Answer, rulebook: Rulebook) -> bool:
    """Whether some rule looks at this field of the question; what is no field of its own may be read."""
    table, _, name = path.partition(".")
    kind = answer.question.kinds.get(table)
    found = kind.field_for(name) if kind else None
    if kind is None or found is None:
        return True
    reads = [each for reads in rulebook.footprints.values() for each in reads if each.kind == kind.id]
    return any(each.whole or found[0].name in each.fields for each in reads)


# rules


def _rules_only(side: Side, other: Side) -> Iterator[Table]:
    """Rules that fired here only: those on which figures rest, then those that have something to say."""
    only = [rule for rule in side.fired if rule not in other.fired]
    for rule in sorted(only, key=lambda rule: _weight(rule, side)):
        firings = side.grounds.of_rule(rule)
        speaking = [firing for firing in side.fired[rule] if firing.rule.severity and firing.certain]
        shown = firings or sorted(speaking, key=lambda firing: firing.sort_key)
        if shown and shown[0].rule.propose is None:
            yield _rule(shown, bool(firings), other)


def _weight(rule: str, side: Side) -> tuple[int, int, str]:
    severity = side.fired[rule][0].rule.severity
    return (side.grounds.place_of(rule), SEVERITIES.index(severity) if severity else LAST, rule)


def _rule(firings: list[Firing], decides: bool, other: Side) -> Table:
    rule = firings[0].rule
    misses = [miss for miss in other.answer.derivation.misses if miss.rule.id == rule.id]
    nearest = min(misses, key=lambda miss: miss.sort_key, default=None)
    return {
        "rule": rule.id,
        "severity": rule.severity,
        "text": firings[0].text or rule.summary,
        "times": len(firings),
        "decides": decides,
        "held_back_by": nearest.text if nearest else None,
    }


# facts


def _facts_only(side: Side, other: Side) -> Iterator[Table]:
    """Facts of the catalog on which figures rest here only. What the question gives is what was changed."""
    nearest = sorted(side.grounds.facts.items(), key=lambda each: (each[1][0], each[0]))
    for label, (_, fact) in nearest:
        own = fact.given is None or side.answer.kinds[fact.kind].single
        if not own and label not in other.grounds.facts:
            yield _fact(fact, side.answer)


def _fact(fact: Fact, answer: Answer) -> Table:
    fields, given = answer.kinds[fact.kind].fields, fact.given
    assert given is not None
    return {
        "kind": fact.kind,
        "fact": fact.label,
        "values": {name: show_value(value, fields[name].type) for name, value in sorted(fact.values.items())},
        "confidence": given.confidence,
        "file": given.file,
        "line": given.line,
        "sources": sources(given.sources),
    }


# values


class _Pair(NamedTuple):
    """One field of a fact that is derived under both, with its two values."""

    place: int  # how far from the verdict
    layer: int  # how far from what is given
    name: str
    row: Table
    key: tuple[str, ...]


def _values(before: Side, after: Side, changed: set[tuple[str, str]]) -> list[Table]:
    """Fields whose values differ; of those that say the same, the one derived first stands for all."""
    groups: dict[tuple[str, ...], list[_Pair]] = {}
    for pair in _pairs(before, after):
        groups.setdefault(pair.key, []).append(pair)
    told = [
        _group(pairs)
        for key, pairs in groups.items()
        if key not in changed and any(pair.row["kind"] not in _SHOWN for pair in pairs)
    ]
    return [row for _, row in sorted(told, key=lambda each: each[0])]


def _group(pairs: list[_Pair]) -> tuple[tuple[int, int, str], Table]:
    pairs = sorted(pairs, key=lambda pair: (pair.layer, pair.name))
    first = pairs[0]
    place = min(pair.place for pair in pairs)
    return (place, -first.layer, first.name), {**first.row, "also": [pair.name for pair in pairs[1:]]}


def _pairs(before: Side, after: Side) -> Iterator[_Pair]:
    for label, (place, old) in before.grounds.facts.items():
        at, new = after.grounds.facts.get(label, (LAST, old))
        derived = old.given is None or new.given is None
        for name in sorted(old.values.keys() & new.values.keys()) if derived else ():
            if _differ(old.values[name], new.values[name]):
                yield _pair(before, after, (old, new), name, min(place, at))


def _pair(before: Side, after: Side, facts: tuple[Fact, Fact], name: str, place: int) -> _Pair:
    kind = before.answer.kinds[facts[0].kind].fields[name].type
    old, new = (fact.values[name] for fact in facts)
    told = [side.answer.figures.told_by(fact) for side, fact in zip((before, after), facts, strict=True)]
    path = f"{facts[0].label}.{name}"
    row = {
        "kind": facts[0].kind,
        "fact": facts[0].label,
        "field": name,
        "before": show_value(old, kind),
        "after": show_value(new, kind),
        "before_value": plain(old),
        "after_value": plain(new),
        "rule_before": told[0].rule.id if told[0] else None,
        "rule_after": told[1].rule.id if told[1] else None,
    }
    apart = any(isinstance(value, (bool, Unknown)) for value in (old, new))
    key = (path,) if apart else (_key(old), _key(new))
    return _Pair(place, max(firing.layer if firing else 0 for firing in told), path, row, key)


def _differ(old: Value, new: Value) -> bool:
    if isinstance(old, Unknown) and isinstance(new, Unknown):
        return old.low != new.low
    return old != new


def _key(value: Any) -> str:
    """A value as the question has it and one that was derived are compared as JSON has them."""
    return canonical(plain(value))

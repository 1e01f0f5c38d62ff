"""What differs between the rules and facts of two answers, and between the answers themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.answer.difference import difference
from advisor.answer.grounds import Grounds
from advisor.audit.records.again import Side
from advisor.audit.records.exact import value_of
from advisor.audit.records.texts import Entry
from advisor.documents import parse
from advisor.expressions import show_value
from advisor.facts.kinds import Kinds
from advisor.rules.tables import leaves, written

Table = dict[str, Any]
Name = tuple[str, str]
_PROVED = ("rank", "title", "set", "outcome", "costs")


class _Told:
    """One side, with its texts and facts by name."""

    def __init__(self, side: Side) -> None:
        self.answer, self.made = side.answer, side.made
        self.grounds = Grounds(side.answer.derivation)
        self.entries: dict[Name, list[Entry]] = {}  # a rule may be overridden more than once
        for entry in (*side.body["rules"], *side.body["kinds"]):
            self.entries.setdefault((entry["table"], entry["id"]), []).append(entry)
        rows = (*side.body["facts"], *side.body["other_facts"])
        catalog = (row for row in rows if row["given"] and row["given"]["file"])
        self.facts: dict[Name, Table] = {(row["kind"], row["label"]): row for row in catalog}
        #: what remedies come to, without the names that firings have in a trace
        told = side.body["answer"]["remedies"]
        self.proved = {each["title"]: [each[name] for name in _PROVED] for each in told}


def compared(old: Side, new: Side) -> Table:
    """What differs, as JSON has it; `same` is whether both say the same."""
    return _compared(_Told(old), _Told(new))


def _compared(old: _Told, new: _Told) -> Table:
    return {
        "same": old.answer.digest == new.answer.digest and old.proved == new.proved,
        "rules": _first(_texts(old, new)),
        "facts": _first(_facts(old, new)),
        "remedies": _remedies(old.proved, new.proved),
        "answers": difference(old.answer, new.answer, new.made.rulebook),
    }


def _remedies(old: Table, new: Table) -> dict[str, list[str]]:
    """Titles: of those that only one side has, and of those that come to something else."""
    return {
        "only_before": [title for title in old if title not in new],
        "only_after": [title for title in new if title not in old],
        "otherwise": [title for title in old if title in new and old[title] != new[title]],
    }


def _first(found: Iterator[Table]) -> list[Table]:
    """Those on which figures rest before the others."""
    return sorted(found, key=lambda each: not each["decides"])


# rules and kinds


def _texts(old: _Told, new: _Told) -> Iterator[Table]:
    for name in sorted(old.entries.keys() | new.entries.keys()):
        before, after = ([entry["text"] for entry in side.entries.get(name, ())] for side in (old, new))
        if before != after:
            yield _text(name, old, new)


def _text(name: Name, old: _Told, new: _Told) -> Table:
    table, ident = name
    before, after = (side.entries.get(name, []) for side in (old, new))
    entry = (after or before)[-1]
    fields = list(_fields(table, before[-1], after[-1])) if before and after else []
    return {
        "table": table,
        "id": ident,
        "change": "changed" if before and after else "added" if after else "removed",
        "fields": fields,
        "file": entry["file"],
        "line": entry["line"],
        "decides": any(side.grounds.of_rule(ident) for side in (old, new)),
        "text": f"the {table} {ident} {_words(before, after, fields)}{_why(after)}",
    }


def _why(after: list[Entry]) -> str:
    """The reason that a folder gives for what it changes."""
    reasons = [_row(entry["table"], entry).get("reason") for entry in after]
    return "".join(f' ("{reason}")' for reason in reasons if reason)


def _fields(table: str, before: Entry, after: Entry) -> Iterator[Table]:
    """Each value that one of two texts has otherwise, as TOML writes it."""
    old, new = (_row(table, entry) for entry in (before, after))
    for path, was, now in leaves(new, old):
        if was != now:
            yield {"field": path, "before": written(was), "after": written(now)}
    for path, was, now in leaves(old, new):
        if written(now) is None:
            yield {"field": path, "before": written(was), "after": None}


def _row(table: str, entry: Entry) -> Mapping[str, Any]:
    data = parse(entry["text"], entry["file"]).data
    rows = data.get(table)
    return rows[0] if rows else data


def _words(before: Any, after: Any, fields: list[Table]) -> str:
    """What became of a rule, a kind or a fact."""
    if not before:
        return "is new"
    if not after:
        return "is there no more"
    return f"is another: {_pairs(fields)}" if fields else "is written otherwise and says the same"


def _pairs(fields: list[Table]) -> str:
    pairs = ((each["field"], *(each[side] or "not said" for side in ("before", "after"))) for each in fields)
    return "; ".join(f"{name} was {before} and is {after}" for name, before, after in pairs)


# facts


def _facts(old: _Told, new: _Told) -> Iterator[Table]:
    for name in sorted(old.facts.keys() | new.facts.keys()):
        before, after = old.facts.get(name), new.facts.get(name)
        if before is None or after is None or before["exact"] != after["exact"]:
            yield _fact(name, before, after, old, new)


def _fact(name: Name, before: Table | None, after: Table | None, old: _Told, new: _Told) -> Table:
    kind, label = name
    row = after or before
    assert row is not None
    fields = list(_values(kind, before, after, old.made.library.kinds, new.made.library.kinds))
    wanted = {each["field"] for each in fields}
    overrides = [each for each in row["overrides"] if each["field"] in wanted]
    place = overrides[-1] if overrides else row["given"]
    reasons = "".join(f' ("{each["reason"]}")' for each in overrides)
    return {
        "kind": kind,
        "fact": label,
        "change": "changed" if before and after else "added" if after else "removed",
        "fields": fields,
        "file": place["file"],
        "line": place["line"],
        "sources": place["sources"],
        "decides": any(label in side.grounds.facts for side in (old, new)),
        "text": f"{label} {_words(before, after, fields)}{reasons}",
    }


def _values(kind: str, before: Table | None, after: Table | None, old: Kinds, new: Kinds) -> Iterator[Table]:
    if before is None or after is None:
        return
    for name in sorted(before["exact"].keys() | after["exact"].keys()):
        was, now = (_shown(kinds, kind, name, row["exact"]) for kinds, row in ((old, before), (new, after)))
        if before["exact"].get(name) != after["exact"].get(name):
            yield {"field": name, "before": was, "after": now}


def _shown(kinds: Kinds, kind: str, name: str, exact: Table) -> str | None:
    """A value with its unit; None where nothing is said."""
    return show_value(value_of(exact[name]), kinds[kind].fields[name].type) if name in exact else None

"""A record's answer derived again, from its own question, rules and facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from advisor.answer.answer import Answer
from advisor.audit.records.body import body_of
from advisor.audit.records.exact import read
from advisor.audit.records.form import spread
from advisor.audit.records.reading import Record
from advisor.audit.records.restore import restored
from advisor.audit.records.texts import Texts
from advisor.canonical import canonical
from advisor.installation import Installation

SHOWN = 5  # differences that are told; the rest is counted
LONGEST = 160
_NOTHING = object()
Table = dict[str, Any]


def asked_again(record: Record, made: Installation, engine: str | None) -> Answer:
    """Its question under some rules and facts; remedies are looked for if they were."""
    remedies = record.body["answer"]["search"] is not None
    return made.ask(read(record.body["question"]), engine, (), remedies)


class Side(NamedTuple):
    """An answer with the body of its record, and the installation that made it."""

    body: Table
    answer: Answer
    made: Installation


def side_of(record: Record, engine: str | None) -> Side:
    """The answer by the record's own rules and facts, and the body that it leads to."""
    made = restored(record.body)
    answer = asked_again(record, made, engine)
    texts = Texts(record.body["rules"], record.body["kinds"])
    return Side(body_of(answer, made.library, texts), answer, made)


def differences(recorded: Any, derived: Any) -> list[str]:
    """Where two bodies differ, in words; at most SHOWN of them and how many more there are."""
    found = [
        text
        for name in sorted(derived)
        if spread(recorded[name], 0) != spread(derived[name], 0)
        for text in _leaves(recorded[name], derived[name], name)
    ]
    more = [f"and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
    return [*found[:SHOWN], *more]


def _leaves(recorded: Any, derived: Any, path: str) -> Iterator[str]:
    if recorded is _NOTHING:
        yield f"{path}: {_short(derived)} follows, and is left out"
    elif derived is _NOTHING:
        yield f"{path}: {_short(recorded)} does not follow"
    elif canonical(recorded) == canonical(derived):
        return
    elif isinstance(recorded, dict) and isinstance(derived, dict):
        for name in sorted(recorded.keys() | derived.keys()):
            yield from _leaves(recorded.get(name, _NOTHING), derived.get(name, _NOTHING), f"{path}.{name}")
    elif isinstance(recorded, list) and isinstance(derived, list):
        yield from _rows(recorded, derived, path)
    else:
        yield f"{path}: the record says {_short(recorded)}, and {_short(derived)} follows"


def _rows(recorded: list[Any], derived: list[Any], path: str) -> Iterator[str]:
    """Of lists as long as each other what differs in each entry; else the entries that one of them lacks."""
    if len(recorded) == len(derived):
        for number, (old, new) in enumerate(zip(recorded, derived, strict=True)):
            yield from _leaves(old, new, f"{path}[{_name(new, number)}]")
        return
    old, new = ({canonical(each): each for each in rows} for rows in (recorded, derived))
    yield from (f"{path}: {_short(old[one])} does not follow" for one in old if one not in new)
    yield from (f"{path}: {_short(new[one])} follows, and is left out" for one in new if one not in old)


def _name(row: Any, number: int) -> str:
    """How people know an entry: by its rule, its label or its id."""
    if not isinstance(row, dict):
        return str(number)
    told = [str(row[name]) for name in ("id", "rule", "label", "title") if row.get(name)]
    return " ".join(told[:2]) or str(number)


def _short(value: Any) -> str:
    text = canonical(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

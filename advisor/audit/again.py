"""A record's answer derived again, from its own question, rules and facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.answer.answer import Answer
from advisor.audit.body import body_of
from advisor.audit.exact import read
from advisor.audit.form import spread
from advisor.audit.reading import Record
from advisor.audit.restore import restored
from advisor.audit.texts import Texts
from advisor.canonical import canonical
from advisor.installation import Installation

SHOWN = 5  # differences that are told; the rest is counted
LONGEST = 160


def asked_again(record: Record, made: Installation, engine: str | None) -> Answer:
    """Its question under some rules and facts; remedies are looked for if they were."""
    remedies = record.body["answer"]["search"] is not None
    return made.ask(read(record.body["question"]), engine, (), remedies)


def derived_again(record: Record, engine: str | None) -> tuple[Installation, Answer]:
    """The answer by the record's own rules and facts."""
    made = restored(record.body)
    return made, asked_again(record, made, engine)


def body_again(record: Record, engine: str | None) -> dict[str, Any]:
    """The body that its question, rules and facts lead to."""
    made, answer = derived_again(record, engine)
    return body_of(answer, made.library, Texts(record.body["rules"], record.body["kinds"]))


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
    if canonical(recorded) == canonical(derived):
        return
    if isinstance(recorded, dict) and isinstance(derived, dict):
        for name in sorted(recorded.keys() | derived.keys()):
            yield from _leaves(recorded.get(name), derived.get(name), f"{path}.{name}")
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

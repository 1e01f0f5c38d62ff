"""Whether a record holds: that it is intact, and that what is installed today still says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from advisor import __version__
from advisor.audit.records.again import Side, asked_again, differences, side_of
from advisor.audit.records.changes import compared
from advisor.audit.records.reading import Check, Record, examined, read_record
from advisor.audit.records.record import body_today
from advisor.errors import AdvisorError, InputError, Problem
from advisor.installation import Installation

SCHEMA = "advisor.audit-verify/1"
DIFFERENCE = "advisor.audit-diff/1"
_HEAD = ("made", "host", "advisor", "engine", "body_sha256")
Table = dict[str, Any]


def verified(raw: bytes, engines: Sequence[str | None], today: Installation) -> Table:
    """What was found, as JSON has it. `engines`: those by which the answer is derived again."""
    record, checks = examined(raw)
    found = [_derived(record, engine) for engine in engines] if record else []
    checks += [check for check, _ in found]
    intact = all(check.holds for check in checks)
    now = _now(record, found[0][1], today) if record and intact else None
    return {
        "schema": SCHEMA,
        "record": head(record) if record else None,
        "intact": intact,
        "current": now and now["current"],
        "checks": [check._asdict() for check in checks],
        "now": now,
    }


def head(record: Record) -> Table:
    """What the header tells of a record, and what the record says."""
    told = {name: record.header[name] for name in _HEAD}
    return {**told, "verdict": record.body["answer"]["verdict"], "question": record.body["question"]}


def _derived(record: Record, engine: str | None) -> tuple[Check, Side | None]:
    """Every firing, every formula and the answer, once more."""
    name = f"derivation by {engine or 'the default engine'}"
    try:
        again = side_of(record, engine)
        found = differences(record.body, again.body)
    except AdvisorError as error:
        return Check(name, False, f"it cannot be derived again: {error.problems[0]}"), None
    except Exception as error:  # whatever somebody wrote into it: it does not follow
        return Check(name, False, f"it cannot be derived again: {type(error).__name__} {error}"), None
    if found:
        return Check(name, False, "; ".join([*found, *_versions(record)])), None
    return Check(name, True, _counted(record.body)), again


def _counted(body: Table) -> str:
    firings = body["firings"]
    formulas = sum(len(firing["formulas"]) for firing in firings)
    return f"{len(firings):,} firings with {formulas:,} formulas and the answer follow as recorded"


def _versions(record: Record) -> Iterator[str]:
    if record.header["advisor"] != __version__:
        yield f"it was made by version {record.header['advisor']}, and this is {__version__}"


def _now(record: Record, then: Side | None, today: Installation) -> Table:
    """What today's rules and facts say to the same question."""
    assert then is not None
    try:
        answer = asked_again(record, today, None)
    except AdvisorError as error:
        refused = [str(problem) for problem in error.problems]
        return {"current": False, "refused": refused, "changes": None}
    found = compared(then, Side(body_today(answer, today), answer, today))
    return {"current": found["same"], "refused": [], "changes": found}


def record_difference(before: Path, after: Path, engine: str | None) -> Table:
    """What differs between two records, as JSON has it. Raises InputError for one that does not hold."""
    records = [read_record(path) for path in (before, after)]
    sides = [_held(record, path, engine) for record, path in zip(records, (before, after), strict=True)]
    return {
        "schema": DIFFERENCE,
        "before": {"name": str(before), **head(records[0])},
        "after": {"name": str(after), **head(records[1])},
        "changes": compared(*sides),
    }


def side_of_file(path: Path, engine: str | None) -> Side:
    """A record's answer derived again. Raises InputError for one that does not hold."""
    return _held(read_record(path), path, engine)


def _held(record: Record, path: Path, engine: str | None) -> Side:
    check, side = _derived(record, engine)
    if side is None:
        hint = "`advisor audit verify` looks at it in full."
        raise InputError([Problem("record-broken", check.text, hint, str(path))])
    return side

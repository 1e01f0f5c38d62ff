"""Reading a record: whether it is in its form, and whether its digests hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from advisor.audit.records import texts
from advisor.audit.records.form import SCHEMA, header_digest, parsed, written
from advisor.errors import InputError, Problem

MAX_BYTES = 64 * 1024 * 1024
HEADER = ("advisor", "body_sha256", "engine", "folders", "host", "installed", "made", "schema", "sha256")
BODY = (
    *("answer", "assumptions", "facts", "firings", "kinds", "near_misses", "other_facts", "question"),
    "rules",
)


class Record(NamedTuple):
    """A document that has the outer form of a record."""

    body: dict[str, Any]
    header: dict[str, Any]


class Check(NamedTuple):
    """One thing that was looked at: what, whether it holds, and in words."""

    name: str
    holds: bool
    text: str


def is_record(path: Path) -> bool:
    """Whether a file is a record and no config file, by its first sign.

    What is no file, such as a pipe, can be read once only, and is left to who reads questions.
    """
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] == b"{"
    except OSError:
        return False


def read_bytes(path: Path) -> bytes:
    """A record's file. Raises InputError where it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(path, f"cannot read {path}: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise _refused(path, f"{path} is longer than {MAX_BYTES // 1024 // 1024} MiB")
    return raw


def read_record(path: Path) -> Record:
    """A record whose digests hold. Raises InputError with what is wrong with it."""
    record, checks = examined(read_bytes(path))
    wrong = [check for check in checks if not check.holds]
    if record is None or wrong:
        hint = "`advisor audit verify` looks at it in full."
        raise InputError([Problem("record-broken", check.text, hint, str(path)) for check in wrong])
    return record


def examined(raw: bytes) -> tuple[Record | None, list[Check]]:
    """The record, where these bytes have the form of one, and what was found on the way."""
    try:
        text = raw.decode()
        found = parsed(text)
        wrong = _shape(found)
        again, digest = ("", "") if wrong else written(found["body"], found["header"])
    except (ValueError, RecursionError) as error:
        wrong = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        return None, [Check("form", False, f"it is no JSON that a record can be: {wrong}")]
    if wrong:
        return None, [Check("form", False, wrong)]
    record = Record(found["body"], found["header"])
    return record, [_canonical(text, again), *_digests(record.header, digest), *_texts(record)]


def _shape(found: Any) -> str | None:
    """What is wrong with the outer form."""
    if not isinstance(found, dict) or set(found) != {"body", "header"}:
        return "it is no record: a record has a body and a header, and nothing else"
    for name, keys in (("header", HEADER), ("body", BODY)):
        part = found[name]
        if not isinstance(part, dict):
            return f"its {name} is no table"
        lacking, more = [sorted(each) for each in (set(keys) - set(part), set(part) - set(keys))]
        if lacking or more:
            said = [f"lacks {', '.join(lacking)}"] * bool(lacking) + [f"has {', '.join(more)}"] * bool(more)
            return f"its {name} {' and '.join(said)}"
    if found["header"]["schema"] != SCHEMA:
        return f"its schema is {found['header']['schema']}, and this advisor reads {SCHEMA}"
    return None


def _canonical(text: str, again: str) -> Check:
    if text == again:
        return Check("form", True, "it is written in the one form that records have")
    pairs = zip(text.split("\n"), again.split("\n"), strict=False)
    line = next((n for n, (old, new) in enumerate(pairs, 1) if old != new), None)
    where = f"line {line}" if line else "its end"
    return Check("form", False, f"it is not written in the one form that records have: see {where}")


def _digests(header: dict[str, Any], body: str) -> list[Check]:
    return [
        _digest("header digest", "the header", header["sha256"], header_digest(header)),
        _digest("body digest", "the body", header["body_sha256"], body),
    ]


def _digest(name: str, what: str, said: Any, found: str) -> Check:
    if said == found:
        return Check(name, True, f"{what} has the digest {found}")
    return Check(name, False, f"{what} has the digest {found}, and the header says {said}: it was changed")


def _texts(record: Record) -> list[Check]:
    """Each rule and kind against its own digest."""
    try:
        entries = [entry for part in ("rules", "kinds") for entry in record.body[part]]
        broken = [entry["id"] for entry in entries if texts.digest(entry["text"]) != entry["sha256"]]
    except (TypeError, KeyError, AttributeError):
        return [Check("rule texts", False, "its rules and kinds have another form")]
    if broken:
        return [Check("rule texts", False, f"not the text that their digests say: {', '.join(broken[:5])}")]
    return [Check("rule texts", True, f"the texts of {len(entries)} rules and kinds have their digests")]


def _refused(path: Path, text: str) -> InputError:
    return InputError([Problem("file-unreadable", text, None, str(path))])

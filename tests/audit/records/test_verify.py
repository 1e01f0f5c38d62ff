"""A record that was changed is told from one that was not."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from advisor.audit.records.again import Side, differences, side_of
from advisor.audit.records.form import parsed, sealed, written
from advisor.audit.records.reading import Record, examined
from advisor.audit.records.texts import digest
from advisor.audit.records.verify import SCHEMA, verified
from advisor.installation import installation
from tests.audit.records.samples import HOME, small, text_of

Body = dict[str, Any]


def caught(text: str | bytes) -> list[str]:
    """The names of the checks that fail."""
    raw = text if isinstance(text, bytes) else text.encode()
    return [check.name for check in examined(raw)[1] if not check.holds]


def derived(text: str) -> list[str]:
    """What the derivation says of a record whose digests are right."""
    assert not caught(text)
    found = verified(text.encode(), ["clips"], installation())
    assert not found["intact"] and found["current"] is None and found["now"] is None
    return [check["text"] for check in found["checks"] if not check["holds"]]


def test_what_was_not_changed_is_intact_and_current():
    found = verified(text_of(HOME.name).encode(), ["clips"], installation())
    assert found["schema"] == SCHEMA and found["intact"] and found["current"]
    assert all(check["holds"] for check in found["checks"])
    assert not found["now"]["changes"]["rules"] and not found["now"]["changes"]["facts"]


# any change


def some_byte(text: str, at: random.Random) -> bytes:
    raw = bytearray(text.encode())
    raw[at.randrange(len(raw))] ^= 1 << at.randrange(8)
    return bytes(raw)


def less(text: str, at: random.Random) -> bytes:
    raw = text.encode()
    start = at.randrange(len(raw))
    return raw[:start] + raw[start + at.randint(1, 40) :]


def more(text: str, at: random.Random) -> bytes:
    raw = text.encode()
    start = at.randrange(len(raw))
    return raw[:start] + bytes([at.choice(b' 0"{}a,')]) + raw[start:]


def some_number(text: str, at: random.Random) -> str:
    number = re.compile(r"\d+").search(text, at.randrange(len(text) // 2))
    assert number
    return f"{text[: number.start()]}{int(number[0]) + at.randint(1, 9)}{text[number.end() :]}"


def two_rows(text: str, at: random.Random) -> str:
    """Each entry of a list is a line."""
    lines = text.split("\n")
    one = at.choice([n for n in range(len(lines) - 1) if lines[n][:1] == lines[n + 1][:1] == "{"])
    rows = [line.rstrip(",") for line in lines[one : one + 2]]
    ends = [line[len(row) :] for line, row in zip(lines[one : one + 2], rows, strict=True)]
    lines[one : one + 2] = [rows[1] + ends[0], rows[0] + ends[1]]
    return "\n".join(lines)


def a_row_less(text: str, at: random.Random) -> str:
    lines = text.split("\n")
    del lines[at.choice([n for n, line in enumerate(lines) if line.startswith("{") and line.endswith(",")])]
    return "\n".join(lines)


def a_digest_less(text: str, at: random.Random) -> str:
    """Of the header, or of the text of a rule."""
    found = at.choice(list(re.finditer(r'"(body_)?sha256":"[0-9a-f]{64}",?\n?', text)))
    return text[: found.start()] + text[found.end() :]


def another_header(text: str, at: random.Random) -> str:
    record = parsed(text)
    record["header"]["made"] = f"20{at.randint(27, 99)}-01-01T00:00:00+00:00"
    return written(**record)[0]


#: 2,100 changes in all.
KINDS: list[tuple[Callable[[str, random.Random], str | bytes], int]] = [
    *((some_byte, 600), (less, 400), (more, 400), (some_number, 300)),
    *((two_rows, 120), (a_row_less, 120), (a_digest_less, 80), (another_header, 80)),
]


@pytest.mark.parametrize(("change", "times"), KINDS)
def test_every_change_is_caught(change, times):
    """Each kind of change, at random places: the digests and the one form see it."""
    text, at = small(), random.Random(change.__name__)
    assert not caught(text)
    missed = []
    for number in range(times):
        changed = change(text, at)
        if changed not in (text, text.encode()) and not caught(changed):
            missed.append(number)
    assert not missed


# changes by somebody who knows how digests are made


def resealed(body: Body) -> str:
    record = parsed(small())
    header = {name: value for name, value in record["header"].items() if not name.endswith("sha256")}
    return sealed(body, header)


@pytest.fixture(scope="module")
def again() -> Side:
    """What follows from the record's own rules and facts."""
    record = parsed(small())
    return side_of(Record(record["body"], record["header"]), "clips")


def derived_parts(body: Body) -> list[tuple[Any, Any]]:
    """Every place of what rules derived: the container and the key."""
    found: list[tuple[Any, Any]] = []
    rows = [row for row in body["facts"] if not row["given"]]
    stack: list[Any] = [body["firings"], body["near_misses"], body["answer"], body["assumptions"], *rows]
    while stack:
        part = stack.pop()
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            if isinstance(value, (dict, list)) and value:
                stack.append(value)
            found.append((part, key))
    return found


def _derived_of(body: Body) -> Body:
    return {name: body[name] for name in ("firings", "near_misses", "answer", "assumptions", "facts")}


def otherwise(value: Any, at: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + at.choice([-1, 1])
    if isinstance(value, str):
        return re.sub(r"\d", str(at.randint(0, 9)), value) + at.choice(["", " ", "x"]) if value else "x"
    return "x" if value is None else at.choice([None, [], {}]) if value else None


def test_what_is_derived_cannot_be_changed_even_with_new_digests(again: Side):
    """At random places in firings, derived facts, near misses and the answer: it does not follow."""
    at, missed = random.Random(7), []
    body = parsed(small())["body"]
    places, follows = derived_parts(body), _derived_of(again.body)
    for part, key in at.sample(places, 800):
        before = part[key]
        part[key] = otherwise(before, at)
        if part[key] != before and not differences(_derived_of(body), follows):
            missed.append((key, before, part[key]))
        part[key] = before
    assert not missed and not differences(body, again.body)


def test_verify_tells_what_does_not_follow():
    """The whole way, with digests made anew: the place is named."""
    body = parsed(small())["body"]
    firing = next(
        row for row in body["firings"] if row["rule"] == "memory.total-on-a-card" or row["formulas"]
    )

    def changed(change: Callable[[Body], None]) -> list[str]:
        other = copy.deepcopy(body)
        change(other)
        return derived(resealed(other))

    place = body["firings"].index(firing)
    (told,) = changed(lambda other: other["firings"][place]["formulas"].__setitem__(0, "a = 1"))
    assert firing["rule"] in told and "a = 1" in told
    (told,) = changed(lambda other: other["firings"].pop(place))
    assert "follows, and is left out" in told
    (told,) = changed(lambda other: other["answer"]["verdict"].update(status="does-not-fit"))
    assert "answer.verdict.status" in told and '"does-not-fit"' in told


def test_a_given_figure_that_a_rule_reads_cannot_be_changed_alone():
    """Whoever changes it consistently has written another record: that only a digest that was kept tells."""
    body = parsed(small())["body"]
    row = next(row for row in body["facts"] if row["kind"] == "gpu")
    row["exact"]["memory"] += 1024**3
    (told,) = derived(resealed(body))
    assert "facts[" in told and row["label"] in told


def test_a_rule_text_is_held_by_its_own_digest_and_by_what_follows():
    body = parsed(small())["body"]
    entry = next(each for each in body["rules"] if each["id"] == "verdict.fits")
    entry["text"] = entry["text"].replace("n.shortfall == 0", "n.shortfall > 0")
    assert caught(resealed(body)) == ["rule texts"]
    entry["sha256"] = digest(entry["text"])
    assert derived(resealed(body))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.update(rules=None),
        lambda body: body.update(kinds=[{"folder": 10**9}]),
        lambda body: body["rules"][0].update(line=10**12),
        lambda body: body["rules"][0].update(folder="first"),
        lambda body: body["facts"][0].update(exact={"bytes": {"exact": "1/0"}}),
        lambda body: body["facts"][0].update(kind="no such kind"),
        lambda body: body.update(question={"hardware": {"gpu": "no such GPU"}}),
        lambda body: body.update(question=[]),
        lambda body: body["answer"].pop("search"),
    ],
)
def test_whatever_somebody_writes_into_it_is_told_and_never_a_crash(spoil):
    record = parsed(small())
    spoil(record["body"])
    raw = resealed(record["body"]).encode()
    found = verified(raw, ["clips"], installation())
    assert not found["intact"] and any(not check["holds"] and check["text"] for check in found["checks"])

"""A record can be written in one way only."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.audit.records.form import body_digest, header_digest, parsed, spread, written
from advisor.audit.records.reading import examined
from tests.audit.records.samples import small

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@given(JSON, st.integers(0, 4))
def test_however_it_is_spread_it_says_the_same(value, levels):
    assert parsed(spread(value, levels)) == json.loads(json.dumps(value))


@given(JSON, st.integers(0, 4))
def test_what_was_written_is_written_again_the_same(value, levels):
    text = spread(value, levels)
    assert spread(parsed(text), levels) == text


@given(st.dictionaries(st.text(), JSON), st.randoms())
def test_the_order_of_keys_makes_no_difference(table, random):
    names = list(table)
    random.shuffle(names)
    assert spread({name: table[name] for name in names}, 2) == spread(table, 2)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ValueError):
        parsed(f"[{number}]")


def test_the_digests_are_those_of_what_stands_in_the_file():
    """So that an auditor can reckon them without this package."""
    import hashlib

    text = small()
    body = text.removeprefix('{\n"body":').partition(',\n"header":')[0]
    header = json.loads(text)["header"]
    assert hashlib.sha256(body.encode()).hexdigest() == header["body_sha256"] == body_digest(json.loads(body))
    head = {name: value for name, value in header.items() if name != "sha256"}
    plain = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(plain.encode()).hexdigest() == header["sha256"] == header_digest(header)
    assert list(header)[-1] == "sha256" == max(header)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff{}",
        b'{"body": {}, "header": {}}',
        b'{"body": [], "header": 1}',
        b'"' + b"a" * 100,
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"body":"\\ud800","header":{}}',
    ],
)
def test_what_is_no_record_is_told_so(wrong):
    record, checks = examined(wrong)
    assert record is None and [check.holds for check in checks] == [False]


def test_a_record_that_is_written_otherwise_is_not_in_its_form():
    """It may say the same: who looks at bytes must see one text."""
    text = small()
    for other in (
        json.dumps(json.loads(text), indent=1),
        text + "\n",
        text.rstrip("\n"),
        " " + text,
        text.replace('"line":', '"line": ', 1),
        text.replace("é", "\\u00e9", 1) if "é" in text else text.replace("a", "\\u0061", 1),
    ):
        assert json.loads(other) == json.loads(text)
        _, checks = examined(other.encode())
        assert [check.name for check in checks if not check.holds] == ["form"]
    assert written(**json.loads(text))[0] == text

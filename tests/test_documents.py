"""TOML files as they are read: exact numbers, places in the text, and refusals in words."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.authoring.check_rules import check_rules
from advisor.documents import LARGEST, MAX_BYTES, MAX_DEPTH, leaves, parse, read, read_shared
from advisor.errors import InputError, Problem
from advisor.paths import facts_folder, rules_folder

TEXT = """\
# gpu = "not this"
[hardware]
gpu = "a#10, count = 8"    # count = 7
count = 2

[[model.block]]
count = 3
size = { width = 5 }
[[model.block]]
"count" = 4
"""


def problem(text: str) -> Problem:
    with pytest.raises(InputError) as caught:
        parse(text, "q.toml")
    assert len(caught.value.problems) == 1 and caught.value.problems[0].file == "q.toml"
    return caught.value.problems[0]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12))
def test_decimals_are_exact(number: Any):
    assert parse(f"a = {number:f}", "q.toml").data == {"a": Fraction(number)}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1_000.5", Fraction(2001, 2)),
        ("-4.127", Fraction(-4127, 1000)),
        ("1e3", Fraction(1000)),
        ("2.5E-3", Fraction(1, 400)),
        ("1e-999", Fraction(1, 10**999)),
        ("1e300", Fraction(LARGEST)),
        ("0x10", 16),
        ("1_000", 1000),
        (str(LARGEST), LARGEST),
    ],
)
def test_numbers(written: str, value: Any):
    assert parse(f"a = {written}", "q.toml").data == {"a": value}


@pytest.mark.parametrize(
    "written",
    ["nan", "-inf", "+nan", "1e301", "1e1000", "-1e999", str(LARGEST + 1), "0x" + "f" * 5000, "9" * 9000],
)
def test_numbers_that_cannot_be_used(written: str):
    found = problem(f"# one\nb = 'x'\na = [1, {written}]\n")
    assert (found.code, found.line) == ("toml-number", 3)
    assert len(found.text) < 100


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = \n", 1, 5),
        ("a = 1\nb = 'x\n", 3, 1),
        ("a = 1\n\n[b", 3, 3),
        ('a = """\nx', 2, 2),
        ("a = [1,\n2,\n", 3, 1),
        ("a = 1 b = 2", 1, 7),
        ("a = 2024-13-45", 1, 9),
        ("é = 1", 1, 1),
        ("\x00", 1, 1),
    ],
)
def test_what_is_not_toml_has_line_and_column(text: str, line: int, column: int):
    found = problem(text)
    assert (found.code, found.line) == ("toml-syntax", line)
    assert found.column == column


def test_a_cut_off_file_is_called_that():
    assert problem("a = [1,").hint == "The file seems to be cut off."
    assert problem("a = 1 2").hint is None


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 10**5, "a = " + "[" * 300 + "]" * 300, "a" + ".a" * 200 + " = 1"]
)
def test_depth(text: str):
    assert problem(text).code in ("toml-depth", "toml-syntax")


def test_depth_that_is_allowed():
    lists = MAX_DEPTH - 2
    assert leaves(parse("a = " + "[" * lists + "1" + "]" * lists, "q.toml").data) == [1]


@pytest.mark.parametrize(
    ("key", "start", "line"),
    [("gpu", None, 3), ("count", None, 4), ("count", 6, 7), ("count", 9, 10), ("width", 6, 8)],
)
def test_the_line_of_a_key(key: str, start: int | None, line: int):
    assert parse(TEXT, "q.toml").line_of_key(key, start) == line


def test_the_line_of_a_key_that_is_not_there():
    document = parse(TEXT, "q.toml")
    assert document.line_of_key("nothing") is None
    assert document.line_of_key("nothing", 6) == 6


def test_lines_of_tables_and_items():
    document = parse(TEXT, "q.toml")
    assert document.line_of_table("hardware") == 2
    assert document.line_of_table("nothing") is None
    assert [document.line_of_item("model.block", position, 2) for position in (0, 1)] == [6, 9]
    assert list(document.headers("model.block")) == [6, 9]


def test_lines_are_those_of_an_editor():
    """A line separator within a text is no new line for TOML, nor for a message."""
    document = parse('a = "x\u2028y\x85z"\n[[b]]\nc = 1\n', "q.toml")
    assert document.line_of_key("c") == 3 and document.line_of_item("b", 0, 1) == 2


def test_files(tmp_path: Path):
    path = tmp_path / "q.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    document = read(path)
    assert (document.name, document.data) == (str(path), {"a": 1, "b": 2})
    assert read(path, "short name").name == "short name"
    path.write_bytes(b"a = 1\nb = 2\n")
    assert read(path).digest == document.digest


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"a = 1\nb = '\xe9'", "file-encoding", (2, 6)),
        (b"\xff", "file-encoding", (1, 1)),
        (b"#" * (MAX_BYTES + 1), "file-too-long", (None, None)),
        (None, "file-missing", (None, None)),
    ],
)
def test_files_that_cannot_be_read(content: bytes | None, code: str, place: Any, tmp_path: Path):
    path = tmp_path / "q.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    [found] = caught.value.problems
    assert (found.code, (found.line, found.column)) == (code, place)


@given(st.text() | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_read_or_refused(text: str):
    try:
        parse(text, "q.toml")
    except InputError as error:
        assert error.problems


def test_what_is_shared_is_what_stands_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    for text in ("a = 1", "a = 2", "a = 1"):
        file.write_text(text, "utf-8")
        assert read_shared(file, "a").data == read(file, "a").data
    file.write_text("a = ", "utf-8")
    for _ in range(2):
        with pytest.raises(InputError):
            read_shared(file, "a")


def test_who_gets_a_shared_document_leaves_it_alone(tmp_path: Path) -> None:
    """Reading, changing and checking rules and facts changes nothing in the data of their files."""
    (tmp_path / "fix.toml").write_text(
        'schema = 1\n[[override]]\nrule = "memory.total"\nset = { sum.low.of = "l.high" }\nreason = "…"\n',
        "utf-8",
    )
    report = check_rules([rules_folder(), tmp_path], [facts_folder()])
    assert not report.findings and len(report.documents) > 100
    places = {"rules": rules_folder(), "facts": facts_folder(), tmp_path.name: tmp_path}
    for name, document in report.documents.items():
        folder, _, rest = name.partition("/")
        assert read(places[folder] / rest).data == document.data, name

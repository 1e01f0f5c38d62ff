"""Folders of facts: what is read, in which unit, and what is wrong with them, with file and line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.documents import parse
from advisor.errors import FactsError
from advisor.facts.kinds import Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.facts.library import Library
from advisor.facts.load import load_library
from advisor.facts.rows import read_row
from advisor.facts.values import Fact

KINDS = """\
schema = 1
[[kind]]
id = "part"
meaning = "A part."
key = ["id"]
[kind.fields]
id     = { type = "text", required = true, meaning = "Its id." }
memory.type = "integer"
memory.unit = "GB"
memory.written = { memory_gb = "GB", memory_gib = "GiB" }
memory.min = 0
memory.meaning = "Memory."
speed  = { type = "number", unit = "GB/s", written = { speed_gb_s = "GB/s" }, min = 0, meaning = "Speed." }
count  = { type = "integer", default = 1, min = 1, max = 8, why = "one", meaning = "Count." }
made   = { type = "text", choices = ["here", "there"], meaning = "Where." }
good   = { type = "boolean", meaning = "Whether." }
names  = { type = "list", meaning = "Names." }

[[kind]]
id = "piece"
meaning = "A piece of a part."
key = ["part", "position"]
parent = "part"
position = "position"
[kind.fields]
part     = { type = "text", required = true, refers = "part", meaning = "The part." }
position = { type = "integer", required = true, meaning = "Its place." }
size     = { type = "integer", required = true, min = 1, meaning = "Its size." }
"""


def library(tmp_path: Path, **files: str) -> Library:
    """A folder with these files, read."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for name, text in {"kinds": KINDS, **files}.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return load_library([folder])


def problems(tmp_path: Path, **files: str) -> list[tuple[str, str, int | None]]:
    with pytest.raises(FactsError) as caught:
        library(tmp_path, **files)
    return [(str(each.file).removeprefix("facts/"), each.code, each.line) for each in caught.value.problems]


def part(text: str) -> str:
    return f'schema = 1\n\n[[part]]\nid = "a"\n{text}\n'


# ---------------------------------------------------------------- what is read


def test_units_are_exact(tmp_path: Path):
    text = (
        part("memory_gb = 80\nspeed_gb_s = 2039.5")
        + '[[part]]\nid = "b"\nmemory_gib = 1.5\nspeed_gb_s = 0.1\n'
    )
    first, second = library(tmp_path, a=text).of("part")
    assert first.values["memory"] == 80_000_000_000 and isinstance(first.values["memory"], int)
    assert first.values["speed"] == 2_039_500_000_000
    assert second.values["memory"] == 3 * 2**29
    assert second.values["speed"] == 100_000_000


@given(st.integers(0, 10**9), st.integers(0, 999))
def test_decimals_lose_nothing(whole: int, thousandths: int):
    kinds = load_kinds([parse(KINDS, "kinds.toml")])
    document = parse(f'id = "a"\nspeed_gb_s = {whole}.{thousandths:03}\n', "a.toml")
    fact, wrong = read_row(kinds["part"], document.data, document, 1, kinds, [])
    assert not wrong and fact is not None
    assert fact.values["speed"] == (whole * 1000 + thousandths) * 10**6


def test_defaults_are_remembered_as_assumed(tmp_path: Path):
    first, second = library(tmp_path, a=part("") + '[[part]]\nid = "b"\ncount = 1\n').of("part")
    assert first.values["count"] == second.values["count"] == 1
    assert first.given and first.given.assumed == ("count",)
    assert second.given and second.given.assumed == ()


def test_a_blank_stays_absent(tmp_path: Path):
    assert set(library(tmp_path, a=part("")).of("part")[0].values) == {"id", "count"}


def test_nested_facts_know_their_parent_place_and_line(tmp_path: Path):
    text = """\
schema = 1
[[part]]
id = "a"
sources = ["of a"]
confidence = "high"
[[part.piece]]
size = 1
[[part.piece]]
size = 2
sources = ["of the piece"]

[[part]]
id = "b"

[[part.piece]]
size = 3
"""
    pieces = library(tmp_path, a=text).of("piece")
    assert [piece.key for piece in pieces] == [("a", 0), ("a", 1), ("b", 0)]
    assert [piece.given.line for piece in pieces if piece.given] == [6, 8, 15]
    assert [piece.given.sources for piece in pieces if piece.given] == [("of a",), ("of the piece",), ()]
    assert pieces[0].given and pieces[0].given.confidence == "high"


INLINE = """\
schema = 1

part = [
  # a comment
  { id = "a", memory_gb = 1 },
  { id = "b", names = ["x", "y"] },

  { id = "c" },
]

[[piece]]
part = "a"
position = 0
size = 1
"""


def test_rows_written_inline_have_lines(tmp_path: Path):
    parts = library(tmp_path, a=INLINE).of("part")
    assert [fact.given.line for fact in parts if fact.given] == [5, 6, 8]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('part = [{ id = "a" }, { id = "b" }]\n', [1, 1]),
        ('part = [\n  { id = "a" }, { id = "b" },\n]\n', [1, 1]),
        ('part = [ # two\n  { id = "a" },\n  { id = "b" } ]\n', [2, 3]),
        ('other = [\n  { x = 1 },\n]\npart = [\n  { id = "a" },\n]\n', [5]),
        ('[[ part ]]\nid = "a"\n[[part]] # b\nid = "b"\n', [1, 3]),
    ],
)
def test_lines_of_rows(text: str, lines: list[int]):
    """Where headers or rows cannot be told apart, the place of the whole array is told."""
    document = parse(text, "a.toml")
    total = len(document.data["part"])
    assert [document.line_of_item("part", n, total) for n in range(total)] == lines


def test_mistakes_in_inline_rows_have_lines(tmp_path: Path):
    text = INLINE.replace('names = ["x", "y"]', "memory_gb = -1").replace('id = "c"', "idd = 1")
    assert problems(tmp_path, a=text) == [
        ("a.toml", "out-of-range", 6),
        ("a.toml", "missing-key", 8),
        ("a.toml", "unknown-key", 8),
    ]


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("memory_gb = 80", "", None),
        ("memory = 80", "unknown-key", 5),
        ('memory_gb = "80"', "wrong-type", 5),
        ("memory_gb = true", "wrong-type", 5),
        ("memory_gb = -1", "out-of-range", 5),
        ("memory_gb = 0.0000000001", "out-of-range", 5),
        ("memory_gb = 1\nmemory_gib = 1", "given-twice", 6),
        ("speed_gb_s = []", "wrong-type", 5),
        ("speed_gb_s = nan", "toml-number", 5),
        ("count = 1.0", "wrong-type", 5),
        ("count = 9", "out-of-range", 5),
        ('made = "elsewhere"', "wrong-choice", 5),
        ("good = 1", "wrong-type", 5),
        ('names = "x"', "wrong-type", 5),
        ("names = [{}]", "wrong-type", 5),
        ("note = 1", "wrong-type", 5),
        ('confidence = "sure"', "wrong-choice", 5),
        ('sources = "x"', "wrong-type", 5),
        ("piece = 1", "wrong-type", 5),
        ("piece = [1]", "wrong-type", 5),
        ("[part.piece]\nsize = 1", "wrong-type", 5),
        ("[[part.piece]]\nsize = 0", "out-of-range", 6),
        ("[[part.piece]]", "missing-key", 5),
        ("[[part.piece]]\nsize = 1\n[[part.piece]]\nsze = 1\nsize = 1", "unknown-key", 8),
        ("[[part.piece]]\nsize = 1\nposition = 3", "given-twice", 7),
        ('[[part]]\nid = "a"', "fact-twice", 5),
        ("[[prt]]\nid = 1", "unknown-kind", 5),
        ("[piece]\nsize = 1", "wrong-type", 5),
        ("a = [", "toml-syntax", 6),
    ],
)
def test_one_mistake(text: str, code: str, line: int | None, tmp_path: Path):
    if code:
        assert problems(tmp_path, a=part(text)) == [("a.toml", code, line)]
    else:
        assert library(tmp_path, a=part(text)).of("part")


def test_a_file_begins_with_its_schema(tmp_path: Path):
    assert problems(tmp_path, a='[[part]]\nid = "a"\n') == [("a.toml", "schema", 1)]


def test_both_places_of_what_is_said_twice(tmp_path: Path):
    with pytest.raises(FactsError, match=r"b\.toml:3: part\[a\] stands already at facts/a\.toml:3"):
        library(tmp_path, a=part(""), b=part("memory_gb = 1"))


def test_all_problems_of_all_files(tmp_path: Path):
    found = problems(
        tmp_path,
        a=part("count = 0\nmade = 1\nmemroy_gb = 1"),
        b="schema = 1\n[[nothing]]\n",
        c=part("[[part.piece]]\n[[part.piece]]\nsize = 0"),
    )
    assert found == [
        ("a.toml", "out-of-range", 5),
        ("a.toml", "wrong-choice", 6),
        ("a.toml", "unknown-key", 7),
        ("b.toml", "unknown-kind", 2),
        ("c.toml", "missing-key", 5),
        ("c.toml", "out-of-range", 7),
    ]


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path):
    found = problems(tmp_path, a=part("count = 0"), b="schema = 1\nnothing", c="[[later_kind]]\nid = 1")
    assert found == [("a.toml", "out-of-range", 5), ("b.toml", "toml-syntax", 2), ("c.toml", "schema", 1)]


def test_mistakes_in_a_part_leave_its_pieces_their_lines(tmp_path: Path):
    text = (
        part("memory_gb = 'x'\n[[part.piece]]\nsize = 0") + '[[part]]\nid = "b"\n[[part.piece]]\nsize = 0\n'
    )
    assert [line for _, _, line in problems(tmp_path, a=text)] == [5, 7, 11]


# ---------------------------------------------------------------- kinds


def kinds_with(text: str) -> Kinds:
    return load_kinds([parse(KINDS, "kinds.toml"), parse(f"schema = 1\n{text}", "more.toml")])


FIELD = '[[kind]]\nid = "thing"\nmeaning = "A thing."\n[kind.fields]\n'


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (FIELD + 'a = { type = "text" }', "missing-key", 6),
        (FIELD + 'a = { type = "real", meaning = "" }', "wrong-choice", 6),
        (FIELD + 'a = { type = "text", meaning = "", sort = 1 }', "unknown-key", 6),
        (FIELD + 'a = { type = "number", unit = "furlong", meaning = "" }', "kind-field", 6),
        (
            FIELD + 'a = { type = "number", unit = "GB", written = { a_s = "s" }, meaning = "" }',
            "kind-field",
            6,
        ),
        (FIELD + 'a-b = { type = "text", meaning = "" }', "kind-field", 6),
        (FIELD + 'lambda = { type = "text", meaning = "" }', "kind-field", 6),
        (FIELD + 'sources = { type = "text", meaning = "" }', "kind-field", 6),
        (FIELD + 'a = { type = "text", refers = "nothing", meaning = "" }', "kind-reference", 2),
        ('[[kind]]\nid = "thing"\nkey = ["a"]', "kind-reference", 2),
        (
            '[[kind]]\nid = "thing"\nkey = ["a"]\n[kind.fields]\na = { type = "text", meaning = "" }',
            "kind-reference",
            2,
        ),
        ('[[kind]]\nid = "thing"\nparent = "nothing"', "kind-reference", 2),
        ('[[kind]]\nid = "part"\nmeaning = "Again."', "kind-twice", 2),
        ('[[kind]]\nid = "part"\n[kind.fields]\nid = { type = "text", meaning = "" }', "kind-twice", 2),
        ('[[kind]]\nid = "Thing"', "wrong-form", 3),
        ('[[kind]]\nmeaning = "A thing."', "missing-key", 2),
        ("[[kind]]\nid = 1", "wrong-type", 3),
        ("kind = 1", "wrong-type", 2),
        ('[[kind]]\nid = "thing"\n[[gpu]]\nid = "x"', "unknown-key", 4),
    ],
)
def test_a_mistake_in_a_kind(text: str, code: str, line: int):
    with pytest.raises(FactsError) as caught:
        kinds_with(text)
    assert [(each.file, each.code, each.line) for each in caught.value.problems] == [
        ("more.toml", code, line)
    ]


def test_a_later_file_adds_fields_to_a_kind():
    kinds = kinds_with(
        '[[kind]]\nid = "part"\n[kind.fields]\nweight = { type = "number", unit = "W", meaning = "" }'
    )
    assert {"id", "memory", "weight"} <= set(kinds["part"].fields)
    assert kinds["part"].key == ("id",)


def test_a_key_names_a_fact():
    kinds = kinds_with('[[kind]]\nid = "loose"\n[kind.fields]\na = { type = "text", meaning = "" }')
    values: dict[str, Any] = {"a": "x"}
    assert kinds["loose"].key_of(values) == ("a=x",)
    assert kinds["part"].key_of({"id": "a", "count": 1}) == ("a",)
    assert Fact("part", ("a",), {"id": "a"}).label == "part[a]"


def test_fractions_are_kept_as_such():
    kinds = load_kinds([parse(KINDS, "k.toml")])
    document = parse('id = "a"\nspeed_gb_s = 0.0000000004127\n', "a.toml")
    fact, _ = read_row(kinds["part"], document.data, document, 1, kinds, [])
    assert fact is not None and fact.values["speed"] == Fraction(4127, 10000)

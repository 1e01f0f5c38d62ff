"""Overrides: what a later folder changes in the facts of an earlier one, and what it may not change."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.errors import FactsError, Problem
from advisor.facts.library import Library
from advisor.facts.load import load_library
from advisor.facts.values import Fact
from tests.facts.test_loading import KINDS

MORE = """
[[kind]]
id = "loose"
meaning = "Named by all it says."
[kind.fields]
a = { type = "text", meaning = "" }

[[kind]]
id = "one"
meaning = "There is one."
single = true
[kind.fields]
a = { type = "text", meaning = "" }
"""
FACTS = """\
schema = 1

[[part]]
id = "a"
memory_gb = 80
names = ["x"]
sources = ["the box"]
[[part.piece]]
size = 1
[[part.piece]]
size = 2

[[part]]
id = "b"
speed_gb_s = 10

[[loose]]
a = "x"

[[one]]
a = "x"
"""


def load(root: Path, *folders: str) -> Library:
    """The facts above, and folders `mine1`, `mine2`, … that hold one file each."""
    texts = {"kinds.toml": KINDS + MORE, "a.toml": FACTS}
    places = [root / "facts", *(root / f"mine{number}" for number in range(1, len(folders) + 1))]
    for place, files in zip(places, [texts, *({"fix.toml": text} for text in folders)], strict=True):
        place.mkdir()
        for name, text in files.items():
            (place / name).write_text(text, "utf-8")
    return load_library(places)


def override(body: str, fact: str = 'fact = "part"\nid = "a"', reason: str = 'reason = "Measured."') -> str:
    return f"schema = 1\n[[override]]\n{fact}\n{body}\n{reason}\n"


def found(library: Library, label: str) -> Fact:
    return next(fact for fact in library.facts if fact.label == label)


def wrong(root: Path, *folders: str) -> tuple[Problem, ...]:
    with pytest.raises(FactsError) as caught:
        load(root, *folders)
    return caught.value.problems


# ---------------------------------------------------------------- what it does


def test_a_figure_changes_and_the_rest_stays(tmp_path: Path):
    text = override('set = { memory_gb = 64, made = "here" }\nsources = ["a scale"]')
    part = found(load(tmp_path, text), "part[a]")
    assert part.values == {
        "id": "a",
        "memory": 64 * 10**9,
        "made": "here",
        "names": ("x",),
        "count": 1,
    }
    assert part.given and part.given.sources == ("the box",) and part.given.line == 3
    assert [(o.field, o.before, o.after) for o in part.given.overrides] == [
        ("memory", 80 * 10**9, 64 * 10**9),
        ("made", None, "here"),
    ]
    (memory, _) = part.given.overrides
    assert (memory.reason, memory.file, memory.line) == ("Measured.", "mine1/fix.toml", 2)
    assert memory.sources == ("a scale",)


def test_a_field_replaces_itself_under_another_name(tmp_path: Path):
    part = found(load(tmp_path, override("set = { memory_gib = 1 }")), "part[a]")
    assert part.values["memory"] == 2**30


def test_a_default_that_is_set_is_assumed_no_more(tmp_path: Path):
    library = load(tmp_path, override("set = { count = 1 }"))
    a, b = found(library, "part[a]").given, found(library, "part[b]").given
    assert a and b and (a.assumed, b.assumed) == ((), ("count",))


def test_a_figure_withdrawn_is_absent(tmp_path: Path):
    part = found(load(tmp_path, override('remove = ["memory_gib", "names"]')), "part[a]")
    assert set(part.values) == {"id", "count"}
    assert part.given and [(o.field, o.after) for o in part.given.overrides] == [
        ("memory", None),
        ("names", None),
    ]


def test_a_nested_fact_is_named_by_its_whole_key(tmp_path: Path):
    text = override("set = { size = 7 }", 'fact = "piece"\npart = "a"\nposition = 1')
    library = load(tmp_path, text)
    assert [piece.values["size"] for piece in library.of("piece")] == [1, 7]


def test_a_kind_of_which_there_is_one_needs_no_key(tmp_path: Path):
    library = load(tmp_path, override('set = { a = "y" }', 'fact = "one"'))
    assert library.of("one")[0].values == {"a": "y"}


def test_a_later_folder_changes_what_an_earlier_one_changed(tmp_path: Path):
    first = override("set = { memory_gb = 64 }", reason='reason = "First."')
    second = override("set = { memory_gb = 32 }", reason='reason = "Second."')
    part = found(load(tmp_path, first, second), "part[a]")
    assert part.values["memory"] == 32 * 10**9
    assert part.given and [(o.reason, o.before, o.after) for o in part.given.overrides] == [
        ("First.", 80 * 10**9, 64 * 10**9),
        ("Second.", 64 * 10**9, 32 * 10**9),
    ]


def test_facts_and_overrides_may_share_a_file_and_a_later_folder_sees_both(tmp_path: Path):
    first = override("set = { memory_gb = 64 }") + '[[part]]\nid = "c"\ncount = 2\n'
    second = override("set = { count = 3 }", 'fact = "part"\nid = "c"')
    library = load(tmp_path, first, second)
    assert found(library, "part[c]").values["count"] == 3
    assert found(library, "part[a]").values["memory"] == 64 * 10**9


def test_an_override_changes_the_digests(tmp_path: Path):
    made = load(tmp_path, override("set = { memory_gb = 64 }"))
    assert "mine1/fix.toml" in made.digests


# ---------------------------------------------------------------- what is wrong with one


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        (override("set = { count = 2 }", 'fact = "prt"\nid = "a"'), "unknown-kind", 3, "Did you mean part?"),
        (override("set = { count = 2 }", "fact = 1"), "wrong-type", 3, "must be a text"),
        (override("set = { count = 2 }", 'id = "a"'), "missing-key", 2, "fact is missing"),
        (
            override("set = { count = 2 }", 'fact = "part"\nid = "c"'),
            "unknown-fact",
            2,
            r"Did you mean part\[",
        ),
        (override("set = { count = 2 }", 'fact = "part"\nid = 1'), "wrong-type", 4, "id must be a text"),
        (override("set = { count = 2 }", 'fact = "part"'), "missing-key", 2, "does not say id of the part"),
        (
            override("set = { size = 2 }", 'fact = "piece"\npart = "a"\nposition = 2'),
            "unknown-fact",
            2,
            r"there is no piece\[a, 2\]",
        ),
        (override('set = { a = "y" }', 'fact = "loose"\na = "x"'), "no-key", 3, "has no key"),
        (override("set = { memroy_gb = 2 }"), "unknown-key", 5, "Did you mean memory_gb"),
        (override("set = { memory = 2 }"), "unknown-key", 5, "Did you mean memory_g"),
        (override('set = { note = "x" }'), "unknown-key", 5, "no key note"),
        (override('set = { count = "2" }'), "wrong-type", 5, "must be an integer"),
        (override("set = { count = 9 }"), "out-of-range", 5, "the most is 8"),
        (override("set = { memory_gb = -1 }"), "out-of-range", 5, "the least is 0.0 GB"),
        (override('set = { made = "elsewhere" }'), "wrong-choice", 5, "must be one of"),
        (override("set = { memory_gb = 1, memory_gib = 1 }"), "given-twice", 5, "given twice"),
        (override('set = { id = "c" }'), "override-key", 5, "belongs to the key"),
        (override("set = 1"), "wrong-type", 5, "set must be a table"),
        (override("set = {}"), "missing-key", 2, "changes nothing"),
        (
            override("count = 2\nset = { good = true }"),
            "not-key",
            5,
            "What the override changes stands in set",
        ),
        (override("cuont = 2\nset = { good = true }"), "unknown-key", 5, "Did you mean count"),
        (override("set = { count = 2 }", reason=""), "missing-key", 2, "gives no reason"),
        (override("set = { count = 2 }", reason='reason = " "'), "missing-key", 6, "gives no reason"),
        (override('remove = ["memroy_gb"]'), "unknown-key", 5, "Did you mean memory_gb"),
        (override('remove = ["id"]'), "override-key", 5, "belongs to the key"),
        (override('remove = ["count"]'), "cannot-remove", 5, "every part has it"),
        (override('remove = ["speed_gb_s"]'), "nothing-to-remove", 5, r"part\[a\] says no speed_gb_s"),
        (override('remove = ["memory_gb", "memory_gib"]'), "override-twice", 5, "withdrawn twice"),
        (
            override('set = { memory_gb = 1 }\nremove = ["memory_gb"]'),
            "override-twice",
            6,
            "set and withdrawn",
        ),
        (
            override("set = { memory_gb = 1 }")
            + override("set = { memory_gib = 1, good = true }").removeprefix("schema = 1\n"),
            "override-twice",
            7,
            "is changed already at mine1/fix.toml:2",
        ),
        (
            override("set = { count = 2 }", 'fact = "part"\nid = "c"') + '[[part]]\nid = "c"\n',
            "override-here",
            2,
            "this very folder, at mine1/fix.toml:7",
        ),
        ("schema = 1\noverride = 1\n", "wrong-type", 2, r"write \[\[override\]\]"),
        ("schema = 1\n[override]\nfact = 1\n", "wrong-type", 2, r"write \[\[override\]\]"),
        ('schema = 1\n[[part]]\nid = "a"\n', "fact-twice", 2, r"write \[\[override\]\]"),
    ],
)
def test_one_mistake(text: str, code: str, line: int, says: str, tmp_path: Path):
    (problem,) = wrong(tmp_path, text)
    assert (problem.file, problem.code, problem.line) == ("mine1/fix.toml", code, line)
    assert re.search(says, str(problem))


def test_the_folder_of_the_fact_must_come_first(tmp_path: Path):
    early = override("set = { count = 2 }", 'fact = "part"\nid = "c"')
    (problem,) = wrong(tmp_path, early, 'schema = 1\n[[part]]\nid = "c"\n')
    assert "a later folder, at mine2/fix.toml:2" in str(problem)
    assert problem.hint == "Name that folder before this one."


def test_all_mistakes_of_all_overrides_at_once(tmp_path: Path):
    first = override("set = { count = 9, memroy_gb = 1 }", reason="")
    second = override('remove = ["id"]', 'fact = "part"\nid = "z"')
    assert [(each.file, each.line, each.code) for each in wrong(tmp_path, first, second)] == [
        ("mine1/fix.toml", 2, "missing-key"),
        ("mine1/fix.toml", 5, "out-of-range"),
        ("mine1/fix.toml", 5, "unknown-key"),
        ("mine2/fix.toml", 2, "unknown-fact"),
        ("mine2/fix.toml", 5, "override-key"),
    ]


def test_a_fact_that_cannot_be_read_is_not_called_unknown(tmp_path: Path):
    """Its own mistake is told, and not that it is missed."""
    bad = 'schema = 1\n[[part]]\nid = "c"\ncount = 0\n'
    late = override("set = { count = 2 }", 'fact = "part"\nid = "c"')
    assert [each.code for each in wrong(tmp_path, bad, late)] == ["out-of-range"]


# ---------------------------------------------------------------- the same as editing the fact

VALUES = {
    "memory_gb": st.integers(0, 999),
    "memory_gib": st.integers(0, 999),
    "speed_gb_s": st.integers(0, 999),
    "count": st.integers(1, 8),
    "made": st.sampled_from(["here", "there"]),
    "good": st.booleans(),
    "names": st.lists(st.sampled_from("xyz"), max_size=2),
}
MEMORY = ("memory_gb", "memory_gib")
ROW = st.fixed_dictionaries({}, optional=VALUES).filter(lambda row: not row.keys() >= set(MEMORY))


def value_text(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {json.dumps(each)}' for name, each in value.items())} }}"
    return json.dumps(value)


def written(tables: dict[str, list[dict[str, Any]]]) -> str:
    """Facts as a file, one table after the other."""
    lines = ["schema = 1"]
    for table, rows in tables.items():
        for row in rows:
            lines += [f"[[{table}]]", *(f"{name} = {value_text(value)}" for name, value in row.items())]
    return "\n".join(lines) + "\n"


def edited(row: dict[str, Any], change: dict[str, Any], gone: list[str]) -> dict[str, Any]:
    """The row as somebody would have written it at once."""
    replaced = set(gone) | set(change) | (set(MEMORY) if change.keys() & set(MEMORY) else set())
    return {**{name: value for name, value in row.items() if name not in replaced}, **change}


@settings(max_examples=60)
@given(st.data())
def test_an_override_is_the_same_as_editing_the_fact(data: st.DataObject):
    parts = [{"id": name, **data.draw(ROW)} for name in "ab"]
    now, changes = copy.deepcopy(parts), []
    for number, part in enumerate(parts):
        change = data.draw(ROW)
        optional = [name for name in part if name not in ("id", "count") and name not in change]
        if change.keys() & set(MEMORY):
            optional = [name for name in optional if name not in MEMORY]
        gone = data.draw(st.lists(st.sampled_from(optional), unique=True)) if optional else []
        if change or gone:
            row = {"fact": "part", "id": part["id"], "set": change, "remove": gone, "reason": "r"}
            changes.append(row)
            now[number] = edited(part, change, gone)
    with tempfile.TemporaryDirectory() as root:
        over, direct = (Path(root) / name for name in ("over", "direct"))
        for place, rows in ((over, parts), (direct, now)):
            (place / "facts").mkdir(parents=True)
            (place / "facts" / "kinds.toml").write_text(KINDS, "utf-8")
            (place / "facts" / "a.toml").write_text(written({"part": rows}), "utf-8")
        (over / "mine").mkdir()
        (over / "mine" / "fix.toml").write_text(written({"override": changes}), "utf-8")
        changed, plain = load_library([over / "facts", over / "mine"]), load_library([direct / "facts"])
    for one, other in zip(changed.facts, plain.facts, strict=True):
        assert (one.key, one.values) == (other.key, other.values)
        assert one.given and other.given and one.given.assumed == other.given.assumed


# ---------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('schema = 1\n\n[[piece]]\nposition = 5\nsize = 1\npart = "c"\n', 6),
        (override('set = { part = "c" }', 'fact = "link"\nid = 1') + '[[part]]\nid = "d"\n', 5),
    ],
)
def test_what_a_fact_refers_to_exists(text: str, line: int, tmp_path: Path):
    kind = (
        '[[kind]]\nid = "link"\nmeaning = ""\nkey = ["id"]\n[kind.fields]\n'
        'id = { type = "integer", required = true, meaning = "" }\n'
        'part = { type = "text", refers = "part", also = ["none"], meaning = "" }\n'
    )
    for name, content in (
        ("kinds.toml", KINDS + kind),
        ("a.toml", 'schema = 1\n[[link]]\nid = 1\npart = "none"\n'),
    ):
        (tmp_path / "facts").mkdir(exist_ok=True)
        (tmp_path / "facts" / name).write_text(content, "utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.toml").write_text(text, "utf-8")
    load_library([tmp_path / "facts"])
    with pytest.raises(FactsError) as caught:
        load_library([tmp_path / "facts", tmp_path / "mine"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.line) == ("unknown-reference", "mine/a.toml", line)
    assert "refers to the part c, which no folder holds" in problem.text

"""Files of rules: every problem of every file, each with its place, in one error."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.documents import Document, parse
from advisor.errors import RulesError
from advisor.facts.kinds import Kinds
from advisor.paths import rules_folder
from advisor.rules.load import load_rulebook, read_rules
from tests.shipped import library

from .test_bind import kinds


def rule(id: str, *lines: str) -> str:
    more = lines or ('conclude = { fact = "need", card = 1, bytes = "GiB" }',)
    return "\n".join(["[[rule]]", f'id = "{id}"', 'summary = "…"', *more, ""])


def refused(folder: Path, **files: str) -> list[tuple[str, str | None, int | None, str]]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text("schema = 1\n" + text, "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rulebook([folder], kinds())
    return [(p.code, p.file and Path(p.file).name, p.line, p.text) for p in caught.value.problems]


def test_an_id_that_stands_twice_names_both_places(tmp_path: Path) -> None:
    ((code, file, line, text),) = refused(tmp_path, t=rule("t.a") + rule("t.b") + rule("t.a"))
    assert (code, file, line) == ("rule-twice", "t.toml", 10)
    assert text.endswith("t.toml:2")


def test_the_topic_of_a_rule_is_the_name_of_its_file(tmp_path: Path) -> None:
    ((code, file, line, text),) = refused(tmp_path, t=rule("t.a") + rule("other.a"))
    assert (code, file, line) == ("topic", "t.toml", 6)
    assert "other.toml" in text


def test_a_key_that_does_not_exist(tmp_path: Path) -> None:
    ((code, file, line, text),) = refused(tmp_path, t=rule("t.a", 'sumary = "…"', 'because = "…"'))
    assert (code, file, line) == ("unknown-key", "t.toml", 5)
    assert "sumary" in text


def test_a_key_of_the_wrong_type(tmp_path: Path) -> None:
    ((code, file, line, _),) = refused(tmp_path, t=rule("t.a", "because = 5"))
    assert (code, file, line) == ("wrong-type", "t.toml", 5)


def test_all_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    wrong_shape = rule("t.a", "because = 5")
    wrong_kind = rule("t.b", 'match = [{ fact = "gqu" }]', 'because = "…"')
    wrong_unit = rule(
        "u.a", 'match = [{ fact = "gpu" }]', 'where = ["gpu.memory > gpu.bandwidth", "gpu.memry > 1"]'
    )
    found = refused(tmp_path, t=wrong_shape + wrong_kind, u=wrong_unit, v="rule = 5")
    assert [(code, file, line) for code, file, line, _ in found] == [
        ("wrong-type", "t.toml", 5),
        ("no-effect", "t.toml", 7),
        ("unknown-kind", "t.toml", 9),
        ("no-effect", "u.toml", 3),
        ("unit-mismatch", "u.toml", 6),
        ("unknown-field", "u.toml", 6),
        ("wrong-type", "v.toml", 2),
    ]


def test_a_file_that_is_no_toml_does_not_hide_the_others(tmp_path: Path) -> None:
    found = refused(tmp_path, t=rule("t.a", "because = 5"), u="[[rule]\n")
    assert [(code, file) for code, file, _, _ in found] == [
        ("wrong-type", "t.toml"),
        ("toml-syntax", "u.toml"),
    ]


def test_the_order_of_rules_and_files_changes_nothing(tmp_path: Path) -> None:
    rules = [rule(f"t.r{n}", f'conclude = {{ fact = "need", card = {n}, bytes = "GiB" }}') for n in range(3)]
    layers = []
    for order in (rules, rules[::-1]):
        (tmp_path / "t.toml").write_text("schema = 1\n" + "".join(order), "utf-8")
        layers.append([[each.id for each in layer] for layer in load_rulebook([tmp_path], kinds()).strata])
    assert layers[0] == layers[1] == [["t.r0", "t.r1", "t.r2"]]


MISTAKES = """
severity = "warn"
match = [{ fact = "gpu", as = "g", ona = { id = "x" } }, { fact = "gqu", as = "w" }]
let = { twice = [2], half = "twice / 2", more = "g.memory + s" }
where = ["g.memory > g.bandwidth", { test = "w.x > 1" }]
because = "{missing}"
colour = "red"
"""


def test_all_that_is_wrong_with_one_rule_is_told_together(tmp_path: Path) -> None:
    found = refused(tmp_path, t=rule("t.a", MISTAKES))
    assert [(code, line) for code, _, line, _ in found] == [
        ("wrong-choice", 6),
        ("unknown-kind", 7),
        ("unknown-key", 7),
        ("wrong-type", 8),
        ("unit-mismatch", 8),
        ("unit-mismatch", 9),
        ("unbound", 10),
        ("unknown-key", 11),
    ]


def test_what_is_suggested_for_a_key_stands_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(
        "schema = 1\n" + rule("t.a", 'match = [{ fakt = "gpu" }]', "sumary = 1"), "utf-8"
    )
    with pytest.raises(RulesError) as caught:
        load_rulebook([tmp_path], kinds())
    hints = {problem.hint for problem in caught.value.problems if problem.code == "unknown-key"}
    assert hints == {"Did you mean fact?", "Did you mean summary or sum?"}
    (problem,) = read_rules(Document("t.toml", {"schema": 1, "hardware": {}}, ""), kinds())[1]
    assert problem.hint == "Known keys: disable, override, rule, schema."


@cache
def shipped() -> list[tuple[dict[str, Any], str]]:
    """Each key of each rule that ships."""
    files = [parse(path.read_text("utf-8"), "").data for path in sorted(rules_folder().glob("*.toml"))]
    return [
        (each, key) for file in files for each in file["rule"] for key in each if key not in ("id", "summary")
    ]


@given(st.data())
def test_a_key_that_cannot_be_read_is_all_that_is_told(data: st.DataObject) -> None:
    """Nothing is called wrong only because a part of the rule that is wrong itself was left out."""
    whole, key = data.draw(st.sampled_from(shipped()))
    topic = whole["id"].partition(".")[0]
    document = Document(f"{topic}.toml", {"schema": 1, "rule": [{**whole, key: [[1]]}]}, "")
    _, problems = read_rules(document, all_kinds())
    assert len(problems) == 1 and f"{key} " in problems[0].text, [str(each) for each in problems]


def all_kinds() -> Kinds:
    return library().kinds


def test_what_a_condition_says_may_name_what_the_rule_defines(tmp_path: Path) -> None:
    """Though the condition itself could be tried before that."""
    lines = [
        'match = [{ fact = "gpu", as = "g" }]',
        'let = { twice = "g.memory * 2" }',
        'where = [{ test = "g.memory > 0", say = "{twice} is twice" }]',
        'conclude = { fact = "need", card = 1, bytes = "GiB" }',
    ]
    (tmp_path / "t.toml").write_text("schema = 1\n" + rule("t.a", *lines), "utf-8")
    (found,) = load_rulebook([tmp_path], kinds())
    assert [type(step).__name__ for step in found.steps] == ["Definition", "Test"]

"""Overlays: a changed rule is the rule edited in place, a rule left out is a rule that is not there; and
whatever a folder says of rules that cannot be is an error with its place."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.documents import parse
from advisor.errors import RulesError
from advisor.facts.kinds import Kinds
from advisor.paths import rules_folder
from advisor.rules.load import load_rulebook, read_rulebook
from advisor.rules.model import Change, Rule
from advisor.rules.rulebook import Rulebook
from advisor.rules.tables import ABSENT, at, leaves, merged, without
from tests.shipped import library

SHIPPED = """
schema = 1
[[rule]]
id = "t.big"
summary = "A GPU with much memory."
severity = "info"
match = [{ fact = "gpu", as = "g" }]
let = { share = "g.memory / (10 * GB)", part = "share / 2" }
where = ["share > 1"]
because = "{g.id} has {share}."
[[rule.test]]
name = "it has"
given = [{ fact = "gpu", id = "a", memory_gb = 20 }]
expect = [{ fires = true }]
says = "a has 2"

[[rule]]
id = "t.small"
summary = "…"
severity = "info"
because = "Said."
"""


def kinds() -> Kinds:
    return library().kinds


class Folders:
    """Folders of rules, one upon the other."""

    def __init__(self, root: Path) -> None:
        self.root, self.paths = root, []
        self.add("base", t=SHIPPED)

    def add(self, name: str, **files: str) -> None:
        (self.root / name).mkdir()
        self.paths.append(self.root / name)
        for file, text in files.items():
            (self.root / name / f"{file}.toml").write_text(
                f"schema = 1\n{text.replace('schema = 1', '')}", "utf-8"
            )

    def load(self) -> Rulebook:
        return load_rulebook(self.paths, kinds())

    def rule(self, name: str) -> Rule:
        return next(rule for rule in self.load() if rule.id == name)

    def refused(self) -> list[tuple[str, str | None, int | None, str]]:
        with pytest.raises(RulesError) as caught:
            self.load()
        return [(each.code, each.file, each.line, each.text) for each in caught.value.problems]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def override(rule: str, *lines: str, reason: str = "Ours differ.") -> str:
    return "\n".join(["[[override]]", f'rule = "{rule}"', f'reason = "{reason}"', *lines, ""])


# ---------------------------------------------------------------- what comes of it


def test_one_key_of_a_let_changes_and_the_others_stay(folders: Folders) -> None:
    folders.add("mine", fix=override("t.big", 'set = { let.share = "g.memory / GB" }'))
    rule = folders.rule("t.big")
    assert {step.name: step.formula.source for step in rule.definitions} == {
        "share": "g.memory / GB",
        "part": "share / 2",
    }
    assert rule.changes == (
        Change("let.share", '"g.memory / (10 * GB)"', '"g.memory / GB"', "Ours differ.", "mine/fix.toml", 2),
    )
    assert (rule.file, rule.summary) == ("base/t.toml", "A GPU with much memory.")


def test_every_change_of_every_folder_is_kept_in_their_order(folders: Folders) -> None:
    folders.add("one", fix=override("t.big", 'set = { severity = "note", let.share = "g.memory / GB" }'))
    folders.add(
        "two", fix=override("t.big", 'set = { severity = "error" }', 'remove = ["let.part"]', reason="No.")
    )
    rule = folders.rule("t.big")
    assert [(each.field, each.before, each.after, each.reason) for each in rule.changes] == [
        ("severity", '"info"', '"note"', "Ours differ."),
        ("let.share", '"g.memory / (10 * GB)"', '"g.memory / GB"', "Ours differ."),
        ("severity", '"note"', '"error"', "No."),
        ("let.part", '"share / 2"', None, "No."),
    ]
    assert rule.severity == "error" and [each.name for each in rule.definitions] == ["share"]


def test_an_override_may_bring_tests_of_its_own(folders: Folders) -> None:
    tests = '[[override.test]]\nname = "ours"\ngiven = []\nreject = [{ fires = true }]'
    folders.add("mine", fix=override("t.big", 'set = { where = ["share > 3"] }', tests))
    assert [example.name for example in folders.rule("t.big").examples] == ["ours"]


def test_a_rule_left_out_is_gone_and_known(folders: Folders) -> None:
    folders.add("mine", fix='[[disable]]\nrule = "t.big"\nreason = "Not here."\nsources = ["us"]\n')
    book = folders.load()
    assert [rule.id for rule in book] == ["t.small"]
    (gone,) = book.disabled
    assert (gone.rule, gone.summary, gone.reason) == ("t.big", "A GPU with much memory.", "Not here.")
    assert (gone.file, gone.line, gone.sources) == ("mine/fix.toml", 2, ("us",))


def test_a_rule_changed_by_one_folder_may_be_left_out_by_the_next(folders: Folders) -> None:
    folders.add("one", fix=override("t.big", 'set = { severity = "note" }'))
    folders.add("two", fix='[[disable]]\nrule = "t.big"\nreason = "Not here."\n')
    assert [rule.id for rule in folders.load()] == ["t.small"]


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("text", "code", "line", "told"),
    [
        (override("t.bog", 'set = { severity = "note" }'), "unknown-rule", 2, "t.bog"),
        ('[[disable]]\nrule = "t.bog"\nreason = "…"', "unknown-rule", 2, "t.bog"),
        (override("t.big", 'set = { severity = "note" }', reason=" "), "missing-key", 4, "reason"),
        ('[[override]]\nrule = "t.big"\nset = { severity = "note" }', "missing-key", 2, "reason"),
        ('[[disable]]\nrule = "t.big"', "missing-key", 2, "reason"),
        (override("t.big"), "missing-key", 2, "changes nothing"),
        (override("t.big", "set = { let = {} }"), "missing-key", 2, "changes nothing"),
        (override("t.big", 'sett = { severity = "note" }'), "unknown-key", 5, "sett"),
        (override("t.big", 'set = { severty = "note" }'), "unknown-key", 5, "severty"),
        (override("t.big", 'set = { severity = "nice" }'), "wrong-choice", 5, "severity"),
        (override("t.big", 'set = { id = "t.other" }'), "override-key", 5, "id"),
        (override("t.big", "set = { test = [] }"), "override-key", 5, "test"),
        (override("t.big", 'remove = ["let.shar"]'), "nothing-to-remove", 5, "let.shar"),
        (override("t.big", 'set = { let.share = "g.memory + s" }'), "unit-mismatch", 5, "t.big"),
        (override("t.big", 'remove = ["let.share"]'), "unbound", 2, "share"),
        (override("t.big", 'remove = ["summary"]'), "missing-key", 2, "summary"),
        (2 * override("t.big", 'set = { let.share = "2" }'), "override-twice", 6, "let.share"),
        ("[override]\nx = 1", "wrong-type", 2, "override"),
        ('override = ["t.big"]', "wrong-type", 2, "a table"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_place(
    folders: Folders, text: str, code: str, line: int, told: str
) -> None:
    folders.add("mine", fix=text)
    found = folders.refused()
    assert any(each[:3] == (code, "mine/fix.toml", line) and told in each[3] for each in found), found


def test_a_folder_does_not_overlay_itself_or_what_comes_after_it(folders: Folders) -> None:
    own = '[[rule]]\nid = "u.mine"\nsummary = "…"\nseverity = "info"\nbecause = "…"\n'
    folders.add(
        "one", u=own + override("u.mine", 'set = { severity = "note" }'), fix=override("v.x", "remove = []")
    )
    folders.add("two", v=own.replace("u.mine", "v.x"))
    assert [(code, file) for code, file, _, _ in folders.refused()] == [
        ("override-here", "one/fix.toml"),
        ("override-here", "one/u.toml"),
    ]


def test_what_is_left_out_already_cannot_be_changed(folders: Folders) -> None:
    folders.add("one", fix='[[disable]]\nrule = "t.big"\nreason = "Not here."\n')
    folders.add("two", fix=override("t.big", 'set = { severity = "note" }'))
    ((code, file, _, text),) = folders.refused()
    assert (code, file) == ("override-disabled", "two/fix.toml") and "one/fix.toml:2" in text


def test_a_rule_of_a_shipped_id_is_told_how_to_change_it(folders: Folders) -> None:
    folders.add("mine", t='[[rule]]\nid = "t.big"\nsummary = "…"\nseverity = "info"\nbecause = "…"\n')
    reading = read_rulebook(folders.paths, kinds())
    (problem,) = reading.problems
    assert (problem.code, problem.file, problem.line) == ("rule-twice", "mine/t.toml", 2)
    assert "base/t.toml:4" in problem.text and "[[override]]" in str(problem.hint)


def test_where_a_file_cannot_be_read_no_rule_is_called_unknown(folders: Folders) -> None:
    folders.add("broken", x="[[rule]\n")
    folders.add("mine", fix=override("x.there", 'set = { severity = "note" }'))
    assert [code for code, *_ in folders.refused()] == ["toml-syntax"]


# ---------------------------------------------------------------- as if edited in place


@functools.cache
def shipped() -> tuple[dict[str, Any], ...]:
    files = sorted(rules_folder().glob("*.toml"))
    return tuple(rule for path in files for rule in parse(path.read_text("utf-8"), "").data["rule"])


VALUES = st.one_of(st.text(max_size=3), st.integers(0, 9), st.booleans(), st.just([]))
TABLES = st.recursive(
    st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), VALUES | inner, max_size=3),
    max_leaves=8,
)


@given(TABLES, TABLES)
def test_merging_sets_each_leaf_and_touches_no_other(table: dict[str, Any], changes: dict[str, Any]) -> None:
    found = merged(table, changes)
    changed = list(leaves(changes, table))
    assert all(at(found, path) == new for path, _, new in changed)
    assert all(at(table, path) == old or old is ABSENT for path, old, _ in changed)
    said = {path for path, _, _ in changed}
    for path, _, value in leaves(table, {}):
        untouched = not any(
            path == each or path.startswith(f"{each}.") or each.startswith(f"{path}.") for each in said
        )
        assert not untouched or at(found, path) == value


@given(st.data())
def test_what_is_withdrawn_is_gone_and_the_rest_is_as_it_was(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(shipped()))
    paths = [path for path, _, _ in leaves(rule, {})]
    path = data.draw(st.sampled_from(paths))
    left = without(rule, path)
    assert at(left, path) is ABSENT
    assert [each for each, _, _ in leaves(left, {})] == [each for each in paths if each != path]


def test_the_place_in_the_prose_changes_by_itself(tmp_path: Path):
    folders = Folders(tmp_path)
    said = 'schema = 1\n[[override]]\nrule = "t.small"\nset = { prose = "caution" }\nreason = "We mind it."\n'
    folders.add("mine", m=said)
    small = next(rule for rule in load_rulebook(folders.paths, kinds()) if rule.id == "t.small")
    assert (small.prose, [(one.field, one.before) for one in small.changes]) == ("caution", [("prose", None)])
    folders.add("theirs", t=said.replace('set = { prose = "caution" }', 'remove = ["prose"]'))
    small = next(rule for rule in load_rulebook(folders.paths, kinds()) if rule.id == "t.small")
    assert small.prose is None

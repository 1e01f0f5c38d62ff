"""Texts of rules, taken out of their files: together they say what the files say."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from advisor.audit.records.texts import digest, texts_of
from advisor.documents import parse
from advisor.paths import facts_folder, rules_folder

#: Pieces of files: entries, and texts in which lines look like headers.
ENTRIES = st.sampled_from(
    [
        '[[rule]]\nid = "a.one"\n',
        '[[rule]]\nid = "a.two"\nbecause = """\n[[rule]]\nid = 1"""\n',
        "[[rule]]\nid = \"a.three\"\nbecause = '''\n[[rule.test]]\n'''\n",
        '[[rule]] # "]]"\nid = "a.four"\n[[rule.test]]\nname = "t"\n[rule.set]\nfact = "f"\n',
        '[[ rule ]]\nid = "a.five"\n[[rule.test]]\nname = "t"\n[[rule.test.given]]\nfact = "g"\n',
        '# a comment\n\n[[override]]\nrule = "b.one"\n[override.set]\nsummary = "x"\n',
        '[[override]]\nrule = "b.three"\n[[override.test]]\nname = "u"\n',
        '[[disable]]\nrule = "b.two"\n# at the end\n',
        '[["rule"]]\nid = "a.six"\n',
    ]
)


def untested(row: dict) -> dict:
    return {key: value for key, value in row.items() if key != "test"}


@given(st.lists(ENTRIES, max_size=6))
def test_the_entries_of_a_file_say_what_the_file_says(tmp_path_factory, pieces):
    folder: Path = tmp_path_factory.mktemp("rules")
    text = "schema = 1\n" + "".join(pieces)
    (folder / "a.toml").write_text(text, "utf-8")
    entries, _ = texts_of([folder], [])
    said: dict[str, list] = {}
    for entry in entries:
        assert entry["sha256"] == digest(entry["text"])
        for table, rows in parse(entry["text"], "entry").data.items():
            if table != "schema":
                said.setdefault(table, []).extend(map(untested, rows))
    data = parse(text, "whole").data
    assert said == {name: list(map(untested, rows)) for name, rows in data.items() if name != "schema"}


def test_what_ships_is_taken_entry_by_entry():
    rules, kinds = texts_of([rules_folder()], [facts_folder()])
    assert {entry["table"] for entry in rules} == {"rule"} and {entry["table"] for entry in kinds} == {"kind"}
    assert len({entry["id"] for entry in rules}) == len(rules) > 400


def test_a_comment_belongs_to_what_comes_after_it(tmp_path: Path):
    """Else a word changed there would change the rule before it."""
    (tmp_path / "a.toml").write_text(
        'schema = 1\n[[rule]]\nid = "a.b"\n\n# Of c.\n[[rule]]\nid = "a.c"\n', "utf-8"
    )
    rules, _ = texts_of([tmp_path], [])
    assert [entry["text"] for entry in rules] == ['[[rule]]\nid = "a.b"\n', '[[rule]]\nid = "a.c"\n']
    assert [entry["line"] for entry in rules] == [2, 6]

"""A rule to begin with: any of them, under any id, is sound and tested; what stands in a file stays there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.authoring.check_rules import check_rules
from advisor.authoring.scaffold import NAMED, TEMPLATE, new_rule, rule_text
from advisor.authoring.testing import run_tests
from advisor.cli.rules.new import KINDS
from advisor.documents import parse, read
from advisor.errors import InputError, RulesError
from advisor.facts.kinds import Kinds
from advisor.facts.load import load_library
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import read_rules

FACTS = [facts_folder() / "kinds"]  # what a new rule needs of the facts
IDS = st.from_regex(r"[a-z][a-z0-9-]{0,30}\.[a-z][a-z0-9-]{0,30}", fullmatch=True)


@cache
def kinds() -> Kinds:
    return load_library(FACTS).kinds


def begin(id: str, into: Path, kind: str = "finding", rules: tuple[Path, ...] = ()) -> Path:
    return new_rule(id, kind, rules, FACTS, into)


def test_the_page_holds_one_rule_of_each_kind() -> None:
    assert [rule["id"] for rule in read(TEMPLATE).data["rule"]] == [f"{NAMED}.{kind}" for kind in KINDS]


def test_fresh_rules_beside_those_that_ship_pass_check_and_test(tmp_path: Path) -> None:
    shipped, facts = rules_folder(), facts_folder()
    for kind in KINDS:
        begin(f"ours.first-{kind}", tmp_path, kind)
    report = check_rules([shipped], [facts], [tmp_path])
    assert (report.findings, report.checked) == ((), {"rules": len(KINDS)})
    done = run_tests([shipped], FACTS, [tmp_path], "clips")
    fired = [(result.rule.id, result.fired) for result in done.results]
    assert fired == [(f"ours.first-{kind}", fires) for kind in KINDS for fires in (True, False)]
    covered = done.coverage
    assert done.passed
    assert (covered.never_fired, covered.never_missed, covered.never_false) == ([], [], [])


@given(id=IDS, kind=st.sampled_from(KINDS))
def test_under_any_id_it_is_the_rule_of_the_page(id: str, kind: str) -> None:
    document = parse(f"schema = 1\n{rule_text(id, kind)}", f"{id.partition('.')[0]}.toml")
    (rule,), problems = read_rules(document, kinds())
    assert (rule.id, problems) == (id, [])
    assert NAMED not in rule_text(id, kind) or NAMED in id
    page = {each["id"]: each for each in read(TEMPLATE).data["rule"]}[f"{NAMED}.{kind}"]
    assert document.data["rule"][0].keys() == page.keys()
    assert [example.name for example in rule.examples] == [each["name"] for each in page["test"]]


@settings(max_examples=6)
@given(ids=st.lists(IDS, min_size=1, max_size=4, unique=True), kind=st.sampled_from(KINDS))
def test_any_ids_in_one_folder_pass(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], kind: str
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    for id in ids:
        assert begin(id, folder, kind, (folder,)).name == f"{id.partition('.')[0]}.toml"
    done = run_tests([folder], FACTS, engine="clips")
    assert done.passed and {result.rule.id for result in done.results} == set(ids)
    report = check_rules([folder], FACTS, [folder])
    assert not [each for each in report.findings if each.severity == "error"]


def test_what_stands_in_the_file_stays_byte_for_byte(tmp_path: Path) -> None:
    path = begin("ours.one", tmp_path)
    before = path.read_text("utf-8") + "\n# a word of mine\n"
    path.write_text(before, "utf-8")
    assert begin("ours.two", tmp_path, "component") == path
    after = path.read_text("utf-8")
    assert after.startswith(before)
    assert [rule["id"] for rule in read(path).data["rule"]] == ["ours.one", "ours.two"]
    assert after.count("schema = 1") == 1


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert begin("ours.one", tmp_path / "house" / "rules").is_file()


@pytest.mark.parametrize(
    ("id", "hint"),
    [
        ("Ours.One", "Did you mean ours.one?"),
        ("ours.my rule", "Did you mean ours.my-rule?"),
        ("ours.a.b", "Did you mean ours.a-b?"),
        ("../ours.one", "Write topic.name"),
        ("ours", "Write topic.name"),
        ("", "Write topic.name"),
        ("9.9", "Write topic.name"),
        ("ours.one\n", "Did you mean ours.one?"),
        ("/etc/x.y", "Did you mean etc-x.y?"),
    ],
)
def test_what_is_no_id_is_refused_and_nothing_is_written(tmp_path: Path, id: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        begin(id, tmp_path / "rules")
    (problem,) = refused.value.problems
    assert problem.code == "rule-id" and hint in str(problem.hint)
    assert list(tmp_path.rglob("*")) == []


def test_an_id_that_stands_anywhere_is_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    begin("ours.one", first)
    for into, rules in ((first, ()), (second, (first,))):
        with pytest.raises(RulesError, match=r"the id ours\.one stands already") as refused:
            begin("ours.one", into, rules=rules)
        assert refused.value.problems[0].line == 4
    assert not second.exists()


def test_so_is_that_of_a_rule_that_is_left_out(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    begin("ours.one", first)
    second.mkdir()
    (second / "less.toml").write_text('schema = 1\n[[disable]]\nrule = "ours.one"\nreason = "…"\n', "utf-8")
    with pytest.raises(RulesError, match=r"the id ours\.one stands already"):
        begin("ours.one", tmp_path / "third", rules=(first, second))


@pytest.mark.parametrize(
    "text",
    [
        "no TOML",
        "schema = 1\nrul = 3\n",
        "schema = 2\n",
        'schema = 1\n[[rule]]\nid = "ours.bad"\n',
        "schema = 1\nrule = []\n",
    ],
)
def test_a_file_to_which_nothing_can_be_added_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=re.escape("ours.toml")):
        begin("ours.one", tmp_path)
    assert path.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [path]

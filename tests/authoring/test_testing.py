"""Running the tests of folders of rules: which run, on which engines, and what is told of those that fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from advisor.authoring.schema_testing import rules_test_schema
from advisor.authoring.testing import RulesTested, run_tests
from advisor.errors import FactsError, InputError, RulesError
from advisor.paths import facts_folder, rules_folder
from tests.durable import NEEDS_DURABLE

FACTS = [facts_folder() / "kinds"]  # what rules are read with; no fact of the catalog takes part in a test
PASSING = """
[[rule.test]]
name = "it holds"
given = [{ fact = "card", index = 0, gpu = "a" }]
expect = [{ fires = true }]
"""
FAILING = PASSING.replace("it holds", "it fails").replace("expect", "reject")


def rule(id: str, *tests: str) -> str:
    head = (
        f'[[rule]]\nid = "{id}"\nsummary = "…"\nseverity = "info"\nmatch = [{{ fact = "card", as = "c" }}]\n'
    )
    return "".join([head, 'because = "{c.gpu}"\n', *tests])


def folder(root: Path, **files: str) -> Path:
    """A folder with these files; a name with two underscores stands in a folder inside."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"schema = 1\n\n{text}", "utf-8")
    return root


def run(rules: list[Path], *paths: Path, engine: str = "clips") -> RulesTested:
    done = run_tests(rules, FACTS, paths, engine)
    Draft202012Validator(rules_test_schema()).validate(json.loads(json.dumps(done.to_dict())))
    return done


def ran(done: RulesTested) -> list[tuple[str, str]]:
    return [(result.rule.id, result.example.name) for result in done.results]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return folder(tmp_path / "base", a=rule("a.one", PASSING), deep__b=rule("b.two", PASSING, FAILING))


# ---------------------------------------------------------------- which run

ONE, TWO = [("a.one", "it holds")], [("b.two", "it holds"), ("b.two", "it fails")]


def test_of_one_folder_all_run(base: Path) -> None:
    assert ran(run([base])) == [*ONE, *TWO]


def test_of_several_folders_those_after_the_first_run(base: Path, tmp_path: Path) -> None:
    own = folder(tmp_path / "own", c=rule("c.three", PASSING))
    assert ran(run([base, own])) == [("c.three", "it holds")]


@pytest.mark.parametrize(("path", "wanted"), [("a.toml", ONE), ("deep", TWO), (".", [*ONE, *TWO])])
def test_a_path_inside_a_folder_chooses_and_is_not_read_twice(
    base: Path, path: str, wanted: list[tuple[str, str]]
) -> None:
    assert ran(run([base], base / path)) == wanted


def test_a_path_elsewhere_is_a_later_folder(base: Path, tmp_path: Path) -> None:
    own = folder(tmp_path / "own", c=rule("c.three", PASSING), d=rule("d.four", PASSING))
    assert ran(run([base], own / "d.toml")) == [("d.four", "it holds")]
    assert ran(run([base], own, base / "a.toml")) == [*ONE, ("c.three", "it holds"), ("d.four", "it holds")]


def test_a_rule_that_a_folder_changes_is_tested_with_it(base: Path, tmp_path: Path) -> None:
    match = '[{ fact = "card", as = "c", is = { gpu = "b" } }]'
    change = f'[[override]]\nrule = "a.one"\nreason = "…"\nset = {{ match = {match} }}\n'
    own = folder(tmp_path / "own", fix=change)
    (failure,) = run([base, own]).failures
    assert (failure.rule.id, failure.example.file, failure.example.line) == ("a.one", "base/a.toml", 10)


def test_tests_that_a_folder_gives_a_rule_stand_in_that_folder(base: Path, tmp_path: Path) -> None:
    change = '[[override]]\nrule = "a.one"\nreason = "…"\nset = { summary = "Ours." }\n'
    own = folder(tmp_path / "own", fix=change + FAILING.replace("rule.test", "override.test"))
    (failure,) = run([base, own]).to_dict()["failures"]
    assert (failure["test"], failure["file"], failure["line"]) == ("it fails", "own/fix.toml", 8)


# ---------------------------------------------------------------- what is told


def test_a_failure_has_the_line_of_its_test(base: Path) -> None:
    done = run([base])
    (failure,) = done.to_dict()["failures"]
    assert (failure["rule"], failure["test"]) == ("b.two", "it fails")
    lines = (base / "deep/b.toml").read_text("utf-8").split("\n")
    assert failure["file"] == "base/deep/b.toml" and lines[failure["line"]] == 'name = "it fails"'
    assert not done.passed


def test_where_nothing_ran_nothing_passed(tmp_path: Path) -> None:
    empty, bare = folder(tmp_path / "empty"), folder(tmp_path / "bare", a=rule("a.bare"))
    empty.mkdir()
    for done, rules in ((run([empty]), 0), (run([bare]), 1)):
        made = done.to_dict()
        assert (done.passed, made["tests"], made["rules"], made["failed"]) == (False, 0, rules, 0)
    assert [one["rule"] for one in run([bare]).to_dict()["without_tests"]] == ["a.bare"]


def test_rules_and_facts_that_cannot_be_read_are_errors(base: Path, tmp_path: Path) -> None:
    wrong = folder(tmp_path / "wrong", x='[[rule]]\nid = "x.y"\n', gpu='[[gpu]]\nid = "a"\nbandwith = 3\n')
    with pytest.raises(RulesError, match=r"wrong/x\.toml"):
        run([base], wrong / "x.toml")
    with pytest.raises(FactsError, match="bandwith"):
        run_tests([base], [*FACTS, wrong / "gpu.toml"], engine="clips")


def test_an_engine_that_does_not_exist(base: Path) -> None:
    with pytest.raises(InputError, match="no engine"):
        run([base], engine="prolog")


@NEEDS_DURABLE
def test_the_engines_agree_on_every_test_that_ships() -> None:
    both = run([rules_folder()], engine="durable,clips")
    assert both.engines == ("durable", "clips")
    assert both.passed, [result.wrong for result in both.failures]

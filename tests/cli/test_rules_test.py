"""`advisor rules test`: exit statuses, and the same in JSON, in a pipe and on any terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from advisor.authoring.schema_testing import rules_test_schema
from advisor.authoring.text_testing import write_tests
from advisor.paths import facts_folder
from tests.commandline import Said, advisor
from tests.durable import NEEDS_DURABLE

WIDTHS = (20, 40, 80, 200)
RULE = """
[[rule]]
id = "t.large"
summary = "A large GPU."
severity = "info"
match = [{ fact = "gpu", as = "g" }]
where = ["g.memory > 2 * GB", "has(g.name)"]
let = { most = "g.memory" }
conclude = { fact = "component", card = 0, id = "'a'", role = "'overhead'", bytes = "most" }
because = "{g.name} has {most:GB}."
"""
RIGHT = """
[[rule.test]]
name = "right"
given = [{ fact = "gpu", id = "a", memory_gb = 4 }]
expect = [{ fact = "component", card = 0, bytes = 4000000000 }]
"""
WRONG = """
[[rule.test]]
name = "wrong"
given = [{ fact = "gpu", id = "a", memory_gb = 4 }]
expect = [{ fact = "component", card = 0, bytes = 4000000001 }]
says = "nothing of the sort"
[[rule.test]]
name = "too small"
given = [{ fact = "gpu", id = "a", memory_gb = 1 }]
expect = [{ fires = true }]
[[rule.test]]
name = "not at all"
given = [{ fact = "gpu", id = "a", memory_gb = 4 }]
reject = [{ fires = true }, { fact = "compnent" }]
"""


def command(*arguments: object) -> Said:
    return advisor("rules", "test", *arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules after no others, for which no fact of the catalog is read."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    monkeypatch.setattr("advisor.folders.rules_folder", lambda: nothing)
    monkeypatch.setattr("advisor.folders.facts_folder", lambda: facts_folder() / "kinds")
    return written(tmp_path / "own", RULE + RIGHT)


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "t.toml").write_text(f"schema = 1\n{text}", "utf-8")
    return folder


def found(*arguments: object) -> dict[str, Any]:
    said = command(*arguments, "--format", "json")
    assert said.err == ""
    made = json.loads(said.out)
    Draft202012Validator(rules_test_schema()).validate(made)
    return made


def drawn(made: dict[str, Any], width: int, full: bool = False) -> str:
    file = io.StringIO()
    write_tests(Console(file=file, width=width, force_terminal=True, color_system=None), made, full=full)
    return file.getvalue()


# ---------------------------------------------------------------- exit statuses


def test_those_that_ship_pass() -> None:
    said = command()
    assert (said.status, said.err) == (0, "")
    assert "tests of" in said.out and "passed (clips)" in said.out


def test_all_passed(folder: Path) -> None:
    assert (
        command("--rules", folder).status == command(folder).status == command(folder / "t.toml").status == 0
    )


def test_some_failed(folder: Path) -> None:
    said = command("--rules", written(folder, RULE + RIGHT + WRONG))
    assert said.status == 1
    assert "3 of 4 tests of 1 rule failed (clips)." in said.out


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "No tests ran: there are no rules."), (RULE, "No tests ran.\n1 rule without tests: t.large.")],
)
def test_nothing_ran(folder: Path, text: str, told: str) -> None:
    said = command(written(folder, text))
    assert said.status == 1 and told in said.out


def test_what_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    said = command(written(folder, RULE.replace("g.memory >", "g.memry >")))
    assert (said.status, said.out) == (2, "")
    assert "own/t.toml:8" in said.err and "memory" in said.err
    assert command(tmp_path / "nowhere").status == command("--rules", tmp_path / "nowhere").status == 2
    assert command(folder, "--engine", "prolog").status == 2


# ---------------------------------------------------------------- what is said


def test_a_line_in_a_pipe_for_each_thing_that_is_wrong(folder: Path) -> None:
    lines = command(written(folder, RULE + RIGHT + WRONG)).out.splitlines()
    assert [line.partition(":")[0] for line in lines[:5]] == ["own/t.toml"] * 5
    assert lines[0] == (
        "own/t.toml:18: failed: t.large: wrong: expected component: card = 0, bytes = 4000000001 = 3.7 GiB, "
        "derived component: card = 0, "
        "bytes = 4000000000 = 3.7 GiB (wanted 4000000001 = 3.7 GiB) [not-derived]"
    )
    assert "derived nothing (1.0 GB > 2 GB is false: short by 1.0 GB) [not-derived]" in lines[2]
    assert "the rule writes no compnent. Did you mean component? [expected]" in lines[3]


def test_json_says_the_same(folder: Path) -> None:
    made = found(written(folder, RULE + RIGHT + WRONG))
    assert (made["rules"], made["tests"], made["failed"], made["engines"]) == (1, 4, 3, ["clips"])
    wrong, small, refused = made["failures"]
    assert [one["code"] for one in wrong["wrong"]] == ["not-derived", "not-said"]
    assert wrong["wrong"][0]["derived"][0]["differs"] == {"bytes": "4000000001 = 3.7 GiB"}
    assert small["wrong"][0]["because"] == ["1.0 GB > 2 GB is false: short by 1.0 GB"]
    assert [one["code"] for one in refused["wrong"]] == ["expected"]


def test_gaps_are_named_where_they_are_few(folder: Path) -> None:
    said = command(folder)
    assert "own/t.toml:8: t.large: where `g.memory > 2 * GB` held in all tests [always-true]" in said.out
    assert "own/t.toml:3: t.large: no test shows what holds it back [never-nearly-fired]" in said.out
    assert "--coverage" not in said.out


def test_many_gaps_are_counted_and_named_when_asked_for(folder: Path) -> None:
    conditions = ", ".join(f'"g.memory > {number} * GB"' for number in range(7))
    written(
        folder, RULE.replace('"g.memory > 2 * GB", "has(g.name)"', conditions) + RIGHT.replace("= 4", "= 9")
    )
    brief, full = command(folder), command(folder, "--coverage")
    assert "always-true" not in brief.out and "`--coverage` names them." in brief.out
    assert full.out.count("[always-true]") == len(found(folder)["coverage"]["always_true"]) == 7
    assert "0 of 7 conditions were false" in brief.out


def test_on_a_terminal_expected_stands_above_derived_and_nothing_is_wider(folder: Path) -> None:
    made = found(written(folder, RULE + RIGHT + WRONG))
    for width in WIDTHS:
        lines = drawn(made, width).splitlines()
        assert max(map(len, lines)) <= max(width, 30)
        starts = [line.split()[0] for line in lines if line.split()]
        assert "derived" in starts[starts.index("expected") :]


def test_what_a_file_says_moves_no_cursor(folder: Path) -> None:
    name = RIGHT.replace('"right"', '"a\\u001b[2Jb"').replace("4000000000", "1")
    for out in (command(written(folder, RULE + name)).out, drawn(found(folder), 80)):
        assert "\x1b[2J" not in out and "a\\x1b[2Jb" in out


# ---------------------------------------------------------------- engines


@NEEDS_DURABLE
def test_several_engines_are_compared(folder: Path) -> None:
    said = command(folder, "--engine", "durable,clips")
    assert said.status == 0 and "passed (durable and clips)" in said.out


def test_its_schema_is_printed() -> None:
    assert json.loads(advisor("schema", "rules-test").out) == rules_test_schema()
    Draft202012Validator.check_schema(rules_test_schema())

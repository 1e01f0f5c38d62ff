"""`advisor rules check`: its exit status, what it writes, and how that looks on a terminal and in a pipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.authoring.checks import CODES
from advisor.lookup import text
from advisor.lookup.schema import lookup_schema
from tests.cli.test_facts import WIDTHS, in_a_pipe, on_a_terminal
from tests.commandline import ROOT, Said, advisor

UNITS = """schema = 1
[[rule]]
id = "mine.slow"
summary = "A GPU that is slow for its memory."
severity = "note"
match = [{ fact = "gpu", as = "g" }]
where = ["g.memory > g.bandwidth"]
because = "{g.name} has {g.memory}."
"""
UNTESTED = UNITS.replace("g.bandwidth", "g.bandwidth * s")


def check(*arguments: object) -> Said:
    return advisor("rules", "check", *arguments)


def found(*arguments: object) -> dict[str, Any]:
    made = json.loads(check(*arguments, "--format", "json").out)
    name = made["schema"].removeprefix("advisor.").removesuffix("/1")
    Draft202012Validator(lookup_schema(name)).validate(made)
    return made


def write(folder: Path, content: str, name: str = "mine.toml") -> Path:
    (folder / name).write_text(content, "utf-8")
    return folder / name


def test_what_ships_is_clean_and_0():
    said = check()
    assert said.status == 0 and said.err == ""
    rules = sum(path.read_text("utf-8").count("\n[[rule]]") for path in (ROOT / "rules").glob("*.toml"))
    assert said.out.split() == f"No errors, no warnings. Checked: {rules} rules.".split()


def test_an_error_is_1_and_says_both_units(tmp_path: Path):
    path = write(tmp_path, UNITS)
    said = check(path)
    assert said.status == 1 and said.err == ""
    first, *_ = said.out.splitlines()
    place = f"{path}:7:20: error: mine.slow: "
    assert first == f"{place}left is bytes, right is bytes per second [unit-mismatch]"
    (finding,) = found(path)["findings"]
    assert finding["source"] == 'where = ["g.memory > g.bandwidth"]'
    assert finding["hint"] == "g.memory > g.bandwidth\n         ^"


def test_warnings_alone_are_0(tmp_path: Path):
    path = write(tmp_path, UNTESTED)
    report = found(path)
    assert {one["code"] for one in report["findings"]} == {"no-test"}
    assert (report["errors"], report["warnings"], report["checked"]) == (0, 1, {"rules": 1})
    said = check(path)
    assert said.status == 0 and "No errors, 1 warning. Checked: 1 rule." in said.out


@pytest.mark.parametrize("named", [("--rules", ""), ("", "")])
def test_a_folder_by_flag_or_by_path(named: tuple[str, str], tmp_path: Path):
    write(tmp_path, UNTESTED)
    report = found(*filter(None, (named[0], tmp_path)))
    assert [(one["code"], one["file"]) for one in report["findings"]] == [
        ("no-test", f"{tmp_path.name}/mine.toml")
    ]


def test_facts_of_ones_own_are_known(tmp_path: Path):
    rules, facts = tmp_path / "rules", tmp_path / "facts"
    rules.mkdir(), facts.mkdir()
    write(
        rules,
        UNTESTED.replace('"gpu"', '"slot"').replace("g.bandwidth * s", "8 * GiB").replace("g.name", "g.id"),
    )
    assert {one["code"] for one in found(rules)["findings"]} == {"unknown-kind"}
    write(facts, KIND, "kinds.toml")
    assert {one["code"] for one in found(rules, "--facts", facts)["findings"]} == {"no-test", "no-source"}


KIND = """schema = 1
[[kind]]
id = "slot"
meaning = "A slot for a card."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "Its name." }
memory = { type = "integer", unit = "GiB", required = true, meaning = "The largest card." }
"""


@pytest.mark.parametrize("arguments", [("nowhere",), ("--rules", "nowhere"), ("--facts", "nowhere")])
def test_what_is_not_there_is_2(arguments: tuple[str, ...]):
    said = check(*arguments)
    assert said.status == 2 and "nowhere" in said.err and not said.out


def test_the_codes_are_listed():
    rows = found("--codes")["codes"]
    assert {row["code"]: (row["severity"], row["meaning"]) for row in rows} == {
        name: (code.severity, code.meaning) for name, code in CODES.items()
    }
    header, *lines = check("--codes").out.splitlines()
    assert header.split() == ["code", "severity", "meaning"]
    assert [line.split()[0] for line in lines] == [row["code"] for row in rows]
    assert [row["severity"] for row in rows] == sorted(row["severity"] for row in rows)


@pytest.mark.parametrize("name", ["rules-check", "rules-codes"])
def test_schemas(name: str):
    made = json.loads(advisor("schema", name).out)
    Draft202012Validator.check_schema(made)
    assert made == lookup_schema(name)


# ---------------------------------------------------------------- terminals and pipes


LONG = UNITS.replace("g.memory >", f"{'g.memory + ' * 12}g.memory >")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is found in a condition that is wider than most terminals."""
    return found(write(tmp_path_factory.mktemp("long"), LONG))


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(width: int, long: dict[str, Any]):
    for lines in (
        on_a_terminal(text.write_check, long, width), on_a_terminal(text.write_codes, found("--codes"), width)
    ):  # fmt: skip
        assert len(lines) > 3 and max(map(len, lines)) <= max(width, 30)


@pytest.mark.parametrize("width", [40, 60, 400])
def test_the_caret_stands_below_its_character(width: int, long: dict[str, Any]):
    lines = on_a_terminal(text.write_check, long, width)
    row = next(n for n, line in enumerate(lines) if line.strip() == "^")
    assert lines[row - 1][lines[row].index("^")] == ">"


def test_the_line_that_is_meant_is_shown_on_a_terminal(tmp_path: Path):
    lines = on_a_terminal(text.write_check, found(write(tmp_path, UNTESTED)), 100)
    assert '  id = "mine.slow"' in lines


def test_a_finding_is_one_line_in_a_pipe(tmp_path: Path):
    report = found(write(tmp_path, UNITS.replace('"{g.name} has {g.memory}."', "5")))
    lines = in_a_pipe(text.write_check, report).splitlines()
    assert len(lines) == len(report["findings"]) + 1


def test_what_moves_a_cursor_is_shown_and_not_obeyed(tmp_path: Path):
    path = write(tmp_path, UNITS.replace("g.memory >", "g.mem\\u001b[2Jory >"))
    report = found(path)
    shown = [in_a_pipe(text.write_check, report), "\n".join(on_a_terminal(text.write_check, report, 80))]
    assert report["errors"] == 1 and not any("\x1b[2J" in page for page in (*shown, check(path).out))

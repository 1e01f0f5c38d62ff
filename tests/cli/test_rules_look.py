"""`advisor rules list` and `show`: every rule is told whole, with the folders that changed it."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from advisor.documents import read
from advisor.facts.load import read_folders
from advisor.lookup.rule_card import Cards, card
from advisor.lookup.rules import listing
from advisor.lookup.schema_rules import rules_schema
from advisor.lookup.text_rules import write_listing, write_rule
from advisor.paths import rules_folder
from advisor.rules.model import Rule
from tests.commandline import Said, advisor
from tests.shipped import library, rulebook

WIDTHS = (20, 40, 80, 200)
FILES = sorted(rules_folder().glob("*.toml"))
AS_WRITTEN = {
    rule["id"]: (path, rule) for path in FILES for rule in read(path).data["rule"]
}  # what the files say, read by no code that is tested here


@cache
def cards() -> Cards:
    return Cards(rulebook(), library().kinds)


@cache
def every_card() -> dict[str, dict[str, Any]]:
    return {rule.id: card(cards(), rule) for rule in rulebook()}


@cache
def whole_list() -> dict[str, Any]:
    groups, _ = read_folders([rules_folder()])
    return listing(rulebook(), [document for group in groups for document in group])


def rules(*arguments: object) -> Said:
    return advisor("rules", *arguments)


def found(*arguments: object) -> dict[str, Any]:
    said = rules(*arguments, "--format", "json")
    assert said.err == ""
    return valid(json.loads(said.out))


def valid(made: dict[str, Any]) -> dict[str, Any]:
    name = made["schema"].removeprefix("advisor.").removesuffix("/1")
    Draft202012Validator(rules_schema(name)).validate(made)
    return made


def on_a_terminal(write: Any, made: dict[str, Any], width: int, **rest: bool) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    write(console, made, **rest)
    return file.getvalue().split("\n")


def told(text: str) -> str:
    return re.sub(r"\s+", "", text)


# ---------------------------------------------------------------- list


def test_a_pipe_has_a_line_for_every_rule_with_its_place():
    header, *lines = rules("list").out.splitlines()
    assert header.split() == ["rule", "severity", "status", "summary", "file"]
    assert sorted(line.split()[0] for line in lines) == sorted(AS_WRITTEN)
    for line in lines:
        path, rule = AS_WRITTEN[line.split()[0]]
        file, _, number = line.split()[-1].partition(":")
        assert file == f"rules/{path.name}" and rule["summary"] in line
        assert line.split()[1] == rule.get("severity", "-")
        assert path.read_text("utf-8").splitlines()[int(number) - 1] == "[[rule]]"


def test_topics_are_the_files_and_say_what_these_say_of_themselves():
    topics = {topic["topic"]: topic for topic in found("list")["topics"]}
    assert list(topics) == sorted(path.stem for path in FILES)
    for path in FILES:
        (first, *_) = path.read_text("utf-8").splitlines()
        assert topics[path.stem]["about"].startswith(first.removeprefix("# "))
        assert [rule["id"] for rule in topics[path.stem]["rules"]] == [
            rule["id"] for rule in read(path).data["rule"]
        ]


def test_the_comment_ends_where_the_parts_of_a_file_begin():
    (topic,) = found("list", "layers")["topics"]
    assert topic["about"].endswith("A model's layers stand in blocks of layers that are alike.")
    assert all("----" not in topic["about"] for topic in found("list")["topics"])


def test_a_topic_lists_its_rules_and_no_others():
    made = found("list", "verdict")
    assert (made["topic"], [topic["topic"] for topic in made["topics"]]) == ("verdict", ["verdict"])
    lines = rules("list", "verdict").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [rule["id"] for rule in made["topics"][0]["rules"]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("whole", [True, False])
def test_a_terminal_shows_topics_or_every_rule(width: int, whole: bool):
    lines = on_a_terminal(write_listing, whole_list(), width, whole=whole)
    assert max(map(len, lines)) <= max(width, 30)
    text = told("".join(lines))
    assert all(path.stem in text for path in FILES)
    assert all(rule in text for rule in AS_WRITTEN) == whole


def test_an_unknown_topic_is_2_with_what_comes_near():
    said = rules("list", "wieghts")
    assert said.status == 2 and "Did you mean weights" in said.err and not said.out


# ---------------------------------------------------------------- show


def test_every_rule_is_told_as_its_file_has_it():
    for name, made in every_card().items():
        valid(made)
        _, rule = AS_WRITTEN[name]
        assert (made["summary"], made["severity"]) == (rule["summary"], rule.get("severity"))
        assert made["because"] == rule.get("because")
        assert [one["fact"] for one in made["match"]] == [one["fact"] for one in rule.get("match", [])]
        assert [one["fact"] for one in made["unless"]] == [one["fact"] for one in _list(rule.get("unless"))]
        assert [one["fact"] for one in made["conclude"]] == [
            one["fact"] for one in _list(rule.get("conclude"))
        ]
        assert made["tests"] == [test["name"] for test in rule["test"]]
        assert {step["name"]: step["how"] for step in made["define"]} == _defined(rule)


def test_every_formula_and_condition_stands_in_the_file():
    for name, made in every_card().items():
        _, rule = AS_WRITTEN[name]
        assert Counter(one["test"] for one in made["where"]) == Counter(
            map(_tested, _list(rule.get("where")))
        )
        lets = {step["name"]: step["formula"] for step in made["define"] if step["how"] == "let"}
        assert lets == {key: _literal(value) for key, value in rule.get("let", {}).items()}
        for fact, written in zip(made["conclude"], _list(rule.get("conclude")), strict=True):
            formulas = {field["name"]: field["formula"] for field in fact["fields"]}
            given = {key: _literal(value) for key, value in written.items() if key not in ("fact", "default")}
            assert given.items() <= formulas.items()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _tested(entry: Any) -> str:
    return entry["test"] if isinstance(entry, dict) else entry


def _defined(rule: dict[str, Any]) -> dict[str, str]:
    plain = {
        name: how for how in ("let", "sum", "min", "max", "count", "collect") for name in rule.get(how, {})
    }
    best = {
        name: "minimize" if "minimize" in one else "maximize" for name, one in rule.get("best", {}).items()
    }
    return plain | best


def _literal(value: Any) -> str:
    """A formula as files write it: an expression, or a plain number or boolean."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{float(value):g}"


def test_who_writes_what_a_rule_reads_reads_what_the_writer_writes():
    reads = {(w, r) for r, made in every_card().items() for one in made["written_by"] for w in one["rules"]}
    writes = {(w, r) for w, made in every_card().items() for one in made["read_by"] for r in one["rules"]}
    assert reads == writes and len(reads) > 1000
    for writer, reader in reads:
        kinds = {one["fact"] for one in every_card()[writer]["conclude"]}
        assert kinds & _read(rulebook_rule(reader)), (writer, reader)


def rulebook_rule(name: str) -> Rule:
    return next(rule for rule in rulebook() if rule.id == name)


def _read(rule: Rule) -> set[str]:
    return rule.reads | {each.kind for each in rule.conclude if each.default}


def test_a_name_may_go_without_its_topic_where_one_rule_has_it():
    assert found("show", "insufficient-vram") == found("show", "memory.insufficient-vram")
    said = rules("show", "total")
    assert said.status == 2 and "kv-cache.total, memory.total, weights.total" in said.err


@pytest.mark.parametrize(
    ("name", "near"),
    [("insufficient-vrm", "insufficient-vram"), ("verdict.fit", "verdict.fits"), ("qqqq", "rules list")],
)
def test_an_unknown_rule_is_2_with_what_comes_near(name: str, near: str):
    said = rules("show", name)
    assert said.status == 2 and near in said.err and not said.out


def test_no_line_of_a_rule_is_wider_than_the_terminal():
    for number, made in enumerate(every_card().values()):
        width = WIDTHS[number % len(WIDTHS)]
        assert max(map(len, on_a_terminal(write_rule, made, width))) <= max(width, 30)


def test_a_page_holds_all_that_the_json_holds():
    for made in every_card().values():
        page = told("".join(on_a_terminal(write_rule, made, 200)))
        texts = [made["id"], made["summary"], made["because"] or "", *made["tests"]]
        texts += [one["test"] for one in made["where"]]
        texts += [
            f"{step['name']} = {step['formula'] or ''}" for step in made["define"] if step["how"] == "let"
        ]
        texts += [f"{f['name']} = {f['formula']}" for fact in made["conclude"] for f in fact["fields"]]
        for proposal in filter(None, [made["propose"]]):
            texts += [proposal["title"], *proposal["costs"], *proposal["set"], *proposal["set"].values()]
        assert all(told(text) in page for text in texts), made["id"]


def test_long_lists_are_cut_on_a_terminal_and_nowhere_else():
    made = every_card()["weights.tensor"]
    (tensor,) = [one for one in made["written_by"] if one["fact"] == "tensor"]
    shown = " ".join(" ".join(on_a_terminal(write_rule, made, 80)).split())
    assert f"and {len(tensor['rules']) - 8} more" in shown
    piped = rules("show", "weights.tensor").out
    assert all(rule in piped for rule in tensor["rules"]) and " more" not in piped


# ---------------------------------------------------------------- later folders

OWN = """schema = 1
[[rule]]
id = "house.\\u0072ule"
summary = "Ours \\u001b[2J, | and `more`."
severity = "info"
status = "preview"
because = "Hello."
sources = ["\\u001b[2J"]
[[rule.test]]
name = "\\u001b[31m"
expect = []
says = "Hello"

[[override]]
rule = "verdict.fits"
reason = "Ours is stricter."
sources = ["our policy"]
set = { let = { sure = "worst <= 0.9" } }

[[disable]]
rule = "services.hosted"
reason = "No data leaves the house."
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "house.toml").write_text("# Rules of the house.\n" + OWN, encoding="utf-8")
    return tmp_path / "mine"


def test_rules_of_later_folders_are_marked(own: Path):
    made = found("list", "--rules", own)
    (house,) = [topic for topic in made["topics"] if topic["topic"] == "house"]
    assert house["about"] == "Rules of the house." and len(house["rules"]) == 1
    assert [rule["id"] for topic in made["topics"] for rule in topic["rules"] if not rule["shipped"]] == [
        "house.rule"
    ]
    page = " ".join(" ".join(on_a_terminal(write_listing, made, 80, whole=True)).split())
    assert "(preview, mine/house.toml:3)" in page and "(changed by a later folder)" in page
    topics = " ".join(" ".join(on_a_terminal(write_listing, made, 80, whole=False)).split())
    assert "house (1, 1 of later folders): Rules of the house." in topics


def test_what_later_folders_change_is_shown_with_the_reason(own: Path):
    (change,) = found("show", "verdict.fits", "--rules", own)["changes"]
    assert change == {
        "field": "let.sure", "before": '"worst <= 1"', "after": '"worst <= 0.9"',
        "reason": "Ours is stricter.", "file": "mine/house.toml", "line": change["line"],
        "sources": ["our policy"],
    }  # fmt: skip
    page = " ".join(rules("show", "verdict.fits", "--rules", own).out.split())
    assert 'let.sure = "worst <= 0.9" in place of "worst <= 1": Ours is stricter. (mine/house.toml:' in page
    assert found("show", "verdict.fits")["changes"] == []


def test_what_later_folders_leave_out_is_told_with_the_reason(own: Path):
    made = found("list", "services", "--rules", own)
    assert [topic["rules"] for topic in made["topics"]] == [[]]
    assert [(one["rule"], one["reason"]) for one in made["disabled"]] == [
        ("services.hosted", "No data leaves the house.")
    ]
    (line,) = rules("list", "services", "--rules", own).out.splitlines()[1:]
    assert line.startswith("services.hosted") and "disabled" in line and "No data leaves the house." in line
    for name in ("hosted", "services.hosted"):
        said = rules("show", name, "--rules", own)
        assert said.status == 2 and "services.hosted is left out: No data leaves the house." in said.err


def test_what_moves_a_cursor_is_shown_and_not_obeyed(own: Path):
    for arguments in (("list",), ("show", "house.rule")):
        assert "\x1b" not in rules(*arguments, "--rules", own).out


@pytest.mark.parametrize("name", ["rules-list", "rules-show"])
def test_schemas(name: str):
    made = json.loads(advisor("schema", name).out)
    Draft202012Validator.check_schema(made)
    assert made == rules_schema(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("show", "a", "b"),
        ("list", "a", "b"),
        ("list", "--rules", "nowhere"),
        ("list", "--format", "x"),
    ],
)
def test_what_cannot_be_understood_is_2(arguments: tuple[str, ...]):
    said = rules(*arguments)
    assert said.status == 2 and said.err and not said.out

"""The page on extending: each chapter's files, in a folder of their own, do what the chapter says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

import advisor
from tests.commandline import ROOT, Said
from tests.commandline import advisor as command
from tests.test_pages import blocks, is_printed

PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")


class Chapter(NamedTuple):
    title: str
    files: dict[str, str]
    commands: list[str]
    printed: list[str]  # of the last command


def chapter(title: str, text: str) -> Chapter:
    files = {re.findall(r"`(\S+\.toml)`", before)[-1]: inside for before, inside in blocks(text, "toml")}
    plain = [inside for _, inside in blocks(text, "")]
    commands = [line for inside in plain if inside.startswith("advisor ") for line in inside.splitlines()]
    return Chapter(title, files, commands, [each for each in plain if not each.startswith("advisor ")])


PARTS = re.split(r"^## ", PAGE, flags=re.M)[1:]
CHAPTERS = [chapter(*part.split("\n", 1)) for part in PARTS]
LETTERED = [each for each in CHAPTERS if each.title.startswith("(")]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def run(line: str) -> Said:
    return command(*shlex.split(line)[1:])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("chapter", LETTERED, ids=lambda each: each.title)
def test_a_chapter_does_what_it_says(folder: Path, chapter: Chapter) -> None:
    write(folder, chapter.files)
    said = {line: run(line) for line in chapter.commands}
    assert {line: each.err for line, each in said.items() if each.err} == {}
    checks = {line: each.status for line, each in said.items() if " ask " not in line}
    assert set(checks.values()) <= {0}, {line: said[line].out for line in checks}
    assert len(chapter.printed) == 1
    is_printed(chapter.printed[0], said[chapter.commands[-1]].out)


def test_all_chapters_together_are_one_pack(folder: Path) -> None:
    for each in CHAPTERS:
        write(folder, each.files)
    mine = folder / "mine"
    places = {"rules": [mine / "rules"], "facts": [mine / "facts"]}
    flags = ["--rules", mine / "rules", "--facts", mine / "facts"]
    for kind in ("rules", "facts"):
        found = command(kind, "check", *flags)
        assert found.out.startswith("No errors, no warnings."), found.out
    tested = command("rules", "test", *flags)
    assert tested.status == 0, tested.out
    answer = advisor.ask(folder / "desk.toml", **places, engine="clips").to_dict()
    assert [each["pack"] for each in answer["folders"]] == 2 * [{"name": "acme", "version": "1.0.0"}]
    parts = {each["id"]: each for each in answer["memory"]["components"]}
    assert parts["adapters"]["bytes"] == 8 * 170 * 2**20
    weights = sum(each["bytes"] for each in parts.values() if each["role"] == "weights")
    assert parts["fragmentation"]["bytes"] == -(-weights // 100)
    alone = sum(each["bytes"] for each in parts.values())
    assert answer["memory"]["required_bytes"] == alone + -(-alone * 2 // 100)


def test_the_new_field_is_refused_where_it_is_not_declared_and_for_a_customer_that_is_not_there(
    folder: Path,
) -> None:
    (last,) = [each for each in LETTERED if each.title.startswith("(e)")]
    write(folder, last.files)
    refused = run("advisor ask order.toml")
    assert refused.status == 2 and "customer" in refused.err
    refused = run(
        "advisor ask order.toml --rules mine/rules --facts mine/facts --set deployment.customer=acmee"
    )
    assert refused.status == 2 and "acme" in refused.err
    allowed = run(
        "advisor ask order.toml --rules mine/rules --facts mine/facts --set deployment.customer=umbrella"
    )
    assert allowed.status == 0, allowed.out

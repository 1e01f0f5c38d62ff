"""`advisor rules new`: where it writes, what it says, and that what it says next works."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from advisor.paths import facts_folder
from tests.commandline import EXAMPLES, Said, advisor


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rules are in effect but those that are named, and no fact of the catalog is read."""
    nothing = tmp_path_factory.mktemp("nothing")
    monkeypatch.setattr("advisor.folders.rules_folder", lambda: nothing)
    monkeypatch.setattr("advisor.folders.facts_folder", lambda: facts_folder() / "kinds")


def new(*arguments: object) -> Said:
    return advisor("rules", "new", *arguments)


def test_the_commands_that_it_names_work(tmp_path: Path) -> None:
    folder = tmp_path / "our rules"
    said = new("ours.first", "--kind", "component", "--into", folder)
    assert (said.status, said.err) == (0, "")
    first, check, test, ask = said.out.splitlines()
    assert str(folder / "ours.toml") in first
    assert advisor(*shlex.split(check)[1:]).out.startswith("No errors, no warnings.")
    assert advisor(*shlex.split(test)[1:]).status == 0
    question = next(EXAMPLES.glob("*.toml"))
    said = advisor(*(question if part == "config.toml" else part for part in shlex.split(ask)[1:]))
    assert said.status in (0, 1) and said.err == ""


@pytest.mark.usefixtures("alone")
def test_it_writes_to_the_last_folder_of_rules_or_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, here = (tmp_path / name for name in ("one", "two", "here"))
    for folder in (one, two, here):
        folder.mkdir()
    monkeypatch.chdir(here)
    assert new("ours.a", "--rules", one, "--rules", two).status == 0
    assert new("ours.b").status == 0
    assert new("ours.c", "--rules", one, "--into", two).status == 0
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_text("utf-8") for path in tmp_path.rglob("*.toml")
    }
    assert sorted(written) == ["here/ours.toml", "two/ours.toml"]
    assert all(f'id = "ours.{name}"' in written["two/ours.toml"] for name in "ac")


def test_an_id_that_ships_is_taken(tmp_path: Path) -> None:
    said = new("memory.insufficient-vram", "--into", tmp_path)
    assert (said.status, said.out) == (2, "")
    assert "rules/memory.toml" in said.err and "stands already" in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("alone")
def test_what_is_no_id_is_refused_with_one_that_is(tmp_path: Path) -> None:
    said = new("Ours.My Rule", "--into", tmp_path)
    assert said.status == 2 and "Did you mean ours.my-rule?" in said.err


@pytest.mark.usefixtures("alone")
def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    said = new("ours.a", "--into", tmp_path / "file")
    assert said.status == 2 and "cannot write" in said.err

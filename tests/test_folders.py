"""Folders in effect: what ships, the user's own, those of the environment, those of the call."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import advisor
from advisor.answer.text.answer import to_text
from advisor.errors import InputError
from advisor.folders import folders_in_effect, own_folders, user_folder
from advisor.paths import facts_folder, rules_folder

QUESTION = {
    "hardware": {"gpu": "none", "system_memory_gib": 16, "system_memory_gb_s": 50},
    "model": {"id": "llama-3.1-8b"},
}
SAYS = 'schema = 1\n[[rule]]\nid = "{0}.says"\nsummary = "…"\nseverity = "info"\nbecause = "It is {0}."\n'


def folder(place: Path, *files: tuple[str, str]) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        (place / name).write_text(text, "utf-8")
    return place


def says(place: Path, name: str) -> Path:
    return folder(place, (f"{name}.toml", SAYS.format(name)))


def test_without_any_only_what_ships_is_in_effect() -> None:
    assert folders_in_effect() == ((rules_folder(),), (facts_folder(),))


def test_all_are_read_in_their_order_and_named_in_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = says(tmp_path / "home" / "rules", "home").parent
    one, two, mine = (says(tmp_path / name, name) for name in ("one", "two", "mine"))
    monkeypatch.setenv("ADVISOR_HOME", str(home))
    monkeypatch.setenv("ADVISOR_RULES", os.pathsep.join([str(one), "", str(two)]))
    answer = advisor.ask(QUESTION, rules=[mine], engine="clips").to_dict()
    assert [(each["kind"], each["path"], each["named_by"]) for each in answer["folders"]] == [
        ("rules", str(home / "rules"), "user folder"),
        ("rules", str(one), "ADVISOR_RULES"),
        ("rules", str(two), "ADVISOR_RULES"),
        ("rules", str(mine), "call"),
    ]
    shown = "".join(to_text(answer).split())  # long paths are broken where a line ends
    assert f"rulesfolder{home / 'rules'}(userfolder)" in shown and f"rulesfolder{mine}--" in shown
    said = {each["text"] for each in answer["conclusions"]}
    assert said >= {f"It is {name}." for name in ("home", "one", "two", "mine")}


def test_the_users_own_folder_is_off_or_another_or_where_the_platform_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_HOME", "off")
    assert user_folder() is None
    monkeypatch.setenv("ADVISOR_HOME", str(tmp_path))
    assert user_folder() == tmp_path
    assert own_folders("rules") == ()  # it need not hold both, or any
    monkeypatch.delenv("ADVISOR_HOME")
    assert user_folder().name == "llm-fit-advisor"


def test_a_folder_that_is_named_again_is_read_once_where_it_stands_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (folder(tmp_path / name) for name in ("one", "two"))
    monkeypatch.setenv("ADVISOR_FACTS", str(one))
    found = own_folders("facts", [two, tmp_path / "two" / ".." / "one"])
    assert [each.path.resolve() for each in found] == [two.resolve(), one.resolve()]


@pytest.mark.parametrize("kind", ["rules", "facts"])
def test_a_folder_that_is_not_there_is_told_with_who_names_it(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ADVISOR_{kind.upper()}", str(tmp_path / "gone"))
    with pytest.raises(InputError, match=f"gone, which ADVISOR_{kind.upper()} names") as caught:
        own_folders(kind, [tmp_path / "away"])
    assert len(caught.value.problems) == 2


# ---------------------------------------------------------------- packs

PACK = 'schema = 1\nname = "acme"\nversion = "1.2.0"\nadvisor = "{}"\nsummary = "What Acme allows."\n'


@pytest.mark.parametrize("place", ["rules", ""])
def test_a_pack_is_named_in_the_answer(tmp_path: Path, place: str) -> None:
    rules = says(tmp_path / "rules", "says")
    folder(tmp_path / place, ("pack.toml", PACK.format(">=0.1,<99")))
    answer = advisor.ask(QUESTION, rules=[rules], engine="clips").to_dict()
    assert [each["pack"] for each in answer["folders"]] == [{"name": "acme", "version": "1.2.0"}]
    assert "(packacme1.2.0)" in "".join(to_text(answer).split())


def test_what_stands_above_another_folder_is_no_pack_of_it(tmp_path: Path) -> None:
    folder(tmp_path, ("pack.toml", PACK.format(">=99")))
    assert own_folders("rules", [folder(tmp_path / "mine")])[0].pack is None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (PACK.format(">=99"), "pack-version", 4),
        (PACK.format("newest"), "wrong-form", 4),
        (PACK.format(">=0").replace("1.2.0", "one"), "wrong-form", 3),
        (PACK.format(">=0").replace("acme", "Acme Inc."), "wrong-form", 2),
        (PACK.format(">=0").replace("version", "versoin"), "unknown-key", 3),
        ("schema = 1\n", "missing-key", None),
    ],
)
def test_a_pack_that_is_wrong_or_does_not_fit_is_refused(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    folder(tmp_path, ("pack.toml", text))
    with pytest.raises(InputError) as caught:
        own_folders("rules", [tmp_path])
    assert (code, line) in [(each.code, each.line) for each in caught.value.problems]
    assert all(str(each.file).endswith("pack.toml") for each in caught.value.problems)

"""Files of cases, targets and notes as they are read: what is wrong is said, with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.accuracy.cases import read_cases
from advisor.accuracy.notes import read_notes
from advisor.accuracy.targets import read_targets
from advisor.errors import InputError

CASE = {"id": "a", "group": "g", "question": {}, "measured": {"fits": True}}


def problems(read: Any, path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def wrong(tmp_path: Path, **changes: Any) -> list[str]:
    """What is said of a case that is right but for these."""
    made = {name: value for name, value in {**CASE, **changes}.items() if value is not ...}
    return problems(read_cases, tmp_path / "cases.jsonl", f"\n{json.dumps(made)}\n")


def test_cases_are_read_and_blank_lines_skipped(tmp_path: Path):
    path = tmp_path / "cases.jsonl"
    more = {**CASE, "id": "b", "precision": {"fits": 0}, "notes": "…", "source": {"where": "…"}}
    path.write_text(f"\n{json.dumps(CASE)}\r\n\n{json.dumps(more)}", encoding="utf-8")
    assert [(each.id, each.precision) for each in read_cases(path)] == [("a", {}), ("b", {"fits": 0})]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"group": ...}, "2: the case has no group [missing-key]"),
        ({"question": "…"}, "2: question must be an object [wrong-type]"),
        ({"id": 7}, "2: id must be a text [wrong-type]"),
        ({"mesured": {}}, "2: a case has no mesured [unknown-key]\n  Did you mean measured or"),
        ({"measured": {"weight_bytes": 1}}, "Did you mean weights_bytes"),
        ({"measured": {"fits": 1}}, "2: fits must be true or false [wrong-value]"),
        ({"measured": {"kv_tokens": "many"}}, "2: kv_tokens must be a number, 0 or more [wrong-value]"),
        ({"measured": {"kv_tokens": -1}}, "2: kv_tokens must be a number, 0 or more [wrong-value]"),
        ({"measured": {"kv_tokens": True}}, "2: kv_tokens must be a number, 0 or more [wrong-value]"),
        ({"measured": {"kv_tokens": float("nan")}}, "2: kv_tokens must be a number, 0 or more"),
        ({"measured": {"decode_at_depth": []}}, "2: decode_at_depth must be a list of"),
        ({"measured": {"decode_at_depth": [{"depth": 1}]}}, "2: decode_at_depth must be a list of"),
        ({"measured": {"prefill_tokens": 9}}, "2: prefill_tokens stands beside no prefill_tokens_per_second"),
        ({"precision": {"kv_tokens": 1}}, "2: precision names kv_tokens, which is not measured"),
        ({"precision": {"fits": None}}, "2: the precision of fits must be a number, 0 or more"),
    ],
)
def test_what_is_wrong_with_a_case(tmp_path: Path, changes: dict[str, Any], said: str):
    (found,) = wrong(tmp_path, **changes)
    assert said in found


def test_all_problems_are_told_at_once(tmp_path: Path):
    lines = [json.dumps(CASE), "{", "[]", json.dumps(CASE), "[" * 100_000]
    found = problems(read_cases, tmp_path / "cases.jsonl", "\n".join(lines))
    assert [each.partition(":")[0] for each in found] == ["2", "3", "4", "5"]
    assert "2: this line is no JSON: " in found[0] and "4: a stands already in line 1 [twice]" in found[2]


def test_files_that_are_no_cases(tmp_path: Path):
    assert "there is no case in it" in problems(read_cases, tmp_path / "cases.jsonl", "\n\n")[0]
    with pytest.raises(InputError, match="cannot read"):
        read_cases(tmp_path / "missing.jsonl")
    (tmp_path / "cases.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not text in UTF-8"):
        read_cases(tmp_path / "cases.jsonl")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[every]\nanswerd_percent = 9\n", "2: nothing is aimed at by answerd_percent"),
        (
            '[[target]]\nkey = "fit"\n',
            "2: fit is nothing that can be measured [unknown-key]\n  Did you mean fits",
        ),
        ("[[target]]\nmedian_percent = 1\n", "2: a target is a table with a key"),
        ('[[target]]\nkey = "fits"\nright_percent = "all"\n', "2: right_percent must be a number"),
        ("[[aim]]\n", "2: targets have no aim"),
    ],
)
def test_what_is_wrong_with_targets(tmp_path: Path, text: str, said: str):
    (found,) = problems(read_targets, tmp_path / "targets.toml", f"schema = 1\n{text}")
    assert said in found


def test_targets_of_one_quantity_beat_those_of_every(tmp_path: Path):
    path = tmp_path / "targets.toml"
    path.write_text('[every]\nmedian_percent = 10\n[[target]]\nkey = "kv_tokens"\nmedian_percent = 0.5\n')
    keys = [
        {"key": name, "cases": 1, "answered": 1, "unknown": 0, "median": 0.05}
        for name in ("kv_tokens", "params_total")
    ]
    assert read_targets(path).judge(keys) == 1
    assert [key["targets"][0]["met"] for key in keys] == [False, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel = 'x'\n", "2: notes have no titel [unknown-key]\n  Did you mean title"),
        ("title = 7\n", "2: title must be a text"),
        ("[[reason]]\nkey = 'fits'\ntext = '…'\n", "2: each reason has just these: key, cases, text"),
        ("[[reason]]\nkey = 'fit'\ncases = ['a']\ntext = '…'\n", "2: fit is nothing that can be measured"),
        ("[[reason]]\nkey = 'fits'\ncases = 'a'\ntext = '…'\n", "2: cases must be a list of ids"),
        ("[[quantity]]\nkey = 'fits'\ntext = 7\n", "2: text must be a text"),
    ],
)
def test_what_is_wrong_with_notes(tmp_path: Path, text: str, said: str):
    (found,) = problems(read_notes, tmp_path / "notes.toml", f"schema = 1\n{text}")
    assert said in found

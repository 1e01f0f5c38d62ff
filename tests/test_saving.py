"""Saved questions read back as they were, to the last digit, and nothing is lost on the way."""

from __future__ import annotations

import os
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.documents import Document, parse, read
from advisor.errors import InputError
from advisor.question import Question
from advisor.saving import replace_file, save_question, toml_value

BLOCK = {"count": 2, "mixer": "attention", "heads": 4, "kv_heads": 2, "k_dim": 16, "v_dim": 16, "ffn": "none"}
TABLES: list[dict[str, Any]] = [
    {"hardware": {"gpu": "a10", "count": 2}, "model": {"id": "mixtral-8x7b"}},
    {"deployment": {"gpu_memory_utilization": Fraction(9, 10), "weights_bits": Fraction(4127, 1000)}},
    {"deployment": {"weights_bits": Fraction("0.12345678901234567890123456789")}},
    {"hardware": {"system_memory_gb_s": Fraction(51.2), "system_memory_gib": Fraction(64)}},
    {"hardware": {"system_memory_gb_s": Fraction(10) ** 300}},
    {"hardware": {"system_memory_gb_s": Fraction(1, 10**30)}},
    {"hardware": {"gpu": {"memory_gb": 24, "bandwidth_gb_s": Fraction(1873, 2), "name": "mine"}}},
    {"hardware": {"device": [{"gpu": "a10", "count": 2}, {"gpu": {"memory_gb": 24}}]}},
    {"model": {"hidden_size": 64, "block": [BLOCK, {**BLOCK, "window": 8}]}},
    {"goals": {"keep": ["model", "hardware"], "min_decode_tokens_per_second": Fraction(21, 2)}},
    {"goals": {"keep": []}, "deployment": {}},
    {"deployment": {"enforce_eager": True, "flash_attention": False}},
    {"deployment": {"runtime": "a\"b\\c\x00\x1b\x7f\n\t\r\\x41 é 漢 👩‍👩‍👧 # [x] = 'y'"}},
    {"deployment": {"runtime": ""}},
]


def saved(tables: dict[str, Any], path: Path) -> dict[str, Any]:
    save_question(Question(Document("q", {}, ""), tables, {}), path)
    return read(path).data


@pytest.mark.parametrize("tables", TABLES)
def test_a_question_reads_back_the_same(tables: dict[str, Any], tmp_path: Path):
    assert saved(tables, tmp_path / "q.toml") == tables
    assert list(tmp_path.iterdir()) == [tmp_path / "q.toml"]


def test_decimals_stay_decimals(tmp_path: Path):
    path = tmp_path / "q.toml"
    saved({"deployment": {"weights_bits": Fraction(4), "gpu_memory_utilization": Fraction(9, 10)}}, path)
    kept = tomllib.loads(path.read_text("utf-8"))["deployment"]
    assert {name: type(value) for name, value in kept.items()} == {
        "weights_bits": float,
        "gpu_memory_utilization": float,
    }


def test_what_cannot_be_kept_is_refused_and_nothing_replaced(tmp_path: Path):
    path = tmp_path / "q.toml"
    path.write_text("before")
    with pytest.raises(InputError, match="without loss"):
        save_question(
            Question(Document("q", {}, ""), {"deployment": {"weights_bits": Fraction(1, 3)}}, {}), path
        )
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@given(
    st.dictionaries(
        st.sampled_from(["a", "b-c", "d_e", "1"]),
        st.integers(-(10**30), 10**30)
        | st.decimals(allow_nan=False, allow_infinity=False, places=6).map(Fraction)
        | st.booleans()
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
        | st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=3),
    )
)
def test_any_values_read_back(tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any]):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    assert saved({"deployment": row}, path) == {"deployment": row}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_as_toml(text: str):
    assert parse(f"value = {toml_value(text)}", "t").data == {"value": text}


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    replace_file(link, "after")
    assert link.is_symlink() and target.read_text() == "after"
    assert os.name != "posix" or target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_mode(tmp_path: Path):
    path, usual = tmp_path / "new.txt", tmp_path / "usual.txt"
    replace_file(path, "é\n")
    usual.write_text("")
    assert path.read_bytes() == "é\n".encode()
    assert path.stat().st_mode == usual.stat().st_mode


@pytest.mark.parametrize("place", [".", "none/q.toml"])
def test_what_cannot_be_written(place: str, tmp_path: Path):
    with pytest.raises(InputError) as caught:
        replace_file(tmp_path / place, "x")
    assert [problem.code for problem in caught.value.problems] == ["file-unwritable"]
    assert not list(tmp_path.iterdir())

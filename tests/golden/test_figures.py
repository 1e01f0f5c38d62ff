"""A figure changed in a facts file changes the answer and its trace, with nothing else touched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import advisor.folders
import advisor.paths
from advisor import snapshot
from advisor.installation import Installation
from advisor.paths import facts_folder, rules_folder
from tests.commandline import EXAMPLES, ROOT

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"
MIB = 2**20


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    return advisor.ask(A100, engine="clips", remedies=False).to_dict()


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the facts that ship, which may be changed."""
    monkeypatch.setenv("ADVISOR_CACHE", "off")
    return Path(shutil.copytree(facts_folder(), tmp_path / "facts"))


def change(file: Path, item: str, old: str, new: str) -> int:
    """Replace a figure within the fact that has this id; the line of the fact."""
    head, found, rest = file.read_text("utf-8").partition(f'id = "{item}"')
    assert found and re.search(rf"^{re.escape(old)}$", rest, re.M)
    file.write_text(head + found + re.sub(rf"^{re.escape(old)}$", new, rest, count=1, flags=re.M), "utf-8")
    return head.count("\n")  # the header stands in the line before the id


def ask(facts: Path, question: Path = A100) -> dict[str, Any]:
    return (
        Installation(*snapshot.load((rules_folder(),), (facts,)))
        .ask(question, "clips", (), remedies=False)
        .to_dict()
    )


def fact(answer: dict[str, Any], label: str) -> dict[str, Any]:
    return next(each for each in answer["trace"]["facts"] if each["label"] == label)


def formulas(answer: dict[str, Any]) -> str:
    return "\n".join(line for firing in answer["trace"]["firings"] for line in firing["formulas"])


def test_an_unchanged_copy_gives_the_same_answer(facts: Path, before: dict[str, Any]):
    assert ask(facts) == before


def test_memory_that_the_driver_reports(facts: Path, before: dict[str, Any]):
    line = change(
        facts / "gpus" / "nvidia-ampere.toml",
        "a100-sxm4-80",
        "memory_mib_reported = 81920",
        "memory_mib_reported = 70000",
    )
    after = ask(facts)
    assert after["memory"]["usable_bytes"] == 70000 * MIB * 9 // 10 != before["memory"]["usable_bytes"]
    assert (
        after["memory"]["shortfall_bytes"]
        == after["memory"]["required_bytes"] - after["memory"]["usable_bytes"]
    )
    assert any("70,000 MiB" in one["text"] for one in after["conclusions"])
    gpu = fact(after, "gpu[a100-sxm4-80]")
    assert "70,000" in gpu["values"]["memory_reported"]
    assert (gpu["given"]["file"], gpu["given"]["line"]) == ("facts/gpus/nvidia-ampere.toml", line)
    assert "70,000" not in json.dumps(before)
    assert after["digests"]["facts"] != before["digests"]["facts"]
    assert after["digests"]["rules"] == before["digests"]["rules"]
    assert after["digests"]["answer"] != before["digests"]["answer"]


def test_number_of_experts(facts: Path, before: dict[str, Any]):
    change(facts / "models" / "mistral.toml", "mixtral-8x22b", "experts = 8", "experts = 4")
    after = ask(facts)
    expert = 56 * 3 * 6144 * 16384
    router = 56 * 6144
    assert before["model"]["params_total"] - after["model"]["params_total"] == 4 * (expert + router)
    assert after["memory"]["weights_bytes"] < before["memory"]["weights_bytes"] - 4 * expert
    assert after["memory"]["kv_cache_bytes"] == before["memory"]["kv_cache_bytes"]
    block = fact(after, "block[mixtral-8x22b, 0]")
    assert block["values"]["experts"].startswith("4")
    header = (facts / "models" / "mistral.toml").read_text("utf-8").splitlines()[block["given"]["line"] - 1]
    assert header == "[[model.block]]"
    assert formulas(after) != formulas(before)


def test_kv_heads(facts: Path, before: dict[str, Any]):
    change(facts / "models" / "mistral.toml", "mixtral-8x22b", "kv_heads = 8", "kv_heads = 4")
    assert ask(facts)["memory"]["kv_cache_bytes"] * 2 == before["memory"]["kv_cache_bytes"]


def test_share_that_a_runtime_may_use(facts: Path, before: dict[str, Any]):
    change(facts / "runtimes.toml", "vllm", "memory_share = 0.9", "memory_share = 0.8")
    after = ask(facts)
    assert after["memory"]["usable_bytes"] == 81920 * MIB * 8 // 10
    assert "80 %" in formulas(after) or any("80 %" in one["text"] for one in after["conclusions"])


def test_policy(facts: Path):
    """What counts as tight is a fact: with half of the memory to spare required, what fits is tight."""
    question = facts.parent / "question.toml"
    question.write_text(
        '[hardware]\ngpu = "rtx-4090"\n[model]\nid = "mistral-7b-v0.3"\n'
        '[deployment]\nweights = "fp16"\ncontext = 4096\n'
    )
    assert ask(facts, question)["verdict"]["status"] == "fits"
    line = change(facts / "policies" / "memory.toml", "tight", "share = 0.05", "share = 0.5")
    after = ask(facts, question)
    assert after["verdict"]["status"] == "tight"
    policy = fact(after, "policy[tight]")
    assert (policy["given"]["file"], policy["given"]["line"]) == ("facts/policies/memory.toml", line)


def test_bandwidth_changes_what_is_said_of_it(facts: Path):
    change(
        facts / "gpus" / "nvidia-ampere.toml",
        "a100-sxm4-80",
        "bandwidth_gb_s = 2039",
        "bandwidth_gb_s = 1234",
    )
    assert any("1.23 TB/s" in one["text"] for one in ask(facts)["conclusions"])


def test_the_command_sees_a_changed_file_at_once(facts: Path, monkeypatch: pytest.MonkeyPatch):
    """In one process and without a restart: what is kept in memory is not used for files that changed."""
    monkeypatch.setattr(advisor.folders, "facts_folder", lambda: facts)
    first = advisor.ask(A100, engine="clips", remedies=False).to_dict()["memory"]["usable_bytes"]
    change(
        facts / "gpus" / "nvidia-ampere.toml",
        "a100-sxm4-80",
        "memory_mib_reported = 81920",
        "memory_mib_reported = 6144",
    )
    assert (
        advisor.ask(A100, engine="clips", remedies=False).to_dict()["memory"]["usable_bytes"]
        == 6144 * MIB * 9 // 10
        != first
    )


def test_a_snapshot_does_not_hide_a_changed_file(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The same with what is kept on disk between processes."""
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    code = (
        "import sys, pathlib, advisor.folders as i, advisor\n"
        "i.facts_folder = lambda: pathlib.Path(sys.argv[1])\n"
        "print(advisor.ask(sys.argv[2], engine='clips', remedies=False).to_dict()['memory']['usable_bytes'])"
    )
    command = [sys.executable, "-c", code, str(facts), str(A100)]
    first = [
        subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout for _ in range(2)
    ]
    file = facts / "gpus" / "nvidia-ampere.toml"
    change(file, "a100-sxm4-80", "memory_mib_reported = 81920", "memory_mib_reported = 71920")
    after = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert first[0] == first[1] == f"{81920 * MIB * 9 // 10}\n"
    assert after == f"{71920 * MIB * 9 // 10}\n"

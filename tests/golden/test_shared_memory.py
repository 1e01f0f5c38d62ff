"""A machine whose GPU shares the host's memory: what it is taken to have is said, and stating it decides."""

from __future__ import annotations

from typing import Any

import pytest

import advisor
from advisor.facts.values import Fact
from advisor.installation import installation

GIB = 2**30
SHARED = [gpu for gpu in installation().library.of("gpu") if gpu.values["unified"]]
assert SHARED


def ask(gpu: Fact, **hardware: Any) -> dict[str, Any]:
    deployment = {"weights": "gguf-q4_k_m", "context": 4096}
    asked = {"gpu": gpu.key[0], **hardware}
    question = {"hardware": asked, "model": {"id": "llama-3.1-8b"}, "deployment": deployment}
    return advisor.ask(question, engine="clips", remedies=False).to_dict()


def taken(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in answer["assumptions"] if one["field"].startswith("hardware.system_memory")]


@pytest.mark.parametrize("gpu", SHARED, ids=lambda gpu: gpu.key[0])
def test_what_is_not_said_is_taken_from_the_part_and_told(gpu: Fact):
    silent = ask(gpu)
    (assumption,) = taken(silent)
    assert assumption["rule"] == "defaults.shared-memory"
    assert assumption["value"] == pytest.approx(gpu.values["memory"] / 10**9)  # sold by GiB, written GB
    said = ask(gpu, system_memory_gib=assumption["value"])
    assert taken(said) == []
    assert said["memory"] == silent["memory"]
    half = ask(gpu, system_memory_gib=assumption["value"] / 2)
    assert half["memory"]["usable_bytes"] <= silent["memory"]["usable_bytes"] / 2  # the share may grow


@pytest.mark.parametrize(("gib", "share"), [(16, 2 / 3), (32, 2 / 3), (36, 3 / 4), (128, 3 / 4)])
def test_small_macs_give_less_of_it(gib: int, share: float):
    (gpu,) = (one for one in SHARED if one.key == ("apple-m3-max-16c",))
    whole = ask(gpu, system_memory_gib=gib)["memory"]["usable_bytes"] / 0.95
    assert whole / GIB == pytest.approx(gib * share, rel=1e-3)


def test_a_card_with_its_own_memory_says_nothing_of_the_host_while_the_model_fits():
    (card,) = (gpu for gpu in installation().library.of("gpu") if gpu.key == ("rtx-4090",))
    assert taken(ask(card)) == []

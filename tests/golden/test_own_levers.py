"""Levers that keep machine and model: formats, cache, context, knobs, layers and experts on the host."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import advisor

FORMATS = Path(__file__).parents[2] / "facts" / "formats"
WORKING = ("fits", "tight")
MIXTRAL = {"runtime": "vllm", "weights": "int8-w8a8", "context": 65536}


def ask(gpu: str, model: str, deployment: Any, goals: Any = (), **hardware: Any) -> dict[str, Any]:
    question = {"hardware": {"gpu": gpu, **hardware}, "model": {"id": model}, "deployment": deployment}
    return advisor.ask({**question, "goals": dict(goals)}, engine="clips").to_dict()


def works(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """All changes that were proved to work."""
    search = answer["search"]
    found = [*answer["remedies"], *search["more"], *search["outdone"]]
    return [each["set"] for each in found if each.get("set")]


def proposed(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [*works(answer), *(each["set"] for each in answer["search"]["not_enough"])]


def status(gpu: str, model: str, deployment: Any) -> str:
    return str(ask(gpu, model, deployment)["verdict"]["status"])


@cache
def facts(kind: str) -> list[dict[str, Any]]:
    tables = [tomllib.loads(path.read_text()) for path in sorted(FORMATS.glob("*.toml"))]
    return [each for table in tables for each in table.get(kind, ())]


@pytest.fixture(scope="module")
def one_a100() -> dict[str, Any]:
    return ask("a100-sxm4-80", "mixtral-8x22b", MIXTRAL)


@pytest.mark.parametrize(("gpu", "sm"), [("v100-sxm2-16", 70), ("rtx-4090", 89)], ids=["Volta", "Ada"])
def test_only_formats_are_proposed_that_runtime_and_gpu_load(gpu: str, sm: int) -> None:
    loaded = {
        (each["format"], each["runtime"])
        for each in facts("format_runtime")
        if each.get("min_sm", 0) <= sm and not each.get("experimental")
    }
    deployment = {"runtime": "vllm", "weights": "fp16", "context": 65536}
    kept = ["hardware", "model", "deployment.context", "deployment.gpu_layers"]
    answer = ask(gpu, "llama-3.1-8b", deployment, goals={"keep": kept})
    chosen = [
        (each["deployment.weights"], each.get("deployment.runtime", "vllm"))
        for each in proposed(answer)
        if "deployment.weights" in each
    ]
    assert chosen
    assert set(chosen) <= loaded


def test_a_gguf_file_type_with_more_bits_loses_no_more() -> None:
    """Else the order of a lever would not be from the mildest to the strongest."""
    told = [
        (each["file_bits"], each["perplexity_delta"])
        for each in facts("weight_format")
        if each.get("gguf") and "perplexity_delta" in each and "outdone_by" not in each
    ]
    assert len(told) > 10
    losses = [loss for _, loss in sorted(told)]
    assert losses == sorted(losses, reverse=True)


def test_a_smaller_file_leaves_room_for_a_context_that_is_found(one_a100: dict[str, Any]) -> None:
    """llama.cpp holds IQ4_XS on one A100 at a context that ends where the card does."""
    found = [
        each
        for each in works(one_a100)
        if each.get("deployment.weights") == "gguf-iq4_xs" and "deployment.context" in each
    ]
    assert [set(each) for each in found] == [
        {"deployment.weights", "deployment.runtime", "deployment.context"}
    ]
    context = found[0]["deployment.context"]
    asked = {"runtime": "llama.cpp", "weights": "gguf-iq4_xs"}
    assert status("a100-sxm4-80", "mixtral-8x22b", {**asked, "context": context}) in WORKING
    assert status("a100-sxm4-80", "mixtral-8x22b", {**asked, "context": context + 256}) == "does-not-fit"


def test_four_bits_and_tensor_parallelism_hold_mixtral_on_two_gpus(one_a100: dict[str, Any]) -> None:
    four = {each["id"] for each in facts("weight_format") if each.get("payload_bits") == 4}
    pairs = [each for each in works(one_a100) if each.get("deployment.tensor_parallel") == 2]
    assert four & {each.get("deployment.weights") for each in pairs}


def test_no_context_is_proposed_that_is_for_another_task(one_a100: dict[str, Any]) -> None:
    contexts = [each["deployment.context"] for each in proposed(one_a100) if "deployment.context" in each]
    assert contexts
    assert min(contexts) >= 65536 / 8


def test_the_fewest_layers_have_their_experts_on_the_host(one_a100: dict[str, Any]) -> None:
    found = next(each for each in works(one_a100) if "deployment.cpu_experts" in each)
    moved = found["deployment.cpu_experts"]
    asked = {"runtime": "llama.cpp", "weights": found["deployment.weights"], "context": 65536}
    assert status("a100-sxm4-80", "mixtral-8x22b", {**asked, "cpu_experts": moved}) in WORKING
    assert status("a100-sxm4-80", "mixtral-8x22b", {**asked, "cpu_experts": moved - 1}) == "does-not-fit"


@pytest.mark.parametrize(
    ("deployment", "mends"),
    [
        ({"runtime": "vllm", "kv_cache": "q8_0"}, {"deployment.kv_cache": "f16"}),
        ({"runtime": "vllm", "context": 400000}, {"deployment.context": 131072}),
        (
            {"runtime": "llama.cpp", "weights": "q4_k_m", "kv_cache": "q8_0", "flash_attention": False},
            {"deployment.flash_attention": True},
        ),
        ({"runtime": "vllm", "weights": "mlx-4-g64"}, {"deployment.weights": "awq-4-g128"}),
    ],
    ids=["data type of the cache", "context", "flash attention", "format"],
)
def test_what_cannot_run_is_mended_where_it_is_wrong(deployment: Any, mends: Any) -> None:
    answer = ask("a100-sxm4-80", "llama-3.1-8b", deployment)
    assert answer["verdict"]["status"] == "cannot-run"
    assert {*mends} in [set(each) for each in works(answer)]
    changed = {**deployment, **{path.rpartition(".")[2]: value for path, value in mends.items()}}
    assert status("a100-sxm4-80", "llama-3.1-8b", changed) in WORKING


def test_little_that_is_missing_is_found_by_a_knob() -> None:
    """An 8B model in 16 bits at 49,000 tokens needs a little more than nine tenths of 24 GB."""
    answer = ask("rtx-4090", "llama-3.1-8b", {"runtime": "vllm", "weights": "fp16", "context": 49152})
    assert answer["verdict"]["status"] == "does-not-fit"
    assert {"deployment.gpu_memory_utilization"} in [set(each) for each in works(answer)]


def test_a_recipe_whose_size_is_stated_is_left_as_it_is() -> None:
    answer = ask(
        "rtx-4090",
        "llama-3.3-70b",
        {"runtime": "llama.cpp", "weights_bytes": 40 * 10**9},
        goals={"keep": ["hardware"]},
    )
    assert proposed(answer)
    assert not any("deployment.weights" in each for each in proposed(answer))


def test_a_goal_of_speed_is_reached_by_fewer_bits_and_never_by_offload() -> None:
    deployment = {"runtime": "vllm", "weights": "fp16", "context": 8192}
    answer = ask("rtx-4090", "llama-3.1-8b", deployment, goals={"min_decode_tokens_per_second": 80})
    assert answer["verdict"]["status"] == "fits"
    assert {"deployment.weights"} in [set(each) for each in works(answer)]
    changed = {path for each in proposed(answer) for path in each}
    assert not changed & {"deployment.gpu_layers", "deployment.cpu_experts", "deployment.ubatch"}


def test_nothing_is_proposed_where_the_verdict_is_unknown() -> None:
    unknown = {"name": "a card", "bandwidth_gb_s": 900}  # its memory is not told
    question = {"hardware": {"gpu": unknown}, "model": {"id": "llama-3.3-70b"}}
    answer = advisor.ask(question, engine="clips").to_dict()
    assert answer["verdict"]["status"] == "unknown"
    assert not proposed(answer)

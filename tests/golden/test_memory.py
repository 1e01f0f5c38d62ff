"""Memory against figures worked out by hand, and against what must hold of any model, runtime and machine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import advisor
from advisor.installation import installation

GIB = 2**30
MODELS = sorted(str(model.key[0]) for model in installation().library.of("model"))
CARDS = ("rtx-3090", "a100-sxm4-80", "h100-sxm5-80", "l40s", "apple-m3-max-16c", "mi300x-192")
FORMATS = {
    "vllm": ("bf16", "awq-4-g128"),
    "llama.cpp": ("gguf-q4_k_m", "gguf-q8_0", "gguf-iq2_xs"),
    "transformers": ("bf16",),
}


def ask(model: str, gpu: str = "h100-sxm5-80", **deployment: Any) -> dict[str, Any]:
    hardware = {"gpu": gpu, "count": deployment.pop("count", 1)}
    question = {"hardware": hardware, "model": {"id": model}, "deployment": deployment}
    return advisor.ask(question, engine="clips", remedies=False).to_dict(False)


# ---------------------------------------------------------------- by hand, one sequence in 16 bit unless said

CACHES = [
    # 61 layers of 512 + 64 elements, for all heads together
    ("deepseek-v3", {"runtime": "vllm", "context": 131072}, 8.6),
    # 10 layers of 16 KV heads with all 131,072 tokens, 52 with 1,024 and a micro-batch of 512
    (
        "gemma-3-27b",
        {"runtime": "llama.cpp", "weights": "gguf-q4_k_m", "context": 131072, "ubatch": 512},
        10.6,
    ),
    # 16 of 64 layers have a cache
    ("qwen3.5-27b", {"runtime": "vllm", "context": 262144}, 16.0),
    # a batch of 8,192 tokens stands beside each window of 128: nothing is saved
    ("gpt-oss-20b", {"runtime": "vllm", "context": 8192, "concurrency": 32}, 12.0),
    # half of the layers keep 128 tokens
    ("gpt-oss-20b", {"runtime": "a runtime of my own", "context": 8192, "concurrency": 32}, 6.1),
    ("gpt-oss-20b", {"runtime": "vllm", "runtime_version": "0.9", "context": 8192, "concurrency": 32}, 12.0),
]


@pytest.mark.parametrize(("model", "deployment", "gib"), CACHES)
def test_caches(model: str, deployment: dict[str, Any], gib: float):
    assert round(ask(model, **deployment)["memory"]["kv_cache_bytes"] / GIB, 1) == gib


def test_versions_of_a_runtime_keep_latents_differently():
    """DeepSeek V3 in llama.cpp: keys and values of all heads, the latent and its values, the latent alone."""
    asked = {"runtime": "llama.cpp", "weights": "q4_k_m", "context": 4096}
    cache = {
        version: ask("deepseek-v3", **asked, runtime_version=version)["memory"]["kv_cache_bytes"]
        for version in ("January 2025", "June 2025", "March 2026")
    }
    layers, tokens, wide = 61, 4096, 2
    assert list(cache.values()) == [
        layers * tokens * wide * each for each in (128 * (192 + 128), 576 + 512, 576)
    ]


def test_compute_buffers_as_logged():
    """Llama 3 8B at 8,192 tokens: 560 MiB on one card and 640 on each of two, as builds of May 2024 print."""
    deployment = {"runtime": "llama.cpp", "runtime_version": "May 2024", "weights": "q4_k_m", "context": 8192}
    for count, mib in ((1, 560), (2, 640)):
        parts = ask("llama-3-8b", "rtx-3090", count=count, **deployment)["memory"]["components"]
        assert [part["bytes"] / 2**20 for part in parts if part["id"] == "compute buffer"] == [mib] * count


def test_experts_stay_with_the_processor():
    deployment = {"runtime": "llama.cpp", "weights": "q4_k_m", "context": 8192}
    whole = ask("qwen3-30b-a3b", "rtx-4090", **deployment)["memory"]
    kept = ask("qwen3-30b-a3b", "rtx-4090", cpu_experts="all", **deployment)["memory"]
    assert kept["weights_bytes"] == whole["weights_bytes"]
    assert kept["per_gpu"][0]["weights_bytes"] < whole["per_gpu"][0]["weights_bytes"] / 5
    assert kept["per_gpu"][0]["kv_cache_bytes"] == whole["per_gpu"][0]["kv_cache_bytes"]


def test_layers_on_several_cards_add_up():
    deployment = {"runtime": "llama.cpp", "weights": "q4_k_m", "context": 8192}
    one = ask("llama-3.3-70b", "a100-sxm4-80", **deployment)["memory"]["per_gpu"]
    for count in (2, 3, 7):
        many = ask("llama-3.3-70b", "a100-sxm4-80", count=count, **deployment)["memory"]["per_gpu"]
        for part in ("weights_bytes", "kv_cache_bytes"):
            assert sum(card[part] for card in many) == pytest.approx(one[0][part], abs=count)
        assert max(card["weights_bytes"] for card in many) < 2 * min(card["weights_bytes"] for card in many)


def test_experts_of_the_first_layers_leave_the_first_card_empty():
    """46 layers on two cards: with the experts of 26 with the processor, the second card holds all others."""
    deployment = {"runtime": "llama.cpp", "weights": "q4_k_m", "context": 8192, "cpu_experts": 26}
    first, second = ask("glm-4.5-air", "rtx-4090", count=2, **deployment)["memory"]["per_gpu"]
    assert second["weights_bytes"] > 5 * first["weights_bytes"]


def test_what_stays_with_the_processor_needs_room_there():
    deployment = {"runtime": "llama.cpp", "weights": "q4_k_m", "context": 8192, "cpu_experts": "all"}
    question = {
        "hardware": {"gpu": "rtx-3060-12"},
        "model": {"id": "qwen3-30b-a3b"},
        "deployment": deployment,
    }
    for gib, status in ((64, "fits"), (8, "does-not-fit")):
        question["hardware"]["system_memory_gib"] = gib
        assert advisor.ask(question, engine="clips", remedies=False).status == status


def test_an_output_head_on_the_host_is_copied_for_each_batch():
    """Llama 3 8B in Q4_K_M: 250.5 MiB of scores, 8 of hidden vectors, 411 of the head in Q6_K."""
    deployment = {"runtime": "llama.cpp", "runtime_version": "b5500", "weights": "q4_k_m", "context": 8192}
    parts = ask("llama-3-8b", "rtx-4090", gpu_layers=20, flash_attention=True, **deployment)["memory"][
        "components"
    ]
    (buffer,) = [part["bytes"] for part in parts if part["id"] == "compute buffer"]
    assert buffer / 2**20 == pytest.approx(250.5 + 8 + 411, abs=1)


def test_stages_of_tensor_parallel_groups_share_layers_and_heads():
    """Sixteen GPUs in two stages of eight: about half of what each of eight would hold."""
    eight = ask("llama-3.1-405b", count=8, tensor_parallel=8, weights="fp8", context=8192)["memory"][
        "per_gpu"
    ][0]
    both = ask(
        "llama-3.1-405b", count=16, tensor_parallel=8, pipeline_parallel=2, weights="fp8", context=8192
    )
    for card in both["memory"]["per_gpu"]:
        for part in ("weights_bytes", "kv_cache_bytes"):
            assert card[part] == pytest.approx(eight[part] / 2, rel=0.01)
    assert both["parallel"]["tensor_parallel_valid"]


CANNOT = [
    ({"runtime": "vllm", "kv_cache": "q8_0"}, "vLLM has no KV cache in q8_0"),
    ({"runtime": "llama.cpp", "weights": "q4_k_m", "kv_cache": "fp8"}, "llama.cpp has no KV cache in fp8"),
    (
        {"runtime": "llama.cpp", "weights": "q4_k_m", "kv_cache": "q8_0", "flash_attention": False},
        "only with flash",
    ),
]


@pytest.mark.parametrize(("deployment", "why"), CANNOT)
def test_caches_that_a_runtime_does_not_have(deployment: dict[str, Any], why: str):
    said = ask("qwen3-8b", "rtx-4090", context=4096, **deployment)
    assert said["verdict"]["status"] == "cannot-run"
    assert any(why in conclusion["text"] for conclusion in said["conclusions"])


FOREIGN = [
    ("vllm", "bf16", {"gpu_layers": 5, "cpu_experts": 5, "ubatch": 64, "flash_attention": False}),
    ("llama.cpp", "q4_k_m", {"gpu_memory_utilization": 0.5, "max_batched_tokens": 64, "enforce_eager": True}),
]


@pytest.mark.parametrize(("runtime", "weights", "settings_of_another"), FOREIGN)
def test_settings_of_another_runtime_change_nothing_and_are_told(
    runtime: str, weights: str, settings_of_another: dict[str, Any]
):
    own = {"runtime": runtime, "weights": weights, "context": 4096}
    plain, odd = (ask("qwen3-8b", "a100-sxm4-80", **own, **more) for more in ({}, settings_of_another))
    assert odd["memory"] == plain["memory"]
    assert any(c["severity"] == "warning" and "not counted" in c["text"] for c in odd["conclusions"])


@pytest.mark.parametrize("name", ["vLLM", "VLLM", "Ollama", "LM Studio", "llama.cpp", "SGLang"])
def test_names_of_runtimes_are_known_in_any_case(name: str):
    weights = "bf16" if name.lower() in ("vllm", "sglang") else "q4_k_m"
    said = ask("qwen3-8b", "rtx-4090", runtime=name, weights=weights, context=4096)
    assert not any(each["rule"] == "defaults.runtime-not-listed" for each in said["conclusions"])


# ---------------------------------------------------------------- of any


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    runtime = draw(st.sampled_from(sorted(FORMATS)))
    return {
        "model": draw(st.sampled_from(MODELS)),
        "gpu": draw(st.sampled_from(CARDS)),
        "runtime": runtime,
        "weights": draw(st.sampled_from(FORMATS[runtime])),
        "context": draw(st.sampled_from([512, 2048, 4096])),
        "concurrency": draw(st.sampled_from([1, 2, 4])),
    }


def parts_of(memory: dict[str, Any]) -> list[int]:
    return [memory[f"{part}_bytes"] for part in ("weights", "kv_cache", "overhead", "required")]


@settings(max_examples=40, deadline=None)
@given(questions())
def test_parts_make_the_whole_and_lie_within_their_bands(question: dict[str, Any]):
    memory = ask(**question)["memory"]
    for part in memory["components"]:
        if part["band"] and part["bytes"] is not None:
            assert part["band"]["low"] <= part["bytes"] <= part["band"]["high"]
    for card in memory["per_gpu"]:
        if card["required_bytes"] is not None:
            weights, cache, overhead, required = parts_of(card)
            assert weights + cache + overhead == required
            assert (
                memory["required_band"]["low"] <= memory["required_bytes"] <= memory["required_band"]["high"]
            )


@settings(max_examples=40, deadline=None)
@given(questions(), st.sampled_from(["context", "concurrency"]))
def test_more_of_it_never_takes_less(question: dict[str, Any], grown: str):
    """Of tokens and of sequences; but for one number of slots, which lets llama.cpp share one cache."""
    less, more = (ask(**question | {grown: question[grown] * times})["memory"] for times in (1, 2))
    shared = question["runtime"] == "llama.cpp" and grown == "concurrency"
    if None not in (less["required_bytes"], more["required_bytes"]) and not shared:
        assert less["kv_cache_bytes"] <= more["kv_cache_bytes"]
        assert less["required_bytes"] <= more["required_bytes"]


@settings(max_examples=25, deadline=None)
@given(questions())
def test_flash_attention_never_takes_more(question: dict[str, Any]):
    question |= {"runtime": "llama.cpp", "weights": "gguf-q4_k_m"}
    sizes = {}
    for flash in (True, False):
        parts = ask(**question, flash_attention=flash)["memory"]["components"]
        sizes[flash] = [part["bytes"] for part in parts if part["id"] == "compute buffer"]
    if None not in (*sizes[True], *sizes[False]):
        assert sizes[True] <= [size * 1.2 for size in sizes[False]]  # its masks are half as large again

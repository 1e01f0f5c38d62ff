"""Ten questions over models whose layers differ: figures worked out by hand, each with its proof."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import pytest

import advisor
from advisor.answer.text.answer import to_text

KIB, GIB = 2**10, 2**30
FP16, F32 = 2, 4  # bytes


class Odd(NamedTuple):
    """A question, and what comes out: the cache of one sequence, the state, and rules of the proof."""

    hardware: dict[str, Any]
    deployment: dict[str, Any]
    status: str
    parameters: int
    cache: int
    state: int
    rules: set[str]


def kept(context: int, page: int = 16) -> int:
    """Tokens in the cache, in whole pages."""
    return -(-context // page) * page


def page_of(state: int, token: int) -> int:
    """Tokens of vLLM's page in a hybrid: as many sixteens as hold the state of one layer, both in bytes."""
    return kept(-(-state // token))


def windowed(window: int, batch: int, page: int) -> int:
    return -(-(window + batch) // page) * page


ODD = {
    # 10 of 62 layers see everything, 52 a window of 1,024 tokens; llama.cpp keeps window and batch, in 256s.
    "gemma-3-27b": Odd(
        {"gpu": "rtx-5090", "count": 1},
        {"runtime": "llama.cpp", "weights": "q4_k_m", "context": 131072, "ubatch": 512},
        "fits",
        27_009_346_304,
        2 * 16 * 128 * FP16 * (10 * 131072 + 52 * windowed(1024, 512, 256)),
        0,
        {"kv-cache.attention", "attention.keys"},
    ),
    # One latent of 512 and 64 rotary elements for all heads of a layer.
    "deepseek-v3": Odd(
        {"gpu": "h200-sxm-141", "count": 8},
        {"context": 131072, "tensor_parallel": 8},
        "fits",
        671_026_419_200,
        61 * (512 + 64) * FP16 * 131072,
        0,
        {"kv-cache.latent", "attention.latent"},
    ),
    # Every eighth layer has attention, the others a state of 8,192 by 16 and three inputs of a convolution.
    "jamba-1.5-mini": Odd(
        {"gpu": "a100-sxm4-80", "count": 2},
        {"context": 262144, "tensor_parallel": 2},
        "fits",
        51_570_323_328,
        4 * 8 * 2 * 128 * FP16 * kept(262144, page_of(8192 * (16 + 3) * F32, 8 * 2 * 128 * FP16)),
        28 * 8192 * (16 + 3) * F32,
        {"kv-cache.attention", "linear-layers.mamba", "recurrent-state.mamba"},
    ),
    # 24 Mamba 2 layers of 128 heads by 64 by 128, 24 feed-forward networks alone, 4 with attention.
    "nemotron-h-8b": Odd(
        {"gpu": "l40s", "count": 1},
        {"context": 8192},
        "fits",
        8_100_852_736,
        4
        * 8
        * 2
        * 128
        * FP16
        * kept(8192, page_of((128 * 64 * 128 + (128 * 64 + 2 * 8 * 128) * 3) * F32, 8 * 2 * 128 * FP16)),
        24 * (128 * 64 * 128 + (128 * 64 + 2 * 8 * 128) * 3) * F32,
        {"linear-layers.mamba2", "recurrent-state.mamba2"},
    ),
    # Three of four layers keep 32 matrices of 128 by 128; the fourth gates its output.
    "qwen3-next-80b-a3b": Odd(
        {"gpu": "h100-sxm5-80", "count": 4},
        {"context": 262144, "tensor_parallel": 4},
        "fits",
        79_674_391_296,
        12
        * 2
        * 2
        * 256
        * FP16
        * kept(262144, page_of((32 * 128 * 128 + (2 * 16 * 128 + 32 * 128) * 3) * F32, 2 * 2 * 256 * FP16)),
        36 * (32 * 128 * 128 + (2 * 16 * 128 + 32 * 128) * 3) * F32,
        {"linear-layers.gated-delta", "attention.output-gate", "recurrent-state.gated-delta"},
    ),
    # 18 of 36 layers see 128 tokens; 4 of 128 experts work; attention has sinks.
    "gpt-oss-120b": Odd(
        {"gpu": "h100-sxm5-80", "count": 1},
        {"context": 131072, "max_batched_tokens": 8192},
        "fits",
        116_829_156_672,
        18 * 8 * 2 * 64 * FP16 * (131072 + windowed(128, 8192, 1)),
        0,
        {"attention.vectors", "feed-forward.experts"},
    ),
    # 15 of 35 layers read the cache of earlier ones; 4 of the other 20 see more than 512 tokens.
    "gemma-3n-e4b": Odd(
        {"gpu": "l4", "count": 1},
        {"weights": "bf16", "context": 8192, "max_batched_tokens": 2048},
        "fits",
        6_835_235_568,
        2 * 2 * 256 * FP16 * (4 * 8192 + 16 * windowed(512, 2048, 1)),
        0,
        {"layers.extra-tensors", "kv-cache.attention"},
    ),
    # Every fourth layer sees everything, the others chunks of 8,192 tokens.
    "llama-4-scout": Odd(
        {"gpu": "h100-sxm5-80", "count": 4},
        {"context": 1_000_000, "tensor_parallel": 4, "max_batched_tokens": 8192},
        "tight",
        107_769_861_120,
        2 * 8 * 128 * FP16 * (12 * kept(1_000_000) + 36 * windowed(8192, 8192, 1)),
        0,
        {"feed-forward.shared-experts"},
    ),
    # Every second layer reads the keys and values of the one before.
    "hunyuan-large": Odd(
        {"gpu": "h200-sxm-141", "count": 8},
        {"context": 131072, "tensor_parallel": 8},
        "fits",
        388_701_405_440,
        32 * 2 * 8 * 80 * FP16 * 131072,
        0,
        {"attention.keys"},
    ),
    # Layers 5, 15, 25 and 35 have attention, 36 keep 128 matrices of 64 by 128.
    "granite-4.0-h-small": Odd(
        {"gpu": "l40s", "count": 2},
        {"context": 131072, "tensor_parallel": 2},
        "fits",
        32_207_337_984,
        4
        * 8
        * 2
        * 128
        * FP16
        * kept(131072, page_of((128 * 64 * 128 + (128 * 64 + 2 * 128) * 3) * F32, 8 * 2 * 128 * FP16)),
        36 * (128 * 64 * 128 + (128 * 64 + 2 * 128) * 3) * F32,
        {"recurrent-state.mamba2", "feed-forward.shared-experts"},
    ),
}


@cache
def answer(model: str) -> dict[str, Any]:
    question = {"hardware": ODD[model].hardware, "model": {"id": model}, "deployment": ODD[model].deployment}
    return advisor.ask(question, engine="clips", remedies=False).to_dict()


@pytest.mark.parametrize("model", ODD)
def test_the_figures_are_those_worked_out_by_hand(model: str):
    odd, said = ODD[model], answer(model)
    assert said["verdict"]["status"] == odd.status
    assert said["model"]["params_total"] == odd.parameters
    assert said["memory"]["kv_cache_bytes"] == odd.cache
    state = [each["bytes"] for each in said["memory"]["components"] if each["id"] == "recurrent state"]
    assert sum(state) == odd.state


@pytest.mark.parametrize("model", ODD)
def test_each_figure_has_its_proof(model: str):
    """From the cache and the parameters down to blocks with sources, and rules with file and line."""
    trace = answer(model)["trace"]
    fired = {firing["rule"]: firing for firing in trace["firings"]}
    assert ODD[model].rules <= set(fired)
    facts = {fact["id"]: fact for fact in trace["facts"]}
    for rule in ODD[model].rules:
        firing = fired[rule]
        given = [facts[premise]["given"] for premise in firing["premises"] if facts[premise]["given"]]
        assert any(each["sources"] and each["line"] for each in given), rule
        assert firing["file"] == f"rules/{rule.partition('.')[0]}.toml" and firing["line"]
        assert firing["formulas"] or rule == "layers.extra-tensors"


@pytest.mark.parametrize("model", ODD)
def test_the_proof_can_be_read(model: str):
    page = to_text(answer(model), 80, explain=True)
    assert max(map(len, page.splitlines())) <= 80
    unbroken = "".join(page.split())
    assert all(rule in unbroken for rule in ODD[model].rules)
    assert f"block[{model},0]" in unbroken and "facts/models/" in unbroken

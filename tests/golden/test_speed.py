"""Speed, asked of whole questions: within what the hardware allows, and more of what helps never slower."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

import advisor
from advisor.answer.answer import Answer

SLACK = 1 + 1e-9  # powers and logarithms of the rules are rounded
CARD = {"name": "a card", "memory_gb": 80, "bandwidth_gb_s": 1000, "fp16_tensor_tflops_dense": 300}

#: Hardware, model and deployment, as varied as a few dozen can be.
QUESTIONS: list[tuple[Any, str, dict[str, Any]]] = [
    ({"gpu": "a100-sxm4-80"}, "llama-3.1-8b", {"weights": "bf16", "context": 8192}),
    ({"gpu": "a100-sxm4-80"}, "llama-3.1-8b", {"weights": "bf16", "context": 2048, "concurrency": 128}),
    ({"gpu": "h100-sxm5-80"}, "llama-3.1-8b", {"weights": "fp8", "context": 32768, "concurrency": 8}),
    ({"gpu": "h100-sxm5-80", "count": 4}, "llama-3.3-70b", {"weights": "bf16", "tensor_parallel": 4}),
    ({"gpu": "rtx-3090", "count": 2}, "llama-3.3-70b", {"weights": "awq-4-g128", "context": 2048}),
    ({"gpu": "rtx-4090"}, "tinyllama-1.1b", {"weights": "q4_k_m", "context": 2048}),
    ({"gpu": "rtx-4090"}, "qwen2.5-0.5b", {"weights": "bf16", "runtime": "transformers", "context": 2048}),
    ({"gpu": "rtx-4090"}, "qwen3-30b-a3b", {"weights": "q4_k_m", "context": 8192}),
    ({"gpu": "rtx-4090"}, "llama-3.3-70b", {"weights": "q4_k_m", "context": 4096, "gpu_layers": 30}),
    ({"gpu": "rtx-4090"}, "qwen3-30b-a3b", {"weights": "q4_k_m", "context": 8192, "cpu_experts": "all"}),
    ({"gpu": "h200-sxm-141", "count": 8}, "deepseek-r1", {"context": 4096, "concurrency": 32}),
    ({"gpu": "h200-sxm-141", "count": 8}, "deepseek-v3.2", {"context": 65536, "tensor_parallel": 8}),
    ({"gpu": "a100-sxm4-80", "count": 2}, "mixtral-8x22b", {"weights": "awq-4-g128", "context": 65536}),
    ({"gpu": "h100-sxm5-80", "count": 4}, "mixtral-8x7b", {"pipeline_parallel": 2, "tensor_parallel": 2}),
    ({"gpu": "apple-m3-max-16c"}, "mixtral-8x7b", {"weights": "q4_k_m", "context": 4096}),
    ({"gpu": "ryzen-ai-max-395"}, "gpt-oss-120b", {"runtime": "llama.cpp", "context": 4096}),
    ({"gpu": "mi300x-192"}, "gemma-3-27b", {"weights": "bf16", "context": 32768}),
    ({"gpu": "rtx-4090"}, "gemma-3n-e4b", {"weights": "q8_0", "context": 8192}),
    ({"gpu": "a100-sxm4-80"}, "qwen3-next-80b-a3b", {"weights": "awq-4-g128", "context": 32768}),
    ({"gpu": "none"}, "llama-3.1-8b", {"weights": "q4_k_m", "context": 4096}),
    ({"gpu": "none", "system_memory_gb_s": 200}, "qwen3-30b-a3b", {"weights": "q4_k_m", "context": 4096}),
    ({"gpu": CARD, "count": 2}, "llama-3.1-8b", {"split": "layer", "runtime": "llama.cpp"}),
]


def ask(hardware: Mapping[str, Any], model: str, deployment: Mapping[str, Any], **tables: Any) -> Answer:
    return _asked(json.dumps([hardware, model, deployment, tables]))


@cache
def _asked(text: str) -> Answer:
    hardware, model, deployment, tables = json.loads(text)
    question = {"hardware": hardware, "model": {"id": model}, "deployment": deployment, **tables}
    return advisor.ask(question, engine="clips", remedies=False)


def figure(answer: Answer, kind: str, field: str) -> float:
    """A field of the one fact of a kind, in base units."""
    fact = answer.figures.one(kind)
    assert fact, f"no {kind}: {answer.status}"
    return fact.values[field]


def typical(*question: Any) -> float:
    return figure(ask(*question), "decode_speed", "typical")


def said(answer: Answer, rule: str) -> list[str]:
    return [each["text"] for each in answer.to_dict()["conclusions"] if each["rule"] == rule]


def falls(speeds: Sequence[float]) -> bool:
    return all(after <= before * SLACK for before, after in pairwise(speeds))


def rises(speeds: Sequence[float]) -> bool:
    return falls(speeds[::-1])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question[1]} {question[2]}")
def test_the_ends_are_in_order_and_the_hardware_allows_them(question: tuple[Any, str, dict[str, Any]]):
    answer = ask(*question)
    low, likely, high = (figure(answer, "decode_speed", end) for end in ("low", "typical", "high"))
    assert 0 < low < likely < high <= figure(answer, "decode_limit", "rate")
    prefill = answer.to_dict()["speed"]["prefill_tokens_per_second"]
    assert prefill is None or 0 < prefill["low"] < prefill["typical"] < prefill["high"]
    assert bool(prefill) != bool(said(answer, "prefill.not-told"))
    assert len(said(answer, "speed.in-words")) == 1


@pytest.mark.parametrize(
    ("count", "sequences", "spread", "at_once"),
    [(1, 1, {}, 1), (1, 4, {}, 1), (2, 1, {"split": "layer"}, 1), (4, 3, {"tensor_parallel": 4}, 4)],
)
def test_the_limit_is_bandwidth_over_bytes(count: int, sequences: int, spread: Any, at_once: int):
    """Llama 3.1 8B in 16 bit, by hand: all but the input embedding, and 32 layers of 8 heads of 128."""
    context, bandwidth = 8192, at_once * 2039 * 10**9
    weights = 2 * (8_030_261_248 - 128_256 * 4096)
    cache = 2 * 2 * 32 * 8 * 128 * context * sequences
    deployment = {"weights": "bf16", "context": context, "concurrency": sequences, **spread}
    answer = ask({"gpu": "a100-sxm4-80", "count": count}, "llama-3.1-8b", deployment)
    assert figure(answer, "decode_limit", "rate") == pytest.approx(bandwidth / (weights + cache), rel=1e-6)


def test_a_batch_reads_the_experts_that_its_tokens_choose():
    """Mixtral 8x7B: with one sequence two experts of eight, with three on average 8 * (1 - 0.75**3)."""
    hardware, expert = {"gpu": "mi300x-192"}, 3 * 4096 * 14336 * 2 * 32
    read = [
        figure(
            ask(hardware, "mixtral-8x7b", {"weights": "bf16", "context": 64, "concurrency": number}),
            "decode_weights",
            "experts",
        )
        for number in (1, 3)
    ]
    assert read == [2 * expert, pytest.approx(8 * (1 - 0.75**3) * expert, rel=1e-9)]


@pytest.mark.parametrize("model", ["tinyllama-1.1b", "llama-3.1-8b", "mixtral-8x7b"])
@pytest.mark.parametrize("concurrency", [1, 64])
def test_more_bandwidth_is_never_slower(model: str, concurrency: int):
    deployment = {"weights": "awq-4-g128", "context": 1024, "concurrency": concurrency}
    cards = ({**CARD, "bandwidth_gb_s": rate} for rate in (200, 400, 1600, 3200))
    assert rises([typical({"gpu": card}, model, deployment) for card in cards])


@pytest.mark.parametrize("model", ["llama-3.1-8b", "gemma-3-27b", "deepseek-v2-lite", "qwen3-next-80b-a3b"])
def test_a_longer_context_is_never_faster(model: str):
    hardware = {"gpu": "mi300x-192"}
    asked = [ask(hardware, model, {"weights": "bf16", "context": 2**n}) for n in (8, 10, 12, 14)]
    for kind in ("decode_speed", "prefill_speed"):
        assert falls([figure(answer, kind, "typical") for answer in asked])


@pytest.mark.parametrize(
    ("hardware", "model", "deployment"),
    [
        ({"gpu": "mi300x-192"}, "llama-3.1-8b", {"weights": "bf16"}),
        ({"gpu": "mi300x-192"}, "mixtral-8x7b", {"weights": "bf16"}),
        ({"gpu": "mi300x-192", "count": 4}, "deepseek-v2-lite", {"weights": "bf16", "tensor_parallel": 4}),
        ({"gpu": "mi300x-192"}, "gemma-3-27b", {"weights": "q4_k_m", "runtime": "llama.cpp"}),
        ({"gpu": "none"}, "llama-3.1-8b", {"weights": "q4_k_m"}),
    ],
)
def test_more_sequences_slow_each_other_and_make_more_together(hardware: Any, model: str, deployment: Any):
    numbers = (1, 2, 3, 4, 5, 16, 100)
    asked = [{**deployment, "context": 512, "concurrency": number} for number in numbers]
    speeds = [typical(hardware, model, each) for each in asked]
    assert falls(speeds)
    assert rises([speed * number for speed, number in zip(speeds, numbers, strict=True)])


@pytest.mark.parametrize("runtime", ["llama.cpp", "vllm"])
def test_whole_layers_on_more_gpus_are_no_faster(runtime: str):
    deployment = {"weights": "q4_k_m" if runtime == "llama.cpp" else "bf16", "runtime": runtime}
    one, *more = (
        typical(
            {"gpu": "rtx-3090", "count": count},
            "llama-3.1-8b",
            {**deployment, "split": "layer", "context": 2048},
        )
        for count in (1, 2, 4)
    )
    assert all(speed == pytest.approx(float(one), rel=1e-9) for speed in more)


def test_gpus_that_share_layers_are_faster_and_the_slowest_decides():
    fast, slow = CARD, {**CARD, "name": "a slow card", "bandwidth_gb_s": 500}

    def asked(*cards: Any, **split: Any) -> float:
        hardware = {"device": [{"gpu": card} for card in cards]}
        return typical(hardware, "llama-3.1-8b", {"weights": "bf16", "runtime": "vllm", **split})

    at_once, in_turn = {"tensor_parallel": 2}, {"split": "layer"}
    assert asked(fast, fast, **at_once) > asked(fast, fast, **in_turn)
    assert asked(fast, slow, **at_once) == asked(slow, slow, **at_once)
    turns = [asked(*cards, **in_turn) for cards in ((slow, slow), (fast, slow), (fast, fast))]
    assert turns[0] < turns[1] < turns[2]


def test_pcie_between_gpus_costs_more_than_a_direct_link():
    hardware = {"gpu": "a100-sxm4-80", "count": 4}
    deployment = {"weights": "bf16", "tensor_parallel": 4, "context": 2048}
    direct, pcie = (
        ask({**hardware, **link}, "llama-3.3-70b", deployment) for link in ({}, {"interconnect": "PCIe"})
    )
    for kind in ("decode_speed", "prefill_speed"):
        assert figure(direct, kind, "typical") > figure(pcie, kind, "typical")
    assert figure(direct, "decode_limit", "rate") == figure(pcie, "decode_limit", "rate")
    assert not said(direct, "exchange.assumed-link")
    unknown = ask({"gpu": CARD, "count": 4}, "llama-3.3-70b", deployment).to_dict()
    assert any(each["rule"] == "exchange.assumed-link" for each in unknown["assumptions"])


@pytest.mark.parametrize("field", ["gpu_layers", "cpu_experts"])
def test_more_with_the_processor_is_never_faster(field: str):
    hardware = {"gpu": "rtx-4090", "system_memory_gib": 128, "system_memory_gb_s": 80}
    away = [
        {"gpu_layers": 49 - number} if field == "gpu_layers" else {field: number} for number in (0, 8, 24, 48)
    ]
    speeds = [
        typical(hardware, "qwen3-30b-a3b", {"weights": "q4_k_m", "context": 4096, **each}) for each in away
    ]
    assert falls(speeds)
    assert speeds[0] > 2 * speeds[-1]


@pytest.mark.parametrize(
    ("blank", "speed", "rule"),
    [
        ("bandwidth_gb_s", "decode_speed", "speed.bandwidth-not-told"),
        ("fp16_tensor_tflops_dense", "prefill_speed", "prefill.not-told"),
    ],
)
def test_a_figure_that_is_not_told_leaves_the_memory_alone_and_is_said(blank: str, speed: str, rule: str):
    deployment = {"weights": "bf16", "context": 2048}
    whole = ask({"gpu": CARD}, "llama-3.1-8b", deployment)
    answer = ask({"gpu": {k: v for k, v in CARD.items() if k != blank}}, "llama-3.1-8b", deployment)
    assert answer.status == whole.status == "fits"
    assert answer.to_dict()["memory"] == whole.to_dict()["memory"]
    assert said(answer, rule) and not said(whole, rule)
    told = {kind for kind in ("decode_speed", "prefill_speed") if is_told(answer, kind)}
    assert told == {"decode_speed", "prefill_speed"} - {speed}


def is_told(answer: Answer, kind: str) -> bool:
    fact = answer.figures.one(kind)
    return bool(fact) and isinstance(fact.values["typical"], int | Fraction)


def test_a_missed_goal_is_a_fact_and_the_words_call_slow_slow():
    deployment = {"weights": "q4_k_m", "context": 4096, "gpu_layers": 30}
    hardware = {"gpu": "rtx-4090", "system_memory_gib": 128, "system_memory_gb_s": 60}
    answer = ask(hardware, "llama-3.3-70b", deployment, goals={"min_decode_tokens_per_second": 10})
    speed = figure(answer, "decode_speed", "typical")
    assert figure(answer, "goal_missed", "asked") == 10 > speed == figure(answer, "goal_missed", "typical")
    (words,) = said(answer, "speed.in-words")
    assert speed < 2
    assert "slower than people read: for work that nobody waits for" in words
    content = ask(hardware, "llama-3.3-70b", deployment, goals={"min_decode_tokens_per_second": 1})
    assert content.figures.one("goal_missed") is None

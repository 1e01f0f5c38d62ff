"""Other machines and other models are proposed, a rented one has its price, and experts may lie whole."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import advisor

ROOT = Path(__file__).parents[2]
DEPLOYED = {"runtime": "vllm", "weights": "int8-w8a8", "context": 65536}


def ask(hardware: Any, model: str, deployment: Any, **goals: Any) -> dict[str, Any]:
    question = {"hardware": hardware, "model": {"id": model}, "deployment": deployment, "goals": goals}
    return advisor.ask(question, engine="clips").to_dict()


def proposed(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """All changes that were asked and are named in the answer."""
    search = answer["search"]
    found = [*answer["remedies"], *search["more"], *search["outdone"], *search["not_enough"]]
    return [each["set"] for each in found if each.get("set")]


def weights(answer: dict[str, Any]) -> list[int]:
    return [card["weights_bytes"] for card in answer["memory"]["per_gpu"]]


@pytest.fixture(scope="module")
def one_a100() -> dict[str, Any]:
    return ask({"gpu": "a100-sxm4-80"}, "mixtral-8x22b", DEPLOYED)


def test_more_gpus_another_gpu_a_rented_machine_and_another_model_are_proved(
    one_a100: dict[str, Any],
) -> None:
    works = [
        each["set"] for each in (*one_a100["remedies"], *one_a100["search"]["outdone"]) if each.get("set")
    ]
    assert {"hardware.count": 4, "deployment.tensor_parallel": 4, "deployment.split": "tensor"} in works
    assert {"hardware.count": 3, "deployment.pipeline_parallel": 3} in works
    assert any(set(each) == {"hardware.gpu"} for each in works)
    assert any("hardware.instance" in each for each in works)
    assert any("model.id" in each for each in works)


def test_a_rented_machine_costs_what_its_price_list_says(one_a100: dict[str, Any]) -> None:
    listed = {
        each["instance"]: each
        for path in (ROOT / "facts" / "cloud").glob("*.toml")
        for each in tomllib.loads(path.read_text(), parse_float=Fraction)["cloud_instance"]
    }
    rented = [each for each in one_a100["remedies"] if "hardware.instance" in each["set"]]
    assert rented
    for remedy in rented:
        machine, price = listed[remedy["set"]["hardware.instance"]], remedy["outcome"]["price"]
        assert price["usd_per_hour"] == pytest.approx(float(machine["price_usd_per_hour"]))
        assert price["as_of"] == machine["price_date"]
        assert remedy["set"]["hardware.system_memory_gib"] == machine["ram_gib"]
        assert remedy["set"]["hardware.count"] == machine["gpu_count"]


def test_a_machine_that_is_changed_has_no_price() -> None:
    hardware = {"gpu": "h100-sxm5-80", "count": 4, "instance": "gpu_8x_h100_sxm5"}
    answer = ask(hardware, "mixtral-8x22b", DEPLOYED)
    assert not any(fact["kind"] == "price" for fact in answer["trace"]["facts"])
    assert "price.other-machine" in {each["rule"] for each in answer["conclusions"]}


@pytest.mark.parametrize(
    "hardware",
    [
        {"device": [{"gpu": "rtx-3090"}, {"gpu": "rtx-4090"}]},
        {"gpu": "rtx-4090-laptop"},
        {"gpu": {"name": "a prototype", "memory_gb": 24, "bandwidth_gb_s": 900}, "count": 16},
    ],
    ids=["two kinds", "a laptop", "more than a machine takes"],
)
def test_no_more_gpus_where_there_is_no_place_for_them(hardware: dict[str, Any]) -> None:
    answer = ask(hardware, "llama-3.1-405b", {"context": 8192})
    assert not any("hardware.count" in each and "hardware.gpu" not in each for each in proposed(answer))


def test_what_is_to_be_kept_is_kept() -> None:
    answer = ask({"gpu": "a100-sxm4-80"}, "mixtral-8x22b", DEPLOYED, keep=["hardware", "model"])
    changed = {path for each in proposed(answer) for path in each}
    assert changed
    assert not any(path.startswith(("hardware.", "model.")) for path in changed)


def test_a_model_that_fits_is_offered_no_other_machine() -> None:
    answer = ask({"gpu": "a100-sxm4-80"}, "llama-3.1-8b", {"context": 8192})
    assert answer["verdict"]["status"] == "fits"
    assert not answer["remedies"]


@pytest.mark.parametrize(
    ("model", "gpus"), [("mixtral-8x22b", 4), ("qwen3-30b-a3b", 4), ("qwen1.5-moe-a2.7b", 8)]
)
def test_whole_experts_weigh_in_all_what_slices_of_them_weigh(model: str, gpus: int) -> None:
    hardware, deployment = {"gpu": "a100-sxm4-80", "count": gpus}, {"tensor_parallel": gpus, "context": 4096}
    sliced = weights(ask(hardware, model, deployment))
    whole = weights(ask(hardware, model, {**deployment, "expert_parallel": True}))
    assert sum(whole) == pytest.approx(sum(sliced), abs=2 * gpus)  # bytes: each GPU's share is rounded up
    assert whole == sorted(whole, reverse=True)


def test_experts_that_do_not_divide_lie_on_the_first_gpus() -> None:
    """Of 60 experts over 8 GPUs the first four hold 8, the others 7, in each of 24 layers."""
    whole = weights(
        ask(
            {"gpu": "a100-sxm4-80", "count": 8},
            "qwen1.5-moe-a2.7b",
            {"tensor_parallel": 8, "context": 4096, "expert_parallel": True},
        )
    )
    assert whole[0] - whole[-1] == pytest.approx(24 * 3 * 2048 * 1408 * 2, abs=2)
    assert len(set(whole[:4])) == len(set(whole[4:])) == 1


def test_whole_experts_mend_a_size_that_slices_forbid() -> None:
    """Experts of 768 over four GPUs are slices of 192, and the blocks of this format are 128 wide."""
    hardware = {"gpu": "h100-sxm5-80", "count": 4}
    deployment = {"runtime": "vllm", "weights": "fp8-block128", "tensor_parallel": 4, "context": 8192}
    answer = ask(hardware, "qwen3-30b-a3b", deployment)
    assert answer["verdict"]["status"] == "cannot-run"
    assert {"deployment.expert_parallel": True} in proposed(answer)
    mended = ask(hardware, "qwen3-30b-a3b", {**deployment, "expert_parallel": True})
    assert mended["verdict"]["status"] == "fits"
    assert ["--enable-expert-parallel"] in mended["run"]["arguments"]


@pytest.mark.parametrize(
    ("model", "runtime", "status"),
    [
        ("llama-3.1-8b", "vllm", "cannot-run"),  # no experts
        ("qwen3-30b-a3b", "llama.cpp", "cannot-run"),  # no such option
        ("qwen1.5-moe-a2.7b", "sglang", "cannot-run"),  # 60 experts over 8 GPUs
        ("qwen3-30b-a3b", "sglang", "fits"),
        ("qwen3-30b-a3b", "exllamav2", "unknown"),  # nothing is on record
    ],
)
def test_where_experts_can_lie_whole(model: str, runtime: str, status: str) -> None:
    deployment = {"runtime": runtime, "weights": "bf16", "context": 4096, "expert_parallel": True}
    answer = ask(
        {"gpu": "h100-sxm5-80", "count": 8},
        model,
        {**deployment, "tensor_parallel": 4 if model == "qwen3-30b-a3b" else 8},
    )
    assert answer["verdict"]["status"] == status

"""Remedies of varied questions, asked again through the command line: what is claimed comes out.

Each is asked as a user would, with the `--set` that the answer prints. What is shown works and is minimal:
without any part of it, it does not. What the goals keep is not touched.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, NamedTuple

import pytest

from tests.commandline import advisor

WORKING = ("fits", "tight")
#: GPU, how many, model, runtime, weights, context, and further settings.
QUESTIONS: list[tuple[str, int, str, str, str, int, dict[str, Any]]] = [
    ("a100-sxm4-80", 1, "mixtral-8x22b", "vllm", "int8", 65536, {}),
    ("h100-sxm5-80", 1, "mixtral-8x22b", "vllm", "fp16", 65536, {}),
    ("a100-sxm4-80", 1, "mixtral-8x22b", "llama.cpp", "q4_k_m", 65536, {}),
    ("rtx-4090", 1, "llama-3.1-70b", "llama.cpp", "q4_k_m", 8192, {}),
    ("rtx-4090", 1, "llama-3.1-70b", "vllm", "awq-4-g128", 4096, {}),
    ("rtx-4090", 2, "llama-3.1-70b", "vllm", "fp16", 8192, {}),
    ("rtx-4090", 1, "llama-3.1-8b", "vllm", "fp16", 131072, {}),
    ("rtx-4090", 1, "qwen3-32b", "vllm", "fp16", 16384, {}),
    ("rtx-3090", 1, "qwen3-32b", "llama.cpp", "q8_0", 16384, {}),
    ("rtx-3090", 2, "llama-3.1-70b", "llama.cpp", "q8_0", 8192, {}),
    ("rtx-3060-12", 1, "llama-3.1-8b", "llama.cpp", "fp16", 8192, {}),
    ("rtx-3060-12", 1, "gemma-3-27b", "llama.cpp", "q4_k_m", 8192, {}),
    ("rtx-4060", 1, "llama-3.1-8b", "llama.cpp", "q8_0", 8192, {}),
    ("rtx-4060", 1, "mistral-7b-v0.3", "vllm", "fp16", 8192, {}),
    ("rtx-5090", 1, "llama-3.1-70b", "llama.cpp", "q4_k_m", 16384, {}),
    ("rtx-5090", 1, "gemma-3-27b", "vllm", "bf16", 32768, {}),
    ("l4", 1, "llama-3.1-8b", "vllm", "bf16", 65536, {}),
    ("l40s", 1, "llama-3.1-70b", "vllm", "fp8", 8192, {}),
    ("l40s", 2, "mixtral-8x7b", "vllm", "fp16", 32768, {}),
    ("a10-24", 1, "mixtral-8x7b", "vllm", "awq-4-g128", 8192, {}),
    ("t4", 1, "llama-3.1-8b", "vllm", "fp16", 8192, {}),
    ("t4", 1, "llama-3.1-8b", "vllm", "fp8", 8192, {}),
    ("v100-sxm2-16", 1, "llama-3.1-8b", "vllm", "bf16", 8192, {}),
    ("h100-sxm5-80", 1, "llama-3.1-70b", "vllm", "bf16", 32768, {}),
    ("h100-sxm5-80", 4, "deepseek-v3", "vllm", "fp8", 32768, {}),
    ("h100-sxm5-80", 8, "deepseek-v3", "vllm", "fp8", 131072, {}),
    ("h200-sxm-141", 4, "deepseek-v3", "vllm", "fp8", 32768, {}),
    ("a100-sxm4-80", 2, "llama-3.1-405b", "vllm", "awq-4-g128", 8192, {}),
    ("a100-sxm4-80", 8, "llama-3.1-405b", "vllm", "bf16", 8192, {}),
    ("a100-sxm4-40", 1, "qwen3-32b", "vllm", "bf16", 32768, {}),
    ("a100-sxm4-80", 1, "llama-3.1-8b", "vllm", "bf16", 131072, {"concurrency": 32}),
    ("a100-sxm4-80", 1, "qwen3-32b", "vllm", "bf16", 32768, {"concurrency": 16}),
    ("rtx-4090", 1, "llama-3.1-8b", "llama.cpp", "q8_0", 32768, {"concurrency": 8}),
    ("mi300x", 1, "llama-3.1-405b", "vllm", "fp8", 8192, {}),
    ("rx-7900-xtx", 1, "llama-3.1-70b", "llama.cpp", "q4_k_m", 8192, {}),
    ("arc-a770-16", 1, "qwen3-14b", "llama.cpp", "fp16", 8192, {}),
    ("none", 0, "llama-3.1-70b", "llama.cpp", "q4_k_m", 8192, {}),
    ("a100-sxm4-80", 3, "llama-3.1-70b", "vllm", "bf16", 8192, {"tensor_parallel": 3}),
    ("rtx-4090", 1, "llama-2-7b", "vllm", "fp16", 16384, {}),
    ("rtx-4090", 1, "llama-3.1-8b", "vllm", "fp16", 8192, {"goal": 200}),
    ("a100-sxm4-80", 1, "llama-3.1-70b", "llama.cpp", "q4_k_m", 8192, {"goal": 40}),
    ("rtx-3090", 2, "llama-3.1-70b", "llama.cpp", "q4_k_m", 4096, {"goal": 30}),
    ("rtx-4090", 1, "qwen3-30b-a3b", "vllm", "bf16", 16384, {}),
    ("rtx-4090", 1, "gpt-oss-120b", "llama.cpp", "mxfp4", 16384, {}),
]
GOAL = "goals.min_decode_tokens_per_second"


def arguments(question: tuple[Any, ...]) -> list[str]:
    gpu, count, model, runtime, weights, context, more = question
    said = ["--gpu", gpu, "--model", model, "--runtime", runtime, "--weights", weights, "--context", context]
    said += ["--count", count] if count else []
    for name, value in more.items():
        said += ["--set", f"{GOAL if name == 'goal' else f'deployment.{name}'}={value}"]
    return [str(each) for each in said]


@cache
def asked(*said: str) -> dict[str, Any]:
    done = advisor("ask", *said, "--engine", "clips", "--format", "json")
    assert done.status in (0, 1, 4), (said, done.err)
    return json.loads(done.out)


class Said(NamedTuple):
    """What the page of an answer says of it."""

    status: str
    digest: str
    missed: bool

    @property
    def works(self) -> bool:
        return self.status in WORKING and not self.missed


@cache
def told(*said: str) -> Said:
    done = advisor("ask", *said, "--engine", "clips", "--no-remedies")
    assert done.status in (0, 1, 4), (said, done.err)
    status = done.out.partition(":")[0].lower().replace(" ", "-")
    assert (done.status == 0) == (status in WORKING)
    (digest,) = re.findall(r"\banswer\s([0-9a-f]{12})\b", done.out)
    return Said(status, digest, "[speed.goal-missed]" in done.out)


def changed(question: tuple[Any, ...], changes: dict[str, Any]) -> Said:
    """The question with what a remedy sets, as its text says to ask it."""
    said = [part for path, value in changes.items() for part in ("--set", f"{path}={json.dumps(value)}")]
    return told(*arguments(question), *said)


def works(answer: dict[str, Any]) -> bool:
    missed = any(one["rule"] == "speed.goal-missed" for one in answer["conclusions"])
    return answer["verdict"]["status"] in WORKING and not missed


def proved(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in answer["remedies"] if one["verified"]]


def name(question: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in question)


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_every_remedy_holds(question: tuple[Any, ...]) -> None:
    """In one test, so that a question is asked once by whichever process runs it."""
    answer = asked(*arguments(question))
    remedies = proved(answer)
    assert len(remedies) <= 8 and answer["search"]["asked"] <= 100
    assert bool(remedies) == (not works(answer)), "what does not work has a remedy, and nothing else has"
    for remedy in remedies:
        gives_what_it_claims(question, remedy)
        is_minimal(question, remedy)
        milder = remedy["one_step_milder"]
        assert milder is None or not changed(question, milder["set"]).works, remedy["title"]


def gives_what_it_claims(question: tuple[Any, ...], remedy: dict[str, Any]) -> None:
    again, claimed = changed(question, remedy["set"]), remedy["outcome"]
    assert again.works and again.status == claimed["status"], remedy["title"]
    assert again.digest == claimed["digest"][:12]  # of all that the answer says, speed and memory too


def is_minimal(question: tuple[Any, ...], remedy: dict[str, Any]) -> None:
    """Without any of its parts it does not work."""
    parts = [part["set"] for part in remedy["parts"]]
    assert {path: value for part in parts for path, value in part.items()} == remedy["set"]
    for dropped in parts if len(parts) > 1 else ():
        rest = {path: value for path, value in remedy["set"].items() if path not in dropped}
        assert not changed(question, rest).works, (remedy["title"], dropped)


@pytest.mark.parametrize("keep", ["hardware", "model", "deployment", "deployment.weights"])
@pytest.mark.parametrize("question", QUESTIONS[3:12:4], ids=name)
def test_what_is_kept_is_not_touched(question: tuple[Any, ...], keep: str) -> None:
    free = asked(*arguments(question))
    kept = asked(*arguments(question), "--set", f"goals.keep={json.dumps([keep])}")
    for remedy in [*proved(kept), *kept["search"]["more"], *kept["search"]["outdone"]]:
        assert not any(path == keep or path.startswith(f"{keep}.") for path in remedy["set"]), remedy
    assert kept["not_asked"] > 0 or not proved(free)

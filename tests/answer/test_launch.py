"""The command that runs what fits: what is said in it and what is left out, and that a shell takes it."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import advisor
from advisor.answer.text.answer import to_text
from advisor.installation import installation
from tests.answer.schema.test_answer import VALIDATOR, load
from tests.commandline import ROOT

LISTED = tomllib.loads((ROOT / "tests" / "data" / "runtime-options.toml").read_text("utf-8"))["page"]
PAGES = {page["runtime"]: page for page in LISTED}
SMALL: dict[str, Any] = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "mistral-7b-v0.3"}}
MIXTURE = ("model.id=deepseek-v2-lite", "deployment.weights=q4_k_m")
GGUF = ("deployment.weights=q4_k_m",)


def ask(*changes: str, tables: dict[str, Any] = SMALL, **places: Any) -> dict[str, Any]:
    return advisor.ask(tables, engine="clips", changes=changes, remedies=False, **places).to_dict(
        figures=False
    )


def arguments(*changes: str) -> list[list[str]]:
    return ask(*changes)["run"]["arguments"]


def options(*changes: str) -> set[str]:
    return {argument[0] for argument in arguments(*changes)[1:]}


# ---------------------------------------------------------------- the facts


def facts(kind: str) -> list[dict[str, Any]]:
    return [dict(fact.values) for fact in installation().library.of(kind)]


def test_every_option_stands_in_the_documentation():
    found = {(fact["runtime"], fact["option"]) for fact in facts("runtime_option") if fact["option"]}
    assert {runtime for runtime, _ in found} == set(PAGES)
    assert [pair for pair in sorted(found) if pair[1] not in PAGES[pair[0]]["options"]] == []


def test_every_program_and_every_word_stands_in_the_documentation():
    programs = [(fact["runtime"], fact["program"]) for fact in facts("runtime_command")]
    assert [each for each in programs if each[1] not in PAGES[each[0]]["programs"]] == []
    words = [(fact["runtime"], fact["value"]) for fact in facts("runtime_value") if "value" in fact]
    assert [each for each in words if each[1] not in PAGES[each[0]]["values"]] == []


def test_no_two_options_of_a_runtime_stand_at_one_place():
    places = [(fact["runtime"], fact["position"]) for fact in facts("runtime_option")]
    assert len(places) == len(set(places))


# ---------------------------------------------------------------- the command


def test_mixtral_on_two_cards():
    big = {"hardware": {"gpu": "a100-sxm4-80", "count": 2}, "model": {"id": "mixtral-8x22b"}}
    run = ask("deployment.weights=awq", "deployment.context=65536", "deployment.kv_cache=fp8", tables=big)[
        "run"
    ]
    assert run["command"] == (
        "vllm serve '<mixtral-8x22b in awq-4-g128>' --tensor-parallel-size 2 --max-model-len 65536"
        " --kv-cache-dtype fp8 --gpu-memory-utilization 0.9"
    )
    assert len(run["notes"]) == 1 and "angle brackets" in run["notes"][0]
    assert {"launch.command", "launch.parallel", "launch.kv-cache"} <= set(run["rules"])


SAID: list[tuple[tuple[str, ...], str]] = [
    ((), "mistralai/Mistral-7B-Instruct-v0.3"),
    (
        ("weights=fp16", "context=4096", "concurrency=7", "kv_cache=fp8", "gpu_memory_utilization=0.85"),
        "--dtype float16, --max-model-len 4096, --max-num-seqs 7, --kv-cache-dtype fp8,"
        " --gpu-memory-utilization 0.85",
    ),
    (
        ("weights=nf4", "max_batched_tokens=4096", "enforce_eager=true", "pipeline_parallel=2"),
        "--quantization bitsandbytes, --max-num-batched-tokens 4096, --enforce-eager,"
        " --pipeline-parallel-size 2",
    ),
    (("tensor_parallel=2",), "--tensor-parallel-size 2"),
    (("weights=q4_k_m", "kv_cache=q8_0"), "-ngl all, -ctk q8_0, -ctv q8_0"),
    (
        ("weights=q4_k_m", "gpu_layers=20", "kv_cache_v=q5_1", "flash_attention=true", "ubatch=1024"),
        "-ngl 20, -ctv q5_1, -fa on, -ub 1024",
    ),
    (
        ("weights=q4_k_m", "flash_attention=false", "ubatch=4096", "full_size_sliding_window=true"),
        "-fa off, -b 4096, -ub 4096, --swa-full",
    ),
    (("weights=q4_k_m", "split=tensor"), "-sm tensor"),
    (("weights=q4_k_m", "tensor_parallel=1"), "-sm none"),
    (
        ("runtime=sglang", "concurrency=3", "enforce_eager=true"),
        "--max-running-requests 3, --disable-cuda-graph",
    ),
    (("runtime=transformers", "weights=int8"), "--quantization bnb-8bit"),
]


@pytest.mark.parametrize(("changes", "expected"), SAID)
def test_what_the_question_sets_is_said(changes: tuple[str, ...], expected: str):
    found = arguments("hardware.count=2", *(f"deployment.{each}" for each in changes))
    assert [each for each in expected.split(", ") if each.split() not in found] == []


@pytest.mark.parametrize(
    ("experts", "expected"), [("10", ["--n-cpu-moe", "11"]), ("26", ["--cpu-moe"]), ("all", ["--cpu-moe"])]
)
def test_the_option_counts_the_layers_before_the_first_experts(experts: str, expected: list[str]):
    """The first of the model's 27 layers has no experts."""
    assert expected in arguments(*MIXTURE, f"deployment.cpu_experts={experts}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((), {"mistralai/Mistral-7B-Instruct-v0.3", "--max-model-len", "--gpu-memory-utilization"}),
        (
            ("deployment.gpu_memory_utilization=0.92",),
            {"mistralai/Mistral-7B-Instruct-v0.3", "--max-model-len"},
        ),
        (GGUF, {"-m", "-c", "-np", "-ngl"}),
        ((*GGUF, "deployment.ubatch=512"), {"-m", "-c", "-np", "-ngl"}),
        ((*GGUF, "hardware.gpu=none"), {"-m", "-c", "-np"}),
        (("deployment.runtime=transformers",), {"--force-model"}),
    ],
)
def test_nothing_else_is_said(changes: tuple[str, ...], said: set[str]):
    assert options(*changes) == said


@pytest.mark.parametrize("sequences", [1, 2, 3, 4, 8])
def test_llama_cpp_is_told_the_context_of_all_slots(sequences: int):
    said = dict(
        each
        for each in arguments(*GGUF, "deployment.context=2048", f"deployment.concurrency={sequences}")[1:]
    )
    assert said["-c"] == str(2048 * sequences)
    # Four is what the server takes itself; left to it, the slots share one cache, which is what was counted.
    assert said.get("-np") == (None if sequences == 4 else str(sequences))


def test_weights_that_are_published_so_are_loaded_from_their_repository():
    tables = {"hardware": {"gpu": "h100-sxm-80", "count": 1}, "model": {"id": "gpt-oss-20b"}}
    assert ["openai/gpt-oss-20b"] in ask(tables=tables)["run"]["arguments"]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (("deployment.runtime=transformers",), "no option for the context"),
        (("deployment.runtime=ollama",), "ollama itself has settings of its own"),
        (("deployment.runtime_version=0.6.3",), "whether 0.6.3 has them all"),
        (("deployment.kv_cache=int8",), "does not set the KV cache to int8"),
        ((*GGUF, "hardware.count=3", "deployment.pipeline_parallel=2"), "uses 2 GPUs of 3 GPUs"),
    ],
)
def test_what_the_reader_must_know_is_told(changes: tuple[str, ...], note: str):
    assert [each for each in ask(*changes)["run"]["notes"] if note in each]


@pytest.mark.parametrize("runtime", ["mine", "exllamav2", "tensorrt-llm"])
def test_a_runtime_that_is_not_known_gets_a_sentence(runtime: str):
    run = ask(f"deployment.runtime={runtime}")["run"]
    assert run["command"] is None and run["arguments"] == [] and run["runtime"] == runtime
    assert run["notes"] == [f"No command is given: the options of {runtime} are not known here."]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        (("model.id=mixtral-8x22b",), "does-not-fit"),
        (("hardware.count=3", "deployment.tensor_parallel=3"), "cannot-run"),
        (("hardware.gpu={bandwidth_gb_s = 900}",), "unknown"),
    ],
)
def test_what_does_not_fit_is_not_run(changes: tuple[str, ...], status: str):
    answer = ask(*changes)
    assert answer["verdict"]["status"] == status and answer["run"] is None
    assert "Run it" not in to_text(answer)


# ---------------------------------------------------------------- a shell

HOSTILE = ["a'b", '$(x) "y" `z`; rm -rf $HOME', "--help", "… *?[!] a\\b {x}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_word(name: str):
    shape = {"layers": 2, "hidden_size": 256, "vocab_size": 1000, "intermediate_size": 512}
    heads = {"attention_heads": 4, "kv_heads": 2, "head_dim": 64}
    model = {"name": name, "hf_repo": name, "native_dtype": "bf16", "max_context": 4096, **shape, **heads}
    for weights, word in (({"weights_bytes": 4_000_000}, f"<{name} in the stated size>"), ({}, name)):
        answer = ask(tables={**SMALL, "model": model, "deployment": weights})
        command = shlex.split(answer["run"]["command"])
        assert command == [each for words in answer["run"]["arguments"] for each in words]
        assert [word] in answer["run"]["arguments"]
        assert copied(to_text(answer, 120)) == command


def copied(text: str) -> list[str]:
    """The words of the command under `Run it`, as a shell reads the lines."""
    lines = text.partition("\nRun it\n")[2].split("\n")
    ends = next(number for number, line in enumerate(lines) if not line.endswith(" \\"))
    return shlex.split(" ".join(line.removesuffix(" \\") for line in lines[: ends + 1]))


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


COMMAND = st.lists(st.lists(WORD, min_size=1, max_size=2), min_size=1, max_size=12)


@given(words=COMMAND, width=st.integers(100, 120))
def test_what_is_shown_is_what_is_meant(words: list[list[str]], width: int):
    answer = load("fits")
    answer["run"] = {**answer["run"], "arguments": words, "notes": []}
    assert VALIDATOR.is_valid(answer)
    assert copied(to_text(answer, width)) == [each for pair in words for each in pair]


# ---------------------------------------------------------------- rules of one's own

MINE = """
schema = 1
[[rule]]
id = "house.port"
summary = "Our proxy expects every server at this port."
match = [{ fact = "launch" }]
conclude = { fact = "launch_argument", position = 90, option = "'--port'", number = 8443 }
sources = ["our proxy"]
[[rule]]
id = "house.tools"
summary = "We warn of long contexts."
match = [{ fact = "launch", as = "l" }, { fact = "workload", as = "w" }]
conclude = { fact = "launch_note", id = "'house'" }
because = "Ask operations before you start {l.program} with {w.context}."
"""


def test_a_rule_of_ones_own_adds_an_argument_and_a_note(tmp_path: Path):
    (tmp_path / "house.toml").write_text(MINE, "utf-8")
    plain, with_mine = ask()["run"], ask(rules=[tmp_path])["run"]
    assert with_mine["command"] == plain["command"] + " --port 8443"
    assert with_mine["notes"] == ["Ask operations before you start vllm serve with 8,192 tokens."]
    assert set(with_mine["rules"]) - set(plain["rules"]) == {"house.port", "house.tools"}


def test_an_option_of_ones_own_runtime_is_a_fact(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(
        """
schema = 1
[[runtime]]
id = "mine"
name = "Mine"
memory_share = 0.9
batch = 2048
context_memory_mib = 300
[[runtime_command]]
runtime = "mine"
program = "mine serve"
takes = "repository"
documentation = "our page"
[[runtime_option]]
runtime = "mine"
sets = "context"
option = "--tokens"
position = 1
""",
        "utf-8",
    )
    run = ask("deployment.runtime=mine", "deployment.context=4096", facts=[tmp_path])["run"]
    assert run["command"] == "mine serve --tokens 4096"

"""Formats of weights and of the KV cache: their figures, recomputed, and what people call them, asked."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

import advisor
from advisor.answer.answer import Answer
from advisor.errors import InputError
from advisor.facts.values import Fact
from tests.shipped import library

GIB = 2**30
LLAMA_3_8B = 8_030_261_248


def of(kind: str) -> dict[str, Fact]:
    return {str(fact.key[0]): fact for fact in library().of(kind)}


def gguf() -> dict[str, Fact]:
    """GGUF file types for models of any sort."""
    files = {name: fact for name, fact in of("weight_format").items() if fact.values["gguf"]}
    return {name: fact for name, fact in files.items() if not fact.values["experts_only"]}


def ask(
    gpu: str = "h100-sxm5-80", model: str = "llama-3.1-8b", remedies: bool = False, **deployment: Any
) -> Answer:
    question = {"hardware": {"gpu": gpu}, "model": {"id": model}, "deployment": deployment}
    return advisor.ask(question, engine="clips", remedies=remedies)


def chosen(answer: Answer) -> str:
    return str(next(iter(answer.derivation.store.of("weights_choice"))).values["format"])


# ---------------------------------------------------------------- tensor types

K = 256  # elements of a super-block
HALF, FLOAT, SHORT = 2, 4, 2  # bytes of a number

BLOCKS = {  # elements, and the bytes of each field of ggml's struct of that name
    "f32": (1, [FLOAT]),
    "f16": (1, [HALF]),
    "bf16": (1, [HALF]),
    "q1_0": (128, [HALF, 128 // 8]),
    "q2_0": (64, [HALF, 64 // 4]),
    "q4_0": (32, [HALF, 32 // 2]),
    "q4_1": (32, [HALF, HALF, 32 // 2]),
    "q5_0": (32, [HALF, 4, 32 // 2]),
    "q5_1": (32, [HALF, HALF, 4, 32 // 2]),
    "q8_0": (32, [HALF, 32]),
    "q8_1": (32, [HALF, HALF, 32]),
    "mxfp4": (32, [1, 32 // 2]),
    "nvfp4": (64, [64 // 16, 64 // 2]),
    "tq1_0": (K, [(K - 4 * K // 64) // 5, K // 64, HALF]),
    "tq2_0": (K, [K // 4, HALF]),
    "q2_k": (K, [K // 16, K // 4, HALF, HALF]),
    "q3_k": (K, [K // 8, K // 4, 12, HALF]),
    "q4_k": (K, [HALF, HALF, 12, K // 2]),
    "q5_k": (K, [HALF, HALF, 12, K // 8, K // 2]),
    "q6_k": (K, [K // 2, K // 4, K // 16, HALF]),
    "q8_k": (K, [FLOAT, K, K // 16 * SHORT]),
    "iq1_s": (K, [HALF, K // 8, K // 32 * SHORT]),
    "iq1_m": (K, [K // 8, K // 16, K // 32]),
    "iq2_xxs": (K, [HALF, K // 8 * SHORT]),
    "iq2_xs": (K, [HALF, K // 8 * SHORT, K // 32]),
    "iq2_s": (K, [HALF, K // 4, K // 32, K // 32]),
    "iq3_xxs": (K, [HALF, 3 * K // 8]),
    "iq3_s": (K, [HALF, K // 4, K // 32, K // 8, K // 64]),
    "iq4_nl": (32, [HALF, 32 // 2]),
    "iq4_xs": (K, [HALF, SHORT, K // 64, K // 2]),
}


def test_tensor_types_are_those_of_ggml():
    assert set(of("tensor_type")) == {f"ggml-{name}" for name in BLOCKS}
    assert {fact.values["name"].lower() for fact in of("tensor_type").values()} == set(BLOCKS)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_has_the_bytes_of_its_struct(name: str):
    values = of("tensor_type")[f"ggml-{name}"].values
    elements, fields = BLOCKS[name]
    assert (values["block"], values["block_bytes"]) == (elements, sum(fields))
    assert values["bits"] == Fraction(8 * sum(fields), elements)


def test_a_cache_in_a_tensor_type_has_its_blocks():
    types = {fact.values["name"]: fact.values for fact in of("tensor_type").values()}
    shared = {name: fact.values for name, fact in of("kv_format").items() if name.upper() in types}
    assert {"q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "iq4_nl", "f32", "f16", "bf16"} == set(shared)
    for name, values in shared.items():
        like = types[name.upper()]
        assert (values["bits"], values["block"]) == (like["bits"], like["block"]), name


@pytest.mark.parametrize("name", ["mxfp4", "nvfp4"])
def test_a_scheme_that_is_also_a_tensor_type_has_its_bits(name: str):
    """Groups of 32 or 16 with a scale of 8 bits, whether four groups make one block or one."""
    scheme, block = of("weight_format")[name].values, of("tensor_type")[f"ggml-{name}"].values
    assert scheme["payload_bits"] + Fraction(scheme["group_bits"]) / scheme["group"] == block["bits"]


BITS = {  # payload, and what a group of so many weights stores
    "fp8-block128": (8, 128 * 128, 32),
    "gptq-4-g128": (4, 128, 16 + 4),
    "gptq-8-g128": (8, 128, 16 + 8),
    "awq-4-g128": (4, 128, 16 + 4),
    "w4a16-g32": (4, 32, 16 + 4),
    "bnb-nf4": (4, 64, 32),
    "bnb-nf4-dq": (4, 64, 8 + Fraction(32, 256)),
    "mlx-4-g64": (4, 64, 16 + 16),
    "mlx-8-g64": (8, 64, 16 + 16),
}
PUBLISHED = {  # bits per weight, rounded as they are published
    "fp8-block128": "8.002",
    "gptq-4-g128": "4.156",
    "gptq-8-g128": "8.1875",
    "awq-4-g128": "4.156",
    "w4a16-g32": "4.625",
    "bnb-nf4": "4.5",
    "bnb-nf4-dq": "4.127",
    "mlx-4-g64": "4.5",
    "mlx-8-g64": "8.5",
}


@pytest.mark.parametrize("name", BITS)
def test_bits_of_a_scheme_with_its_scales(name: str):
    values = of("weight_format")[name].values
    payload, group, stored = BITS[name]
    assert (values["payload_bits"], values["group"], values["group_bits"]) == (payload, group, stored)
    whole = payload + Fraction(stored) / group
    assert round(whole, len(PUBLISHED[name].partition(".")[2])) == Fraction(PUBLISHED[name])


# ---------------------------------------------------------------- GGUF file types


@pytest.mark.parametrize("name", gguf())
def test_the_size_of_a_file_agrees_with_its_bits(name: str):
    values = gguf()[name].values
    from_bits = Fraction(values["file_bits"]) * LLAMA_3_8B / 8
    assert abs(values["file_size"] - from_bits) < from_bits / 100


@pytest.mark.parametrize("name", gguf())
def test_the_average_of_a_file_is_near_the_number_in_its_name(name: str):
    """Scales, and tensors that are kept wider, add something and never a whole bit and a half."""
    number = int(re.findall(r"\d+", name)[0])
    assert number <= gguf()[name].values["file_bits"] < number + 1.5


def loss(fact: Fact) -> Fraction:
    """The least perplexity above FP16 that is published."""
    return min(Fraction(found) for found in re.findall(r"\d+(?:\.\d+)?", str(fact.values["quality_delta"])))


@pytest.mark.parametrize("name", gguf())
def test_what_is_outdone_and_what_is_not(name: str):
    """Exactly those are outdone than which another is no larger and loses no more."""
    fact, files = gguf()[name], gguf()
    better = [
        other
        for other in files
        if other != name
        and files[other].values["file_bits"] <= fact.values["file_bits"]
        and loss(files[other]) <= loss(fact)
    ]
    assert ("outdone_by" in fact.values) == bool(better)
    assert fact.values.get("outdone_by", name) in [*better, name]


def by_other_changes(remedies: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The GGUF file types of remedies, by what else each of these changes."""
    found: dict[str, set[str]] = {}
    for remedy in remedies:
        others = dict(remedy["set"])
        name = others.pop("deployment.weights", "")
        if name in gguf():
            found.setdefault(str(sorted(others.items())), set()).add(name)
    return found


@pytest.mark.parametrize("gpu", ["rtx-4090", "rtx-3090", "a100-sxm4-40", "a100-sxm4-80"])
@pytest.mark.parametrize("runtime", ["vllm", "llama.cpp"])
def test_few_file_types_are_proposed_and_none_that_is_outdone(gpu: str, runtime: str):
    """At most three by themselves, and at most three beside the same other changes, as on so many GPUs."""
    outdone = {name for name, fact in gguf().items() if "outdone_by" in fact.values}
    answer = ask(gpu, "llama-3.1-70b", True, runtime=runtime, weights="fp16", context=8192).to_dict()
    shown, search = by_other_changes(answer["remedies"]), answer["search"]
    assert shown and max(map(len, shown.values())) <= 3, shown
    asked = [*answer["remedies"], *search["more"], *search["outdone"], *search["not_enough"]]
    assert not set().union(*by_other_changes(asked).values()) & outdone


# ---------------------------------------------------------------- bits chosen for each file


@pytest.mark.parametrize("name", ["exl2", "exl3"])
def test_a_format_without_bits_of_its_own_needs_them_stated(name: str):
    answer = ask(weights=name)
    assert answer.status == "unknown" and f"weight_format[{name}]" in answer.to_dict()["verdict"]["summary"]
    assert any("weights_bits" in each["text"] for each in answer.to_dict()["conclusions"])


@pytest.mark.parametrize("name", ["exl2", "exl3"])
def test_and_with_them_has_a_size(name: str):
    answer = ask(weights=name, weights_bits=4.5)
    assert answer.status == "fits"
    assert answer.to_dict()["memory"]["weights_bytes"] == -(-LLAMA_3_8B * 9 // 16)


def test_a_cache_without_bits_of_its_own_is_unknown():
    answer = ask(kv_cache="exl3 2-8 bit")
    assert answer.status == "unknown" and "exl3 2-8 bit" in answer.to_dict()["verdict"]["summary"]


# ---------------------------------------------------------------- names

LIKE_LLAMA_CPP = ("llama.cpp", "ollama", "ik_llama.cpp", "lm studio", "koboldcpp")
TYPED = {
    "int8": {
        "vllm": "int8-w8a8",
        "sglang": "int8-w8a8",
        "transformers": "bnb-llm-int8",
        "mlx-lm": "mlx-8-g64",
    }
    | dict.fromkeys(LIKE_LLAMA_CPP, "gguf-q8_0"),
    "8-bit": {"vllm": "int8-w8a8", "hf": "bnb-llm-int8", "ollama": "gguf-q8_0", "mlx": "mlx-8-g64"},
    "INT4": {
        "vllm": "awq-4-g128",
        "transformers": "bnb-nf4",
        "ik_llama.cpp": "gguf-q4_k_m",
        "mlx": "mlx-4-g64",
    },
    "fp16": {"vllm": "fp16", "transformers": "fp16"} | dict.fromkeys(LIKE_LLAMA_CPP, "gguf-f16"),
    "f16": {"vllm": "fp16", "ollama": "gguf-f16"},
    "BF16": {"vllm": "bf16", "llama.cpp": "bf16", "ik_llama.cpp": "bf16"},
    "q8_0": dict.fromkeys((*LIKE_LLAMA_CPP, "vllm"), "gguf-q8_0"),
    "q8": {"llama.cpp": "gguf-q8_0", "mlx-lm": "mlx-8-g64"},
    "Q4": {"ollama": "gguf-q4_k_m", "mlx-lm": "mlx-4-g64"},
    "q4_k": {"llama.cpp": "gguf-q4_k_m"},
    "Q4_K_M": dict.fromkeys(LIKE_LLAMA_CPP, "gguf-q4_k_m"),
    "q4_k_s": {"ollama": "gguf-q4_k_s"},
    "IQ3_M": {"ik_llama.cpp": "gguf-iq3_m"},
    "iq3_xxs": {"llama.cpp": "gguf-iq3_xxs"},
    "fp8": {"vllm": "fp8-e4m3-tensor", "sglang": "fp8-e4m3-tensor", "tensorrt-llm": "fp8-e4m3-tensor"},
    "fp8-block": {"vllm": "fp8-block128", "sglang": "fp8-block128"},
    "gptq": {"vllm": "gptq-4-g128", "tgi": "gptq-4-g128", "exllamav2": "gptq-4-g128"},
    "GPTQ-Int8": {"vllm": "gptq-8-g128", "transformers": "gptq-8-g128"},
    "awq": {"vllm": "awq-4-g128", "sglang": "awq-4-g128"},
    "w4a16": {"vllm": "awq-4-g128"},
    "w4a16-g32": {"vllm": "w4a16-g32"},
    "nf4": {"transformers": "bnb-nf4"},
    "bnb-nf4": {"transformers": "bnb-nf4", "vllm": "bnb-nf4"},
    "bnb-nf4-dq": {"transformers": "bnb-nf4-dq"},
    "fp4": {"vllm": "nvfp4"},
    "mxfp4": {"vllm": "mxfp4", "llama.cpp": "gguf-mxfp4", "ik_llama.cpp": "gguf-mxfp4", "ollama": "mxfp4"},
    "MLX 4bit": {"mlx-lm": "mlx-4-g64", "mlx": "mlx-4-g64"},
    "EXL2": {"exllamav2": "exl2", "tabbyapi": "exl2"},
    "exl3": {"exllamav3": "exl3", "tabbyapi": "exl3"},
}


@pytest.mark.parametrize(
    ("name", "runtime", "meant"),
    [(name, runtime, meant) for name, by in TYPED.items() for runtime, meant in by.items()],
)
def test_what_a_name_means_under_a_runtime(name: str, runtime: str, meant: str):
    answer = ask(weights=name, runtime=runtime)
    assert chosen(answer) == meant
    assert answer.status != "cannot-run", answer.to_dict()["verdict"]["summary"]


@pytest.mark.parametrize(
    ("name", "runtime", "meant"),
    [
        ("q5_k_m", "llama.cpp", "gguf-q5_k_m"),
        ("gguf-iq2_m", "llama.cpp", "gguf-iq2_m"),
        ("int8", "vllm", "int8-w8a8"),
        ("exl2", "exllamav2", "exl2"),
        ("mlx 4bit", "mlx-lm", "mlx-4-g64"),
        ("mlx-8-g64", "mlx-lm", "mlx-8-g64"),
        ("mxfp4", "vllm", "mxfp4"),
    ],
)
def test_a_name_also_tells_the_runtime_where_none_is_named(name: str, runtime: str, meant: str):
    answer = ask(weights=name)
    assert chosen(answer) == meant
    assert next(iter(answer.derivation.store.of("runtime_choice"))).values["asked"] == runtime


def test_every_file_type_is_known_by_its_bare_name():
    named = {
        (fact.values["name"], fact.values["runtime"]): fact.values["format"]
        for fact in library().of("format_name")
    }
    for name in gguf():
        bare = name.removeprefix("gguf-")
        assert named.get((bare, "any" if bare != "f16" else "llama.cpp")) == name


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("exl", {"exl2", "exl3"}),
        ("IQ3", {"gguf-iq3_xxs", "gguf-iq3_xs", "gguf-iq3_s", "gguf-iq3_m"}),
        ("bnb", {"bnb-llm-int8", "bnb-nf4", "bnb-nf4-dq"}),
        ("mlx", {"mlx-4-g64", "mlx-8-g64"}),
    ],
)
def test_a_name_that_means_several_is_refused(name: str, candidates: set[str]):
    with pytest.raises(InputError) as error:
        ask(weights=name)
    (problem,) = error.value.problems
    assert problem.code == "name-ambiguous"
    assert set(problem.text.partition("any of ")[2].split(", ")) == candidates


@pytest.mark.parametrize(
    ("field", "name"), [("weights", "gguf"), ("weights", "Q8_K"), ("weights", "q8_1"), ("kv_cache", "auto")]
)
def test_a_name_that_is_no_format_is_explained(field: str, name: str):
    with pytest.raises(InputError) as error:
        ask(**{field: name})
    assert [problem.code for problem in error.value.problems] == ["no-such-thing"]


@pytest.mark.parametrize("name", ["q4_k_xl", "iq5_m", "exl4", "gptq-3bit", "mlx 3bit", "int3", "tq1_0"])
def test_a_format_that_is_not_here_is_not_taken_for_another(name: str):
    with pytest.raises(InputError) as error:
        ask(weights=name)
    assert [problem.code for problem in error.value.problems] == ["unknown-weight-format"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("fp8", "fp8_e4m3"),
        ("FP8_E5M2", "fp8_e5m2"),
        ("fp16", "f16"),
        ("bfloat16", "bf16"),
        ("q8_0", "q8_0"),
        ("q8", "q8_0"),
        ("int8", "int8"),
        ("nvfp4", "fp4 (nvfp4/mxfp4 kv)"),
        ("fp4_e2m1", "fp4 (nvfp4/mxfp4 kv)"),
        ("MLA latent (BF16)", "mla latent (bf16)"),
    ],
)
def test_names_of_cache_types(name: str, meant: str):
    choices = ask(kv_cache=name).derivation.store.of("kv_choice")
    assert {fact.values["format"] for fact in choices} == {meant}


# ---------------------------------------------------------------- who loads what


def test_a_runtime_that_loads_like_another_refuses_what_that_one_refuses():
    for runtime in ("llama.cpp", "ik_llama.cpp"):
        answer = ask(weights="awq", runtime=runtime)
        assert answer.status == "cannot-run"
        assert any(each["rule"] == "format.not-loaded" for each in answer.to_dict()["conclusions"])


def test_the_runtime_assumed_for_a_format_loads_it():
    loads = {(fact.values["format"], fact.values["runtime"]) for fact in library().of("format_runtime")}
    for name, fact in of("weight_format").items():
        assert any(format_ == name for format_, _ in loads), name
        assert (
            name,
            fact.values.get("default_runtime", "llama.cpp"),
        ) in loads or "default_runtime" not in fact.values
    assert {fact.values["like"] for fact in library().of("loads_like")} <= {runtime for _, runtime in loads}

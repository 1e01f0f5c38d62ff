"""GGUF files: recipes come to the sizes that are published, and closed forms to a count layer by layer."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import pytest

import advisor
from advisor.answer.answer import Answer
from tests.shipped import library

GIB = 2**30
VOCABULARY = 7_800_000  # bytes that a file of Llama 3 holds beside its tensors, mostly its vocabulary
WITHOUT_MATRIX = {"gguf-iq4_xs", "gguf-iq4_nl"}  # these bits are published without one: 1 % above our recipe


@cache
def files() -> dict[str, dict[str, Any]]:
    formats = (fact for fact in library().of("weight_format") if fact.values["gguf"])
    return {str(fact.key[0]): fact.values for fact in formats if not fact.values["experts_only"]}


def ask(model: dict[str, Any], weights: str, **deployment: Any) -> Answer:
    deployment |= {"runtime": "llama.cpp", "weights": weights, "context": 512}
    question = {"hardware": {"gpu": "h100-sxm5-80"}, "model": model, "deployment": deployment}
    return advisor.ask(question, engine="clips", remedies=False)


def size(model: str, weights: str) -> int | None:
    return ask({"id": model}, weights).to_dict()["memory"]["weights_bytes"]


# ---------------------------------------------------------------- published figures


@pytest.mark.parametrize("name", files())
def test_the_size_of_llama_3_8b_is_the_published_one(name: str):
    """Published to the hundredth of a GiB."""
    held = size("llama-3-8b", name) + VOCABULARY
    published = files()[name]["file_size"]
    assert abs(held - published) < published / 200


@pytest.mark.parametrize("name", files())
def test_the_bits_of_llama_3_1_8b_are_the_published_ones(name: str):
    """To four places by the quantiser; those that come from a size of two places are less sure."""
    answer = ask({"id": "llama-3.1-8b"}, name)
    bits = Fraction(str(answer.to_dict()["model"]["bits_per_weight"]))
    near = Fraction(5, 100) if name in WITHOUT_MATRIX else Fraction(1, 100)
    assert abs(bits - files()[name]["file_bits"]) < near


PUBLISHED = [  # model, file type, bytes, and how far a reading of the source may be off
    ("llama-2-7b", "gguf-q4_0", 3.56 * GIB, 0.005),
    ("llama-3.1-70b", "gguf-q4_k_m", 39.59 * GIB, 0.005),
    ("llama-3-70b", "gguf-iq2_xxs", 17.79 * GIB, 0.013),  # of a file, with its vocabulary
    ("llama-3-70b", "gguf-q3_k_m", 31.91 * GIB, 0.013),  # 80 layers with grouped queries
    ("deepseek-r1", "gguf-q4_k_m", 376.65 * GIB, 0.005),  # three dense layers, then experts
    ("deepseek-r1", "gguf-q8_0", 664.295 * GIB, 0.0005),
    ("qwen3-30b-a3b", "gguf-q5_k_m", 20.228 * GIB, 0.0005),
    ("gemma-3-27b", "gguf-q4_k_m", 15.404 * GIB, 0.0005),  # a tied embedding
    ("gpt-oss-20b", "gguf-mxfp4", 11.27 * GIB, 0.005),
    ("gpt-oss-120b", "gguf-mxfp4", 59.02 * GIB, 0.005),
]


@pytest.mark.parametrize(("model", "name", "published", "unit"), PUBLISHED)
def test_a_file_is_as_large_as_logs_print_it(model: str, name: str, published: float, unit: float):
    assert size(model, name) == pytest.approx(published, rel=1e-4, abs=unit * GIB)


# ---------------------------------------------------------------- layer by layer

FLAT = {
    "vocab_size": 1024,
    "hidden_size": 512,
    "attention_heads": 8,
    "kv_heads": 4,
    "head_dim": 64,
    "intermediate_size": 1024,
    "tie_word_embeddings": False,
}
Q4_K, Q6_K = Fraction(144, 256), Fraction(210, 256)


def wider(layer: int, layers: int) -> bool:
    """The quantiser's own words for the layers that get more bits."""
    first = layers // 8
    return layer < first or layer >= 7 * layers // 8 or (layer - first) % 3 == 2


def spans(answer: Answer) -> dict[int, Fraction]:
    facts = answer.derivation.store.of("gguf_span")
    return {fact.values["position"]: fact.values["more_bits"] for fact in facts}


@pytest.mark.parametrize("layers", [*range(1, 34), 36, 40, 48, 61, 62, 80, 126])
def test_more_bits_for_as_many_layers_as_the_quantiser_gives_them(layers: int):
    answer = ask({"name": "flat", "layers": layers, **FLAT}, "gguf-q4_k_m")
    assert spans(answer)[0] == Fraction(sum(wider(each, layers) for each in range(layers)), layers)


@pytest.mark.parametrize(("dense", "layers"), [(1, 27), (1, 61), (3, 61), (3, 92), (8, 40), (20, 40)])
def test_layers_that_are_known_to_come_first_are_counted_as_such(dense: int, layers: int):
    experts = {"num_experts": 16, "experts_per_token": 2, "moe_intermediate_size": 256}
    model = {"name": "flat", "layers": layers, "first_k_dense": dense, **FLAT, **experts}
    share = spans(ask(model, "gguf-q4_k_m"))
    for position, of in ((0, range(dense)), (1, range(dense, layers))):
        assert share[position] == Fraction(sum(wider(each, layers) for each in of), len(of))


def test_a_file_is_the_sum_of_its_tensors():
    """Llama 3.1 8B in Q4_K_M, written out."""
    few, many = [Fraction(sum(w == wider(n, 32) for n in range(32))) for w in (True, False)]
    square, narrow, wide = 4096 * 4096, 1024 * 4096, 14336 * 4096
    alike = 32 * (2 * square + narrow + 2 * wide) * Q4_K
    mixed = (narrow + wide) * (few * Q6_K + many * Q4_K)
    ends = 128256 * 4096 * (Q4_K + Q6_K)
    assert size("llama-3.1-8b", "gguf-q4_k_m") == alike + mixed + ends + 65 * 4096 * 4


# ---------------------------------------------------------------- what cannot be told


@pytest.mark.parametrize(
    "gone", ["intermediate_size", "hidden_size", "vocab_size", "layers", "attention_heads"]
)
def test_a_file_of_tensors_that_are_not_told_is_unknown(gone: str):
    model = {"name": "flat", "layers": 32, **FLAT}
    del model[gone]
    answer = ask(model, "gguf-q4_k_m").to_dict()
    assert answer["memory"]["weights_bytes"] is None
    assert answer["verdict"]["status"] == "unknown"

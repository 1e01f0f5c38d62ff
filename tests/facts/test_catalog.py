"""The facts that ship: references, sources, and figures that agree with each other."""

from __future__ import annotations

import pytest

from advisor.facts.values import Fact
from tests.shipped import library

GIB, MIB, GB = 2**30, 2**20, 10**9


def ids(kind: str) -> list[str]:
    return [str(fact.key[0]) for fact in library().of(kind)]


# ---------------------------------------------------------------- references and sources


def test_every_reference_is_to_something_that_exists():
    broken = []
    for fact in library().facts:
        for field in library().kinds[fact.kind].fields.values():
            if field.spec.refers and field.name in fact.values:
                value = fact.values[field.name]
                if value not in ids(field.spec.refers) and value not in field.spec.also:
                    broken.append(f"{fact.label}.{field.name} = {value}")
    assert not broken


def test_runtimes_named_elsewhere_exist():
    known = {*ids("runtime"), "any"}
    for kind in ("format_runtime", "format_name"):
        named = {str(fact.values["runtime"]) for fact in library().of(kind)}
        assert len(known & named) > 2 or named <= known, kind


@pytest.mark.parametrize("kind", sorted({fact.kind for fact in library().facts}))
def test_every_fact_has_sources_and_a_place(kind: str):
    for fact in library().of(kind):
        assert fact.given and fact.given.sources, fact.label
        assert fact.given.confidence in ("high", "medium", "low"), fact.label
        assert all(str(source).strip() for source in fact.given.sources), fact.label
        assert fact.given.line, fact.label


def test_the_starter_set_is_there():
    least = {
        "gpu": 10,
        "model": 10,
        "weight_format": 8,
        "cloud_instance": 5,
        "runtime": 2,
        "software": 5,
        "trap": 3,
    }
    assert {kind: len(library().of(kind)) for kind in least if len(library().of(kind)) < least[kind]} == {}
    assert {"mixtral-8x7b", "mixtral-8x22b"} <= set(ids("model"))


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize("gpu", library().of("gpu"), ids=lambda fact: fact.label)
def test_memory_of_a_gpu(gpu: Fact):
    """What the driver reports is at most what is sold, GB read as GiB, and at least 90 % of the decimal."""
    sold = int(gpu.values["memory"]) // GB
    reported = gpu.values.get("memory_reported")
    if reported is not None:
        assert 0.9 * sold * GB <= reported <= sold * GIB
        assert reported % MIB == 0
    if "memory_usable" in gpu.values and reported is not None:
        assert gpu.values["memory_usable"] <= reported


@pytest.mark.parametrize("gpu", library().of("gpu"), ids=lambda fact: fact.label)
def test_rates_of_a_gpu(gpu: Fact):
    differences = library().of("known_difference")
    known = {fact.values["check"] for fact in differences if fact.values["id"] == gpu.key[0]}
    assert gpu.values["bandwidth"] > 50 * GB
    for name in ("fp8", "int8", "fp4"):
        both = {f"{name}_dense", "fp16_dense"} <= gpu.values.keys()
        if both and f"catalog-hardware.{name}-ratio" not in known:
            assert gpu.values[f"{name}_dense"] >= gpu.values["fp16_dense"], name


def test_compute_capability_as_one_number():
    nvidia = [gpu for gpu in library().of("gpu") if gpu.values["vendor"] == "NVIDIA"]
    assert len(nvidia) > 50
    for gpu in nvidia:
        assert str(gpu.values["sm"]) == str(gpu.values["compute_capability"]).replace(".", ""), gpu.label


def test_links_move_no_more_than_they_can():
    for link in library().of("link"):
        if "effective" in link.values:
            assert link.values["effective"] <= link.values["bandwidth"], link.label


def test_instances_have_the_memory_of_their_gpus():
    sold = {fact.key[0]: fact.values["memory"] for fact in library().of("gpu")}
    for instance in library().of("cloud_instance"):
        if "gpu_memory" in instance.values:
            limit = 1.05 * sold[instance.values["gpu"]] * GIB // GB  # 192 GiB are listed for a GB200
            assert instance.values["gpu_memory"] <= limit, instance.label
            of_all = instance.values["gpu_memory"] * max(instance.values["gpu_count"], 1)  # 0: a slice of one
            assert instance.values["gpu_memory_all"] == of_all, instance.label


def test_formats_have_the_bits_that_their_names_say():
    bits = {str(fact.key[0]): fact.values for fact in library().of("weight_format")}
    assert all(0 < values.get("payload_bits", values.get("file_bits", 1)) <= 32 for values in bits.values())
    assert bits["awq-4-g128"]["payload_bits"] == bits["gptq-4-g128"]["payload_bits"] == 4
    assert bits["int8-w8a8"]["payload_bits"] == 8
    assert bits["int8-w8a8"]["embedding_bits"] == bits["int8-w8a8"]["head_bits"] == 16
    by_size = [
        bits[name]["file_bits"]
        for name in ("gguf-q2_k", "gguf-q4_k_m", "gguf-q5_k_m", "gguf-q6_k", "gguf-q8_0")
        if name in bits
    ]
    assert by_size == sorted(by_size) and len(by_size) > 2


def test_cache_types_count_their_scales():
    bits = {str(fact.key[0]): fact.values.get("bits") for fact in library().of("kv_format")}
    assert bits["f16"] == 16
    assert bits["q8_0"] == 8 + 16 / 32
    assert bits["q4_0"] == 4 + 16 / 32

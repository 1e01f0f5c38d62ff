"""The facts that ship: names, references, sources, and figures that agree with each other."""

from __future__ import annotations

import re
from functools import cache

import pytest

import advisor
from advisor.facts.library import Library
from advisor.facts.load import load_library
from advisor.facts.names import Names
from advisor.facts.values import Fact
from advisor.paths import facts_folder

GIB, MIB, GB = 2**30, 2**20, 10**9


@cache
def library() -> Library:
    return load_library([facts_folder()])


def ids(kind: str) -> list[str]:
    return [str(fact.key[0]) for fact in library().of(kind)]


# ---------------------------------------------------------------- names

CONFUSABLE = {
    "A100-SXM4-80GB": "a100-sxm4-80",
    "NVIDIA A100-SXM4-80GB": "a100-sxm4-80",
    "nvidia a100 80gb pcie": "a100-pcie-80",
    "A100 SXM 40GB": "a100-sxm4-40",
    "NVIDIA A100-PCIE-40GB": "a100-pcie-40",
    "NVIDIA H100 80GB HBM3": "h100-sxm5-80",
    "H100 SXM": "h100-sxm5-80",
    "H100 PCIe": "h100-pcie-80",
    "H100 NVL": "h100-nvl-94",
    "NVIDIA H100 NVL": "h100-nvl-94",
    "H100 94GB": "h100-nvl-94",
    "NVIDIA H200": "h200-sxm-141",
    "B200 192GB": "b200-sxm-180",
    "NVIDIA GeForce RTX 4090": "rtx-4090",
    "RTX  4090": "rtx-4090",
    "4090": "rtx-4090",
    "5090": "rtx-5090",
    "AMD Instinct MI300X": "mi300x-192",
    "M2 Ultra": "apple-m2-ultra",
    "L40S": "l40s",
}
SEVERAL = {
    "a100": {"a100-sxm4-80", "a100-pcie-80", "a100-sxm4-40", "a100-pcie-40"},
    "A100 80GB": {"a100-sxm4-80", "a100-pcie-80"},
    "a100 40g": {"a100-sxm4-40", "a100-pcie-40"},
    "a100 sxm": {"a100-sxm4-80", "a100-sxm4-40"},
    "A100-PCIe": {"a100-pcie-80", "a100-pcie-40"},
    "h100": {"h100-sxm5-80", "h100-pcie-80", "h100-nvl-94"},
    "H100 80GB": {"h100-sxm5-80", "h100-pcie-80"},
}
UNKNOWN = [
    "RTX 4090 Laptop",
    "rtx 4090 laptop gpu",
    "RTX 4090 D",
    "RTX 3090 Ti",
    "RTX 4060 Ti",
    "A100X",
    "H800",
    "A10G",
    "L40",
    "M2",
]
TRAPS = ["A100 160GB", "nvidia a100 160gb", "H100 NVL 188GB", "RTX 5090 28GB", "A16 64GB", "B200 90GB"]


@pytest.mark.parametrize("name", CONFUSABLE)
def test_a_name_that_means_one_thing(name: str):
    assert Names(library()).resolve("gpu", name) == (CONFUSABLE[name], None)


@pytest.mark.parametrize("name", SEVERAL)
def test_a_name_that_means_several_is_no_guess(name: str):
    found, problem = Names(library()).resolve("gpu", name)
    assert found is None and problem and problem.code == "name-ambiguous"
    assert set(re.findall(r"[\w.]+(?:-\w+)+", problem.text)) - {name} == SEVERAL[name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_part_that_is_not_here_is_not_taken_for_another(name: str):
    found, problem = Names(library()).resolve("gpu", name)
    assert found is None and problem and problem.code in ("unknown-gpu", "no-such-thing")


@pytest.mark.parametrize("name", TRAPS)
def test_what_does_not_exist_is_explained(name: str):
    found, problem = Names(library()).resolve("gpu", name)
    assert found is None and problem and problem.code == "no-such-thing" and problem.hint


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("mixtral-8x22b", "mixtral-8x22b"),
        ("Mixtral 8x22B", "mixtral-8x22b"),
        ("mixtral:8x22b", "mixtral-8x22b"),
        ("mistralai/Mixtral-8x22B-Instruct-v0.1", "mixtral-8x22b"),
        ("meta-llama/Llama-3.1-8B", "llama-3.1-8b"),
    ],
)
def test_names_of_models(name: str, model: str):
    assert Names(library()).resolve("model", name) == (model, None)


@pytest.mark.parametrize("kind", ["gpu", "model", "weight_format", "kv_format"])
def test_every_id_names_itself(kind: str):
    names = Names(library())
    assert {name: names.resolve(kind, name.upper()) for name in ids(kind)} == {
        name: (name, None) for name in ids(kind)
    }


def test_aliases_and_traps_are_in_lower_case_and_point_at_what_exists():
    for fact in library().of("alias"):
        assert fact.values["id"] in ids(str(fact.values["of"])), fact.label
        assert fact.values["name"] == " ".join(str(fact.values["name"]).lower().split()), fact.label
    for fact in library().of("trap"):
        assert set(fact.values["nearest"]) <= set(ids(str(fact.values["of"]))), fact.label
        assert fact.values["name"] == str(fact.values["name"]).lower(), fact.label


def test_no_trap_is_also_a_name():
    aliases = {(fact.values["of"], fact.values["name"]) for fact in library().of("alias")}
    assert not [
        fact.label for fact in library().of("trap") if (fact.values["of"], fact.values["name"]) in aliases
    ]


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
    """What the driver reports is at most what is sold, with GB read as GiB, and at least 90 % of the decimal."""
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
        if {f"{name}_dense", "fp16_dense"} <= gpu.values.keys() and f"catalog.{name}-ratio" not in known:
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


@pytest.mark.parametrize("model", ids("model"))
def test_the_tensors_of_a_model_make_its_published_parameters(model: str):
    fact = next(each for each in library().of("model") if each.key == (model,))
    question = {"hardware": {"gpu": "none"}, "model": {"id": model}, "deployment": {"context": 512}}
    answer = advisor.ask(question, engine="clips")
    computed = answer.to_dict()["model"]["params_total"]
    assert computed == fact.values.get("params_computed", computed)
    published = fact.values["params_total"]
    noted = (
        "param_check_note" in fact.values or (fact.given and fact.given.note) or "vision" in str(fact.values)
    )
    assert abs(computed - published) <= published / 1000 or noted, (computed, published)
    active = next(iter(answer.derivation.store.of("parameters"))).values["active"]
    assert active == fact.values.get("params_active_computed", active)
    if "params_active" in fact.values:  # developers count embedding and head, or one of them, or neither
        stated, table = fact.values["params_active"], fact.values["vocab_size"] * fact.values["hidden_size"]
        assert min(abs(active - tables * table - stated) for tables in (0, 1, 2)) <= stated / 20


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
    bits = {str(fact.key[0]): fact.values["bits"] for fact in library().of("kv_format")}
    assert bits["f16"] == 16
    assert bits["q8_0"] == 8 + 16 / 32
    assert bits["q4_0"] == 4 + 16 / 32

"""The two reference answers, line by line: what they must say, with which figures, each derived."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import advisor
import advisor.errors
from advisor.answer.schema.answer import answer_schema
from tests.commandline import EXAMPLES, ROOT
from tests.durable import NEEDS_DURABLE

GIB, MIB = 2**30, 2**20
ENGINES = ["clips", pytest.param("durable", marks=NEEDS_DURABLE)]


@dataclass(frozen=True)
class Expected:
    """The figures of one reference question, as text where they are read as text."""

    gpu: str
    reported_mib: int
    weights_gib: tuple[float, float]
    thumb_gb: int
    thumb_short_gb: int
    bandwidth: str
    cuda_cores: str
    tensor_cores: str


QUESTIONS = {
    "mixtral-8x22b-a100": Expected("A100", 81920, (131.3, 131.5), 141, 61, r"2\.0\d? TB/s", "6,912", "432"),
    "mixtral-8x22b-h100": Expected("H100", 81559, (261.9, 262.0), 282, 202, r"3\.35 TB/s", "16,896", "528"),
}


@dataclass(frozen=True)
class Case:
    expected: Expected
    answer: dict[str, Any]
    name: str

    def conclusion(self, *patterns: str) -> dict[str, Any]:
        """The conclusion in which all of these are found."""
        found = [
            one for one in self.answer["conclusions"] if all(re.search(p, one["text"]) for p in patterns)
        ]
        assert found, (patterns, [one["text"] for one in self.answer["conclusions"]])
        return found[0]

    def remedies(self, *patterns: str, kind: str | None = None) -> list[dict[str, Any]]:
        """The remedies whose title or text matches all of these."""
        return [
            one
            for one in self.answer["remedies"]
            if kind in (None, one["kind"])
            and all(re.search(p, f"{one['title']}. {one['text']}") for p in patterns)
        ]

    def works(self, *paths: str, **values: Any) -> list[dict[str, Any]]:
        """All that works and sets these fields, with these values of `deployment` and `hardware`."""
        search = self.answer["search"]
        found = (
            [one for one in self.answer["remedies"] if one["verified"]] + search["more"] + search["outdone"]
        )
        wanted = {f"deployment.{name}": value for name, value in values.items() if name != "count"}
        wanted |= {"hardware.count": values["count"]} if "count" in values else {}
        return [
            one for one in found if set(paths) <= one["set"].keys() and wanted.items() <= one["set"].items()
        ]

    def considered(self, *patterns: str, kind: str) -> list[dict[str, Any]]:
        """The levers that propose a setting which matches all of these."""
        levers = [one for one in self.answer["search"]["considered"] if one["kind"] == kind]
        return [
            one
            for one in levers
            if any(all(re.search(p, each) for p in patterns) for each in one["settings"])
        ]


_cases: dict[str, Case] = {}


@pytest.fixture(params=list(QUESTIONS))
def case(request: pytest.FixtureRequest) -> Case:
    name = request.param
    if name not in _cases:
        answer = advisor.ask(EXAMPLES / f"{name}.toml", engine="clips").to_dict()
        _cases[name] = Case(QUESTIONS[name], answer, name)
    return _cases[name]


def gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


# ---------------------------------------------------------------- verdict and memory


def test_it_does_not_fit_and_says_by_how_much(case: Case):
    memory, summary = case.answer["memory"], case.answer["verdict"]["summary"]
    assert case.answer["verdict"]["status"] == "does-not-fit"
    for name in ("required_bytes", "usable_bytes", "shortfall_bytes"):
        assert gib(memory[name]) in summary


def test_weights_cache_overhead_and_shortfall_are_said_in_one_sentence(case: Case):
    memory = case.answer["memory"]
    names = ("weights", "kv_cache", "overhead", "required", "usable", "shortfall")
    case.conclusion(*(re.escape(gib(memory[f"{name}_bytes"])) for name in names))


def test_weights(case: Case):
    low, high = case.expected.weights_gib
    assert low <= case.answer["memory"]["weights_bytes"] / GIB <= high
    assert case.answer["model"]["params_total"] == 140_630_071_296


def test_int8_says_what_is_left_at_16_bit():
    memory = _case("mixtral-8x22b-a100").answer["memory"]
    assert 8 < _case("mixtral-8x22b-a100").answer["model"]["bits_per_weight"] < 8.1
    _case("mixtral-8x22b-a100").conclusion(
        r"every tensor at 8 bit",
        r"131\.0 GiB",
        r"int8-w8a8",
        r"16 bit",
        r"scales",
        re.escape(gib(memory["weights_bytes"])),
    )


def test_fp16_is_two_bytes_a_parameter():
    answer = _case("mixtral-8x22b-h100").answer
    assert answer["memory"]["weights_bytes"] == 2 * answer["model"]["params_total"]
    assert gib(answer["memory"]["weights_bytes"]) == "261.9 GiB"
    assert answer["model"]["bits_per_weight"] == 16
    _case("mixtral-8x22b-h100").conclusion(r"261\.9 GiB", "16 bits per weight")


def _case(name: str) -> Case:
    if name not in _cases:
        answer = advisor.ask(EXAMPLES / f"{name}.toml", engine="clips").to_dict()
        _cases[name] = Case(QUESTIONS[name], answer, name)
    return _cases[name]


def test_kv_cache(case: Case):
    assert case.answer["memory"]["kv_cache_bytes"] == 15_032_385_536
    assert gib(15_032_385_536) == "14.0 GiB"


def test_what_the_context_adds(case: Case):
    assert 15_032_385_536 // 65_536 == 224 * 1024
    case.conclusion("224 KiB|229,376", "65,536 tokens", r"14\.0 GiB", "[Cc]ontext")


def test_usable_memory_is_what_the_driver_reports_times_the_share(case: Case):
    reported = case.expected.reported_mib
    assert case.answer["memory"]["usable_bytes"] == reported * MIB * 9 // 10
    case.conclusion(f"{reported:,} MiB", "90 %", "vllm|vLLM", gib(case.answer["memory"]["usable_bytes"]))


def test_the_sums_are_right(case: Case):
    memory = case.answer["memory"]
    parts = {
        name: memory[f"{name}_bytes"]
        for name in ("weights", "kv_cache", "overhead", "required", "usable", "shortfall")
    }
    assert parts["overhead"] > 0
    assert parts["required"] == parts["weights"] + parts["kv_cache"] + parts["overhead"]
    inside = [part for part in memory["components"] if part["role"] != "outside"]
    assert parts["required"] == sum(part["bytes"] for part in inside)
    assert parts["shortfall"] == sum(card["shortfall_bytes"] for card in memory["per_gpu"])
    assert parts["shortfall"] == parts["required"] - parts["usable"]
    for name, size in parts.items():
        assert memory["per_gpu"][0][f"{name}_bytes"] == size


def test_the_rule_of_thumb_is_labelled_and_explained(case: Case):
    expected = case.expected
    said = case.conclusion(
        "[Rr]ule of thumb", f"{expected.thumb_gb} GB", "80 GB", f"short by {expected.thumb_short_gb} GB"
    )
    assert re.search(r"differ", said["text"])
    for reason in ("decimal", "KV cache", "overhead", "16 bit|rounded", "does not use all"):
        assert re.search(reason, said["text"]), reason


# ---------------------------------------------------------------- what is not the bottleneck, and the rest


def test_sparse_mixture_of_experts(case: Case):
    case.conclusion("sparse mixture of experts", "39 billion", "141 billion", "resident")


def test_bandwidth_is_not_the_bottleneck(case: Case):
    case.conclusion(
        "[Bb]andwidth is not the bottleneck", case.expected.bandwidth, "cannot be used while .* not fit"
    )


def test_compute_is_not_the_bottleneck(case: Case):
    cores = (f"{case.expected.cuda_cores} CUDA cores", f"{case.expected.tensor_cores} tensor cores")
    case.conclusion("[Cc]ompute is not the bottleneck", *cores, "cannot be used while .* not fit")


def test_offloading(case: Case):
    short = re.escape(gib(case.answer["memory"]["shortfall_bytes"]))
    case.conclusion("[Oo]ffload", short, r"[\d.]+ tok/s", "host|system memory", "slower")
    case.conclusion("[Oo]ffload", "no use for real-time", r"[\d.]+ tok/s")


def test_memory_capacity_is_the_bottleneck(case: Case):
    case.conclusion(
        "[Mm]emory capacity is the bottleneck", re.escape(gib(case.answer["memory"]["shortfall_bytes"]))
    )


# ---------------------------------------------------------------- remedies


@pytest.mark.parametrize("name", ["NF4", "GPTQ", "AWQ", "GGUF"])
def test_four_bit_formats_are_considered_by_name(case: Case, name: str):
    assert case.considered(name, kind="weights")


def test_the_caveat_on_accuracy_stands_beside_fewer_bits(case: Case):
    found = [one for one in case.answer["remedies"] if "deployment.weights" in one["set"]]
    assert found and all("accuracy" in " ".join(one["costs"]).lower() for one in found)


def test_bitsandbytes_is_named(case: Case):
    assert case.considered("bitsandbytes", kind="weights")


def test_a_format_of_less_than_four_bits(case: Case):
    assert case.considered(r"Q[23]_|IQ[123]_|[123] bit", kind="weights") or case.considered(
        r"Q[23]_|IQ[123]_|[123] bit", kind="few_bits"
    )


def test_two_a100_hold_it_in_four_bits_with_tensor_parallelism():
    """By arithmetic from measured constants; INT8 fits on four, and FP16 on eight H100."""
    a100, h100 = _case("mixtral-8x22b-a100"), _case("mixtral-8x22b-h100")
    two = a100.works("deployment.weights", count=2, tensor_parallel=2)
    assert [one for one in two if re.search("INT4|AWQ|GPTQ|NF4", one["title"])]
    assert a100.works(count=4, tensor_parallel=4)
    assert h100.works(count=8, tensor_parallel=8) or h100.works(count=4, tensor_parallel=4)


def test_one_a100_holds_iq4_xs_at_a_context_that_the_headroom_decides():
    """About 20k tokens where 5 % of the card is left free, as the answer says; Q4_K_M holds none."""
    case = _case("mixtral-8x22b-a100")
    (one,) = case.works("deployment.context", weights="gguf-iq4_xs", runtime="llama.cpp")
    assert 16_000 < one["set"]["deployment.context"] < 26_000
    assert not case.works("deployment.context", weights="gguf-q4_k_m")
    more = {**one["set"], "deployment.context": one["set"]["deployment.context"] + 256}
    asked = advisor.ask(
        EXAMPLES / "mixtral-8x22b-a100.toml",
        engine="clips",
        remedies=False,
        changes=[f"{path}={json.dumps(value)}" for path, value in more.items()],
    )
    assert asked.status == "does-not-fit"
    assert any("95 %" in one["text"] for one in asked.to_dict()["conclusions"])


def test_several_gpus_with_tensor_parallelism_and_the_valid_sizes(case: Case):
    (lever,) = case.considered("tensor parallelism", kind="gpus")
    assert [re.match(r"\d+", each)[0] for each in lever["settings"]] == ["2", "4", "8"]  # type: ignore[index]


def test_pipeline_parallelism(case: Case):
    assert case.considered("[Pp]ipeline", kind="gpus")


def test_a_shorter_context(case: Case):
    assert case.considered("context", kind="context")
    case.conclusion("[Ss]horter context")


def test_offload_as_a_remedy(case: Case):
    assert case.considered("host", kind="offload") and case.considered("host", kind="expert_offload")


def test_a_smaller_and_a_more_efficient_model(case: Case):
    assert [one for one in case.remedies(kind="model") if "model.id" in one["set"]]
    assert case.considered("developer|series|smaller", kind="model")
    assert case.considered("efficient", kind="model")


def test_a_gpu_with_more_memory(case: Case):
    found = case.considered("in place of", kind="gpu")
    assert found
    parts = "".join(path.read_text("utf-8") for path in (ROOT / "facts" / "gpus").glob("*.toml"))
    for title in found[0]["settings"]:
        assert f'name = "{title.partition(" in place of")[0]}"' in parts


def test_an_a100_with_160_gb_does_not_exist():
    with pytest.raises(advisor.errors.InputError, match=r"(?i)no A100 with 160 GB") as caught:
        advisor.ask(EXAMPLES / "mixtral-8x22b-a100.toml", changes=["hardware.gpu=A100 160GB"])
    assert "a100-sxm4-80" in str(caught.value)


def test_cloud_instances_and_hosted_services(case: Case):
    assert case.considered(r"\b\d+ GPUs? \(", kind="cloud")
    assert case.remedies("[Hh]osted", kind="service")


@pytest.mark.parametrize("name", ["vLLM", "llama.cpp", "TensorRT-LLM", "DeepSpeed", "PyTorch distributed"])
def test_software(case: Case, name: str):
    assert case.remedies(re.escape(name), kind="software")


def test_fine_tuning_a_smaller_model(case: Case):
    assert case.remedies("[Ff]ine-tune")


def test_nothing_is_claimed_that_was_not_asked(case: Case):
    for one in case.answer["remedies"]:
        assert one["verified"] is (True if one["set"] else None), one["title"]
        assert (one["outcome"] is None) == (one["verified"] is None)
    assert [one["rank"] for one in case.answer["remedies"]] == list(
        range(1, len(case.answer["remedies"]) + 1)
    )


def test_the_ranking_is_told_and_explained(case: Case):
    ranking = case.answer["search"]["ranking"]
    assert [one["figure"] for one in ranking] == ["goals", "changes", "quality", "speed", "cost"]
    assert all(one["meaning"] for one in ranking)


# ---------------------------------------------------------------- the trace


class Proof:
    """The trace, to walk from a firing back to what was given."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.facts = {fact["id"]: fact for fact in answer["trace"]["facts"]}
        self.firings = {firing["id"]: firing for firing in answer["trace"]["firings"]}

    def chain(self, start: str) -> Iterator[dict[str, Any]]:
        """A firing and all firings that it rests on."""
        waiting, seen = [start], set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                firing = self.firings[name]
                yield firing
                read = (*firing["premises"], *firing["looked"])
                waiting += [by for fact in read for by in self.facts[fact]["derived_by"]]

    def given(self, start: str) -> Iterator[dict[str, Any]]:
        """The facts that were given and not derived, and that a firing rests on."""
        for firing in self.chain(start):
            for name in (*firing["premises"], *firing["looked"]):
                if self.facts[name]["given"]:
                    yield self.facts[name]


def shown(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer["verdict"], *answer["conclusions"], *answer["remedies"]]


def test_everything_said_has_a_firing_of_its_rule(case: Case):
    proof = Proof(case.answer)
    for one in shown(case.answer):
        firing = proof.firings[one["firing"]]
        assert firing["rule"] == one["rule"]
        assert one.get("text", one.get("summary")).startswith(firing["text"])
        assert not firing["undetermined"]


def test_every_rule_stands_where_the_trace_says(case: Case):
    for firing in case.answer["trace"]["firings"]:
        assert re.fullmatch(r"rules/[\w-]+\.toml", firing["file"])
        lines = (ROOT / firing["file"]).read_text("utf-8").splitlines()
        assert lines[firing["line"] - 1].strip() == "[[rule]]", firing["rule"]
        assert any(f'id = "{firing["rule"]}"' in line for line in lines[firing["line"] : firing["line"] + 3])


def test_everything_said_rests_on_given_facts_with_sources(case: Case):
    proof = Proof(case.answer)
    for one in shown(case.answer):
        given = list(proof.given(one["firing"]))
        assert given, one["rule"]
        for fact in given:
            if fact["given"]["file"].startswith("facts/"):
                assert fact["given"]["sources"] and all(fact["given"]["sources"]), fact["label"]
                assert fact["given"]["line"], fact["label"]


def test_every_fact_is_given_or_derived(case: Case):
    for fact in case.answer["trace"]["facts"]:
        assert fact["given"] or fact["derived_by"], fact["label"]


def test_given_facts_stand_where_the_trace_says(case: Case):
    """At the line named stands the header, or the row, in which the fact's own id is."""
    for fact in case.answer["trace"]["facts"]:
        given = fact["given"]
        if given and given["file"].startswith("facts/"):
            lines = (ROOT / given["file"]).read_text("utf-8").splitlines()
            line = lines[given["line"] - 1]
            assert re.match(rf"\s*\[\[([\w.]+\.)?{fact['kind']}\]\]|\s*\{{", line), (fact["label"], line)


def test_the_arithmetic_has_numbers_in_it(case: Case):
    proof = Proof(case.answer)
    for one in shown(case.answer):
        if re.search(
            r"\d (GiB|KiB|GB|MiB|TB/s|tok/s|%|bit|billion|GPUs)", one.get("text", one.get("summary"))
        ):
            formulas = [line for firing in proof.chain(one["firing"]) for line in firing["formulas"]]
            assert any(re.search(r"= [^=]*\d[^=]* = .*\d", line) for line in formulas), one["rule"]


def test_the_weights_can_be_recomputed_from_the_trace(case: Case):
    """From the verdict back to the figure in the facts file: 8 experts, and what the driver reports."""
    proof = Proof(case.answer)
    given = {fact["label"]: fact for fact in proof.given(case.answer["verdict"]["firing"])}
    block = given["block[mixtral-8x22b, 0]"]
    assert (
        block["values"]["experts"].split()[0] == "8" and block["given"]["file"] == "facts/models/mistral.toml"
    )
    gpu = next(fact for label, fact in given.items() if label.startswith("gpu["))
    assert f"{case.expected.reported_mib:,}" in gpu["values"]["memory_reported"]


def test_conclusions_have_ids_of_their_own(case: Case):
    ids = [one["id"] for one in case.answer["conclusions"]]
    assert len(set(ids)) == len(ids)


# ---------------------------------------------------------------- the whole


def test_the_answer_is_valid(case: Case):
    read_back = json.loads(json.dumps(case.answer))
    assert not [error.message for error in Draft202012Validator(answer_schema()).iter_errors(read_back)]


@NEEDS_DURABLE
@pytest.mark.parametrize("name", QUESTIONS)
def test_both_engines_answer_alike_to_the_byte(name: str):
    path = EXAMPLES / f"{name}.toml"
    other = advisor.ask(path, engine="durable").to_dict()
    assert other["engine"]["name"] == "durable"
    assert _but_engine(other) == _but_engine(_case(name).answer)
    names = ("clips", "durable", "clips,durable")
    quick = [advisor.ask(path, engine=engine, remedies=False).to_dict() for engine in names]
    assert [each["engine"]["name"] for each in quick] == list(names)
    assert len(set(map(_but_engine, quick))) == 1


def _but_engine(answer: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in answer.items() if key != "engine"})


@pytest.mark.parametrize("engine", ENGINES)
def test_asking_twice_gives_the_same(engine: str):
    """Remedies too: tests/golden/test_records.py compares them with what is kept, whatever came before."""
    first, other = (EXAMPLES / f"{name}.toml" for name in QUESTIONS)
    before = advisor.ask(first, engine=engine, remedies=False)
    text = advisor.ask(first, engine=engine, remedies=False).to_json()
    advisor.ask(other, engine=engine, remedies=False).to_json()
    assert before.to_json() == text == advisor.ask(first, engine=engine, remedies=False).to_json()

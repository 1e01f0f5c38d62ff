"""What an answer holds under the names of the public interface, in each of the verdicts."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import advisor
from advisor.answer.answer import Answer
from advisor.answer.schema.answer import answer_schema
from advisor.expressions import Unknown
from advisor.facts.plain import plain

BASE: dict[str, Any] = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "mistral-7b-v0.3"}}
INLINE = {"hardware": {"gpu": {"bandwidth_gb_s": 900}}, "model": {"id": "mistral-7b-v0.3"}}
QUESTIONS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "fits": (BASE, ("deployment.weights=awq",)),
    "tight": (
        BASE,
        (
            "model.id=qwen2.5-32b",
            "deployment.weights=q4_k_m",
            "deployment.runtime=vllm",
            "deployment.context=6144",
        ),
    ),
    "does-not-fit": (BASE, ("model.id=mixtral-8x22b",)),
    "cannot-run": (BASE, ("hardware.count=3", "deployment.tensor_parallel=3")),
    "unknown": (INLINE, ()),
}
OTHERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "processor alone": (BASE, ("hardware.gpu=none", "deployment.weights=q4_k_m")),
    "two GPUs": (BASE, ("hardware.count=2", "deployment.tensor_parallel=2")),
    "two kinds of GPU": (
        {**BASE, "hardware": {"device": [{"gpu": "rtx-4090"}, {"gpu": "rtx-3090", "count": 2}]}},
        (),
    ),
    "unified memory": (BASE, ("hardware.gpu=apple-m2-ultra",)),
    "mixture": (BASE, ("model.id=qwen3-30b-a3b", "deployment.weights=q4_k_m")),
    "latent": (BASE, ("model.id=deepseek-v2-lite",)),
    "a runtime nobody listed": (BASE, ("deployment.runtime=mine",)),
}
EVERY = {**QUESTIONS, **OTHERS}


@cache
def ask(name: str) -> Answer:
    tables, changes = EVERY[name]
    return advisor.ask(tables, engine="clips", changes=changes)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_verdict(name: str):
    answer = ask(name)
    assert answer.status == answer.to_dict()["verdict"]["status"] == name
    assert answer.to_dict()["verdict"]["summary"]


@pytest.mark.parametrize("name", EVERY)
def test_it_is_valid_and_the_same_as_its_json(name: str):
    answer = ask(name)
    assert json.loads(answer.to_json()) == answer.to_dict()
    assert not [
        error.message for error in Draft202012Validator(answer_schema()).iter_errors(answer.to_dict())
    ]


@pytest.mark.parametrize("name", EVERY)
def test_the_sums_of_all_gpus_are_those_of_each(name: str):
    memory = ask(name).to_dict()["memory"]
    if name in ("processor alone", "unknown"):
        assert memory["per_gpu"] == [] or memory["shortfall_bytes"] is None
        return
    assert memory["shortfall_bytes"] == sum(card["shortfall_bytes"] for card in memory["per_gpu"])
    for card in memory["per_gpu"]:
        assert card["shortfall_bytes"] == max(0, card["required_bytes"] - card["usable_bytes"])
        here = [part for part in memory["components"] if part["gpu"] == card["gpu"]]
        parts = [part for part in here if part["role"] != "outside"]
        assert card["required_bytes"] == sum(part["bytes"] for part in parts)
    for size in ("required", "usable", "overhead"):
        assert memory[f"{size}_bytes"] == sum(card[f"{size}_bytes"] for card in memory["per_gpu"])


@pytest.mark.parametrize("name", EVERY)
def test_everything_said_is_in_the_trace(name: str):
    answer = ask(name).to_dict()
    firings = {firing["id"]: firing for firing in answer["trace"]["firings"]}
    for one in (*answer["conclusions"], *answer["remedies"]):
        assert firings[one["firing"]]["rule"] == one["rule"]
        assert firings[one["firing"]]["text"] and one["text"].startswith(firings[one["firing"]]["text"])
    assert len({one["id"] for one in answer["conclusions"]}) == len(answer["conclusions"])


def test_conclusions_come_gravest_first():
    order = ["error", "warning", "note", "info"]
    severities = [one["severity"] for one in ask("does-not-fit").to_dict()["conclusions"]]
    assert severities == sorted(severities, key=order.index)


def test_an_unknown_answer_says_what_is_missing_and_claims_no_figure():
    answer = ask("unknown").to_dict()
    assert "does not say memory" in answer["verdict"]["summary"]
    assert answer["memory"]["usable_bytes"] is None and answer["memory"]["shortfall_bytes"] is None
    assert answer["memory"]["required_bytes"] > 0


def test_defaults_are_named_as_assumptions():
    assumed = {one["field"]: one for one in ask("fits").to_dict()["assumptions"]}
    assert {"deployment.runtime", "deployment.context", "deployment.concurrency"} <= set(assumed)
    assert assumed["deployment.concurrency"]["value"] == 1
    assert "one user at a time" in assumed["deployment.concurrency"]["text"]
    given = advisor.ask(
        BASE, engine="clips", changes=["deployment.concurrency=1", "deployment.context=100"]
    ).to_dict()
    assert not {"deployment.context", "deployment.concurrency"} & {
        one["field"] for one in given["assumptions"]
    }


def test_what_is_kept_is_not_proposed():
    free = ask("does-not-fit").to_dict()
    tables, changes = EVERY["does-not-fit"]
    for keep in (["model"], ["hardware"], ["deployment.weights"], ["model", "hardware", "deployment"]):
        kept = advisor.ask(
            tables, engine="clips", changes=[*changes, f"goals.keep={json.dumps(keep)}"]
        ).to_dict()
        assert kept["not_asked"] > free["not_asked"] == 0
        found = [*kept["remedies"], *kept["search"]["more"], *kept["search"]["outdone"]]
        found += kept["search"]["not_enough"]
        assert not [one for one in found if any(path.startswith(tuple(keep)) for path in one["set"])]


def test_a_path_that_only_begins_alike_is_not_kept():
    tables, changes = EVERY["does-not-fit"]
    kept = advisor.ask(
        tables, engine="clips", changes=[*changes, 'goals.keep=["mod", "deployment.weight"]']
    ).to_dict()
    assert kept["not_asked"] == 0


def test_digests_tell_what_changed():
    first, again = ask("fits").to_dict()["digests"], ask.__wrapped__("fits").to_dict()["digests"]
    other = ask("two GPUs").to_dict()["digests"]
    assert first == again
    assert {name for name in first if first[name] != other[name]} == {"question", "answer"}


@pytest.mark.parametrize(
    ("value", "as_json"),
    [
        (3, 3),
        (Fraction(6, 2), 3),
        (Fraction(1, 4), 0.25),
        (Fraction(10**400, 3), round(Fraction(10**400, 3))),
        (True, True),
        ("a", "a"),
        ((1, Fraction(1, 2), "b"), [1, 0.5, "b"]),
        (None, None),
        (Unknown(), None),
    ],
)
def test_values_as_json(value: Any, as_json: Any):
    assert plain(value) == as_json and type(plain(value)) is type(as_json)


@pytest.mark.parametrize("value", ["1e300", "1e-300", "123456789012345678901234567890.5", str(10**300)])
def test_absurd_figures_are_answered(value: str):
    answer = advisor.ask(BASE, engine="clips", changes=[f"hardware.system_memory_gb_s={value}"])
    assert json.loads(answer.to_json())["verdict"]["status"] == "fits"

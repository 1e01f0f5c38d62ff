"""The models that ship: their layers, and the figures that the rules derive from them alone."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from advisor.engines import choose
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.rulebook import Rulebook
from tests.shipped import library, rulebook

FIGURES = Path(__file__).parent.parent / "data" / "model-figures.csv"
TOPICS = ("layers.", "attention.", "linear-layers.", "feed-forward.", "recurrent-state.")
# Where our figure is another than the table's, which leaves out the indexers of the first two and the
# routers' biases of the third, and adds a detail of a library's own to the last.
OTHERWISE = {
    "deepseek-v3.2": 671026419200 + 61 * 13_959_424,
    "glm-5": 743180209920 + 78 * 9_371_904,
    "kimi-linear-48b-a3b": 49122681728,
}


@cache
def reasoner() -> Reasoner:
    rules = rulebook()
    strata = [tuple(rule for rule in layer if rule.id.startswith(TOPICS)) for layer in rules.strata]
    book = Rulebook(tuple(filter(None, strata)), {})
    return Reasoner(book, library().kinds, choose("clips")[0], library().facts)


@cache
def derived(model: str) -> Derivation:
    return reasoner().derive([Fact("asked_model", (), {"id": model})])


@cache
def figures() -> dict[str, dict[str, int]]:
    """What the table says of each model; blanks are left out."""
    with FIGURES.open() as file:
        rows = {row.pop("id"): row for row in csv.DictReader(file)}
    return {name: {key: int(value) for key, value in row.items() if value} for name, row in rows.items()}


def blocks(model: str) -> list[Fact]:
    return [fact for fact in library().of("block") if fact.values["model"] == model]


def layers(found: Iterable[Fact]) -> int:
    return sum(int(block.values["count"]) for block in found if not block.values["parallel"])


def test_the_table_and_the_facts_have_the_same_models():
    assert set(figures()) == {fact.key[0] for fact in library().of("model")}
    assert len(figures()) == 196


@pytest.mark.parametrize("model", figures())
def test_the_tensors_make_the_parameters_of_the_table(model: str):
    (parameters,) = derived(model).store.of("parameters")
    assert parameters.values["total"] == OTHERWISE.get(model, figures()[model]["parameters"])
    more = parameters.values["total"] - figures()[model]["parameters"]
    sparse = any(block.values["ffn"] == "moe" for block in blocks(model))
    active = figures()[model]["active"] + more if "active" in figures()[model] else None
    assert parameters.values["active"] == (active or parameters.values["active"])
    assert (parameters.values["active"] < parameters.values["total"]) == sparse


@pytest.mark.parametrize("model", figures())
def test_the_blocks_are_all_layers_of_the_model(model: str):
    assert layers(blocks(model)) == figures()[model]["layers"]
    cached = {"attention", "mla", "sliding-latent", "compressed-sparse", "heavily-compressed"}
    own = [b for b in blocks(model) if b.values["mixer"] in cached and not b.values["shares_kv"]]
    assert sum(int(block.values["count"]) for block in own) == figures()[model]["kv_layers"]


@pytest.mark.parametrize("model", figures())
def test_layers_that_are_named_are_each_named_once(model: str):
    named = [block for block in blocks(model) if "layers" in block.values]
    numbers = [int(number) for block in named for number in block.values["layers"]]
    assert all(len(block.values["layers"]) == block.values["count"] for block in named)
    assert len(set(numbers)) == len(numbers) and set(numbers) <= set(range(figures()[model]["layers"]))


@pytest.mark.parametrize("model", figures())
def test_every_tensor_is_derived_and_none_is_undetermined(model: str):
    outcome = derived(model)
    assert not [firing.rule.id for firing in outcome.firings if firing.causes]
    recurrent = {fact.key[0] for fact in library().of("mixer") if fact.values["recurrent"]}
    states = {fact.values["position"] for fact in outcome.store.of("layer_state")}
    assert states == {b.values["position"] for b in blocks(model) if b.values["mixer"] in recurrent}

"""What made the difference between two answers: nothing made up or left out, the same from either side."""

from __future__ import annotations

import copy
import io
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from rich.console import Console

from advisor.answer.answer import Answer
from advisor.answer.difference import difference
from advisor.answer.schema.difference import difference_schema
from advisor.answer.text.difference import write_difference
from advisor.answer.text.trace import Trace
from advisor.installation import installation
from tests.commandline import EXAMPLES

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"
VALIDATOR = Draft202012Validator(difference_schema())
ASKED = {  # what the example says of the fields that are changed here
    "hardware.gpu": "a100-sxm4-80",
    "hardware.count": 1,
    "model.id": "mixtral-8x22b",
    "deployment.runtime": "vllm",
    "deployment.weights": "int8",
    "deployment.kv_cache": "f16",
    "deployment.context": 65536,
    "deployment.concurrency": 1,
}
CHANGES = {
    "hardware.gpu": ("h200", "rtx-4090", "none"),
    "hardware.count": (2, 4),
    "model.id": ("mistral-7b-v0.3", "qwen2.5-32b"),
    "deployment.runtime": ("llama.cpp", "something-else"),
    "deployment.weights": ("awq-4-g128", "gguf-q4_k_m", "bf16"),
    "deployment.kv_cache": ("fp8-e4m3",),
    "deployment.context": (4096, 8192),
    "deployment.concurrency": (8,),
    "deployment.tensor_parallel": (2, 3),
    "deployment.gpu_layers": (10,),
}
SEVERAL = [
    {"deployment.weights": "awq-4-g128", "hardware.count": 2, "deployment.tensor_parallel": 2},
    {"deployment.context": 4096},
    {"model.id": "mistral-7b-v0.3"},
    {"hardware.gpu": "none"},
    {"deployment.runtime": "llama.cpp", "deployment.weights": "gguf-q4_k_m"},
    {"hardware.count": 3, "deployment.tensor_parallel": 3},
]


def answered(*settings: dict[str, Any]) -> list[Answer]:
    """The example with these settings, each in a session with the others."""
    asked = [[f"{path}={value}" for path, value in each.items()] for each in settings]
    return installation().ask_all([(A100, changes) for changes in asked], "clips")


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    found = difference(*answered(before, after), installation().rulebook)
    VALIDATOR.validate(found)
    return found


@cache
def case(number: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What differs, and the JSON of both answers."""
    before, after = answered({}, SEVERAL[number])
    return difference(before, after, installation().rulebook), before.to_dict(), after.to_dict()


CASES = pytest.mark.parametrize("number", range(len(SEVERAL)))


# ---------------------------------------------------------------- the same from either side


def turned(found: dict[str, Any]) -> dict[str, Any]:
    """What differs, seen from the other side."""

    def swapped(table: dict[str, Any]) -> dict[str, Any]:
        other = {"before": "after", "after": "before"}
        return {"_".join(other.get(part, part) for part in name.split("_")): table[name] for name in table}

    made = swapped(found)
    for part in ("changes", "figures", "values"):
        made[part] = [swapped(row) for row in made[part]]
    return made | {part: swapped(made[part]) for part in ("rules", "facts")}


def unordered(found: dict[str, Any]) -> dict[str, Any]:
    """Which field of the question was written first does not matter."""
    changes = sorted(found["changes"], key=lambda change: change["field"])
    return {**found, "changes": changes, "unread": sorted(found["unread"])}


@given(st.lists(st.sampled_from(sorted(CHANGES)), unique=True, min_size=1, max_size=3), st.data())
@settings(max_examples=10)
def test_a_change_and_its_inverse_mirror_each_other(paths: list[str], data: st.DataObject):
    after = {path: data.draw(st.sampled_from(CHANGES[path])) for path in paths}
    back = {**after, **{path: ASKED.get(path, "null") for path in paths}}
    assert unordered(differing(after, back)) == unordered(turned(differing({}, after)))


# ---------------------------------------------------------------- nothing is made up


@CASES
def test_every_value_stands_in_both_answers(number: int):
    found, *answers = case(number)
    traces = [{fact["label"]: fact for fact in answer["trace"]["facts"]} for answer in answers]
    assert found["values"]
    for row in found["values"]:
        assert row["before_value"] != row["after_value"] or row["before"] != row["after"]
        for place in [(row["fact"], row["field"]), *(each.rsplit(".", 1) for each in row["also"])]:
            told = [trace[place[0]]["values"][place[1]] for trace in traces]
            if place == (row["fact"], row["field"]):
                assert told == [row["before"], row["after"]]
            assert told[0] != told[1] or row["before"] == row["after"]


@CASES
def test_every_rule_fired_under_one_answer_only(number: int):
    found, *answers = case(number)
    firings = [answer["trace"]["firings"] for answer in answers]
    for side, mine, others in (("only_before", *firings), ("only_after", *firings[::-1])):
        for row in found["rules"][side]:
            own = [firing for firing in mine if firing["rule"] == row["rule"]]
            assert any(row["text"] == (firing["text"] or row["text"]) for firing in own)
            assert len(own) >= row["times"]
            assert row["rule"] not in {firing["rule"] for firing in others}


@CASES
def test_every_fact_stands_in_one_answer_with_its_sources(number: int):
    found, *answers = case(number)
    for side, answer in zip(("only_before", "only_after"), answers, strict=True):
        facts = {fact["label"]: fact for fact in answer["trace"]["facts"]}
        for row in found["facts"][side]:
            fact = facts[row["fact"]]
            assert fact["given"]["sources"] == row["sources"] and fact["values"] == row["values"]


@CASES
def test_every_figure_is_that_of_its_answer(number: int):
    found, *answers = case(number)
    for side, answer in zip(("before", "after"), answers, strict=True):
        told = {**answer["memory"], **answer["speed"], **answer["model"]}
        rooms = [(gpu["usable_bytes"], gpu["required_bytes"]) for gpu in answer["memory"]["per_gpu"]]
        for row in found["figures"]:
            if row["figure"] != "spare_bytes":
                assert row[side] == told[row["figure"]]
            elif rooms:
                assert row[side] == min(usable - required for usable, required in rooms)
            assert row["differs"] == (row["before"] != row["after"])
        assert found[side]["verdict"]["summary"] == answer["verdict"]["summary"]
        assert found[side]["digests"].items() <= answer["digests"].items()


# ---------------------------------------------------------------- nothing is left out


@CASES
def test_no_rule_is_missing_on_which_a_verdict_rests(number: int):
    """Compared with the chain that `ask` prints, which is found in another way."""
    found, *answers = case(number)
    fired = [{firing["rule"] for firing in answer["trace"]["firings"]} for answer in answers]
    for side, answer, others in zip(("only_before", "only_after"), answers, fired[::-1], strict=True):
        trace = Trace(answer)
        chain = {firing["rule"] for firing in trace.chain(answer["verdict"]["firing"])}
        told = {row["rule"] for row in found["rules"][side] if row["decides"]}
        assert chain - others <= told


@CASES
def test_no_value_is_missing_on_which_both_verdicts_rest(number: int):
    """Each differing field is told, alone or with those that say the same; or it was asked for, or shown."""
    found, *answers = case(number)
    told = {f"{row['fact']}.{row['field']}" for row in found["values"]}
    told |= {name for row in found["values"] for name in row["also"]}
    asked = {(str(change["before"]), str(change["after"])) for change in found["changes"]}
    rested = [_rested(answer) for answer in answers]
    for label in rested[0].keys() & rested[1].keys():
        for field, (old, new) in _pairs(rested[0][label], rested[1][label]):
            shown = label.partition("[")[0] in ("verdict", "memory")
            again = (old.split()[0].replace(",", ""), new.split()[0].replace(",", "")) in asked
            assert f"{label}.{field}" in told or shown or again, (label, field, old, new)


def _rested(answer: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The derived facts behind the verdict."""
    trace = Trace(answer)
    chain = trace.chain(answer["verdict"]["firing"])
    facts = [trace.facts[name] for firing in chain for name in trace.premises(firing["id"])]
    return {fact["label"]: fact["values"] for fact in facts if fact["derived_by"]}


def _pairs(old: dict[str, str], new: dict[str, str]) -> list[tuple[str, tuple[str, str]]]:
    return [(name, (old[name], new[name])) for name in old.keys() & new.keys() if old[name] != new[name]]


@CASES
def test_what_decides_comes_first(number: int):
    found, *answers = case(number)
    for side, answer in zip(("only_before", "only_after"), answers, strict=True):
        rows = found["rules"][side]
        assert [row["decides"] for row in rows] == sorted((row["decides"] for row in rows), reverse=True)
        if answers[0]["verdict"]["rule"] != answers[1]["verdict"]["rule"]:
            assert rows[0]["rule"] == answer["verdict"]["rule"]


def test_what_held_a_rule_back_is_told():
    found, *_ = case(0)
    rule = next(row for row in found["rules"]["only_before"] if row["rule"] == "memory.insufficient-vram")
    assert "it fits" in rule["held_back_by"]


# ---------------------------------------------------------------- no difference


def test_what_the_question_says_already_makes_no_difference():
    found = differing({}, ASKED)
    assert found["same"] and found["changes"] == [] and found["unread"] == []
    assert found["values"] == [] and not any(found["rules"].values()) and not any(found["facts"].values())
    assert "No difference" in text_of(found) and "it says so already" in text_of(found)


def test_a_change_that_no_rule_reads():
    found = differing({}, {"goals.keep": '["model"]', "deployment.context": 4096})
    assert found["unread"] == ["goals.keep"] and not found["same"]
    assert 'goals.keep: not said → ["model"] (no rule reads it)' in text_of(found)
    assert differing({}, {"goals.keep": '["model"]'})["same"]


@pytest.mark.parametrize("path", CHANGES)
def test_what_rules_read_is_not_called_unread(path: str):
    assert differing({}, {path: CHANGES[path][0]})["unread"] == []


def test_a_value_that_only_says_what_was_changed_is_left_out():
    found = differing({}, {"deployment.context": 4096})
    assert not [row for row in found["values"] if row["before_value"] == 65536]


def test_each_value_is_told_once():
    found, *_ = case(1)
    pairs = [(row["before_value"], row["after_value"]) for row in found["values"]]
    numbers = [pair for pair in pairs if not isinstance(pair[1], bool)]
    assert len(numbers) == len(set(numbers))


# ---------------------------------------------------------------- as text


def text_of(found: dict[str, Any], width: int = 80, terminal: bool = False) -> str:
    file = io.StringIO()
    write_difference(Console(file=file, width=width, force_terminal=terminal, no_color=True), found)
    return file.getvalue().replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")


@CASES
@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_every_line_fits(number: int, width: int):
    for terminal in (False, True):
        for line in text_of(case(number)[0], width, terminal).split("\n"):
            assert cell_len(line) <= width and line == line.rstrip()


def test_at_80_columns_the_figures_stand_side_by_side():
    lines = text_of(case(0)[0]).split("\n")
    head = next(line for line in lines if line.split() == ["before", "after", "change"])
    row = next(line for line in lines if line.split()[:1] == ["Required"])
    assert len(head) == len(row) and "146.4 GiB" in row and "86.2 GiB" in row and "-60.2 GiB" in row


def test_what_differs_by_less_than_is_shown_is_said():
    found = copy.deepcopy(case(1)[0])
    found["values"][0]["after"] = found["values"][0]["before"]
    assert "differs by less than is shown" in " ".join(text_of(found).split())


def test_what_is_not_shown_is_counted():
    found, *_ = case(0)
    facts = len({row["fact"] for row in found["values"]})
    assert facts > 6 and f"and {facts - 6} more, which" in text_of(found)

"""The prose summary: a conclusion, a remedy or the verdict says each sentence, in the order of the parts."""

from __future__ import annotations

import copy
import functools
import re
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest

import advisor
from advisor.answer.prose_page import tie, to_prose
from advisor.answer.summary import PARTS, summary
from advisor.facts.load import load_library
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import load_rulebook
from advisor.rules.spec import Prose
from tests.answer.schema.test_answer import VALIDATOR, load
from tests.answer.text.test_answer import HOSTILE, NAMES, assert_sound, flat, poisoned
from tests.commandline import EXAMPLES

GIB = 2**30
MIXTRAL = "mixtral-8x22b-a100"
QUESTIONS: dict[str, Any] = {
    **{path.stem: path for path in sorted(EXAMPLES.glob("*.toml"))},
    "too slow": {
        "hardware": {"gpu": "rtx-4090"},
        "model": {"id": "llama-3.1-8b"},
        "goals": {"min_decode_tokens_per_second": 60},
    },
    "cannot run": {
        "hardware": {"gpu": "rtx-4090", "count": 3},
        "model": {"id": "mistral-7b-v0.3"},
        "deployment": {"tensor_parallel": 3},
    },
    "uneven": {
        "hardware": {"gpu": "rtx-3090", "count": 4},
        "model": {"id": "mixtral-8x22b"},
        "deployment": {"weights": "fp16", "runtime": "llama.cpp", "split": "layer"},
    },
    "unknown": {"hardware": {"gpu": {"name": "X", "vendor": "NVIDIA"}}, "model": {"id": "llama-3.1-8b"}},
}


@functools.cache
def answer(name: str) -> dict[str, Any]:
    return advisor.ask(QUESTIONS[name], engine="clips").to_dict(figures=False)


@functools.cache
def places() -> dict[str, str | None]:
    """By rule, what its file says of the prose."""
    rules = load_rulebook([rules_folder()], load_library([facts_folder()]).kinds)
    return {rule.id: rule.prose for rule in rules}


def of(name: str, part: str) -> list[dict[str, Any]]:
    return [one for one in answer(name)["summary"] if one["part"] == part]


asked = pytest.mark.parametrize("name", QUESTIONS)


def test_rules_can_name_parts_and_no_others():
    assert set(get_args(Prose)) == set(PARTS) - {"verdict", "remedy"}


@asked
def test_the_answer_holds_its_schema(name: str):
    assert not [error.message for error in VALIDATOR.iter_errors(answer(name))]


@asked
def test_the_verdict_comes_first_and_parts_keep_their_order(name: str):
    told = answer(name)["summary"]
    assert told[0]["text"] == answer(name)["verdict"]["summary"]
    parts = [PARTS.index(one["part"]) for one in told]
    assert parts == sorted(parts) and parts.count(0) == 1


@asked
def test_no_sentence_stands_twice(name: str):
    texts = [one["text"] for one in answer(name)["summary"]]
    assert len(texts) == len(set(texts)) > 1


@asked
def test_every_sentence_is_tied_to_what_says_it(name: str):
    found = answer(name)
    conclusions = {one["id"]: one for one in found["conclusions"]}
    remedies = {one["rank"]: one for one in found["remedies"]}
    firings = {one["id"]: one["rule"] for one in found["trace"]["firings"]}
    for one in found["summary"]:
        assert one["conclusion"] is None or one["remedy"] is None
        assert one["firing"] is None or firings[one["firing"]] == one["rule"]
        if one["conclusion"]:
            source = conclusions[one["conclusion"]]
            assert (one["text"], one["rule"], one["firing"]) == (
                source["text"],
                source["rule"],
                source["firing"],
            )
        elif one["remedy"]:
            source = remedies[one["remedy"]]
            assert (one["rule"], one["firing"]) == (source["rule"], source["firing"])
            assert one["text"].startswith(f"{source['title']}: ")
        else:
            assert one["part"] == "verdict" or found["verdict"]["status"] == "unknown"
        if one["part"] != "verdict":
            assert one["firing"] in firings


def shown(said: str) -> list[tuple[str, float, float]]:
    """Unit, figure and half of its last digit, of each figure; of a band both ends."""
    found = []
    for band, unit in re.findall(r"([\d.,]+(?:\u2013[\d.,]+)?) (GiB|tok/s)", said):
        for figure in band.split("\u2013"):
            bare = figure.replace(",", "")
            found.append((unit, float(bare), 0.5 * 10.0 ** -len(bare.partition(".")[2])))
    return found


def came_out(outcome: dict[str, Any]) -> list[tuple[str, float]]:
    """The figures in the order in which they are told."""
    sizes = [outcome[key] / GIB for key in ("required_bytes", "usable_bytes", "spare_bytes")]
    rates = [(outcome["decode_band"] or {}).get(end) for end in ("typical", "low", "high")]
    rates.append(outcome["prefill_tokens_per_second"])
    return [("GiB", size) for size in sizes] + [("tok/s", rate) for rate in rates if rate is not None]


@asked
def test_the_figures_of_a_remedy_are_those_that_came_out(name: str):
    remedies = {one["rank"]: one for one in answer(name)["remedies"]}
    for one in answer(name)["summary"]:
        source = remedies.get(one["remedy"])
        if source and source["verified"]:
            figures = shown(one["text"].removeprefix(source["title"]))
            for (unit, value), (told, figure, half) in zip(came_out(source["outcome"]), figures, strict=True):
                assert unit == told and abs(value - figure) <= half + 1e-9, one["text"]
        elif source:
            assert one["text"] == f"{source['title']}: {source['text']}"


@asked
def test_sentences_of_rules_stand_where_their_files_say(name: str):
    """Each rule that has a place and spoke is there once, and no other."""
    said = [*answer(name)["conclusions"], *(one for one in answer(name)["remedies"] if not one["verified"])]
    wanted = {one["rule"]: places()[one["rule"]] for one in said if places()[one["rule"]]}
    numbered = {one["rank"] for one in answer(name)["remedies"] if one["verified"]}
    ruled = [one for one in answer(name)["summary"] if one["conclusion"] or one["remedy"]]
    ruled = [one for one in ruled if one["remedy"] not in numbered]
    assert {one["rule"]: one["part"] for one in ruled} == wanted and len(ruled) == len(wanted)
    assert not any("#" in (one["conclusion"] or "") for one in ruled), "the first that each says"


@asked
def test_what_else_can_be_done_leaves_alone_what_the_first_changes(name: str):
    remedies = {one["rank"]: one for one in answer(name)["remedies"] if one["verified"]}
    told = [remedies[one["remedy"]] for one in answer(name)["summary"] if one["remedy"] in remedies]
    assert [one["rank"] for one in told[:1]] == sorted(remedies)[:1]
    for one, other in combinations(told, 2):
        assert not one["set"].keys() & other["set"].keys()
    changed = {path for one in told for path in one["set"]}
    assert len(told) in (0, 3) or all(one["set"].keys() & changed for one in remedies.values())
    for one in told[1:]:
        others = set().union(*(tables(other) for other in told if other is not one))
        if tables(one) & others:  # none that leaves those tables alone was passed over
            assert not [each for each in remedies.values() if each not in told and not tables(each) & others]


def tables(remedy: dict[str, Any]) -> set[str]:
    return {path.split(".")[0] for path in remedy["set"]}


def test_a_question_that_does_not_fit_is_told_in_all_four_parts():
    assert all(of(MIXTRAL, part) for part in ("reason", "rest-of-hardware", "remedy", "otherwise"))
    short = re.search(r"short by [\d.]+ GiB", answer(MIXTRAL)["verdict"]["summary"])
    assert short and short[0] in of(MIXTRAL, "reason")[0]["text"]


def test_a_goal_that_is_missed_is_told_with_what_reaches_it():
    assert [one["rule"] for one in of("too slow", "caution")] == ["speed.goal-missed"]
    assert of("too slow", "speed") and of("too slow", "remedy") and not of("too slow", "reason")


def test_what_cannot_run_is_told_with_its_reason_and_the_remedy():
    assert [one["rule"] for one in of("cannot run", "reason")] == ["parallelism.invalid-size"]
    assert of("cannot run", "remedy")


def test_of_an_unknown_verdict_it_tells_where_the_figure_is_to_be_said():
    reasons = of("unknown", "reason")
    facts = {one["label"]: one for one in answer("unknown")["trace"]["facts"]}
    firings = {one["id"]: one for one in answer("unknown")["trace"]["firings"]}
    assert reasons
    for one in reasons:
        wanted = {gap["fact"] for gap in firings[one["firing"]]["undetermined"]}
        label = next(label for label in wanted if f" {label} " in one["text"])
        assert label in answer("unknown")["verdict"]["summary"]
        assert facts[label]["given"]["file"] in one["text"]


def test_where_nothing_works_it_says_so():
    found = copy.deepcopy(answer(MIXTRAL))
    found["remedies"] = [one for one in found["remedies"] if not one["verified"]]
    told = {one["part"]: one for one in summary(found, places())}
    assert told["remedy"]["text"] == f"{found['search']['asked']} changes were asked, and none works."
    assert told["remedy"]["rule"] == found["verdict"]["rule"]
    found["search"] = None
    assert "remedy" not in {one["part"] for one in summary(found, places())}


def test_a_folder_changes_what_is_told_and_not_what_is_said(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(
        'schema = 1\n[[override]]\nrule = "shorter-context.no-help"\nset = { prose = "rest-of-hardware" }\n'
        'reason = "It is asked each time."\n[[override]]\nrule = "bottleneck.compute-idle"\n'
        'remove = ["prose"]\nreason = "Nobody asks."\n'
    )
    found = advisor.ask(QUESTIONS[MIXTRAL], rules=[tmp_path], engine="clips").to_dict(figures=False)
    before = {one["rule"] for one in answer(MIXTRAL)["summary"]}
    after = {one["rule"] for one in found["summary"]}
    assert after ^ before == {"shorter-context.no-help", "bottleneck.compute-idle"}
    assert found["digests"]["answer"] == answer(MIXTRAL)["digests"]["answer"]


@asked
def test_the_page_shows_each_sentence_with_what_says_it(name: str):
    page = to_prose(answer(name))
    assert_sound(page, 80)
    for one in answer(name)["summary"]:
        assert f"{one['text']} [{tie(answer(name), one)}]" in flat(page)
    assert ("What to do: " in page) == bool(of(name, "remedy"))


@pytest.mark.parametrize("poison", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_only_texts(poison: str):
    for name in NAMES:
        sample = load(name)
        found = poisoned(sample, poison) | {"verdict": {**sample["verdict"], "summary": poison}}
        told = summary(found, {poison: "reason"})
        assert_sound(to_prose({**found, "summary": told}), 80)

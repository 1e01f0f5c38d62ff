"""`advisor why-not`: what its words may mean, what became of remedies, and its forms."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.answer.text.page import drawn
from advisor.audit.why_not.fates import Fates
from advisor.audit.why_not.hits import Hit, changes_in
from advisor.audit.why_not.inquiry import why_not
from advisor.audit.why_not.markdown import to_markdown
from advisor.audit.why_not.schema import why_not_schema
from advisor.audit.why_not.text import write_why_not
from advisor.cli.questions import Asked
from advisor.cli.subjects import Subject, subject
from advisor.errors import InputError
from tests.commandline import EXAMPLES, advisor

BIG = EXAMPLES / "mixtral-8x22b-a100.toml"
HOME = EXAMPLES / "two-rtx-3090.toml"
Table = dict[str, Any]


def told(*arguments: object) -> Table:
    said = advisor("why-not", *arguments, "--format", "json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    Draft202012Validator(why_not_schema()).validate(found)
    return found


def test_the_schema_is_published():
    said = advisor("schema", "why-not")
    Draft202012Validator.check_schema(json.loads(said.out))
    assert json.loads(said.out) == why_not_schema()


@cache
def big() -> Subject:
    return subject(Asked(BIG, {}, (), (), (), "clips", "json", None))


def inquired(*words: str) -> Table:
    """As the command tells it of the first example, of which the answer is had once."""
    asked = big()
    found = why_not(words, asked.made.rulebook, lambda remedies: asked.answer, asked.variant)
    Draft202012Validator(why_not_schema()).validate(found)
    return found


# ------------------------------------------------------------------ what the words mean


def test_a_rule_goes_by_its_id_or_its_name_alone():
    assert told(HOME, "insufficient-vram")["rules"] == told(HOME, "memory.insufficient-vram")["rules"]


def test_flags_make_the_question_where_no_file_is_named():
    flags = ["--gpu", "rtx-4090", "--model", "qwen2.5-7b"]
    found = told(*flags, "verdict.does-not-fit")
    assert found["asked"] == "verdict.does-not-fit"
    assert found["question"]["model"]["id"] == "qwen2.5-7b"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["offload"], '"offload" may be any of offload-levers.'),
        (["insuficient-vram"], "Did you mean insufficient-vram"),
        (["deployment.wieghts=nf4"], "Did you mean weights"),
        (["deployment.context=many"], "deployment.context"),
        (["…"], "neither a rule nor a remedy"),
    ],
)
def test_what_cannot_be_understood(words, text):
    with pytest.raises(InputError) as raised:
        inquired(*words)
    assert text in str(raised.value)


@pytest.mark.parametrize("words", [["deployment.context=many"], []])
def test_what_cannot_be_understood_has_a_status_of_its_own(words):
    said = advisor("why-not", HOME, *words)
    assert (said.status, said.out) == (2, "")
    assert said.err


def test_a_file_that_is_missing_is_no_word():
    said = advisor("why-not", "nowhere.toml", "verdict.fits")
    assert said.status == 2
    assert "nowhere.toml" in said.err


def test_changes_are_read_as_set_reads_them():
    assert changes_in(["deployment.weights=nf4", "hardware.count = 2"]) == {
        "deployment.weights": "nf4",
        "hardware.count": 2,
    }
    assert changes_in(["deployment.weights=null"]) == {"deployment.weights": None}
    assert changes_in(["deployment.weights=nf4", "two GPUs"]) is None
    assert changes_in(["two GPUs"]) is None


def test_a_rule_that_is_left_out_says_why_and_where(tmp_path):
    rules = tmp_path / "own.toml"
    rules.write_text('schema = 1\n\n[[disable]]\nrule = "cloud.cheapest"\nreason = "We rent nothing."\n')
    (rule,) = told(HOME, "cloud.cheapest", "--rules", tmp_path)["rules"]
    assert (rule["case"], rule["text"]) == ("disabled", "It is left out: We rent nothing.")
    assert Path(rule["file"]).name == "own.toml"
    assert rule["line"] == 3


def test_a_rule_over_the_catalog_says_so():
    (rule,) = told(HOME, "catalog-models.experts-per-token")["rules"]
    assert rule["case"] == "catalog"


# ------------------------------------------------------------------ remedies


def fates(hit: Hit) -> list[Table]:
    asked = big()
    return Fates(asked.answer, asked.made.rulebook, asked.variant).of(hit)[0]


def test_what_is_listed_has_the_place_that_the_answer_gives_it():
    remedies = big().answer.remedies
    alone = [(n, each) for n, each in enumerate(remedies.shown, 1) if len(each.settings) == 1]
    assert alone
    for rank, proved in alone:
        (fate,) = fates(Hit(proved.settings[0].firing.rule, proved.settings))
        assert (fate["fate"], fate["rank"], fate["title"]) == ("shown", rank, proved.settings[0].title)


def test_what_is_outdone_is_no_better_in_any_figure_than_what_outdoes_it():
    remedies = big().answer.remedies
    front = {" + ".join(s.title for s in each.settings): each for each in (*remedies.shown, *remedies.more)}
    outdone = [each for each in remedies.outdone if len(each.settings) == 1]
    assert outdone
    for proved in outdone:
        (fate,) = fates(Hit(proved.settings[0].firing.rule, proved.settings))
        assert fate["fate"] == "outdone"
        mine, theirs = (remedies.judge.figures(each) for each in (proved, front[fate["by"]]))
        assert all(other <= own for other, own in zip(theirs, mine, strict=True))
        assert theirs != mine


def test_what_was_not_enough_comes_to_the_same_when_it_is_asked_again():
    for setting, outcome in big().answer.remedies.not_enough:
        (fate,) = fates(Hit(setting.firing.rule, (setting,)))
        assert fate["fate"] in ("not-enough", "shown-with-others")
        assert not fate["variant"]["works"]
        figures = {row["figure"]: row["after"] for row in fate["variant"]["figures"]}
        assert figures["shortfall_bytes"] == outcome.shortfall
        (rule,) = fate["variant"]["rules"]
        crossed = next(row for row in rule["attempts"][0]["premises"] if row["state"] == "false")
        assert (rule["rule"], crossed["by"]) == ("verdict.fits", outcome.shortfall)


def test_a_stronger_setting_than_the_one_that_works_works_too_and_is_not_proposed():
    remedies = big().answer.remedies
    (proved,) = [
        each for each in remedies.shown if each.settings[0].lever.firings[0].rule.id == "bigger-gpu.larger"
    ]
    lever = proved.settings[0].lever
    (fate,) = fates(Hit(lever.firings[0].rule, (lever[len(lever) - 1],)))
    assert fate["fate"] == "works"
    assert fate["variant"]["works"]
    assert proved.settings[0].title in fate["text"]


def test_every_rule_that_proposes_has_a_fate():
    """Of each the words say whether it fired; advice has the place after all that is proved."""
    asked = big()
    fired = {each.rule.id for each in asked.answer.derivation.firings if each.certain}
    for rule in asked.made.rulebook.of_questions:
        if rule.propose and (rule.propose.advice or rule.id not in fired):
            (fate,) = fates(Hit(rule))
            assert (fate["fate"] == "not-proposed") == (rule.id not in fired)
            assert (fate["rule"] is not None) == (rule.id not in fired)
            if fate["fate"] == "advice":
                assert fate["rank"] > len(asked.answer.remedies.shown)


def test_a_remedy_by_words_of_its_title():
    found = inquired("NF4", "double")
    assert [each["set"] for each in found["remedies"]] == [{"deployment.weights": "bnb-nf4-dq"}]


def test_of_many_settings_a_few_are_told_and_the_rest_is_counted():
    found = inquired("IQ3")
    lever = next(x for x in big().answer.remedies.levers if x.firings[0].rule.id == "quantisation.gguf")
    meant = [lever[n].title for n in range(len(lever)) if " IQ3_" in lever[n].title]
    assert [each["title"] for each in found["remedies"]] == meant[:3]
    assert found["more"] == len(meant) - 3 > 0


def test_a_remedy_that_is_not_proposed_where_all_is_well():
    (remedy,) = told(HOME, "INT4")["remedies"]
    assert (remedy["fate"], remedy["proposed_by"]) == ("not-proposed", "quantisation.suggest-int4")
    assert remedy["rule"]["case"] == "no-match"


def test_what_the_goals_keep_was_not_asked():
    (remedy,) = told(BIG, "bigger-gpu.larger", "--set", 'goals.keep=["hardware"]')["remedies"]
    assert remedy["fate"] == "kept"
    assert "hardware" in remedy["text"]


# ------------------------------------------------------------------ changes


def test_a_change_is_asked_and_both_stand_side_by_side():
    found = inquired("deployment.weights=nf4")
    variant = found["variant"]
    asked = json.loads(
        advisor("ask", BIG, "--set", "deployment.weights=nf4", "--no-remedies", "--format", "json").out
    )
    assert not variant["works"]
    assert variant["status"] == asked["verdict"]["status"]
    figures = {row["figure"]: row for row in variant["figures"]}
    assert figures["weights_bytes"]["after"] == asked["memory"]["weights_bytes"]
    assert figures["shortfall_bytes"]["after"] == variant["rules"][0]["attempts"][0]["premises"][4]["by"]


def test_a_change_that_works_needs_no_reason():
    variant = inquired("hardware.gpu=b200-sxm-180")["variant"]
    assert variant["works"]
    assert variant["rules"] == []


def test_a_goal_that_is_missed_is_named():
    variant = told(HOME, "deployment.context=16384", "--set", "goals.min_decode_tokens_per_second=5000")[
        "variant"
    ]
    assert (variant["status"] in ("fits", "tight"), variant["works"]) == (True, False)
    assert variant["missed"]


# ------------------------------------------------------------------ forms


@pytest.mark.parametrize("words", [["verdict.fits"], ["bigger-gpu.faster"], ["nf4"], ["hardware.count=2"]])
def test_text_and_pages_say_what_the_json_says(words):
    found = inquired(*words)
    text = drawn(lambda console: write_why_not(console, found))
    assert max(map(len, text.splitlines())) <= 80
    page = to_markdown(found)
    assert "✗" in text
    assert "| ✗ |" in page
    rules = [*found["rules"], *(each["rule"] for each in found["remedies"] if each["rule"])]
    for row in (row for rule in rules for each in rule["attempts"] for row in each["premises"]):
        if row["state"] != "not-reached":
            assert " ".join(row["text"].split()) in " ".join(text.split())


def test_the_command_writes_all_three_forms():
    words = (BIG, "verdict.fits", "--engine", "clips")
    found = told(*words)
    assert advisor("why-not", *words).out == drawn(lambda console: write_why_not(console, found))
    assert advisor("why-not", *words, "--format", "markdown").out == to_markdown(found)


def test_texts_of_strangers_are_shown_and_not_obeyed(tmp_path):
    (tmp_path / "own.toml").write_text(
        """
schema = 1
[[rule]]
id = "own.rude"
summary = "\\u001b[2J <script> **x** | y"
severity = "note"
match = [{ fact = "hardware", as = "h" }]
where = [{ test = "h.count > 99", say = "\\u001b[31m # {h.count}" }]
because = "never"
"""
    )
    for form in ("text", "markdown"):
        said = advisor("why-not", HOME, "own.rude", "--rules", tmp_path, "--format", form)
        assert said.status == 0
        assert "\x1b" not in said.out
    assert "<script>" not in said.out


def test_a_record_is_explained_by_its_own_rules(tmp_path):
    record = tmp_path / "record.json"
    assert advisor("ask", HOME, "--no-remedies", "--record", record).status == 0
    assert told(record, "insufficient-vram")["rules"] == told(HOME, "insufficient-vram")["rules"]


def test_both_engines():
    pytest.importorskip("durable")
    found = told(HOME, "verdict.does-not-fit", "--engine", "durable,clips")
    assert found["engine"]["name"] == "durable,clips"


def test_an_unknown_setting_is_an_error_of_its_own():
    with pytest.raises(InputError):
        big().variant({"deployment.wieghts": "nf4"})

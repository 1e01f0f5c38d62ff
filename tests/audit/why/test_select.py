"""What people type and what it means."""

from __future__ import annotations

import pytest

from advisor.audit.why.select import Finder, asks_for_remedy, one_of
from advisor.errors import InputError
from advisor.installation import installation
from tests.audit.why.test_proof import told

A100 = "mixtral-8x22b-a100"
RULES = [rule.id for rule in installation().rulebook.of_questions]


def finder(remedies: bool = False) -> Finder:
    return Finder(told(A100, remedies))


@pytest.mark.parametrize(
    ("said", "what", "text"),
    [
        ("weights", "fact", "weights"),
        ("memory.insufficient-vram", "conclusion", "146.4 GiB are needed"),
        ("insufficient-vram", "rule", "146.4 GiB are needed"),
        ("memory.total", "rule", ""),
        ("memory", "fact", "memory"),
        ("insufficient_vram[0]", "fact", "insufficient_vram[0]"),
        ("kv cache", "component", "component[0, kv cache]"),
        ("rotary table", "component", "component[0, rotary table]"),
        ("memory.required_bytes", "figure", "memory"),
        ("required_bytes", "figure", "memory"),
        ("model.params_total", "figure", "parameters"),
        ("verdict", "verdict", "needs 146.4 GiB"),
        ("THUMB people quote", "conclusion", "Rule of thumb"),
        ("forward_width", "fact", "forward_width[0, feed-forward]"),
    ],
)
def test_a_name_or_words_mean_one_thing(said: str, what: str, text: str):
    subject = one_of(finder().find(said), said, finder(), RULES)
    assert subject.what == what
    assert text in subject.text
    assert subject.roots


def test_every_id_means_itself():
    found = finder()
    for name in (*found.trace.firings, *found.trace.facts):
        (subject,) = found.find(name)
        assert [root for _, root in subject.roots] == [name]
    for one in found.answer["conclusions"]:
        (subject,) = found.find(one["id"])
        assert [root for _, root in subject.roots] == [one["firing"]]
    for rule in {one["rule"] for one in found.trace.firings.values()}:
        (subject,) = found.find(rule)
        fired = [name for name, one in found.trace.firings.items() if one["rule"] == rule]
        shown = [subject.roots[0][1], *subject.others]
        assert sorted(shown) == sorted(fired)


def test_every_label_means_its_fact_unless_something_nearer_is_called_so():
    found = finder()
    for name, fact in found.trace.facts.items():
        (subject,) = found.find(fact["label"])
        assert subject.what in ("conclusion", "rule", "verdict") or subject.roots == (("fact", name),)


def test_remedies_by_rank_and_by_title():
    found = finder(remedies=True)
    for one in found.answer["remedies"]:
        for said in (f"remedy-{one['rank']}", f"Remedy {one['rank']}", one["title"].upper()):
            (subject,) = found.find(said)
            assert subject.remedy == one
    assert asks_for_remedy("remedy-1")
    assert not asks_for_remedy("remedy-rule")


def test_words_mean_what_the_answer_says_before_what_stands_in_its_trace():
    found = finder(remedies=True)
    titles = [one["title"] for one in found.answer["remedies"]]
    (larger,) = found.find("b200")
    assert larger.text == titles[0] and larger.remedy
    assert {one.what for one in found.find("kv")} == {"conclusion", "remedy"}
    assert {one.what for one in found.worded("cloud_instance")} == {"fact"}


def test_a_number_is_a_word_and_no_part_of_another_number():
    found = finder(remedies=True)
    subjects = found.worded("2 gpus")
    assert subjects and all("2 GPUs" in one.text for one in subjects)
    assert "72.0 GiB" in found.answer["verdict"]["summary"]
    assert found.worded("2.0 GiB can be used") == [] != found.worded("72.0 GiB can be used")


def test_several_are_listed_and_the_rest_counted():
    with pytest.raises(InputError) as raised:
        one_of(finder().find("cloud"), "cloud", finder(), RULES)
    (problem,) = raised.value.problems
    count = len(finder().find("CLOUD"))
    assert problem.text == f"cloud may mean {count} things"
    lines = (problem.hint or "").splitlines()
    assert len(lines) == 12 + 2
    assert lines[-2] == f"and {count - 12} more"


@pytest.mark.parametrize(
    ("said", "code", "hint"),
    [
        ("insuficient_vram[0]", "not-found", "Did you mean insufficient_vram[0]"),
        ("memory.insufficient-vrm", "not-found", "Did you mean memory.insufficient-vram"),
        ("verdict.fits", "not-fired", "`advisor why-not … verdict.fits`"),
        ("speed.decode_tokens_per_second", "no-figure", None),
        ("qqq", "not-found", None),
    ],
)
def test_what_is_not_there_says_what_may_be_meant(said: str, code: str, hint: str | None):
    with pytest.raises(InputError) as raised:
        one_of(finder().find(said), said, finder(), RULES)
    (problem,) = raised.value.problems
    assert problem.code == code
    assert (hint is None) == (problem.hint is None)
    assert hint is None or hint in (problem.hint or "")

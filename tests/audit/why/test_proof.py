"""Proofs: everything stands once, what is given says where, a cut says what it leaves out, forms hold."""

from __future__ import annotations

import copy
import re
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import advisor
from advisor.answer.answer import Answer
from advisor.answer.proof import MOST_LOOKED, Proofs
from advisor.answer.text.page import drawn
from advisor.answer.text.trace import Trace
from advisor.audit.why.markdown import to_markdown
from advisor.audit.why.mermaid import to_mermaid
from advisor.audit.why.schema import why_schema
from advisor.audit.why.select import Finder, Subject
from advisor.audit.why.text import write_why
from advisor.audit.why.why import why
from advisor.installation import installation
from tests.commandline import EXAMPLES

Table = dict[str, Any]
NAMES = ("mixtral-8x22b-a100", "home-rtx-4090", "cpu-only", "two-rtx-3090")
PLAIN = {"runtime": "vllm", "weights": "fp16"}
VALIDATOR = Draft202012Validator(why_schema())


@cache
def asked(name: str, remedies: bool = False) -> Answer:
    return advisor.ask(EXAMPLES / f"{name}.toml", engine="clips", remedies=remedies)


@cache
def told(name: str, remedies: bool = False) -> Table:
    return asked(name, remedies).to_dict()


def again(name: str) -> Any:
    return lambda values: installation().again(asked(name).question, values, "clips")


def proof(name: str, said: str = "verdict", depth: int | None = None) -> Table:
    answer = told(name)
    (subject,) = Finder(answer).find(said)
    found = why(answer, subject, again(name), depth)
    VALIDATOR.validate(found)
    return found


def text(found: Table, width: int = 80) -> str:
    return drawn(lambda console: write_why(console, found), width)


def nodes(lines: list[Table]) -> list[tuple[str, str]]:
    return [(line["is"], line["id"]) for line in lines]


@pytest.mark.parametrize("name", NAMES)
def test_everything_below_the_verdict_stands_once(name: str):
    (one,) = proof(name)["proofs"]
    full = nodes([line for line in one["lines"] if not line["again"]])
    assert len(full) == len(set(full))
    assert set(full) == set(nodes(one["lines"]))
    named = {("fact", fact["id"]) for fact in one["facts"]}
    assert set(full) == named | {("firing", firing["id"]) for firing in one["firings"]}
    assert len(full) == len(one["facts"]) + len(one["firings"])


@pytest.mark.parametrize("name", NAMES)
def test_all_that_a_rule_matched_stands_below_it_and_all_leaves_are_given(name: str):
    (one,) = proof(name)["proofs"]
    above: list[Table] = []
    below: dict[str, list[tuple[str, str]]] = {}
    for line in one["lines"]:
        above = [each for each in above if each["level"] < line["level"] or line["as"] == "by"]
        firings = [each for each in above if each["is"] == "firing" and each["level"] == line["level"] - 1]
        if line["is"] == "fact" and line["level"]:
            below.setdefault(firings[-1]["id"], []).append((line["as"], line["id"]))
        above.append(line)
    for firing in one["firings"]:
        matched = list(dict.fromkeys(firing["premises"]))
        looked = [each for each in firing["looked"] if each not in matched]
        expected = [("matched", each) for each in matched] + [("looked", each) for each in looked]
        assert below.get(firing["id"], []) == expected[: len(matched) + MOST_LOOKED]
    for fact in one["facts"]:
        assert fact["by"] in (fact["derived_by"] or [None])
        if fact["by"] is None:
            assert fact["given"]
            assert fact["given"]["sources"] or fact["given"]["file"] or fact["overrides"]


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 20])
def test_a_cut_shows_what_is_near_and_counts_the_rest(depth: int):
    name = "mixtral-8x22b-a100"
    (whole,), (cut,) = proof(name)["proofs"], proof(name, depth=depth)["proofs"]
    level = {(line["is"], line["id"]): line["level"] for line in whole["lines"] if not line["again"]}
    near = {node for node, at in level.items() if at < depth or (at == depth and node[0] == "fact")}
    assert set(nodes(cut["lines"])) == near
    assert max(line["level"] for line in cut["lines"]) <= depth
    hidden = set(level) - near
    cuts = [line["below"] for line in cut["lines"] if line["below"]]
    assert bool(cuts) == bool(hidden)
    for each in cuts:
        assert 1 <= each["firings"] <= sum(what == "firing" for what, _ in hidden)
        assert each["facts"] <= sum(what == "fact" for what, _ in hidden)
    assert text(proof(name, depth=depth)).count("that --depth leaves out") == len(cuts)


def test_trees_are_no_deeper_than_the_way_to_what_stands_there():
    """Found by going out from the root, step by step, without the tree."""
    answer = told("mixtral-8x22b-a100")
    trace = Trace(answer)
    proofs, root = Proofs(trace), answer["verdict"]["firing"]
    away, border, level = {root: 0}, {root}, 0
    while border:
        level += 1
        facts = {fact for firing in border for fact in trace.premises(firing)} - set(away)
        border = {by for fact in facts if (by := proofs.by(fact))} - set(away)
        away |= dict.fromkeys(facts, level) | dict.fromkeys(border, level)
    lines = proofs.tree(("firing", root))
    assert {line.node[1]: line.level for line in lines if not line.again} == away


def test_what_was_in_one_tree_is_referred_to_in_the_next():
    trace = Trace(told("mixtral-8x22b-a100"))
    proofs = Proofs(trace)
    first = proofs.tree(("firing", trace.verdict))
    assert [line.again for line in proofs.tree(("firing", trace.verdict))] == [True]
    rest = [line for name in trace.firings for line in proofs.tree(("firing", name))]
    full = [line.node for line in [*first, *rest] if not line.again]
    assert len(full) == len(set(full))
    assert {name for what, name in full if what == "firing"} == set(trace.firings)


def test_the_proof_of_a_remedy_ends_in_what_it_promises():
    answer = told("mixtral-8x22b-a100", remedies=True)
    remedies = [one for one in answer["remedies"] if one["verified"]]
    assert len(remedies) > 5
    for remedy in remedies:
        (subject,) = Finder(answer).find(f"remedy-{remedy['rank']}")
        found = why(answer, subject, again("mixtral-8x22b-a100"), depth=2)
        VALIDATOR.validate(found)
        proposed, came = found["proofs"]
        roots = [line["id"] for line in proposed["lines"] if line["as"] == "subject"]
        assert roots == [part["firing"] for part in remedy["parts"]]
        assert came["set"] == remedy["set"]
        assert came["status"] == remedy["outcome"]["status"]
        assert came["digest"] == came["promised"] == remedy["outcome"]["digest"]
        assert came["firings"][0]["rule"].startswith("verdict.")
        assert "as the remedy says" in " ".join(text(found).split())


def test_a_remedy_that_does_not_hold_is_told():
    answer = copy.deepcopy(told("mixtral-8x22b-a100", remedies=True))
    answer["remedies"][0]["outcome"]["digest"] = "0" * 64
    (subject,) = Finder(answer).find("remedy-1")
    found = why(answer, subject, again("mixtral-8x22b-a100"), depth=1)
    assert "this is another answer" in " ".join(text(found).split())
    assert "this is another answer" in to_markdown(found)


def test_advice_is_proved_by_its_rule_alone():
    answer = told("mixtral-8x22b-a100", remedies=True)
    advice = next(one for one in answer["remedies"] if one["verified"] is None)
    (subject,) = Finder(answer).find(f"remedy-{advice['rank']}")
    (one,) = why(answer, subject, again("mixtral-8x22b-a100"))["proofs"]
    assert one["lines"][0]["id"] == advice["firing"]


def test_a_fact_with_several_derivations_names_them_and_shows_the_shortest():
    answer = copy.deepcopy(told("home-rtx-4090"))
    fact = next(fact for fact in answer["trace"]["facts"] if fact["kind"] == "memory")
    (shown,) = fact["derived_by"]
    leaf = next(fact["id"] for fact in answer["trace"]["facts"] if fact["given"])
    shortest = {**answer["trace"]["firings"][0], "id": "r9999", "premises": [leaf], "looked": []}
    answer["trace"]["firings"].append(shortest)
    fact["derived_by"] = [shown, "r9999"]
    (subject,) = Finder(answer).find("memory")
    found = why(answer, subject, again("home-rtx-4090"))
    assert [firing["id"] for firing in found["proofs"][0]["firings"]] == ["r9999"]
    assert f"2 derivations ({shown}, r9999): the shortest is shown" in text(found)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_page(width: int):
    found = text(proof("mixtral-8x22b-a100"), width)
    assert max(map(len, found.splitlines())) <= width
    assert "holds, there is no impossible" in " ".join(found.split())


def test_the_page_shows_negations_and_choices():
    answer = told("mixtral-8x22b-a100")
    firing = next(one for one in answer["trace"]["firings"] if any(c["losers"] for c in one["choices"]))
    found = " ".join(text(proof("mixtral-8x22b-a100", firing["id"])).split())
    choice = next(each for each in firing["choices"] if each["losers"])
    assert f"{choice['name']} has {choice['value']}; passed over: {choice['losers'][0]['label']}" in found
    assert "holds, none of 163 matches" in " ".join(
        text(proof("mixtral-8x22b-a100", "bigger-gpu.larger")).split()
    )


# ---------------------------------------------------------------- Markdown and Mermaid

HOSTILE = st.text(min_size=1, max_size=30) | st.sampled_from(
    [
        '"] --> x',
        "end",
        "`code`",
        "%% comment",
        "<script>",
        "a\nb",
        "#quot;",
        "- a",
        "1. a",
        '"]\nclick a',
        "]]",
    ]
)
LABEL = re.compile(r'"[\w .,:/=();#…<>]*"')
NODE = re.compile(r"p\d+_(fact|firing)_\w+(\[L\]|\(\[L\]\)|\{\{L\}\})(:::(given|rule))?")
ARROW = re.compile(r"p\d+_(fact|firing)_\w+ (-->|-\.->) p\d+_(fact|firing)_\w+")
OTHER = re.compile(r"flowchart BT|%% [\w .,:/=();#…]*|subgraph p\d+\[L\]|end|classDef (given|rule) [\w:#,]+")


def parts(page: str) -> tuple[int, int]:
    """How many lines are nodes and how many arrows; every line is one of what a flowchart is made of."""
    lines = [LABEL.sub("L", line) for line in page.splitlines()]
    strange = [line for line in lines if not any(p.fullmatch(line) for p in (NODE, ARROW, OTHER))]
    assert not strange
    return sum(bool(NODE.fullmatch(line)) for line in lines), sum(
        bool(ARROW.fullmatch(line)) for line in lines
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_flowchart_has_a_node_for_each_and_an_arrow_for_each_line(name: str):
    found = proof(name)
    (one,) = found["proofs"]
    count, arrows = parts(to_mermaid(found))
    assert count == len(one["facts"]) + len(one["firings"])
    assert arrows == len(one["lines"]) - 1
    assert to_mermaid(found).count(":::given") == sum(fact["given"] is not None for fact in one["facts"])


def test_a_flowchart_that_is_too_large_says_so():
    found = proof("mixtral-8x22b-a100")
    assert "GitHub draws" not in to_mermaid(proof("mixtral-8x22b-a100", depth=1))
    found["proofs"] = found["proofs"] * 4
    assert "%% " in to_mermaid(found).splitlines()[1]
    assert "GitHub draws" in to_mermaid(found).splitlines()[1]


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_hostile_texts_stay_in_their_node_and_their_line(label: str, said: str, title: str):
    found = copy.deepcopy(proof("home-rtx-4090", depth=1))
    before = parts(to_mermaid(found)), to_markdown(found).count("\n")
    (one,) = found["proofs"]
    one["title"] = None
    for fact in one["facts"]:
        fact["label"], fact["values"] = label, dict.fromkeys(fact["values"], said)
    one["firings"][0] |= {"rule": label, "text": said}
    found["subject"]["text"] = title
    assert (parts(to_mermaid(found)), to_markdown(found).count("\n")) == before
    one["title"] = title
    parts(to_mermaid(found))


@pytest.mark.parametrize("name", NAMES)
def test_markdown_is_a_list_with_an_entry_for_every_line(name: str):
    found = proof(name)
    page = to_markdown(found)
    items = [line for line in page.splitlines() if line.lstrip().startswith("- ")]
    indents = [(len(line) - len(line.lstrip())) // 2 for line in items]
    assert indents[0] == 0
    assert all(after <= before + 1 for before, after in pairwise(indents))
    for line in found["proofs"][0]["lines"]:
        assert f"({line['id']}" in page


def test_a_verdict_that_is_not_known_shows_who_wanted_what_is_missing():
    question = {"hardware": {"gpu": "rtx-4090"}, "model": {"hidden_size": 64}, "deployment": PLAIN}
    answer = advisor.ask(question, engine="clips", remedies=False)
    found = answer.to_dict()
    subject = Finder(found).verdict()
    assert isinstance(subject, Subject) and subject.roots
    shown = why(found, subject, again("home-rtx-4090"), depth=1)
    VALIDATOR.validate(shown)
    firings = {one["id"]: one for one in found["trace"]["firings"]}
    facts = {one["id"]: one["label"] for one in found["trace"]["facts"]}
    for _, name in subject.roots:
        seen = {facts[one] for one in (*firings[name]["premises"], *firings[name]["looked"])}
        assert any(gap["fact"] in seen for gap in firings[name]["undetermined"])
    assert "It cannot be told" in text(shown)

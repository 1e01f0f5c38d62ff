"""An answer in Markdown: its structure holds whatever stands in it, and it shows what the answer holds."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from hypothesis import given, settings

import advisor
from advisor.answer.markdown.page import to_markdown
from advisor.answer.summary import summary
from advisor.answer.text.answer import to_text
from advisor.answer.text.page import neutral
from tests.answer.schema.test_answer import load
from tests.answer.test_summary import MIXTRAL, QUESTIONS, answer, asked
from tests.answer.text.test_answer import ANSWERS, HOSTILE, NAMES, flat, poisoned
from tests.test_markdown import NASTY, seen, words

TAGS = {
    "h2",
    "h3",
    "h4",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "ul",
    "li",
    "strong",
    "a",
}
POISONS = [
    *HOSTILE,
    "a|b",
    "`x`",
    "<img src=x onerror=y>",
    "a\n\n# b",
    "```\nx",
    "](http://a.example)",
    "- a",
]
sized = pytest.mark.parametrize("name", [name for name in QUESTIONS if name != "cannot run"])


def section(page: str, title: str) -> str:
    return page.split(f"\n### {title}\n")[1].split("\n### ")[0]


def assert_whole(page: str) -> None:
    """One heading of the verdict, rows as wide as their header, fences that close, nothing foreign."""
    reader = seen(page)
    assert set(reader.tags) <= TAGS
    assert reader.tags.count("h2") == 1 and reader.tags[0] == "h2"
    assert all(target.startswith(("http://", "https://")) for target in reader.targets)
    fence, width = "", 0
    for line in page.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif mark := re.match("`{3,}", line):
            fence = mark[0]
        elif line.startswith("| "):
            cells = len(re.findall(r"(?<!\\)\|", line)) - 1
            assert width in (0, cells), line
            width = cells
        else:
            width = 0
    assert not fence


@asked
def test_it_is_whole_and_tells_the_verdict_first(name: str):
    page = to_markdown(answer(name))
    assert_whole(page)
    status = answer(name)["verdict"]["status"].replace("-", " ").upper()
    assert words(page).startswith(f"{status}: {answer(name)['verdict']['summary']}")


@asked
def test_it_shows_what_the_answer_holds(name: str):
    found, page = answer(name), flat(words(to_markdown(answer(name))))
    for one in (*found["summary"], *found["conclusions"], *found["assumptions"], *found["remedies"]):
        assert flat(one["text"]) in page
    for one in (*found["remedies"], *found["search"]["more"], *found["search"]["not_enough"]):
        assert flat(one["title"]) in page
    for one in found["remedies"]:
        assert all(flat(cost) in page for cost in one["costs"] if one["verified"])
    for one in (found["run"] or {"notes": []})["notes"]:
        assert flat(one) in page
    assert all(digest[:12] in page for digest in found["digests"].values())


@sized
def test_it_shows_each_figure_of_memory_that_text_shows(name: str):
    figures = re.compile(r"[\d,.]+ (?:GiB|tokens)")
    text = to_text(answer(name))
    shown = flat(text.split("\nMemory")[1].split("\n\n")[0])
    marked = section(to_markdown(answer(name)), "Memory")
    assert set(figures.findall(shown)) <= set(figures.findall(marked))
    assert figures.findall(marked)
    away = re.compile(r"[\d.]+ GiB and [\d.]+ GiB off the GPUs")
    assert away.findall(shown) == away.findall(marked)


@sized
def test_components_are_told_once_for_all_gpus_that_hold_them(name: str):
    rows = [line.split(" | ") for line in section(to_markdown(answer(name)), "Memory").split("\n")]
    held = [row for row in rows if len(row) == 6 and row[0] not in ("| role", "| ---")]
    told = [
        (row[1].strip("`"), where) for row in held for where in re.findall(r"\d+", row[2]) or ["off the GPUs"]
    ]
    made = [
        (one["id"], "off the GPUs" if one["gpu"] is None else str(one["gpu"]))
        for one in answer(name)["memory"]["components"]
    ]
    assert sorted(told) == sorted(made)


def test_changes_can_be_copied_into_a_shell():
    blocks = re.findall(r"```sh\n(.*?)\n```", to_markdown(answer(MIXTRAL)), re.DOTALL)
    proved = [one for one in answer(MIXTRAL)["remedies"] if one["verified"]]
    for one, line in zip(proved, blocks, strict=True):
        assert [word.split("=")[0] for word in shlex.split(line)[1::2]] == list(one["set"])


def test_what_was_assumed_is_marked():
    rows = section(to_markdown(answer(MIXTRAL)), "Asked").split("\n")
    marked = [row.split("`")[1] for row in rows if "**assumed**" in row]
    assert marked == [one["field"] for one in answer(MIXTRAL)["assumptions"]]
    asked_for = [row.split("`")[1] for row in rows if row.endswith("| asked |")]
    assert asked_for == [
        f"{table}.{field}" for table, fields in answer(MIXTRAL)["question"].items() for field in fields
    ]


def test_overlays_are_told_with_their_reasons(tmp_path: Any):
    (tmp_path / "mine.toml").write_text(
        'schema = 1\n[[override]]\nrule = "bottleneck.bandwidth-idle"\nset = { severity = "info" }\n'
        'reason = "We | know <b>that</b>."\n'
    )
    found = advisor.ask(QUESTIONS[MIXTRAL], rules=[tmp_path], engine="clips", remedies=False)
    page = to_markdown(found.to_dict(figures=False))
    assert_whole(page)
    assert "We | know <b>that</b>." in words(section(page, "Changed by your folders"))
    assert str(tmp_path) in words(page)


@pytest.mark.parametrize("poison", POISONS, ids=range(len(POISONS)))
def test_hostile_texts_are_only_texts(poison: str):
    for name in NAMES:
        sample = load(name)
        found = poisoned(sample, poison) | {"verdict": {**sample["verdict"], "summary": poison}}
        page = to_markdown({**found, "summary": summary(found, {poison: "reason"})})
        assert_whole(page)
        assert flat(neutral(poison)) in flat(words(page))


@settings(max_examples=40, deadline=None)
@given(found=ANSWERS, name=NASTY)
def test_any_answer_makes_a_whole_page(found: dict[str, Any], name: str):
    found["assumptions"].append({"field": name, "value": name, "text": name})
    rules = {one["rule"]: "otherwise" for one in (*found["conclusions"], *found["remedies"])}
    assert_whole(to_markdown({**found, "summary": summary(found, rules)}))


def test_an_answer_that_lacks_nearly_everything_is_a_page():
    assert_whole(to_markdown({}))

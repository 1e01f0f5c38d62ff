"""What rules propose: which levers there are, their settings in order, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from advisor.documents import Document
from advisor.facts.kinds_file import load_kinds
from advisor.facts.models import fact_from
from advisor.reasoning.reasoner import Reasoner
from advisor.remedies.levers import Proposed, proposed
from advisor.rules.load import read_rules
from advisor.rules.rulebook import Rulebook
from advisor.rules.strata import strata
from tests.engines.naive import NaiveEngine

Row = dict[str, Any]


def field(type_: str, **more: Any) -> Row:
    return {"type": type_, "meaning": "…", **more}


TEXT, INTEGER = field("text"), field("integer")
MEMORY = field("integer", unit="GiB", written={"memory_gib": "GiB"})
KINDS = load_kinds(
    [
        Document(
            "kinds.toml",
            {
                "schema": 1,
                "kind": [
                    {
                        "id": "lever",
                        "key": ["kind"],
                        "fields": {"kind": field("text", required=True), "order": INTEGER},
                    },
                    {
                        "id": "thing",
                        "key": ["id"],
                        "fields": {"id": field("integer", required=True), "size": INTEGER},
                    },
                    {
                        "id": "deployment",
                        "single": True,
                        "fields": {
                            "weights": TEXT,
                            "weights_bits": INTEGER,
                            "context": INTEGER,
                            "memory": MEMORY,
                        },
                    },
                    {"id": "hardware", "single": True, "fields": {"count": INTEGER}},
                ],
            },
            "",
        )
    ]
)
LEVERS = [{"fact": "lever", "kind": "mild", "order": 10}, {"fact": "lever", "kind": "hard", "order": 20}]


def rule(name: str, kind: str = "mild", set_: Mapping[str, str] | None = None, **more: Any) -> Row:
    """A rule that proposes one thing; without `set_`, a weight format of its own name."""
    own = {key: more.pop(key) for key in ("match", "where", "let") if key in more}
    change = {"advice": True} if more.get("advice") else {"set": set_ or {"deployment.weights": f"'{name}'"}}
    return {
        "id": f"r.{name}",
        "summary": "…",
        "because": "…",
        **own,
        "propose": {"kind": kind, "title": name, **change, **more},
    }


def found(rules: Sequence[Row], keep: Sequence[str] = (), facts: Sequence[Row] = ()) -> Proposed:
    bound, problems = read_rules(Document("r.toml", {"schema": 1, "rule": list(rules)}, ""), KINDS)
    assert not problems, [str(problem) for problem in problems]
    given = []
    for row in [*LEVERS, *facts]:
        values = {name: value for name, value in row.items() if name != "fact"}
        fact, wrong = fact_from(
            KINDS[row["fact"]], values, Document("facts.toml", {}, ""), None, nested=False
        )
        assert fact and not wrong, wrong
        given.append(fact)
    rulebook = Rulebook(tuple(map(tuple, strata(bound))), {})
    return proposed(Reasoner(rulebook, KINDS, NaiveEngine()).derive(given), KINDS, keep)


def titles(rules: Sequence[Row], keep: Sequence[str] = (), facts: Sequence[Row] = ()) -> list[list[str]]:
    """Of each lever, its settings."""
    return [[lever[n].title for n in range(len(lever))] for lever in found(rules, keep, facts).levers]


# ---------------------------------------------------------------- order

THINGS = [{"fact": "thing", "id": n, "size": 10 * n} for n in (2, 1, 3)]
ON = {"match": [{"fact": "thing", "as": "t"}]}


def each_thing(name: str, **more: Any) -> Row:
    """A lever with a setting for each thing."""
    made = rule(name, set_={"deployment.context": "t.size"}, **ON, **more)
    made["propose"]["title"] = f"{name} {{t.size}}"
    return made


def test_first_the_mildest_lever_and_last_what_is_none() -> None:
    assert titles([rule("a", "unheard-of"), rule("b", "hard"), rule("c", "mild")]) == [["c"], ["b"], ["a"]]


def test_settings_of_one_rule_are_one_lever_in_the_order_that_it_gives() -> None:
    for order, wanted in (("t.size", [10, 20, 30]), ("-t.size", [30, 20, 10]), ("1 / t.size", [30, 20, 10])):
        rules = [each_thing("m", order=order), rule("a")]
        assert titles(rules, facts=THINGS) == [["a"], [f"m {size}" for size in wanted]]
        assert titles(rules[::-1], facts=THINGS[::-1]) == titles(rules, facts=THINGS)


def test_without_an_order_settings_go_by_their_titles() -> None:
    assert titles([each_thing("m")], facts=THINGS) == [["m 10", "m 20", "m 30"]]


# ---------------------------------------------------------------- searches


def search(seek: str, first: str = "1", last: str = "t.size", step: Any = 4, **more: Any) -> Row:
    ends = {"from": first, "to": last, "step": step}
    proposal = {"kind": "mild", "title": "{found} tokens", "vary": "deployment.context", "seek": seek, **ends}
    return {"id": "r.s", "summary": "…", "because": "…", **ON, "propose": {**proposal, **more}}


@pytest.mark.parametrize(("seek", "wanted"), [("largest", [9, 5, 1]), ("smallest", [1, 5, 9])])
def test_a_search_goes_through_its_range_from_what_is_sought_most(seek: str, wanted: list[int]) -> None:
    (lever,) = found([search(seek)], facts=[THINGS[1]]).levers
    assert [lever[n].values for n in range(len(lever))] == [{"deployment.context": each} for each in wanted]
    assert [lever[n].title for n in range(len(lever))] == [f"{each} tokens" for each in wanted]


def test_each_firing_of_a_rule_that_searches_is_a_lever() -> None:
    assert [len(lever) for lever in found([search("largest")], facts=THINGS).levers] == [3, 5, 8]


def test_what_is_found_is_spoken_of_in_changes_and_costs() -> None:
    told = search("largest", set={"hardware.count": "found * 2"}, costs=["Only {found} tokens."])
    (lever,) = found([told], facts=[THINGS[1]]).levers
    assert lever[1].values == {"hardware.count": 10, "deployment.context": 5}
    assert lever[1].costs == ["Only 5 tokens."]
    assert lever.paths == {"hardware.count", "deployment.context"}


def test_a_range_with_nothing_in_it_is_no_lever() -> None:
    assert found([search("largest", first="11")], facts=[THINGS[1]]).levers == []


def test_a_range_of_a_million_is_not_made() -> None:
    (lever,) = found([search("largest", last="1000000000", step=1)], facts=[THINGS[1]]).levers
    assert len(lever) == 10**9 and lever[0].values == {"deployment.context": 10**9}


# ---------------------------------------------------------------- what is kept

WEIGHTS = rule("weights")
BITS = rule("bits", set_={"deployment.weights_bits": "4"})
COUNT = rule("count", set_={"hardware.count": "2"})
BOTH = rule("both", set_={"hardware.count": "3", "deployment.context": "1024"})
ADVICE = rule("advice", advice=True)


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        ([], {"weights", "bits", "count", "both", "advice"}),
        (
            ["deployment.weights"],
            {"bits", "count", "both", "advice"},
        ),  # not weights_bits, whose name only begins so
        (["deployment"], {"count", "advice"}),
        (["hardware"], {"weights", "bits", "advice"}),
        (["hardware.count", "deployment.weights"], {"bits", "advice"}),
        (["deployment.weights.more"], {"weights", "bits", "count", "both", "advice"}),
        (["deploy", "model", "", "deployment."], {"weights", "bits", "count", "both", "advice"}),
    ],
)
def test_what_touches_a_kept_part_is_left_out_and_counted(keep: list[str], left: set[str]) -> None:
    told = found([WEIGHTS, BITS, COUNT, BOTH, ADVICE], keep)
    advice = {firing.rule.propose.title.template.text for firing in told.advice if firing.rule.propose}
    assert {lever[0].title for lever in told.levers} | advice == left
    assert told.kept == 5 - len(left)


def test_a_search_that_varies_a_kept_part_is_left_out() -> None:
    assert found([search("largest")], ["deployment.context"], THINGS).levers == []


# ---------------------------------------------------------------- what a setting says


def test_values_are_computed() -> None:
    twice = rule("a", set_={"deployment.context": "t.size * 2"}, **ON)
    (lever,) = found([twice], facts=[THINGS[0]]).levers
    assert lever[0].values == {"deployment.context": 40}


def test_values_are_in_the_unit_in_which_files_write_them() -> None:
    more = rule("a", set_={"deployment.memory_gib": "t.size * GiB"}, **ON)
    (lever,) = found([more], facts=[THINGS[0]]).levers
    assert lever[0].values == {"deployment.memory_gib": 20}


def test_advice_changes_nothing() -> None:
    told = found([rule("a", costs=["It costs."]), rule("b", advice=True)])
    assert [lever[0].title for lever in told.levers] == ["a"]
    assert [firing.rule.id for firing in told.advice] == ["r.b"]
    assert told.levers[0][0].costs == ["It costs."]


@pytest.mark.parametrize(
    "rule_",
    [
        rule("a", set_={"deployment.context": "t.size"}, **ON),
        rule("a", order="t.size", **ON),
        rule("a", where=["t.size > 1"], **ON),
        search("largest"),
    ],
    ids=["a change", "its order", "its condition", "the end of a range"],
)
def test_what_cannot_be_determined_is_not_proposed(rule_: Row) -> None:
    assert found([rule_], facts=[{"fact": "thing", "id": 1}]).levers == []
    assert len(found([rule_], facts=[{"fact": "thing", "id": 1, "size": 2}]).levers) == 1


def test_without_proposals_there_are_none() -> None:
    silent = {"id": "r.a", "summary": "…", "severity": "info", "because": "…"}
    told = found([silent])
    assert (told.levers, told.advice, told.kept) == ([], [], 0)

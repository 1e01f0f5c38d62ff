"""What rules propose: in which order, what is left out, and what is the same thing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from advisor.documents import Document
from advisor.facts.kinds_file import load_kinds
from advisor.facts.models import fact_from
from advisor.reasoning.reasoner import Reasoner
from advisor.remedies import Remedy, remedies
from advisor.rules.load import read_rules
from advisor.rules.rulebook import Rulebook
from advisor.rules.strata import strata
from tests.engines.naive import NaiveEngine

Row = dict[str, Any]


def field(type_: str, **more: Any) -> Row:
    return {"type": type_, "meaning": "…", **more}


TEXT, INTEGER = field("text"), field("integer")
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
                        "fields": {"weights": TEXT, "weights_bits": INTEGER, "context": INTEGER},
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


def found(
    rules: Sequence[Row], keep: Sequence[str] = (), facts: Sequence[Row] = ()
) -> tuple[list[Remedy], int]:
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
    return remedies(Reasoner(rulebook, KINDS, NaiveEngine()).derive(given), keep)


def titles(rules: Sequence[Row], keep: Sequence[str] = (), facts: Sequence[Row] = ()) -> list[str]:
    return [remedy.title for remedy in found(rules, keep, facts)[0]]


# ---------------------------------------------------------------- order


def test_first_the_mildest_lever_and_last_what_is_none() -> None:
    assert titles([rule("a", "unheard-of"), rule("b", "hard"), rule("c", "mild")]) == ["c", "b", "a"]


def test_then_the_order_that_the_rule_gives() -> None:
    rules = [rule("a", order="3"), rule("b", order="1 / 2"), rule("c", order="-1"), rule("d", order="1 / 3")]
    assert titles(rules) == ["c", "d", "b", "a"]


def test_then_the_name_of_the_rule_and_the_title() -> None:
    things = [{"fact": "thing", "id": n, "size": n} for n in (2, 1, 3)]
    many = rule("m", set_={"deployment.context": "t.size"}, match=[{"fact": "thing", "as": "t"}])
    many["propose"]["title"] = "size {t.size}"
    rules = [rule("z"), many, rule("a")]
    assert titles(rules, facts=things) == ["a", "size 1", "size 2", "size 3", "z"]
    assert titles(rules[::-1], facts=things[::-1]) == titles(rules, facts=things)


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
    proposed, left_out = found([WEIGHTS, BITS, COUNT, BOTH, ADVICE], keep)
    assert {remedy.title for remedy in proposed} == left
    assert left_out == 5 - len(left)


# ---------------------------------------------------------------- the same twice


def test_one_change_by_two_rules_is_one_remedy_of_the_better_placed() -> None:
    same = {"deployment.weights": "'q'", "hardware.count": "2"}
    rules = [
        rule("a", "hard", same),
        rule("b", "mild", dict(reversed(same.items()))),
        rule("c", "hard", same),
    ]
    assert titles(rules) == ["b"]


def test_changes_that_differ_in_one_value_are_two() -> None:
    rules = [rule(n, set_={"deployment.weights": "'q'", "hardware.count": n[1:]}) for n in ("n2", "n3")]
    assert titles(rules) == ["n2", "n3"]


def test_advice_is_the_same_when_its_title_is() -> None:
    rules = [rule(name, advice=True) for name in ("a", "b", "c")]
    rules[2]["propose"]["title"] = "a"
    assert titles(rules) == ["a", "b"]


# ---------------------------------------------------------------- what a remedy says


def test_proposals_are_not_proved_and_advice_claims_nothing() -> None:
    (proposal, advice), _ = found([rule("a", costs=["It costs."]), rule("b", advice=True)])
    assert (proposal.verified, advice.verified) == (False, None)
    assert (proposal.changes, advice.changes) == ({"deployment.weights": "a"}, {})
    assert proposal.costs == ("It costs.",)
    assert proposal.firing.rule.id == "r.a"


def test_values_are_computed() -> None:
    on = [{"fact": "thing", "as": "t"}]
    twice = rule("a", set_={"deployment.context": "t.size * 2"}, match=on)
    (remedy,), _ = found([twice], facts=[{"fact": "thing", "id": 1, "size": 8}])
    assert remedy.changes == {"deployment.context": 16}


@pytest.mark.parametrize(
    "rule_",
    [
        rule("a", set_={"deployment.context": "t.size"}, match=[{"fact": "thing", "as": "t"}]),
        rule("a", order="t.size", match=[{"fact": "thing", "as": "t"}]),
        rule("a", where=["t.size > 1"], match=[{"fact": "thing", "as": "t"}]),
    ],
    ids=["a change", "its order", "its condition"],
)
def test_what_cannot_be_determined_is_not_proposed(rule_: Row) -> None:
    assert titles([rule_], facts=[{"fact": "thing", "id": 1}]) == []
    assert titles([rule_], facts=[{"fact": "thing", "id": 1, "size": 2}]) == ["a"]


def test_without_proposals_there_are_none() -> None:
    silent = {"id": "r.a", "summary": "…", "severity": "info", "because": "…"}
    assert found([silent]) == ([], 0)

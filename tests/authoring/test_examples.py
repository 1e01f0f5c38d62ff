"""The tests beside rules: what passes, and each way of failing with what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.authoring.examples import ExampleResult, run_example
from advisor.documents import Document
from advisor.facts.kinds_file import load_kinds
from advisor.rules.load import read_rules
from tests.engines.naive import NaiveEngine

Row = dict[str, Any]


def field(type_: str, **more: Any) -> Row:
    return {"type": type_, "meaning": "…", **more}


KINDS = load_kinds(
    [
        Document(
            "kinds.toml",
            {
                "schema": 1,
                "kind": [
                    {
                        "id": "box",
                        "key": ["id"],
                        "fields": {
                            "id": field("integer", required=True),
                            "name": field("text", required=True),
                            "size": field("integer", unit="GiB", written={"size_gib": "GiB"}, min=0),
                            "way": field("text", choices=["up", "down"]),
                        },
                    },
                    {
                        "id": "verdict",
                        "key": ["id"],
                        "fields": {
                            "id": field("integer", required=True),
                            "big": field("boolean", required=True),
                            "share": field("number"),
                        },
                    },
                    {"id": "deployment", "single": True, "fields": {"context": field("integer")}},
                ],
            },
            "",
        )
    ]
)
BIG: Row = {
    "id": "r.big",
    "summary": "…",
    "match": [{"fact": "box", "as": "b"}],
    "where": ["b.size > 2 * GiB"],
    "conclude": {"fact": "verdict", "id": "b.id", "big": True, "share": "b.size / (4 * GiB)"},
    "because": "{b.name} holds {b.size:GiB}.",
}
PROPOSING: Row = {
    "id": "r.proposing",
    "summary": "…",
    "match": [{"fact": "box", "as": "b"}],
    "because": "…",
    "propose": {"kind": "context", "title": "…", "set": {"deployment.context": "b.id"}},
}
SMALL, LARGE, UNSAID = ({"fact": "box", "id": 1, **size} for size in ({"size_gib": 1}, {"size_gib": 3}, {}))


def run(rule: Row, **example: Any) -> ExampleResult:
    rows = [{**rule, "test": [{"name": "it", "given": [], **example}]}]
    (bound,), problems = read_rules(Document("r.toml", {"schema": 1, "rule": rows}, ""), KINDS)
    assert not problems, [str(problem) for problem in problems]
    return run_example(bound, bound.examples[0], KINDS, NaiveEngine())


def wrong(rule: Row, **example: Any) -> str:
    """The one thing that is told of a test that fails."""
    (text,) = run(rule, **example).wrong
    return text


# ---------------------------------------------------------------- passing


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        (BIG, {"given": [LARGE], "expect": [{"fact": "verdict", "id": 1, "big": True, "share": 0.75}]}),
        (BIG, {"given": [LARGE], "expect": [{"fact": "verdict"}], "says": "holds 3.0 GiB"}),
        (
            BIG,
            {"given": [LARGE], "expect": [], "says": "name holds"},
        ),  # a required text that was left out is filled in
        (BIG, {"given": [LARGE], "expect": [{"fires": True}]}),
        (BIG, {"given": [LARGE, SMALL | {"id": 2}], "reject": [{"fact": "verdict", "id": 2}]}),
        (BIG, {"given": [UNSAID], "expect": [{"fact": "verdict", "id": 1, "unknown": True}]}),
        (BIG, {"given": [UNSAID], "reject": [{"fact": "verdict", "id": 1}]}),
        (
            PROPOSING,
            {"given": [SMALL], "expect": [{"propose": "context"}], "reject": [{"propose": "weights"}]},
        ),
    ],
)
def test_it_passes(rule: Row, example: Row) -> None:
    result = run(rule, **example)
    assert (result.wrong, result.fired) == ((), True)


@pytest.mark.parametrize("reject", [{"fact": "verdict"}, {"fires": True}])
def test_it_passes_where_the_rule_must_not_fire(reject: Row) -> None:
    result = run(BIG, given=[SMALL], reject=[reject])
    assert (result.wrong, result.fired) == ((), False)


# ---------------------------------------------------------------- failing


def test_nothing_is_derived() -> None:
    assert (
        wrong(BIG, given=[SMALL], expect=[{"fact": "verdict", "id": 1}])
        == "expected fact=verdict, id=1, derived nothing"
    )


def test_something_else_is_derived() -> None:
    text = wrong(BIG, given=[LARGE], expect=[{"fact": "verdict", "id": 1, "share": 0.5}])
    assert text.startswith("expected fact=verdict, id=1, share=0.5, derived a firing (name holds 3.0 GiB.)")
    assert "verdict (id=1, big=True, share=0.75)" in text


@pytest.mark.parametrize("value", [1, "yes", False])
def test_a_truth_value_equals_only_itself(value: object) -> None:
    assert "expected" in wrong(BIG, given=[LARGE], expect=[{"fact": "verdict", "big": value}])


def test_an_expectation_names_no_field() -> None:
    assert "bigg=True" in wrong(BIG, given=[LARGE], expect=[{"fact": "verdict", "bigg": True}])


def test_what_must_not_be_derived_is() -> None:
    text = wrong(BIG, given=[LARGE], reject=[{"fact": "verdict", "id": 1}])
    assert text == "fact=verdict, id=1 must not be derived, and was: verdict (id=1, big=True, share=0.75)"


def test_it_must_not_fire_and_does() -> None:
    text = wrong(BIG, given=[LARGE], reject=[{"fires": True}])
    assert text == "fires=True must not be derived, and was: a firing (name holds 3.0 GiB.)"


def test_the_sentence_says_something_else() -> None:
    text = wrong(BIG, given=[LARGE], expect=[], says="short by")
    assert text == "expected a sentence with “short by”, got ['name holds 3.0 GiB.']"


def test_there_is_no_sentence() -> None:
    assert wrong(BIG, given=[SMALL], expect=[], says="holds") == "expected a sentence with “holds”, got none"


def test_known_is_not_undetermined_and_the_other_way_round() -> None:
    text = wrong(BIG, given=[LARGE], expect=[{"fact": "verdict", "unknown": True}])
    assert "unknown=True, derived" in text
    text = wrong(BIG, given=[UNSAID], expect=[{"fact": "verdict", "id": 1}])
    assert "share=unknown) undetermined" in text


def test_the_wrong_thing_is_proposed() -> None:
    assert "propose=weights" in wrong(PROPOSING, given=[SMALL], expect=[{"propose": "weights"}])
    assert "propose=context must not" in wrong(PROPOSING, given=[SMALL], reject=[{"propose": "context"}])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"fact": "bux", "id": 1}, "there is no kind bux"),
        ({"id": 1}, "there is no kind"),
        ({"fact": "box", "id": 1, "siz": 3}, "siz"),
        ({"fact": "box", "id": "one"}, "integer"),
        ({"fact": "box", "size_gib": 1}, "id"),
        ({"fact": "box", "id": 1, "size_gib": -1}, "too small"),
    ],
)
def test_what_is_given_is_no_fact(row: Row, told: str) -> None:
    result = run(BIG, given=[LARGE, row], expect=[{"fact": "verdict"}])
    assert any(told in text for text in result.wrong), result.wrong
    assert not result.fired


def test_the_rule_fails_while_it_derives() -> None:
    dividing = {
        **BIG,
        "let": {"part": "b.size / b.id"},
        "conclude": {"fact": "verdict", "id": 1, "big": "part > 0"},
    }
    assert "zero" in wrong(dividing, given=[LARGE | {"id": 0}], expect=[{"fact": "verdict"}])


def test_the_rule_contradicts_itself() -> None:
    contrary = {**BIG, "conclude": {"fact": "verdict", "id": 1, "big": "b.id > 1"}}
    assert "different values" in wrong(
        contrary, given=[LARGE, LARGE | {"id": 2}], expect=[{"fact": "verdict"}]
    )


def test_all_that_is_wrong_is_told() -> None:
    result = run(
        BIG, given=[LARGE], expect=[{"fact": "verdict", "id": 7}], reject=[{"fires": True}], says="short"
    )
    assert len(result.wrong) == 3

"""The tests beside rules: what passes, and each way of failing with what is told of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from advisor.authoring.examples import ExampleResult, ExampleRunner
from advisor.documents import Document
from advisor.facts.kinds_file import load_kinds
from advisor.rules.load import read_rules
from tests.engines.naive import NaiveEngine, NaiveSession

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
    (result,) = ExampleRunner(bound, KINDS, [NaiveEngine()]).results()
    return result


def wrong(rule: Row, **example: Any) -> str:
    """The one thing that is told of a test that fails."""
    (mismatch,) = run(rule, **example).wrong
    return mismatch.text


# ---------------------------------------------------------------- passing


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        (
            BIG,
            {
                "given": [LARGE],
                "expect": [{"fact": "verdict", "id": 1, "big": True, "share": Fraction(3, 4)}],
            },
        ),
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
            {
                "given": [SMALL],
                "expect": [{"propose": "context"}],
                "reject": [{"propose": "context", "unknown": True}],
            },
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


def test_nothing_is_derived_and_what_held_the_rule_back_is_told() -> None:
    (mismatch,) = run(BIG, given=[SMALL], expect=[{"fact": "verdict", "id": 1}]).wrong
    assert (mismatch.code, mismatch.derived) == ("not-derived", ())
    assert (
        mismatch.text
        == "expected verdict: id = 1, derived nothing (1.0 GiB > 2 GiB is false: short by 1.0 GiB)"
    )


def test_no_fact_that_matches_is_given() -> None:
    assert wrong(BIG, expect=[{"fires": True}]).endswith("derived nothing (the facts given do not match)")


def test_the_field_that_differs_is_marked() -> None:
    (mismatch,) = run(
        BIG, given=[LARGE], expect=[{"fact": "verdict", "id": 1, "share": Fraction(1, 2)}]
    ).wrong
    (nearest,) = mismatch.derived
    assert (nearest.fields, nearest.differs) == ({"id": "1", "share": "0.75"}, {"share": "0.5"})
    assert mismatch.text == (
        "expected verdict: id = 1, share = 0.5, derived verdict: id = 1, share = 0.75 (wanted 0.5)"
    )


def test_the_nearest_comes_first_and_no_more_than_three() -> None:
    given = [LARGE | {"id": number} for number in range(9)]
    (mismatch,) = run(BIG, given=given, expect=[{"fact": "verdict", "id": 5, "big": False}]).wrong
    assert [list(each.differs) for each in mismatch.derived] == [["big"], ["id", "big"], ["id", "big"]]


def test_a_figure_has_its_unit_and_is_exact() -> None:
    copying = {**BIG, "conclude": {"fact": "box", "id": 7, "name": "'x'", "size": "b.size"}}
    text = wrong(copying, given=[LARGE], expect=[{"fact": "box", "size_gib": Fraction(3 * 2**30 + 1, 2**30)}])
    assert "size = 3221225472 = 3.0 GiB (wanted 3221225473 = 3.0 GiB)" in text
    text = wrong(copying, given=[LARGE], expect=[{"fact": "box", "size_gib": 4}])
    assert "size = 3221225472 = 3.0 GiB (wanted 4294967296 = 4.0 GiB)" in text


def test_a_fraction_that_no_decimal_says_is_shown_as_one() -> None:
    thirds = {**BIG, "conclude": {"fact": "verdict", "id": 1, "big": True, "share": "1 / 3"}}
    assert "share = 1/3 (wanted 0.3)" in wrong(
        thirds, given=[LARGE], expect=[{"fact": "verdict", "share": Fraction(3, 10)}]
    )


def test_a_field_that_is_absent() -> None:
    silent = {**BIG, "conclude": {"fact": "verdict", "id": "b.id", "big": True}}
    assert "share = absent (wanted 1)" in wrong(
        silent, given=[LARGE], expect=[{"fact": "verdict", "share": 1}]
    )


def test_a_truth_value_equals_only_itself() -> None:
    text = wrong(BIG, given=[LARGE], expect=[{"fact": "verdict", "big": False}])
    assert "big = true (wanted false)" in text


def test_what_must_not_be_derived_is() -> None:
    (mismatch,) = run(BIG, given=[LARGE], reject=[{"fact": "verdict", "id": 1}]).wrong
    assert mismatch.code == "derived"
    assert mismatch.text == (
        "verdict: id = 1 must not be derived, and was: verdict: id = 1, big = true, share = 0.75"
    )


def test_it_must_not_fire_and_does() -> None:
    text = wrong(BIG, given=[LARGE], reject=[{"fires": True}])
    told = "firing: fires = true must not be derived, and was: firing: fires = true, “name holds 3.0 GiB.”"
    assert text == told


def test_the_sentence_says_something_else() -> None:
    text = wrong(BIG, given=[LARGE], expect=[], says="holds 4 GiB")
    assert text == "expected sentence: “holds 4 GiB”, derived sentence: “name holds 3.0 GiB.”"
    assert "derived nothing (1.0 GiB > 2 GiB is false: short by 1.0 GiB)" in wrong(
        BIG, given=[SMALL], expect=[], says="holds"
    )


def test_known_is_not_undetermined_and_the_other_way_round() -> None:
    text = wrong(BIG, given=[LARGE], expect=[{"fact": "verdict", "unknown": True}])
    assert "unknown = false (wanted true)" in text
    text = wrong(BIG, given=[UNSAID], expect=[{"fact": "verdict", "id": 1, "share": 1}])
    assert "share = unknown (wanted 1), unknown = true (wanted false)" in text


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
    assert {mismatch.code for mismatch in result.wrong} == {"given"}
    assert any(told in mismatch.text for mismatch in result.wrong), result.wrong
    assert result.derivation is None and not result.fired


@pytest.mark.parametrize("key", ["expect", "reject"])
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"fact": "verdct"}, "the rule writes no verdct. Did you mean verdict?"),
        ({"fact": "box", "id": 1}, "the rule writes no box. It writes verdict."),
        ({"fact": "verdict", "bigg": True}, "Did you mean big?"),
        ({"fact": "verdict", "big": "yes"}, "must be true or false"),
        ({"propose": "context"}, "the rule never proposes context"),
        ({"fires": False}, "write `fires = true`"),
        ({"fires": True, "id": 1}, "`id` says nothing without `fact`"),
        ({}, "write `fires = true`"),
    ],
)
def test_what_this_rule_never_derives_is_refused_rather_than_found_absent(
    key: str, row: Row, told: str
) -> None:
    result = run(BIG, given=[LARGE], **{key: [row]})
    assert {mismatch.code for mismatch in result.wrong} == {"expected"}
    assert any(told in mismatch.text for mismatch in result.wrong), result.wrong


def test_a_test_that_asks_for_nothing_fails() -> None:
    assert "says nothing" in wrong(BIG, given=[LARGE])


def test_the_wrong_thing_is_proposed() -> None:
    assert "never proposes weights" in wrong(PROPOSING, given=[SMALL], expect=[{"propose": "weights"}])
    text = wrong(PROPOSING, given=[SMALL], reject=[{"propose": "context"}])
    assert text.startswith('firing: propose = "context" must not be derived')


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
    assert [mismatch.code for mismatch in result.wrong] == ["not-derived", "derived", "not-said"]


# ---------------------------------------------------------------- several engines


class Forgetful(NaiveEngine):
    """An engine that finds no match."""

    name = "forgetful"

    def compile(self, rules: Any) -> Any:
        network = super().compile(rules)
        network.session = lambda: Silent(network.rules)
        return network


class Silent(NaiveSession):
    def matches(self) -> list[Any]:
        return []


def both(*engines: Any) -> tuple[str, ...]:
    rows = [{**BIG, "test": [{"name": "it", "given": [LARGE], "expect": [{"fact": "verdict", "id": 1}]}]}]
    (bound,), _ = read_rules(Document("r.toml", {"schema": 1, "rule": rows}, ""), KINDS)
    (result,) = ExampleRunner(bound, KINDS, engines).results()
    return tuple(mismatch.text for mismatch in result.wrong)


def test_engines_that_agree_are_as_one() -> None:
    assert both(NaiveEngine(), NaiveEngine()) == ()


def test_engines_that_differ_are_named() -> None:
    assert both(NaiveEngine(), Forgetful()) == ("naive and forgetful derive different things",)
    missing, differ = both(Forgetful(), NaiveEngine())
    assert missing.startswith("expected verdict") and differ.startswith("forgetful and naive")

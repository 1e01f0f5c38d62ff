"""What the language means, one sentence at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from advisor.documents import Document, parse
from advisor.engines import ClipsEngine
from advisor.errors import ReasoningError
from advisor.expressions import Cause, Unknown
from advisor.facts.kinds_file import load_kinds
from advisor.facts.models import fact_from
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.load import read_rules

from .test_differential import rulebook

KINDS = load_kinds(
    [
        parse(
            """
schema = 1
[[kind]]
id = "gpu"
meaning = "A part."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
memory = { type = "integer", min = 0, meaning = "…" }
price = { type = "integer", min = 0, meaning = "…" }
[[kind]]
id = "component"
meaning = "What takes memory."
key = ["card", "role"]
[kind.fields]
card = { type = "integer", required = true, meaning = "…" }
role = { type = "text", required = true, meaning = "…" }
bytes = { type = "integer", required = true, min = 0, meaning = "…" }
[[kind]]
id = "reserve"
meaning = "A share of everything."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
share = { type = "number", required = true, meaning = "…" }
[[kind]]
id = "total"
meaning = "The sum."
single = true
[kind.fields]
bytes = { type = "number", required = true, meaning = "…" }
[[kind]]
id = "count"
meaning = "A number."
key = ["n"]
[kind.fields]
n = { type = "integer", required = true, meaning = "…" }
[[kind]]
id = "found"
meaning = "A result."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
value = { type = "integer", meaning = "…" }
""",
            "kinds.toml",
        )
    ]
)


def derive(rules: str, *facts: dict[str, Any]) -> Derivation:
    """Rules in short: `id` and `summary` are written by their position."""
    text = "schema = 1\n" + rules
    document = parse(text, "t.toml")
    for number, row in enumerate(document.data["rule"]):
        row.setdefault("id", f"t.r{number}")
        row.setdefault("summary", "…")
    bound, problems = read_rules(document, KINDS)
    assert not problems, [str(problem) for problem in problems]
    return Reasoner(rulebook(bound), KINDS, ClipsEngine()).derive([fact(**row) for row in facts])


def fact(kind: str, **values: Any) -> Fact:
    found, problems = fact_from(KINDS[kind], values, Document("facts.toml", {}, ""), None, nested=False)
    assert found, problems
    return found


def gpu(id: str, **values: Any) -> dict[str, Any]:
    return {"kind": "gpu", "id": id, **values}


def component(role: str, bytes: int, card: int = 0) -> dict[str, Any]:
    return {"kind": "component", "card": card, "role": role, "bytes": bytes}


def of(derivation: Derivation, kind: str) -> list[Fact]:
    return derivation.store.of(kind)


def values(derivation: Derivation, kind: str, name: str) -> list[Any]:
    return [fact.values.get(name) for fact in sorted(of(derivation, kind), key=lambda fact: fact.label)]


def refused(rules: str, *facts: dict[str, Any]) -> Sequence[str]:
    with pytest.raises(ReasoningError) as caught:
        derive(rules, *facts)
    return [f"{problem.code}: {problem.text}" for problem in caught.value.problems]


LARGE = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
where = ["g.memory > 50", "g.price < 10"]
conclude = { fact = "found", id = "g.id" }
"""


def test_a_condition_that_cannot_be_decided_makes_its_conclusion_uncertain() -> None:
    derivation = derive(LARGE, gpu("a", price=5))
    (found,) = of(derivation, "found")
    assert not found.certain and found.causes == {Cause("gpu[a]", "memory")}
    assert not derivation.firings[0].determined


def test_one_false_condition_settles_a_where() -> None:
    derivation = derive(LARGE, gpu("a", price=50))
    assert not of(derivation, "found") and derivation.misses[0].passed == 1


def test_what_is_not_computed_cannot_fail() -> None:
    rule = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
where = ["g.memory > 50", "100 / g.price > 5"]
conclude = { fact = "found", id = "g.id" }
"""
    assert not of(derive(rule, gpu("a", memory=1, price=0)), "found")
    (found,) = of(derive(rule, gpu("a", price=0)), "found")
    assert not found.certain
    assert refused(rule, gpu("a", memory=99, price=0))[0].startswith(
        "evaluation: t.r0 cannot be computed over gpu[a]"
    )


BLOCKED = """
[[rule]]
match = [{ fact = "count", as = "c" }]
unless = [{ fact = "gpu", as = "g", where = ["g.memory > c.n"] }]
conclude = { fact = "found", id = "'x'" }
"""


def test_one_definite_blocker_settles_unless() -> None:
    derivation = derive(BLOCKED, {"kind": "count", "n": 5}, gpu("a"), gpu("c", memory=9), gpu("b", memory=8))
    assert not of(derivation, "found")
    assert [miss.text for miss in derivation.misses] == ["gpu[b] stands against it"]


def test_a_blocker_that_cannot_be_judged_leaves_unless_open() -> None:
    (found,) = of(derive(BLOCKED, {"kind": "count", "n": 5}, gpu("a"), gpu("b", memory=2)), "found")
    assert not found.certain and found.causes == {Cause("gpu[a]", "memory")}


def test_a_lower_bound_settles_a_comparison() -> None:
    rule = """
[[rule]]
sum = { all = { of = "g.memory", fact = "gpu", as = "g" } }
where = ["all > 50"]
conclude = { fact = "found", id = "'x'", value = "all" }
"""
    (found,) = of(derive(rule, gpu("a"), gpu("b", memory=60)), "found")
    assert found.certain
    assert found.values["value"] == Unknown(60, frozenset({Cause("gpu[a]", "memory")}))
    (found,) = of(derive(rule, gpu("a"), gpu("b", memory=40)), "found")
    assert not found.certain


TAINT = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
where = ["g.price > 1"]
conclude = { fact = "component", card = 1, role = "'extra'", bytes = 7 }
[[rule]]
sum = { all = { of = "c.bytes", fact = "component", as = "c", on = {}, is = { card = CARD, role = "ROLE" } } }
conclude = { fact = "total", bytes = "all" }
"""


@pytest.mark.parametrize(
    ("card", "role", "known"), [(1, "extra", False), (0, "extra", True), (1, "weights", True)]
)
def test_what_is_undetermined_taints_only_what_it_would_have_written(
    card: int, role: str, known: bool
) -> None:
    derivation = derive(TAINT.replace("CARD", str(card)).replace("ROLE", role), gpu("a"))
    assert values(derivation, "total", "bytes") == [
        0 if known else Unknown(0, frozenset({Cause("gpu[a]", "price")}))
    ]


def test_a_certain_fact_hides_an_uncertain_one_with_its_key() -> None:
    rules = TAINT.replace("CARD", "1").replace("ROLE", "extra")
    assert values(derive(rules, gpu("a"), component("extra", 7, card=1)), "total", "bytes") == [7]


BEST = """
[[rule]]
best = { g = { minimize = "g.price", fact = "gpu" } }
conclude = { fact = "found", id = "g.id" }
"""


def test_best_takes_the_extreme_and_settles_ties_by_content() -> None:
    for facts in (
        [gpu("b", price=2), gpu("a", price=2), gpu("c", price=3)],
        [gpu("a", price=2), gpu("b", price=2)],
    ):
        for order in (facts, facts[::-1]):
            assert values(derive(BEST, *order), "found", "id") == ["a"]


def test_best_is_unknown_where_a_candidate_cannot_be_judged() -> None:
    derivation = derive(BEST, gpu("a", price=2), gpu("b"))
    (found,) = of(derivation, "found")
    assert not found.certain and isinstance(found.values["id"], Unknown)


def test_best_in_a_rule_that_proposes_passes_over_what_it_cannot_judge() -> None:
    proposal = 'propose = { kind = "k", title = "Take {g.id}", advice = true }\n'
    (firing,) = derive(BEST + proposal, gpu("a", price=2), gpu("b"), gpu("c")).firings
    assert firing.determined and firing.skipped == 2 and firing.env["g"].label == "gpu[a]"


def test_nothing_to_choose_from_holds_a_rule_back() -> None:
    assert [miss.text for miss in derive(BEST).misses] == ["no gpu to choose from"]


def test_perhaps_nothing_to_choose_from_makes_it_uncertain() -> None:
    rule = """
[[rule]]
min = { least = { of = "g.price", fact = "gpu", as = "g", where = ["g.memory > 5"] } }
conclude = { fact = "found", id = "'x'" }
"""
    (found,) = of(derive(rule, gpu("a", price=3)), "found")
    assert not found.certain


EMPTY = """
[[rule]]
sum = { whole = { of = "g.price", fact = "gpu", as = "g" } }
count = { n = { fact = "gpu" } }
collect = { l = { of = "g.id", fact = "gpu", as = "g" } }
conclude = { fact = "found", id = "'x'", value = "whole + n" }
"""


def test_aggregates_over_nothing() -> None:
    (firing,) = derive(EMPTY).firings
    assert [firing.env[name] for name in ("whole", "n", "l")] == [0, 0, ()]


def test_collect_sorts_and_drops_repeats() -> None:
    rule = EMPTY.replace('of = "g.id"', 'of = "g.price"')
    (firing,) = derive(rule, gpu("a", price=3), gpu("b", price=1), gpu("c", price=3)).firings
    assert firing.env["l"] == (1, 3)


DEFAULT = """
[[rule]]
conclude = { fact = "component", card = 0, role = "'activation'", bytes = 5, default = true }
"""
OTHER = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
WHERE
conclude = { fact = "component", card = 0, role = "'activation'", bytes = 9 }
"""


def test_a_default_holds_where_nobody_else_wrote() -> None:
    assert values(derive(DEFAULT), "component", "bytes") == [5]


@pytest.mark.parametrize("rules", [DEFAULT + OTHER, OTHER + DEFAULT])
def test_a_default_gives_way_to_a_rule_whatever_the_order(rules: str) -> None:
    derivation = derive(rules.replace("WHERE", ""), gpu("a"))
    assert values(derivation, "component", "bytes") == [9]
    assert [miss.text for miss in derivation.misses] == ["component[0, activation] is written already"]


def test_a_default_gives_way_to_a_file() -> None:
    assert values(derive(DEFAULT, component("activation", 3)), "component", "bytes") == [3]


def test_a_default_is_uncertain_where_another_perhaps_wrote() -> None:
    derivation = derive(DEFAULT + OTHER.replace("WHERE", 'where = ["g.price > 1"]'), gpu("a"))
    assert {(found.values["bytes"], found.certain) for found in of(derivation, "component")} == {
        (5, False),
        (9, False),
    }


def test_a_share_of_one_component_and_a_share_of_everything() -> None:
    rules = """
[[rule]]
match = [{ fact = "component", as = "w", is = { role = "weights" } }]
conclude = { fact = "component", card = "w.card", role = "'fragmentation'", bytes = "ceil(w.bytes / 100)" }
[[rule]]
conclude = { fact = "reserve", id = "'safety'", share = 0.02 }
[[rule]]
sum.base = { of = "c.bytes", fact = "component", as = "c" }
sum.share = { of = "r.share", fact = "reserve", as = "r" }
conclude = { fact = "total", bytes = "base * (1 + share)" }
"""
    derivation = derive(rules, component("weights", 1000), component("cache", 1000))
    assert values(derivation, "total", "bytes") == [pytest.approx(2050.2)]


def test_rules_that_contradict_each_other_are_both_named() -> None:
    rules = "".join(f'[[rule]]\nconclude = {{ fact = "total", bytes = {n} }}\n' for n in (1, 2, 3, 1))
    assert refused(rules) == ["conflict: t.r0 and t.r1 and t.r2 and t.r3 write different values for total"]


def test_a_rule_may_not_contradict_a_file() -> None:
    rules = '[[rule]]\nconclude = { fact = "component", card = 0, role = "\'weights\'", bytes = 1 }\n'
    assert refused(rules, component("weights", 2)) == [
        "conflict: t.r0 and a file write different values for component[0, weights]"
    ]
    assert values(derive(rules, component("weights", 1)), "component", "bytes") == [1]


def test_facts_given_twice_must_agree() -> None:
    rules = '[[rule]]\nconclude = { fact = "total", bytes = 1 }\n'
    assert refused(rules, gpu("a", price=1), gpu("a", price=2)) == [
        "conflict: gpu[a] is given twice, with different values"
    ]


def test_what_is_unknown_contradicts_nothing() -> None:
    rules = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
conclude = { fact = "component", card = 0, role = "'weights'", bytes = "g.memory" }
[[rule]]
match = [{ fact = "component", as = "c" }]
sum = { whole = { of = "d.bytes", fact = "component", as = "d" } }
conclude = { fact = "total", bytes = "whole" }
"""
    for facts in ([gpu("a", memory=5), gpu("b")], [gpu("a"), gpu("b", memory=5)]):
        derivation = derive(rules, *facts)
        assert values(derivation, "component", "bytes") == values(derivation, "total", "bytes") == [5]


def test_a_fact_whose_key_is_unknown_may_be_another() -> None:
    rules = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
conclude = { fact = "count", n = "g.price" }
[[rule]]
count = { n = { fact = "count" } }
conclude = { fact = "total", bytes = "n" }
"""
    assert values(derive(rules, gpu("a", price=1), gpu("b", price=1)), "total", "bytes") == [1]
    (number,) = values(derive(rules, gpu("a", price=1), gpu("b")), "total", "bytes")
    assert number == Unknown(1, frozenset({Cause("gpu[b]", "price")}))


def test_a_fact_with_an_unknown_join_still_matches_what_does_not_join_on_it() -> None:
    rules = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
conclude = { fact = "count", n = "g.price" }
[[rule]]
match = [{ fact = "count" }]
conclude = { fact = "found", id = "'any'" }
[[rule]]
match = [{ fact = "count", as = "c", is = { n = 3 } }]
conclude = { fact = "found", id = "'three'" }
"""
    derivation = derive(rules, gpu("a"))
    assert {(found.values["id"], found.certain) for found in of(derivation, "found")} == {
        ("any", True),
        ("three", False),
    }


STEPS = """
[[rule]]
match = [{ fact = "count", as = "c" }]
WHERE
conclude = { fact = "count", n = "c.n + 1" }
"""


def test_a_rule_may_feed_itself() -> None:
    derivation = derive(STEPS.replace("WHERE", 'where = ["c.n < 9"]'), {"kind": "count", "n": 0})
    assert len(of(derivation, "count")) == 10


def test_what_never_ends_is_stopped_with_the_name_of_the_rule() -> None:
    assert refused(STEPS.replace("WHERE", ""), {"kind": "count", "n": 0}) == [
        "endless: t.r0 fired more than 20,000 times: it seems never to end"
    ]


def test_what_perhaps_never_ends_is_stopped_too() -> None:
    rules = (
        STEPS.replace("WHERE", "")
        + """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
where = ["g.price > 1"]
conclude = { fact = "count", n = 0 }
"""
    )
    assert refused(rules, gpu("a")) == ["endless: t.r0 fired more than 20,000 times: it seems never to end"]


EACH = """
[[rule]]
match = [{ fact = "count", as = "c" }]
each = { n = "1..c.n" }
conclude = { fact = "component", card = "n", role = "'x'", bytes = 1 }
"""


@pytest.mark.parametrize(("last", "firings"), [(0, 0), (3, 3), (4096, 4096)])
def test_each_is_one_firing_for_each_integer(last: int, firings: int) -> None:
    assert len(derive(EACH, {"kind": "count", "n": last}).firings) == firings


def test_each_is_limited() -> None:
    assert refused(EACH, {"kind": "count", "n": 4097}) == [
        "evaluation: t.r0 cannot be computed over count[4097]: the range 1..4097 has more than 4,096 values"
    ]


def test_an_unknown_range_fires_once_and_undetermined() -> None:
    rule = EACH.replace('"count", as = "c"', '"gpu", as = "c"').replace("c.n", "c.price")
    (firing,) = derive(rule, gpu("a")).firings
    assert not firing.certain and isinstance(firing.env["n"], Unknown)


def test_division_by_zero_names_rule_and_facts_and_all_of_them() -> None:
    rule = """
[[rule]]
match = [{ fact = "gpu", as = "g" }, { fact = "count", as = "c" }]
conclude = { fact = "total", bytes = "c.n / g.price" }
"""
    facts = (gpu("a", price=0), gpu("b", price=0), {"kind": "count", "n": 3})
    for name, text in zip("ab", refused(rule, *facts), strict=True):
        assert text.startswith(
            f"evaluation: t.r0 cannot be computed over gpu[{name}], count[3]: division by zero"
        )


def test_near_misses_say_why_and_come_nearest_first() -> None:
    rule = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
where = [{ test = "g.price < 10", say = "{g.id} costs {g.price}" }, "g.memory > 50"]
conclude = { fact = "found", id = "g.id" }
"""
    derivation = derive(
        rule, gpu("a", price=20, memory=60), gpu("b", price=5, memory=40), gpu("c", price=1, memory=60)
    )
    nearest = sorted(derivation.misses, key=lambda miss: miss.sort_key)
    assert [(miss.passed, miss.text) for miss in nearest] == [
        (1, "40 > 50 is false: short by 10"),
        (0, "a costs 20"),
    ]


def test_an_optional_field_that_is_a_copy_stays_absent() -> None:
    rule = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
conclude = { fact = "found", id = "g.id", value = "VALUE" }
"""
    (copied,) = of(derive(rule.replace("VALUE", "g.price"), gpu("a")), "found")
    assert "value" not in copied.values and copied.certain
    (computed,) = of(derive(rule.replace("VALUE", "g.price + 1"), gpu("a")), "found")
    assert isinstance(computed.values["value"], Unknown) and computed.certain


def test_has_and_default_make_absence_explicit() -> None:
    rule = """
[[rule]]
match = [{ fact = "gpu", as = "g" }]
where = ["not has(g.memory)"]
conclude = { fact = "found", id = "g.id", value = "default(g.price, 4)" }
"""
    derivation = derive(rule, gpu("a"), gpu("b", memory=1))
    assert values(derivation, "found", "value") == [4] and derivation.firings[0].determined


def test_a_rule_without_match_fires_once() -> None:
    assert (
        len(derive('[[rule]]\nconclude = { fact = "total", bytes = 1 }\n', gpu("a"), gpu("b")).firings) == 1
    )

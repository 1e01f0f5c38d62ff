"""The order of rules follows from what they read and write; a cycle is refused, and printed."""

from __future__ import annotations

from itertools import permutations

import pytest

from advisor.documents import parse
from advisor.errors import Problem, RulesError
from advisor.rules.load import read_rules
from advisor.rules.model import Rule
from advisor.rules.strata import strata

from .test_bind import kinds


def rules(*bodies: str) -> list[Rule]:
    texts = [f'[[rule]]\nid = "t.r{number}"\nsummary = "…"\n{body}\n' for number, body in enumerate(bodies)]
    found, problems = read_rules(parse("schema = 1\n" + "".join(texts), "t.toml"), kinds())
    assert not problems, [str(problem) for problem in problems]
    return found


def layers(*bodies: str) -> list[list[str]]:
    return [[rule.id for rule in layer] for layer in strata(rules(*bodies))]


def cycle(*bodies: str) -> Problem:
    """The same problem, whatever the order of the rules."""
    problems = set()
    for order in permutations(rules(*bodies)):
        with pytest.raises(RulesError) as caught:
            strata(order)
        problems.update(caught.value.problems)
    (problem,) = problems
    return problem


def writes(card: object, kind: str = "need", more: str = "") -> str:
    value = f'"{card}"' if isinstance(card, str) else card
    fields = f'card = {value}, bytes = "GiB"' if kind == "need" else f'id = "{card}"'
    return f'conclude = {{ fact = "{kind}", {fields}{more} }}'


GPU = writes("'a'", "gpu")
LOOKS = {
    "unless": 'unless = [{ fact = "need" }]',
    "sum": 'sum = { total = { of = "n.bytes", fact = "need", as = "n" } }',
    "min": 'min = { least = { of = "n.bytes", fact = "need", as = "n" } }',
    "max": 'max = { most = { of = "n.bytes", fact = "need", as = "n" } }',
    "count": 'count = { number = { fact = "need" } }',
    "collect": 'collect = { all = { of = "n.bytes", fact = "need", as = "n" } }',
    "best": 'best = { n = { minimize = "n.bytes", fact = "need" } }',
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_what_needs_all_of_a_kind_comes_after_its_writers(look: str) -> None:
    assert layers(f"{look}\n{GPU}", writes(1)) == [["t.r1"], ["t.r0"]]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_cycle_is_refused_with_its_path(look: str) -> None:
    problem = cycle(f"{look}\n{GPU}", f'match = [{{ fact = "gpu" }}]\n{writes(1)}')
    assert problem.code == "cycle" and (problem.file, problem.line) == ("t.toml", 2)
    assert problem.text == "t.r0 waits for all of need, which depends on its own result: t.r0 → t.r1 → t.r0"
    assert problem.hint


def test_a_rule_cannot_wait_for_itself() -> None:
    problem = cycle(f"{LOOKS['sum']}\n{writes(1)}")
    assert problem.text.endswith("t.r0 → t.r0")


def test_a_cycle_through_a_default() -> None:
    default = f'match = [{{ fact = "gpu" }}]\n{writes(1, more=", default = true")}'
    problem = cycle(
        default,
        f'match = [{{ fact = "need" }}]\n{GPU}',
        writes("1 + 0"),
        f'match = [{{ fact = "gpu" }}]\n{writes(1)}',
    )
    assert (
        problem.code == "cycle"
        and "need[card=1]" in problem.text
        and "t.r0 → t.r1 → t.r3 → t.r0" in problem.text
    )


def test_matching_alone_makes_no_cycle() -> None:
    assert layers(f'match = [{{ fact = "need" }}]\n{GPU}', f'match = [{{ fact = "gpu" }}]\n{writes(1)}') == [
        ["t.r0", "t.r1"]
    ]


def test_constants_keep_writers_apart() -> None:
    one = 'sum = { total = { of = "n.bytes", fact = "need", as = "n", is = { card = 1 } } }'
    assert layers(f"{one}\n{writes(2)}", writes(1)) == [["t.r1"], ["t.r0"]]
    assert cycle(f"{one}\n{writes(1)}").text.startswith("t.r0 waits for all of need[card=1]")


def test_what_is_computed_may_be_any_constant() -> None:
    one = 'sum = { total = { of = "n.bytes", fact = "need", as = "n", is = { card = 1 } } }'
    computed = 'match = [{ fact = "gpu" }]\nlet = { k = "1" }\n' + writes("k")
    assert layers(f"{one}\n{writes(2)}", computed) == [["t.r1"], ["t.r0"]]


def test_a_default_waits_for_every_writer_of_its_key_whatever_else_they_write() -> None:
    default = 'conclude = { fact = "need", card = 1, bytes = "2 * GiB", default = true }'
    assert layers(default, writes(1), writes(2)) == [["t.r1", "t.r2"], ["t.r0"]]


def test_two_defaults_do_not_wait_for_each_other() -> None:
    assert layers(writes(1, more=", default = true"), writes(1, more=", default = true")) == [
        ["t.r0", "t.r1"]
    ]


def test_readers_of_a_default_come_after_it() -> None:
    reader = f'match = [{{ fact = "need" }}]\n{GPU}'
    looker = f"{LOOKS['count']}\n{writes(repr('b'), 'gpu')}"
    assert layers(writes(1, more=", default = true"), reader, looker, writes(1)) == [
        ["t.r3"],
        ["t.r0"],
        ["t.r1", "t.r2"],
    ]

"""One suite for every engine: what it finds is what the naive engine finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from advisor.engines import ENGINES
from advisor.engines.network import Engine, Match, Pattern, Rule, Session
from advisor.errors import EngineError
from tests.engines.naive import Fact, NaiveEngine
from tests.engines.random_programs import Rounds, crowded, fact_rounds, rule_lists


def usable() -> Iterator[Engine]:
    """Every engine that can be made here. Only durable-rules may be missing, on Python 3.13 and later."""
    for name, make in ENGINES.items():
        try:
            yield make()
        except EngineError:
            if name != "durable":
                raise


@pytest.fixture(params=list(usable()), ids=lambda engine: engine.name, scope="module")
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


def fill(session: Session, facts: Sequence[Fact]) -> list[Match]:
    for fact in facts:
        session.add(*fact)
    return sorted(session.matches())


def found(engine: Engine, rules: Sequence[Rule], facts: Sequence[Fact]) -> list[Match]:
    return fill(engine.compile(rules).session(), facts)


def agree(engine: Engine, rules: Sequence[Rule], *rounds: Sequence[Fact]) -> None:
    ours, judge = engine.compile(rules).session(), NaiveEngine().compile(rules).session()
    for facts in rounds:
        assert Counter(fill(ours, facts)) == Counter(fill(judge, facts))


def on(kind: int, *joins: tuple[int, int, int]) -> Pattern:
    return Pattern(kind, joins=joins)


def test_constants_select_facts(engine: Engine) -> None:
    rules = [(Pattern(0, ((0, 5), (1, 6))),)]
    assert found(engine, rules, [(1, 0, (5, 6)), (2, 0, (5, 7)), (3, 0, (6, 5))]) == [(0, (1,))]


def test_constants_that_contradict_each_other_select_nothing(engine: Engine) -> None:
    assert found(engine, [(Pattern(0, ((0, 5), (0, 6))),)], [(1, 0, (5,)), (2, 0, (6,))]) == []


def test_constants_and_joins_said_twice(engine: Engine) -> None:
    rules = [(on(0), Pattern(1, ((0, 5), (0, 5)), ((0, 0, 0), (0, 0, 0))))]
    assert found(engine, rules, [(1, 0, (5,)), (2, 1, (5,))]) == [(0, (1, 2))]


def test_a_pattern_without_conditions_combines_with_everything(engine: Engine) -> None:
    assert len(found(engine, [(on(0), on(1))], [(n, n % 2, ()) for n in range(10)])) == 25


def test_join_on_several_fields(engine: Engine) -> None:
    agree(engine, [(on(0), on(1, (0, 0, 1), (1, 0, 0)))], [(n, n % 2, (n % 3, n % 5)) for n in range(40)])


def test_join_of_one_field_with_two_patterns(engine: Engine) -> None:
    agree(engine, [(on(0), on(1), on(2, (0, 0, 0), (0, 1, 0)))], [(n, n % 3, (n % 4,)) for n in range(30)])


def test_chain_of_joins(engine: Engine) -> None:
    rules = [(on(0), on(1, (0, 0, 1)), on(2, (0, 1, 1)), on(3, (0, 2, 1), (1, 0, 0)))]
    agree(engine, rules, [(n, n % 4, (n % 3, n // 4 % 3)) for n in range(48)])


def test_one_fact_matches_several_patterns_of_a_rule(engine: Engine) -> None:
    triples = found(engine, [(on(0), on(0, (0, 0, 0)), on(0, (0, 1, 0)))], [(n, 0, (7,)) for n in range(3)])
    assert triples == [(0, (a, b, c)) for a in range(3) for b in range(3) for c in range(3)]


def test_a_fact_joins_with_itself_across_fields(engine: Engine) -> None:
    rules = [(on(0), on(0, (1, 0, 0)))]
    assert found(engine, rules, [(1, 0, (4, 4)), (2, 0, (4, 3))]) == [(0, (1, 1)), (0, (2, 1))]


def test_two_fields_of_a_pattern_equal_by_a_third_and_one_of_them_constant(engine: Engine) -> None:
    # The combination of which CLIPS forgets one half when it is written as it is said here.
    rules = [(on(0), Pattern(1, ((1, 7),), ((0, 0, 0), (1, 0, 0))))]
    facts = [(1, 0, (3,)), (2, 0, (7,)), *[(3 + n, 1, (n % 2 * 4 + 3, n // 2 * 4 + 3)) for n in range(4)]]
    assert found(engine, rules, facts) == [(0, (2, 6))]


def test_constants_that_contradict_each_other_through_joins(engine: Engine) -> None:
    rules = [(Pattern(0, ((0, 5),)), on(1, (0, 0, 0)), Pattern(2, ((0, 6),), ((0, 1, 0),))), (on(0),)]
    agree(engine, rules, [(n, n % 3, (n % 2 + 5,)) for n in range(12)])


def test_sixteen_patterns(engine: Engine) -> None:
    rule = tuple(on(kind, *([(0, kind - 1, 0)] if kind else [])) for kind in range(16))
    facts = [(n, n % 16, (n // 16 % 2,)) for n in range(48)]
    assert len(found(engine, [rule], facts)) == 2**16 + 1


def test_equal_facts_are_different_facts(engine: Engine) -> None:
    assert found(engine, [(on(0),)], [(n, 0, (1, 2)) for n in range(5)]) == [(0, (n,)) for n in range(5)]


def test_large_and_negative_values(engine: Engine) -> None:
    values = [0, -1, 2**31, 2**31 + 1, 2**53, 2**53 + 1, 2**62, -(2**62)]
    facts = [(n, n % 2, (values[n // 2],)) for n in range(16)]
    agree(engine, [(on(0), on(1, (0, 0, 0))), (Pattern(0, ((0, 2**53 + 1),)),)], facts)


def test_facts_in_rounds_bring_only_new_matches(engine: Engine) -> None:
    rules = [(on(0), on(1, (0, 0, 0))), (on(1),)]
    session = engine.compile(rules).session()
    assert fill(session, [(1, 0, (5,)), (2, 1, (5,))]) == [(0, (1, 2)), (1, (2,))]
    assert fill(session, []) == []
    assert fill(session, [(3, 1, (5,))]) == [(0, (1, 3)), (1, (3,))]
    assert fill(session, [(4, 0, (5,)), (5, 0, (6,))]) == [(0, (4, 2)), (0, (4, 3))]


def test_a_rule_without_patterns_matches_once_in_a_session(engine: Engine) -> None:
    network = engine.compile([(), (on(0),), ()])
    for _ in range(2):
        session = network.session()
        assert fill(session, [(1, 0, ())]) == [(0, ()), (1, (1,)), (2, ())]
        assert fill(session, [(2, 0, ())]) == [(1, (2,))]


def test_no_rules(engine: Engine) -> None:
    assert found(engine, [], [(1, 0, (1,))]) == []


def test_kinds_and_fields_that_no_rule_reads(engine: Engine) -> None:
    facts = [(n, n % 3, tuple(range(n, n + 300))) for n in range(30)]
    assert found(engine, [(Pattern(1, ((250, 251),)),)], facts) == [(0, (1,))]


def test_more_rules_than_fit_together(engine: Engine) -> None:
    rules = [(Pattern(n % 7, ((0, n % 5),)), on(n % 3, (1, 0, 1))) for n in range(130)]
    agree(engine, rules, [(n, n % 7, (n % 5, n % 4)) for n in range(60)])


def test_many_rules_on_one_kind(engine: Engine) -> None:
    rules = [(Pattern(0, ((0, n), (1, n))), *[on(0, (0, 0, 0))] * 8) for n in range(90)]
    assert len(found(engine, rules, [(n, 0, (n, n)) for n in range(90)])) == 90


def test_rules_with_many_kinds(engine: Engine) -> None:
    rules = [tuple(on(16 * n + p) for p in range(16)) for n in range(60)]
    assert len(found(engine, rules, [(n, n, ()) for n in range(960)])) == 60


def test_many_sessions_one_after_another(engine: Engine) -> None:
    network = engine.compile([(on(0), on(1, (0, 0, 0)))])
    for n in range(900):
        assert fill(network.session(), [(1, 0, (n,)), (2, 1, (n,)), (3, 1, (n + 1,))]) == [(0, (1, 2))]


def test_sessions_side_by_side_do_not_meet(engine: Engine) -> None:
    network = engine.compile([(on(0), on(1, (0, 0, 0)))])
    one, two = network.session(), network.session()
    assert fill(one, [(1, 0, (5,))]) == fill(two, [(2, 1, (5,))]) == []
    three = network.session()
    assert fill(one, [(3, 1, (5,))]) == [(0, (1, 3))]
    assert fill(three, [(4, 1, (5,))]) == []
    assert fill(two, [(5, 0, (5,))]) == [(0, (5, 2))]


def test_a_session_left_with_matches_untold_leaves_nothing_behind(engine: Engine) -> None:
    network = engine.compile([(on(0),)])
    session = network.session()
    session.add(1, 0, ())
    del session
    assert fill(network.session(), [(2, 0, ())]) == [(0, (2,))]


def test_two_networks_do_not_meet(engine: Engine) -> None:
    one, two = engine.compile([(on(0),)]).session(), engine.compile([(), (on(0),)]).session()
    assert (fill(one, [(1, 0, ())]), fill(two, [(1, 0, ())])) == ([(0, (1,))], [(0, ()), (1, (1,))])


def test_many_facts(engine: Engine) -> None:
    many = 5_000 if engine.name == "durable" else 20_000
    facts = [(n, 0, (n % 7, n)) for n in range(many)]
    rules = [(Pattern(0, ((0, 3),)),), (on(0), on(0, (1, 0, 1)))]
    assert len(found(engine, rules, facts)) == len(range(3, many, 7)) + many


def test_a_join_with_a_pattern_that_is_not_earlier_is_an_error(engine: Engine) -> None:
    for rule in [(on(0, (0, 0, 0)),), (on(0), on(1, (0, 2, 0))), (on(0), on(1, (0, -1, 0)))]:
        with pytest.raises(EngineError, match="not an earlier one"):
            engine.compile([(), rule])


def numbered(rounds: Rounds) -> Iterator[list[Fact]]:
    numbers = count()
    for facts in rounds:
        yield [(next(numbers), kind, values) for kind, values in facts]


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rule_lists, fact_rounds)
def test_random_programs(engine: Engine, rules: list[Rule], rounds: Rounds) -> None:
    agree(engine, rules, *numbered(rounds))


@pytest.mark.parametrize("seed", range(60))
def test_random_crowded_programs(engine: Engine, seed: int) -> None:
    random = Random(seed)
    rules, some_rounds = crowded(random)
    network, judge = engine.compile(rules), NaiveEngine().compile(rules)
    for rounds in some_rounds:
        ours, theirs = network.session(), judge.session()
        for facts in numbered(rounds):
            assert Counter(fill(ours, facts)) == Counter(fill(theirs, facts))

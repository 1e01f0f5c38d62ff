"""Why a rule did not fire: one of four cases, and what is ticked is true and what is crossed is false."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from jsonschema import Draft202012Validator

from advisor.audit.why_not.cases import explained, nearest_first, seen_in
from advisor.audit.why_not.inquiry import why_not
from advisor.audit.why_not.premises import Seen, held_at, premises_of, steps_of
from advisor.audit.why_not.schema import why_not_schema
from advisor.documents import Document
from advisor.engines import ENGINES
from advisor.errors import EngineError, ReasoningError, RulesError
from advisor.expressions import EvaluationError, Unknown, compile_expression, parse
from advisor.facts.values import Fact
from advisor.installation import installation
from advisor.question import Question
from advisor.reasoning.apply import apply
from advisor.reasoning.budget import Budget, Prices
from advisor.reasoning.outcome import Firing, Miss
from advisor.reasoning.reasoner import Reasoner
from advisor.rules import model
from advisor.rules.model import Definition, Pattern, Rule
from advisor.rules.rulebook import Rulebook
from advisor.rules.strata import strata
from tests.commandline import EXAMPLES
from tests.engines.naive import NaiveEngine
from tests.reasoning import reference
from tests.reasoning.random_programs import KINDS, Program, programs

Table = dict[str, Any]
OURS = settings(max_examples=120, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
EMPTY = Question(Document("question.toml", {}, ""), {}, {})


def engines() -> dict[str, Any]:
    found: dict[str, Any] = {"naive": NaiveEngine()}
    for name, make in ENGINES.items():
        try:
            found[name] = make()
        except EngineError:
            assert name == "durable"  # it does not install on every Python
    return found


USABLE = engines()


def derived(program: Program, engine: str = "naive") -> Seen:
    """A program derived; one that does not load, or contradicts itself, is not of interest here."""
    try:
        book = Rulebook(tuple(map(tuple, strata(program.bound()))), {})
        derivation = Reasoner(book, KINDS, USABLE[engine]).derive(program.given())
    except (RulesError, ReasoningError):
        assume(False)
    return Seen(EMPTY, derivation, book, KINDS)


# ------------------------------------------------------------------ judged without the code under test


def expected_case(outcomes: Sequence[reference.Outcome]) -> str:
    if any(each.failed is None and not each.doubts for each in outcomes):
        return "fired"
    if any(each.failed is None for each in outcomes):
        return "undetermined"
    return "blocked" if outcomes else "no-match"


def holds(text: str, env: Any) -> Any:
    """A condition as the rule has it, read anew."""
    try:
        return compile_expression(parse(text))(env)
    except EvaluationError:
        return Unknown()


def matching(pattern: Pattern, env: Any, facts: Sequence[Fact]) -> list[Any]:
    """For each fact of the kind that may match a pattern: True, or an Unknown."""
    found = []
    for fact in facts:
        if fact.kind == pattern.kind:
            verdicts = [reference._agrees(fact, pattern, env)]
            verdicts.append(True if fact.certain else Unknown(None, fact.causes))
            for test in pattern.where:
                if reference._and(verdicts) is not False:
                    verdicts.append(holds(test.formula.source, {**env, pattern.alias: fact}))
            found.append(reference._and(verdicts) if not _vague(verdicts) else Unknown())
    return [verdict for verdict in found if verdict is not False]


def _vague(verdicts: Sequence[Any]) -> bool:
    """Unknown without a cause: what could not be computed; a definite false wins all the same."""
    return not any(v is False for v in verdicts) and any(isinstance(v, Unknown) for v in verdicts)


def judge(seen: Seen, each: Firing | Miss, rows: Sequence[Table], facts: Sequence[Fact]) -> None:
    """Every tick, cross and question mark of one application is right."""
    steps = steps_of(each.rule)
    assert len(rows) == len(steps)
    states = [row["state"] for row in rows]
    crossed = [at for at, state in enumerate(states) if state == "false"]
    assert len(crossed) == isinstance(each, Miss)
    last = crossed[0] if crossed else len(rows)
    assert all((state == "not-reached") == (at > last) for at, state in enumerate(states))
    for at, (step, row) in enumerate(zip(steps, rows, strict=True)):
        if row["state"] != "not-reached":
            judge_row(each, at, step, row, facts)


def judge_row(each: Firing | Miss, at: int, step: Any, row: Table, facts: Sequence[Fact]) -> None:
    state, env = row["state"], each.env
    if isinstance(step, model.Test):
        verdict = holds(row["rule_says"], env)
        assert state == ("unknown" if isinstance(verdict, Unknown) else str(verdict).lower())
    elif isinstance(step, Pattern) and at < len(each.rule.match):
        fact = each.premises[at]
        sure = fact.certain and reference._agrees(fact, step, env) is True
        assert state == ("true" if sure else "unknown")
        assert row["facts"][0]["fact"] == fact.label
    elif isinstance(step, Pattern):
        found = matching(step, env, facts)
        against = any(verdict is True for verdict in found)
        assert state == ("false" if against else "unknown" if found else "true")
    elif isinstance(step, Definition):
        value = env.get(step.name)
        vague = isinstance(value, Unknown) or (isinstance(value, Fact) and not value.certain)
        assert state == ("false" if step.name not in env else "unknown" if vague else "true")
        if state == "false" and not each.rule.propose:
            assert not matching(step.pattern, env, facts)
    elif state == "false":  # a default
        names = {fact.label for fact in facts if fact.kind == step.kind and fact.certain and not fact.default}
        assert row["facts"][0]["fact"] in names
        assert isinstance(each, Miss)
        assert row["facts"][0]["fact"] in each.blocked


def reached(rule: Rule, facts: Sequence[Fact]) -> int:
    """By trying all combinations: how many patterns, from the first on, some facts may satisfy together."""
    for length in range(len(rule.match), 0, -1):
        patterns = rule.match[:length]
        for chosen in product(*([fact for fact in facts if fact.kind == p.kind] for p in patterns)):
            env = {p.alias: fact for p, fact in zip(patterns, chosen, strict=True)}
            if all(reference._agrees(f, p, env) is not False for p, f in zip(patterns, chosen, strict=True)):
                return length
    return 0


def judge_no_match(rule: Rule, told: Table, facts: Sequence[Fact]) -> None:
    rows = told["attempts"][0]["premises"]
    assert len(rows) == len(steps_of(rule))
    ticked = [row for row in rows if row["state"] in ("true", "unknown")]
    assert len(ticked) == reached(rule, facts)
    crossed = rows[len(ticked)]
    assert crossed["state"] == "false"
    assert all(row["state"] == "not-reached" for row in rows[len(ticked) + 1 :])
    if len(ticked) == len(rule.match):
        assert crossed["premise"] == "range"
        return
    there = [fact for fact in facts if fact.kind == rule.match[len(ticked)].kind]
    assert bool(crossed["nearest"]) == bool(there)
    for near in crossed["nearest"]:
        assert near["fact"] in {fact.label for fact in there}
        assert near["disagrees"]
        assert all(one["has"] != one["needs"] for one in near["disagrees"])


def live(seen: Seen) -> list[Fact]:
    return reference._live(list(seen.derivation.store))


# ------------------------------------------------------------------ random programs


@OURS
@given(programs())
def test_every_rule_is_in_the_case_that_the_reference_says(program: Program) -> None:
    seen = derived(program)
    _, outcomes = reference.derive(seen.rulebook.of_questions, KINDS, program.given())
    facts = live(seen)
    for rule in seen.rulebook.of_questions:
        told = explained(seen, rule)
        assert told["case"] == expected_case([each for each in outcomes if each.rule is rule])
        if told["case"] == "no-match":
            judge_no_match(rule, told, facts)


@OURS
@given(programs())
def test_what_is_ticked_is_true_and_what_is_crossed_is_false(program: Program) -> None:
    seen = derived(program)
    facts = live(seen)
    doubtful = [each for each in seen.derivation.firings if not each.certain]
    for each in (*seen.derivation.misses[:40], *doubtful[:20]):
        judge(seen, each, premises_of(seen, each), facts)


@settings(OURS, max_examples=40)
@given(programs())
def test_every_engine_tells_the_same(program: Program) -> None:
    seen = derived(program)
    for name in USABLE:
        other = derived(program, name)
        for rule in seen.rulebook.of_questions:
            mine, theirs = (
                next(each for each in side.rulebook.of_questions if each.id == rule.id)
                for side in (seen, other)
            )
            assert explained(seen, mine) == explained(other, theirs)


@OURS
@given(programs(blanks=False))
def test_making_what_is_crossed_true_moves_the_failure_on(program: Program) -> None:
    """A premise fact says another number: once the condition holds, another one fails, or the rule fires."""
    seen = derived(program)
    for miss in seen.derivation.misses[:10]:
        if miss.test is not None:
            at = held_at(seen, miss)
            for changed in _changed(miss):
                _moves_on(seen, miss, at, changed)


def _changed(miss: Miss) -> Iterator[tuple[Fact, ...]]:
    """The premises, with one number that the condition reads another one."""
    aliases = [pattern.alias for pattern in miss.rule.match]
    for alias, name in sorted(miss.test.formula.parsed.paths):
        if alias in aliases and isinstance(miss.env[alias].values.get(name), int):
            for number in range(-8, 9):
                place, old = aliases.index(alias), miss.env[alias]
                fact = Fact(old.kind, old.key, {**old.values, name: number}, old.given)
                yield (*miss.premises[:place], fact, *miss.premises[place + 1 :])


def _moves_on(seen: Seen, miss: Miss, at: int, facts: tuple[Fact, ...]) -> None:
    budget = Budget(Prices())
    budget.begin(miss.rule)
    for outcome in apply(miss.rule, facts, seen.derivation.store, KINDS, budget):
        if not isinstance(outcome, Miss):
            continue
        now = held_at(seen, outcome)
        if now >= at and holds(miss.test.formula.source, outcome.env) is True:
            assert now > at


@pytest.mark.parametrize(
    ("where", "identity", "text"),
    [(["x.rank > 0"], "x.id", "perhaps note[a, 1]: value 3"), ([], "x.rank", "perhaps note[a, ?]: value 3")],
)
def test_what_there_perhaps_is_and_what_is_perhaps_the_same_perhaps_match(where, identity, text) -> None:
    """Of the item nobody knows the rank: whether there is a note hangs on it, or which one it is."""
    written = {"fact": "note", "topic": "'a'", "id": identity, "value": "3"}
    ranked = {"match": [{"fact": "item", "as": "x"}], "where": where, "conclude": written}
    linked = {
        "match": [{"fact": "note", "as": "n", "is": {"id": 1}}, {"fact": "link", "as": "l"}],
        "conclude": {"fact": "total", "value": "l.start + n.value"},
    }
    rules = [{"id": "a.ranked", "summary": "…", **ranked}, {"id": "b.linked", "summary": "…", **linked}]
    seen = derived(Program(rules, [{"fact": "item", "id": 1, "group": 1}]))
    rows = explained(seen, seen.rulebook.of_questions[1])["attempts"][0]["premises"]
    assert [row["state"] for row in rows] == ["unknown", "false"]
    assert [row["text"] for row in rows] == [text, "there is no link"]


# ------------------------------------------------------------------ the rules that ship


@cache
def answered(name: str, engine: str = "clips") -> Seen:
    made = installation()
    source = str(EXAMPLES / f"{name}.toml")
    return seen_in(made.ask(source, engine, [], remedies=False), made.rulebook)


@pytest.mark.parametrize("name", ["mixtral-8x22b-a100", "cpu-only", "two-rtx-3090"])
def test_the_shipped_rules_are_judged_alike(name: str) -> None:
    seen, random = answered(name), Random(name)
    facts = live(seen)
    fired = {each.rule.id for each in seen.derivation.firings if each.certain}
    tried = {each.rule.id for each in (*seen.derivation.firings, *seen.derivation.misses)}
    cases = {rule.id: explained(seen, rule)["case"] for rule in seen.rulebook.of_questions}
    assert {rule for rule, case in cases.items() if case == "fired"} == fired
    assert {rule for rule, case in cases.items() if case == "no-match"} == set(cases) - tried
    assert set(cases.values()) == {"fired", "blocked", "no-match"}
    misses = [min(each, key=lambda miss: miss.sort_key) for each in seen.misses.values()]
    for miss in random.sample(misses, 30):
        judge(seen, miss, premises_of(seen, miss), facts)


def test_the_nearest_comes_first() -> None:
    """Farther in the rule first, then short of less."""
    seen = answered("mixtral-8x22b-a100")
    for misses in seen.misses.values():
        places = [held_at(seen, miss) for miss in nearest_first(seen, misses)]
        assert places == sorted(places, reverse=True)
        shares = [
            share
            for miss, at in zip(nearest_first(seen, misses), places, strict=True)
            if at == places[0] and (share := _share(miss)) is not None
        ]
        assert shares == sorted(shares)
    rule = next(each for each in seen.rulebook.of_questions if each.id == "other-models.candidate")
    told = explained(seen, rule)
    assert told["more"] == len(seen.misses[rule.id]) - len(told["attempts"])


def _share(miss: Miss) -> Fraction | None:
    """Of a comparison of two known numbers: how far they are apart, as a share of the larger."""
    sides = re.fullmatch(r"([\w.]+) [<>]=? ([\w.]+)", miss.test.formula.source) if miss.test else None
    values = [holds(side, miss.env) for side in sides.groups()] if sides else []
    if not values or any(isinstance(value, Unknown) for value in values):
        return None
    return Fraction(abs(values[0] - values[1])) / (max(map(abs, values)) or 1)


@pytest.mark.skipif("durable" not in USABLE, reason="durable-rules does not install here")
def test_both_engines_tell_the_same_of_the_shipped_rules() -> None:
    seen, other = answered("two-rtx-3090"), answered("two-rtx-3090", "durable")
    for rule in seen.rulebook.of_questions:
        assert json.dumps(explained(seen, rule)) == json.dumps(explained(other, rule))


def asked(words: str, source: Table, **rest: Any) -> Table:
    made = installation()
    answer = made.ask(source, "clips", [], remedies=False)

    def variant(values: Any) -> Any:
        return made.again(answer.question, values, "clips")

    found = why_not(
        [words], made.rulebook, lambda wanted: made.ask(source, "clips", []) if wanted else answer, variant
    )
    Draft202012Validator(why_not_schema()).validate(found)
    return found


BIG = {
    "hardware": {"gpu": "a100-sxm4-80"},
    "model": {"id": "mixtral-8x22b"},
    "deployment": {"runtime": "vllm", "weights": "int8", "context": 65536},
}
SMALL = {
    "hardware": {"gpu": "rtx-4090"},
    "model": {"id": "qwen2.5-7b"},
    "deployment": {"runtime": "vllm", "context": 8192},
}
MYSTERY = {
    "hardware": {"gpu": {"name": "Mystery", "vendor": "NVIDIA", "memory_gb": 24}, "count": 1},
    "model": {"id": "qwen2.5-7b"},
}


def states(rule: Table) -> list[str]:
    return [row["state"] for row in rule["attempts"][0]["premises"]]


def test_it_fired() -> None:
    (rule,) = asked("insufficient-vram", BIG)["rules"]
    assert (rule["rule"], rule["case"], rule["fired"]) == ("memory.insufficient-vram", "fired", 1)
    assert "short by" in rule["sentences"][0]
    assert "advisor why" in rule["text"]


def test_it_was_blocked_and_by_how_much() -> None:
    (rule,) = asked("memory.insufficient-vram", SMALL)["rules"]
    assert rule["case"] == "blocked"
    crossed = next(row for row in rule["attempts"][0]["premises"] if row["state"] == "false")
    memory = next(row for row in rule["attempts"][0]["premises"] if "required" in str(row["facts"]))
    required, usable = (memory["facts"][0]["values"][name] for name in ("required", "usable"))
    assert f"{required} > {usable} is false: short by " in crossed["text"]
    larger = {**SMALL, "deployment": {**SMALL["deployment"], "context": 131072, "concurrency": 16}}
    assert asked("memory.insufficient-vram", larger)["rules"][0]["case"] == "fired"


def test_no_fact_matches_and_which_rules_would_make_one() -> None:
    found = asked("remedies.for-memory", SMALL)
    (rule,) = found["rules"]
    assert rule["case"] == "no-match"
    crossed = next(row for row in rule["attempts"][0]["premises"] if row["state"] == "false")
    assert crossed["nearest"][0]["disagrees"] == [
        {"field": "status", "has": "fits", "needs": "does-not-fit", "by": "the rule"}
    ]
    told = {maker["rule"]: maker for maker in rule["makers"]}
    assert told["verdict.does-not-fit"]["case"] == "blocked"
    assert told["verdict.does-not-fit"]["text"].endswith("is false: they are equal")
    assert "verdict.cannot-run" not in told  # it writes another status


def test_it_cannot_be_told_and_which_figure_is_missing() -> None:
    (rule,) = asked("speed.decode-limit", MYSTERY)["rules"]
    assert rule["case"] == "undetermined"
    assert "does not say bandwidth_gb_s" in rule["text"]
    assert [each["field"] for each in rule["missing"]] == ["bandwidth_gb_s"]
    assert rule["missing"][0]["places"] == ["bandwidth_gb_s where the question describes it"]
    assert "unknown" in states(rule)
    assert "false" not in states(rule)
    known = {**MYSTERY, "hardware": {"gpu": {**MYSTERY["hardware"]["gpu"], "bandwidth_gb_s": 900}}}
    assert asked("speed.decode-limit", known)["rules"][0]["case"] == "fired"

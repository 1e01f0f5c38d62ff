"""The tests that stand beside a rule: the rule alone, over the facts they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from advisor.documents import Document
from advisor.engines.network import Engine
from advisor.errors import AdvisorError
from advisor.expressions import Unknown, Value
from advisor.facts.kinds import Kind, Kinds
from advisor.facts.models import fact_from, partial_values
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.model import Example, Rule
from advisor.rules.rulebook import Rulebook


@dataclass(frozen=True)
class ExampleResult:
    """What came of one test. `wrong` is empty when it passed."""

    rule: Rule
    example: Example
    wrong: tuple[str, ...]
    fired: bool


def run_example(rule: Rule, example: Example, kinds: Kinds, engine: Engine) -> ExampleResult:
    """Derive with this rule alone and compare."""
    facts, wrong = _given(example, kinds)
    if wrong:
        return ExampleResult(rule, example, tuple(wrong), False)
    try:
        derivation = Reasoner(Rulebook(((rule,),), {}), kinds, engine).derive(facts)
    except AdvisorError as error:
        return ExampleResult(rule, example, tuple(problem.text for problem in error.problems), False)
    wrong = [
        *_missing(example, derivation, kinds),
        *_unwanted(example, derivation, kinds),
        *_unsaid(example, derivation),
    ]
    return ExampleResult(rule, example, tuple(wrong), bool(derivation.firings))


def _given(example: Example, kinds: Kinds) -> tuple[list[Fact], list[str]]:
    facts: list[Fact] = []
    wrong: list[str] = []
    document = Document("test", {}, "")
    for row in example.given:
        kind = kinds.get(row.get("fact", ""))
        if kind is None:
            wrong.append(f"there is no kind {row.get('fact')}")
            continue
        fact, problems = fact_from(kind, _completed(kind, row), document, None, nested=False)
        wrong += [problem.text for problem in problems]
        facts += [fact] if fact else []
    return facts, wrong


def _completed(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    """A test names what matters; required texts that it leaves out are filled in."""
    full = {name: value for name, value in row.items() if name != "fact"}
    for field in kind.fields.values():
        name = next(iter(field.written))
        if field.spec.required and field.spec.type == "text" and name not in full and not field.spec.choices:
            full[name] = field.name
    return full


def _missing(example: Example, derivation: Derivation, kinds: Kinds) -> Iterator[str]:
    for wanted in example.expect:
        if not any(_agrees(wanted, outcome, kinds) for outcome in _outcomes(derivation)):
            derived = "; ".join(_described(outcome) for outcome in _outcomes(derivation)) or "nothing"
            yield f"expected {_brief(wanted)}, derived {derived}"


def _unwanted(example: Example, derivation: Derivation, kinds: Kinds) -> Iterator[str]:
    for refused in example.reject:
        for outcome in _outcomes(derivation):
            if _agrees(refused, outcome, kinds):
                yield f"{_brief(refused)} must not be derived, and was: {_described(outcome)}"


def _unsaid(example: Example, derivation: Derivation) -> Iterator[str]:
    texts = [firing.text for firing in derivation.firings]
    if example.says and not any(example.says in text for text in texts):
        yield f"expected a sentence with “{example.says}”, got {texts or 'none'}"


def _outcomes(derivation: Derivation) -> list[Firing | tuple[Firing, Fact]]:
    pairs = [(firing, fact) for firing in derivation.firings for fact in firing.concluded]
    return [*derivation.firings, *pairs]


def _agrees(wanted: Mapping[str, Any], outcome: Firing | tuple[Firing, Fact], kinds: Kinds) -> bool:
    if isinstance(outcome, Firing):
        return _agrees_with_firing(wanted, outcome)
    firing, fact = outcome
    if wanted.get("fact") != fact.kind or wanted.get("unknown", False) != bool(firing.causes):
        return False
    fields = {name: value for name, value in wanted.items() if name not in ("fact", "unknown")}
    values = partial_values(kinds[fact.kind], fields)
    return all(_equal(fact.values.get(name), value) for name, value in values.items())


def _agrees_with_firing(wanted: Mapping[str, Any], firing: Firing) -> bool:
    if "fires" in wanted:
        return bool(wanted["fires"]) and wanted.get("unknown", bool(firing.causes)) == bool(firing.causes)
    if "propose" not in wanted or firing.rule.propose is None:
        return False
    return wanted["propose"] == firing.rule.propose.kind and wanted.get("unknown", False) == bool(
        firing.causes
    )


def _equal(found: Value | None, wanted: Value) -> bool:
    if isinstance(found, Unknown):
        return False
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def _brief(wanted: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_plain(value)}" for name, value in wanted.items())


def _described(outcome: Firing | tuple[Firing, Fact]) -> str:
    if isinstance(outcome, Firing):
        return f"a firing ({outcome.text})" if outcome.text else "a firing"
    firing, fact = outcome
    values = ", ".join(f"{name}={_plain(value)}" for name, value in fact.values.items())
    return f"{fact.kind} ({values}){' undetermined' if firing.causes else ''}"


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Fraction) else "unknown" if isinstance(value, Unknown) else value

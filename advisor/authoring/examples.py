"""The tests that stand beside a rule: the rule alone, over the facts they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.answer.trace import Trace
from advisor.authoring.outcomes import Mismatch, Wanted, mismatches, unsaid, wanted
from advisor.canonical import canonical
from advisor.documents import Document
from advisor.engines.network import Engine
from advisor.errors import AdvisorError
from advisor.facts.kinds import Kind, Kinds
from advisor.facts.models import fact_from
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.model import Example, Rule
from advisor.rules.rulebook import Rulebook


@dataclass(frozen=True)
class ExampleResult:
    """What came of one test. `wrong` is empty when it passed; a test that cannot be run derives nothing."""

    rule: Rule
    example: Example
    wrong: tuple[Mismatch, ...]
    derivation: Derivation | None = None

    @property
    def fired(self) -> bool:
        return bool(self.derivation and self.derivation.firings)


class ExampleRunner:
    """Runs the tests of one rule, which each engine compiles once. The first engine's word is compared."""

    def __init__(self, rule: Rule, kinds: Kinds, engines: Sequence[Engine]) -> None:
        self.rule, self.kinds, self.engines = rule, kinds, engines
        self._reasoners: list[Reasoner] = []

    def results(self) -> Iterator[ExampleResult]:
        for example in self.rule.examples:
            facts, wrong = _given(example, self.kinds)
            wants, refuses, odd = _asked(self.rule, example, self.kinds)
            if wrong or odd:
                yield ExampleResult(self.rule, example, (*wrong, *odd))
            else:
                yield self._result(example, facts, wants, refuses)

    def _result(
        self, example: Example, facts: list[Fact], wants: list[Wanted], refuses: list[Wanted]
    ) -> ExampleResult:
        derived = [self._derive(number, facts) for number in range(len(self.engines))]
        first = derived[0]
        if isinstance(first, Derivation):
            wrong = [*mismatches(wants, refuses, first, self.kinds), *unsaid(example.says, first)]
        else:
            wrong = [Mismatch("error", problem.text) for problem in first.problems]
        wrong += self._disagreements(derived)
        return ExampleResult(
            self.rule, example, tuple(wrong), first if isinstance(first, Derivation) else None
        )

    def _derive(self, number: int, facts: list[Fact]) -> Derivation | AdvisorError:
        """Compiled when the first test needs it. Facts are copied: a derivation settles what it is given."""
        try:
            if number == len(self._reasoners):
                rulebook = Rulebook(((self.rule,),), {})
                self._reasoners.append(Reasoner(rulebook, self.kinds, self.engines[number]))
            return self._reasoners[number].derive([_copy(fact) for fact in facts])
        except AdvisorError as error:
            return error

    def _disagreements(self, derived: Sequence[Derivation | AdvisorError]) -> Iterator[Mismatch]:
        """Every engine must come to the same facts, firings, near misses and errors."""
        told = [_told(each, self.kinds) for each in derived] if len(derived) > 1 else []
        for engine, other in zip(self.engines[1:], told[1:], strict=False):
            if other != told[0]:
                text = f"{self.engines[0].name} and {engine.name} derive different things"
                yield Mismatch("engines-disagree", text)


def _copy(fact: Fact) -> Fact:
    return Fact(fact.kind, fact.key, dict(fact.values), fact.given)


def _told(derived: Derivation | AdvisorError, kinds: Kinds) -> str:
    if isinstance(derived, AdvisorError):
        return str(derived)
    return canonical(Trace(derived, kinds).to_dict())


def _given(example: Example, kinds: Kinds) -> tuple[list[Fact], list[Mismatch]]:
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
    return facts, [Mismatch("given", f"given: {text}") for text in wrong]


def _completed(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    """A test names what matters; required texts that it leaves out are filled in."""
    full = {name: value for name, value in row.items() if name != "fact"}
    for field in kind.fields.values():
        name = next(iter(field.written))
        if field.spec.required and field.spec.type == "text" and name not in full and not field.spec.choices:
            full[name] = field.name
    return full


def _asked(rule: Rule, example: Example, kinds: Kinds) -> tuple[list[Wanted], list[Wanted], list[Mismatch]]:
    """What the test expects, what it rejects, and what in it could be found true of any rule, or of none."""
    rows = [wanted(row, rule, kinds) for row in (*example.expect, *example.reject)]
    odd = [Mismatch("expected", text) for _, texts in rows for text in texts]
    if not (rows or example.says):
        odd = [Mismatch("expected", "the test says nothing: write `expect`, `reject` or `says`")]
    wants = [each for each, _ in rows]
    return wants[: len(example.expect)], wants[len(example.expect) :], odd

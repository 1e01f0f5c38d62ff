"""Asking what was measured: each question once, and again at each depth of the cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from advisor.accuracy.cases import Case
from advisor.accuracy.figures import Figure, Said
from advisor.accuracy.keys import KEYS, PROMPT
from advisor.canonical import canonical
from advisor.errors import AdvisorError
from advisor.facts.library import Library
from advisor.installation import installation


class Prediction(NamedTuple):
    """What was measured of one case and what is predicted. For depths all but the rule are lists."""

    case: Case
    key: str
    measured: Any
    predicted: Any
    low: Any
    high: Any
    rule: str | None
    status: str  # answered, unknown, or error where the question was refused
    why: str | None  # what is missing, or the error


class Predictor:
    """Predicts cases with the rules and facts that ship and those of these folders."""

    def __init__(self, rules: Sequence[Path], facts: Sequence[Path], engine: str | None, library: Library):
        """`library` holds the kind `measurement`. Raises what loading rules and facts raises."""
        self.installation, self.engine = installation(rules, facts), engine
        self.left_out = {fact.key: fact.values.get("without", ()) for fact in library.of("measurement")}
        self._said: dict[str, Said | AdvisorError] = {}

    @property
    def questions(self) -> int:
        """How many different ones were asked."""
        return len(self._said)

    @property
    def engine_used(self) -> str:
        return ",".join(reasoner.engine.name for reasoner in self.installation.reasoners(self.engine))

    def predict(self, case: Case) -> Iterator[Prediction]:
        """A prediction of each quantity that was measured. A question that is refused raises nothing."""
        for name, value in case.measured.items():
            if name != PROMPT:
                depths = KEYS[name].form == "depths"
                yield self._depths(case, name) if depths else self._number(case, name, value)

    def _number(self, case: Case, key: str, measured: Any) -> Prediction:
        prompt = case.measured.get(PROMPT) if key == "prefill_tokens_per_second" else None
        found = self._figure(case, key, prompt)
        status = "answered" if isinstance(found, Figure) and found.value is not None else "unknown"
        if isinstance(found, AdvisorError):
            return Prediction(case, key, measured, None, None, None, None, "error", _words(found, case))
        value, low, high, rule, why = found
        return Prediction(case, key, measured, value, low, high, rule, status, why)

    def _depths(self, case: Case, key: str) -> Prediction:
        points = case.measured[key]
        measured = [point["tokens_per_second"] for point in points]
        found = [self._figure(case, key, point["depth"]) for point in points]
        for each in found:  # one that is not known leaves the mean unknown
            if isinstance(each, AdvisorError):
                return Prediction(case, key, measured, None, None, None, None, "error", _words(each, case))
            if each.value is None:
                return Prediction(case, key, measured, None, None, None, each.rule, "unknown", each.why)
        value, low, high, rule, _ = zip(*found, strict=True)  # type: ignore[arg-type]
        band = (list(low), list(high)) if None not in (*low, *high) else (None, None)
        return Prediction(case, key, measured, list(value), *band, rule[-1], "answered", None)

    def _figure(self, case: Case, key: str, context: int | None) -> Figure | AdvisorError:
        """What is said of it, in the case's own context or in this one."""
        question = case.question if context is None else _with_context(case.question, context)
        said = self._ask(question)
        if isinstance(said, AdvisorError):
            return said
        left_out = self.left_out.get((case.group, key), ())
        return said.total_without(left_out) if left_out else said.figures[key]

    def _ask(self, question: Mapping[str, Any]) -> Said | AdvisorError:
        name = canonical(question)
        if name not in self._said:
            try:
                self._said[name] = Said(self.installation.ask(question, self.engine, (), remedies=False))
            except AdvisorError as error:
                if error.exit_status != 2:  # a broken rule is no fault of the question
                    raise
                self._said[name] = error
        return self._said[name]


def _with_context(question: Mapping[str, Any], context: int) -> dict[str, Any]:
    deployment = question.get("deployment")
    rest = deployment if isinstance(deployment, dict) else {}
    return {**question, "deployment": {**rest, "context": context}}


def _words(error: AdvisorError, case: Case) -> str:
    said = "; ".join(". ".join(filter(None, (problem.text, problem.hint))) for problem in error.problems)
    return f"line {case.line}: {said}"

"""The parts of a rule, in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.rules.model import Conclusion, Definition, Each, Pattern, Test

Step = Pattern | Each | Definition | Test | Conclusion


def rule_says(step: Step, unless: bool = False) -> str:
    """A premise as the rule has it."""
    if isinstance(step, Test):
        return step.formula.source
    if isinstance(step, Pattern):
        return f"{'unless ' if unless else ''}{_pattern(step)}"
    if isinstance(step, Each):
        return f"{step.name} = {step.first.source}..{step.last.source}"
    if isinstance(step, Definition):
        return _defined(step)
    return f"{step.kind} that nobody else wrote"


def _defined(step: Definition) -> str:
    if step.pattern is None:
        return f"{step.name} = {step.formula.source}" if step.formula else step.name
    way = ("maximize" if step.descending else "minimize") if step.how == "best" else step.how
    of = f" of {step.formula.source}" if step.formula else ""
    return f"{step.name} = {way}{of} over {_pattern(step.pattern)}"


def _pattern(pattern: Pattern) -> str:
    asked = [*asked_of(pattern), *(test.formula.source for test in pattern.where)]
    alias = "" if pattern.alias == pattern.kind else f" as {pattern.alias}"
    return f"{pattern.kind}{alias}{' with ' if asked else ''}{', '.join(asked)}"


def asked_of(pattern: Pattern) -> Iterator[str]:
    """Its constants and joins: `unified = no`, `id = have.gpu`."""
    for name, value in pattern.equals:
        yield f"{name} = {plain_text(value)}"
    for name, other, field in pattern.on:
        yield f"{name} = {f'{other}.{field}' if field else other}"


def plain_text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)

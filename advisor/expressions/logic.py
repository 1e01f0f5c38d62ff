"""Logic with a third answer: what is not known decides nothing, and nothing hides behind it."""

from __future__ import annotations

from collections.abc import Callable

from . import bounds
from .errors import EvaluationError
from .values import Environment, Unknown, Value, causes_of

Run = Callable[[Environment], Value]


def negation(operand: Run) -> Run:
    def run(env: Environment) -> Value:
        value = _truth(operand(env))
        return value if type(value) is Unknown else not value

    return run


def _truth(value: Value) -> bool | Unknown:
    if type(value) is bool or type(value) is Unknown:
        return value
    raise EvaluationError("this is neither true nor false")


def junction(parts: list[Run], goes_on: bool) -> Run:
    """`and` goes on while true and `or` while false; what ends it needs no more operands."""

    def run(env: Environment) -> Value:
        for index, part in enumerate(parts):
            value = part(env)
            if value is goes_on:
                continue
            if value is (not goes_on):
                return value
            return _undecided(_truth(value), parts[index + 1 :], env, goes_on)
        return goes_on

    return run


def _undecided(first: Unknown, rest: list[Run], env: Environment, goes_on: bool) -> Value:
    """After an unknown operand only one that ends the whole decides it."""
    found: list[Value] = [first]
    for part in rest:
        value = _guarded(part, env)
        if value is (not goes_on):
            return value
        found.append(value)
    return Unknown(None, causes_of(found))


def _guarded(run: Run, env: Environment) -> Value:
    """A part that may not be reached at all, so its failure is only one more thing not known."""
    try:
        return run(env)
    except EvaluationError:
        return Unknown()


def choice(test: Run, then: Run, otherwise: Run) -> Run:
    def run(env: Environment) -> Value:
        answer = test(env)
        if type(answer) is bool:
            return then(env) if answer else otherwise(env)
        return bounds.either(_truth(answer), _guarded(then, env), _guarded(otherwise, env))

    return run

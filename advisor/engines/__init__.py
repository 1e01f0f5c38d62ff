"""Engines by name."""

from __future__ import annotations

from collections.abc import Callable

from advisor.engines.clips import ClipsEngine
from advisor.engines.durable import DurableEngine
from advisor.engines.network import Engine
from advisor.errors import EngineError, InputError, Problem

# In order of preference. Making one raises EngineError where its library is missing.
ENGINES: dict[str, Callable[[], Engine]] = {"durable": DurableEngine, "clips": ClipsEngine}


def choose(names: str | None = None) -> list[Engine]:
    """The engines of a comma-separated list; without one, the first that can be used."""
    if names is None:
        return [_first()]
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [_unknown(name) for name in wanted if name not in ENGINES]
    if unknown:
        raise InputError(unknown)
    return [ENGINES[name]() for name in wanted]


def _first() -> Engine:
    problems: list[Problem] = []
    for make in ENGINES.values():
        try:
            return make()
        except EngineError as error:
            problems += error.problems
    raise EngineError(problems)


def _unknown(name: str) -> Problem:
    hint = f"One of these, or several with commas: {', '.join(ENGINES)}."
    return Problem("engine-unknown", f'no engine is called "{name}"', hint)

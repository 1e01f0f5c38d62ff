"""CLIPS, by way of clipspy.

CLIPS has functions that reach the file system, so a construct is built from integers only: kind 3 is
the template `k3`, field 0 its slot `f0`, rule 7 is `r7`. Two facts that say the same stay two, because
the slot `n` holds the fact's number.

A right-hand side appends its match to one global list, and the list is fetched as text after every
few firings: crossing into Python once for each match would cost four times as much.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

from advisor.engines.network import Match, Pattern, Rule
from advisor.engines.program import Collector, NumberedRule, Program, prepare
from advisor.errors import EngineError, Problem

_FIRINGS = 64  # between two fetches: the list is copied at each firing, so it must stay short
_FOUND = "(defglobal ?*found* = (create$))"
_TAKE = "(deffunction take () (bind ?text (implode$ ?*found*)) (bind ?*found* (create$)) ?text)"


class ClipsEngine:
    name = "clips"

    def __init__(self) -> None:
        self._clips = _clipspy()
        self.version = metadata.version("clipspy")

    def compile(self, rules: Sequence[Rule]) -> ClipsNetwork:
        return ClipsNetwork(self._clips, prepare(rules))


class ClipsNetwork:
    """Rules built into an environment, which sessions use one after another."""

    def __init__(self, clips: ModuleType, program: Program) -> None:
        self._clips = clips
        self._program = program
        self._workspace = Workspace(clips, program)
        self._lent: weakref.ref[ClipsSession] | None = None

    def session(self) -> ClipsSession:
        # An environment has one working memory: where a session still lives in it, build another.
        if self._lent is not None and self._lent() is not None:
            self._workspace = Workspace(self._clips, self._program)
        session = ClipsSession(self._workspace, self._program)
        self._lent = weakref.ref(session)
        return session


class ClipsSession(Collector):
    def __init__(self, workspace: Workspace, program: Program) -> None:
        super().__init__(program)
        self._workspace = workspace
        workspace.clear()

    def add(self, number: int, kind: int, values: Sequence[int]) -> None:
        self._workspace.add(number, kind, values)

    def matches(self) -> list[Match]:
        self._found.extend(self._workspace.run())
        return super().matches()


class Workspace:
    """One CLIPS environment with the rules of one program."""

    def __init__(self, clips: ModuleType, program: Program) -> None:
        self._environment = clips.Environment()
        self._error = clips.CLIPSError
        self._lengths = {number: len(rule) for number, rule in program.rules}
        for construct in _constructs(program):
            self._environment.build(construct)
        self._kinds = {kind: self._template(kind, fields) for kind, fields in program.fields.items()}

    def _template(self, kind: int, fields: Sequence[int]) -> tuple[Any, list[tuple[str, int]]]:
        template = self._environment.find_template(f"k{kind}")
        return template, [(f"f{field}", field) for field in fields]

    def clear(self) -> None:
        """Forget all facts; also what an abandoned session left in the global list."""
        self._environment.reset()

    def add(self, number: int, kind: int, values: Sequence[int]) -> None:
        if kind not in self._kinds:
            return
        template, fields = self._kinds[kind]
        try:
            template.assert_fact(n=number, **{slot: values[field] for slot, field in fields})
        except self._error as error:
            raise _misbehaved(error) from error

    def run(self) -> Iterator[Match]:
        try:
            while self._environment.run(_FIRINGS):
                yield from self._read(self._environment.eval("(take)"))
        except self._error as error:
            raise _misbehaved(error) from error

    def _read(self, text: str) -> Iterator[Match]:
        """`7 4 9 8 5`: rule 7 with facts 4 and 9, rule 8 with fact 5, each rule with as many as it has patterns."""
        numbers = list(map(int, text.split()))
        start = 0
        while start < len(numbers):
            end = start + 1 + self._lengths[numbers[start]]
            yield numbers[start], tuple(numbers[start + 1 : end])
            start = end


def _constructs(program: Program) -> Iterator[str]:
    yield _FOUND
    yield _TAKE
    for kind, fields in program.fields.items():
        slots = "".join(f" (slot f{field})" for field in fields)
        yield f"(deftemplate k{kind} (slot n){slots})"
    yield from map(_defrule, program.rules)


def _defrule(numbered: NumberedRule) -> str:
    number, rule = numbered
    read = {(earlier, field) for pattern in rule for _, earlier, field in pattern.joins}
    patterns = " ".join(_pattern(position, pattern, read) for position, pattern in enumerate(rule))
    facts = " ".join(f"?n{position}" for position in range(len(rule)))
    return f"(defrule r{number} {patterns} => (bind ?*found* ?*found* {number} {facts}))"


def _pattern(position: int, pattern: Pattern, read: set[tuple[int, int]]) -> str:
    """`(k3 (n ?n1) (f0 ?v1_0&?v0_2&5))`: own variable first where a later pattern reads it, then the tests."""
    terms: dict[int, list[str]] = {field: [f"?v{at}_{field}"] for at, field in sorted(read) if at == position}
    for field, earlier, other in pattern.joins:
        terms.setdefault(field, []).append(f"?v{earlier}_{other}")
    for field, value in pattern.constants:
        terms.setdefault(field, []).append(str(int(value)))
    slots = "".join(f" (f{field} {'&'.join(tests)})" for field, tests in terms.items())
    return f"(k{pattern.kind} (n ?n{position}){slots})"


def _clipspy() -> ModuleType:
    try:
        return import_module("clips")
    except ImportError as error:
        text = f"the engine clips cannot be used: {error}"
        raise EngineError([Problem("engine-missing", text, "pip install clipspy")]) from error


def _misbehaved(error: Exception) -> EngineError:
    return EngineError([Problem("engine-clips", f"CLIPS: {' '.join(str(error).split())}")])

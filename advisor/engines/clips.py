"""CLIPS, by way of clipspy.

CLIPS has functions that reach the file system, so a construct is built from integers only: kind 3 is
the template `k3`, field 0 its slot `f0`, rule 7 is `r7`. Two facts that say the same stay two, because
the slot `n` holds the fact's number.

A right-hand side appends its match to one global list, and the list is fetched as text after every
so many firings: crossing into Python once for each match would cost four times as much. Facts go in by
the hundred too, through a function of CLIPS for each kind, which asserts them: clipspy 1.0.6 never lets go
of a fact that was asserted through its own template, and CLIPS then looks at all of them at every firing.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType

from advisor.engines.network import Match, Rule
from advisor.engines.program import Collector, NumberedRule, Place, Program, prepare, solve
from advisor.errors import EngineError, Problem

# The list is copied at each firing, so it must stay short. (A limit given to `run` would print a line.)
_KEEP = "(bind ?*found* ?*found* {match}) (if (> (length$ ?*found*) 240) then (halt))"
_FOUND = "(defglobal ?*found* = (create$))"
_TAKE = "(deffunction take () (bind ?text (implode$ ?*found*)) (bind ?*found* (create$)) ?text)"
_TELL = (
    "(deffunction t{kind} ($?v)"
    " (loop-for-count (?i 0 (- (div (length$ ?v) {width}) 1)) (assert {fact})) TRUE)"
)
_MOST = 1000  # numbers in one call


class ClipsEngine:
    name = "clips"

    def __init__(self) -> None:
        self._clips = _clipspy()
        self.version = self._clips.__version__

    def compile(self, rules: Sequence[Rule]) -> ClipsNetwork:
        return ClipsNetwork(self._clips, prepare(rules))


class ClipsNetwork:
    """Rules built into an environment, which sessions use one after another."""

    def __init__(self, clips: ModuleType, program: Program) -> None:
        self._clips = clips
        self._program = program
        self.parts = [[number for number, _ in program.rules]]
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

    def add(self, number: int, kind: int, values: Sequence[int], part: int | None = None) -> None:
        self._workspace.add(number, kind, values)

    def matches(self) -> list[Match]:
        self._found.extend(self._workspace.run())
        return super().matches()


class Workspace:
    """One CLIPS environment with the rules of one program, and the facts that it is yet to be told."""

    def __init__(self, clips: ModuleType, program: Program) -> None:
        self._environment = clips.Environment()
        self._error = clips.CLIPSError
        self._lengths = {number: len(rule) for number, rule in program.rules}
        self._fields = program.fields
        self._waiting: dict[int, list[int]] = {}
        self._build(program)

    def _build(self, program: Program) -> None:
        """Build all constructs while nobody in Python listens: CLIPS asks listeners for each character."""
        listeners = list(self._environment.routers())
        for listener in listeners:
            listener.deactivate()
        try:
            for construct in _constructs(program):
                self._environment.build(construct)
        except self._error as error:
            raise _misbehaved(error) from error
        finally:
            for listener in listeners:
                listener.activate()

    def clear(self) -> None:
        """Forget all facts; also what an abandoned session left in the global list, or untold."""
        self._environment.reset()
        self._waiting.clear()

    def add(self, number: int, kind: int, values: Sequence[int]) -> None:
        if kind in self._fields:
            told = (number, *(values[field] for field in self._fields[kind]))
            self._waiting.setdefault(kind, []).extend(told)

    def _tell(self) -> None:
        for kind, numbers in self._waiting.items():
            width = 1 + len(self._fields[kind])
            most = _MOST // width * width
            for start in range(0, len(numbers), most):
                self._environment.call(f"t{kind}", *numbers[start : start + most])
        self._waiting.clear()

    def run(self) -> Iterator[Match]:
        try:
            self._tell()
            while self._environment.run():
                yield from self._read(self._environment.eval("(take)"))
        except self._error as error:
            raise _misbehaved(error) from error

    def _read(self, text: str) -> Iterator[Match]:
        """`7 4 9 8 5` is rule 7 with facts 4 and 9, as it has two patterns, then rule 8 with fact 5."""
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
        names = ("n", *(f"f{field}" for field in fields))
        told = "".join(f"({name} (nth$ (+ (* ?i {len(names)}) {at}) ?v))" for at, name in enumerate(names, 1))
        yield _TELL.format(kind=kind, width=len(names), fact=f"(k{kind} {told})")
    yield from map(_defrule, program.rules)


def _defrule(numbered: NumberedRule) -> str:
    """`(defrule r7 (k3 (n ?n0) (f0 ?v0_0)) (k4 (n ?n1) (f2 5) (f1 ?v0_0)) => ...)`, one term in each slot.

    Several terms in a slot would say the joins as they stand, but CLIPS 6.4 then overlooks some: in
    `(a (x ?v)) (b (y ?v) (z ?v&7))` it does not compare y with z.
    """
    number, rule = numbered
    slots: dict[int, list[str]] = {position: [f"(n ?n{position})"] for position in range(len(rule))}
    for (position, field), term in sorted((solve(rule) or {}).items()):
        slots[position].append(f"(f{field} {_term(term)})")
    patterns = " ".join(f"(k{pattern.kind} {' '.join(slots[at])})" for at, pattern in enumerate(rule))
    match = " ".join([str(number), *(f"?n{position}" for position in range(len(rule)))])
    return f"(defrule r{number} {patterns} => {_KEEP.format(match=match)})"


def _term(term: int | Place) -> str:
    """A value, or the variable of the field that stands for its equals."""
    return str(int(term)) if isinstance(term, int) else f"?v{term[0]}_{term[1]}"


def _clipspy() -> ModuleType:
    try:
        return import_module("clips")
    except ImportError as error:
        text = f"the engine clips cannot be used: {error}"
        raise EngineError([Problem("engine-missing", text, "pip install clipspy")]) from error


def _misbehaved(error: Exception) -> EngineError:
    return EngineError([Problem("engine-clips", f"CLIPS: {' '.join(str(error).split())}")])

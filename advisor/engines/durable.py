"""durable-rules, by way of its C extension, kept to the ways that were measured to be right.

Left out on purpose, because they crash or lose matches: retracting, deleting, asserting many facts in
one call, negation, and the `Host` with its threads. Facts are asserted one at a time, and the matches
of each are fetched before the next, while they are still at the head of the extension's lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType

from advisor.engines.durable_wire import check_sizes, fact_format, read_match, ruleset_text, split
from advisor.engines.network import Match, Rule
from advisor.engines.program import Collector, NumberedRule, Program, prepare
from advisor.errors import EngineError, Problem

SESSIONS = 400  # on one set of rulesets; at 1,024 the extension has no more room
SALTS = 8  # tries for a fact that is refused; two refusals in a row have never been seen

_names = count()  # rulesets are never deleted, so no name is ever used again
_TAKEN, _UNMATCHED, _REFUSED = 0, 1, 2  # what the extension answers to a fact
_WORDS = {
    101: "out of memory",
    106: "too many different first conditions in a ruleset",
    108: "too many patterns behind one condition",
    112: "too many rulesets in one process",
    113: "too many joins in a pattern",
    204: "a value that it cannot read",
    302: "too many fields in a fact",
    303: "too many conditions open on one fact",
    304: "too many patterns in a rule",
    305: "a fact that it no longer has",
    311: "a field that a fact lacks",
}


class DurableEngine:
    name = "durable"

    def __init__(self) -> None:
        self._extension = _extension()
        self.version = _version(self._extension)

    def compile(self, rules: Sequence[Rule]) -> DurableNetwork:
        return DurableNetwork(self._extension, prepare(rules))


class DurableNetwork:
    """Rules split into rulesets, which are made anew before they have had too many sessions."""

    def __init__(self, extension: ModuleType, program: Program) -> None:
        check_sizes(program)
        self._extension = extension
        self._program = program
        self._formats = {kind: (fact_format(kind, fields), fields) for kind, fields in program.fields.items()}
        self._sets = split(program.rules)
        self.parts = [[number for number, _ in rules] for rules in self._sets]
        self._kinds = [{pattern.kind for _, rule in rules for pattern in rule} for rules in self._sets]
        self._renew()
        self.refusals = 0  # of new facts, in all sessions; each was told again and taken

    def _renew(self) -> None:
        # The old rulesets stay in memory for good: deleting one frees what is still in use.
        self._opened = 0
        self._rulesets = [_Ruleset(self._extension, rules) for rules in self._sets]

    def session(self) -> DurableSession:
        if self._opened == SESSIONS:
            self._renew()
        session = DurableSession(self, self._program, str(self._opened), self._rulesets)
        self._opened += 1
        return session

    def readers(self, kind: int) -> list[int]:
        """The rulesets that read facts of a kind."""
        return [part for part, kinds in enumerate(self._kinds) if kind in kinds]

    def wire(self, kind: int) -> tuple[str, tuple[int, ...]]:
        """How a fact of a kind is written, and which of its fields are."""
        return self._formats[kind]


class DurableSession(Collector):
    def __init__(
        self, network: DurableNetwork, program: Program, name: str, rulesets: Sequence[_Ruleset]
    ) -> None:
        super().__init__(program)
        self._network = network
        self._name = name
        self._rulesets = rulesets

    def add(self, number: int, kind: int, values: Sequence[int], part: int | None = None) -> None:
        # A fact of a kind that no rule reads goes nowhere.
        for reader in self._network.readers(kind) if part is None else (part,):
            self._tell(self._rulesets[reader], number, kind, values)

    def _tell(self, ruleset: _Ruleset, number: int, kind: int, values: Sequence[int]) -> None:
        text, fields = self._network.wire(kind)
        told = [values[field] for field in fields]
        for salt in range(SALTS):
            mark = f"s{salt}" if salt else ""
            if ruleset.take(text % (number, mark, self._name, *told), self._found):
                self._network.refusals += salt
                return
        raise _trouble(f"fact {number} is refused as known already, {SALTS} times over")


class _Ruleset:
    """A handle of the extension."""

    def __init__(self, extension: ModuleType, rules: Sequence[NumberedRule]) -> None:
        self._extension = extension
        self._lengths = {number: len(rule) for number, rule in rules}
        try:
            self._handle = extension.create_ruleset(f"advisor{next(_names)}", ruleset_text(rules))
        except (extension.error, MemoryError) as error:
            raise _trouble(f"rules {rules[0][0]} to {rules[-1][0]}: {_in_words(error)}") from error

    def take(self, fact: str, found: list[Match]) -> bool:
        """Assert a fact and gather its matches; False where it is refused as known already.

        Facts are known by a 32-bit hash of the id, so a new one can be taken for an old one: `f264602`
        is the first that is.
        """
        try:
            answer, state = self._extension.assert_fact(self._handle, fact)
            if answer == _TAKEN:
                found.extend(self._matches(state))
        except (self._extension.error, MemoryError) as error:
            raise _trouble(f"fact {fact}: {_in_words(error)}") from error
        if answer not in (_TAKEN, _UNMATCHED, _REFUSED):
            raise _trouble(f"fact {fact}: unknown answer {answer}")
        # Unmatched: its kind is read, its values fit no pattern's constants. Such a fact is not kept.
        return answer != _REFUSED

    def _matches(self, state: int) -> Iterator[Match]:
        started = self._extension.start_action_for_state(self._handle, state)
        if started is None:
            return
        if '"exception"' in started[0]:
            raise _trouble(f"an error inside: {started[0]}")
        text = started[1]
        while text:
            yield read_match(text, self._lengths)
            text = self._extension.complete_and_start_action(self._handle, state)


def _extension() -> ModuleType:
    try:
        return import_module("durable_rules_engine")
    except ImportError as error:
        text = f"the engine durable cannot be used: {error}"
        hint = "Use --engine clips, or install durable-rules (it does not import on Python 3.13 or later)."
        raise EngineError([Problem("engine-missing", text, hint)]) from error


def _version(extension: ModuleType) -> str:
    """As the folder says that wheels leave beside a package: `importlib.metadata` is slow to import."""
    ending = ".dist-info"
    for folder in Path(str(extension.__file__)).parent.glob(f"durable_rules-*{ending}"):
        return folder.name.removesuffix(ending).partition("-")[2]
    from importlib.metadata import version

    return version("durable-rules")


def _in_words(error: Exception) -> str:
    """`Could not assert fact, error code: 303`, with the number explained."""
    if isinstance(error, MemoryError):
        return _WORDS[101]
    code = re.search(r"error code: (\d+)", str(error))
    words = _WORDS.get(int(code[1])) if code else None
    return f"{error} ({words})" if words else str(error)


def _trouble(text: str) -> EngineError:
    return EngineError([Problem("engine-durable", f"durable-rules: {text}", "Try --engine clips.")])

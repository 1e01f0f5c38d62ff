"""What can go wrong, in one tree.

    AdvisorError            exit status
    ├── InputError          2   the question, a flag or a file of the user's cannot be understood
    │   ├── FactsError      2   a facts folder
    │   └── RulesError      2   a rules folder
    ├── EngineError         3   a rule engine is missing or misbehaved
    └── ReasoningError      3   rules that load well and then contradict each other or never end

Every error carries `Problem`s: all that was found, not only the first.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and how to mend it."""

    code: str
    text: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __post_init__(self) -> None:
        text = self.text.replace("\n", " ")  # it may quote a file, and is one line all the same
        if len(text) > LONGEST:
            text = f"{text[: LONGEST - 40]}… ({len(text):,} characters)"
        object.__setattr__(self, "text", text)

    @property
    def place(self) -> str:
        """`file:line:column`, as far as known."""
        parts = [self.file, self.line, self.column]
        return ":".join(str(part) for part in parts if part is not None)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        hint = "".join(f"\n  {line}" for line in (self.hint or "").splitlines())
        return f"{place}{self.text} [{self.code}]{hint}"


class AdvisorError(Exception):
    """Base of every error that the advisor raises on purpose."""

    exit_status = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_position))
        super().__init__("\n".join(map(str, self.problems)))


class InputError(AdvisorError):
    exit_status = 2


class FactsError(InputError):
    pass


class RulesError(InputError):
    pass


class EngineError(AdvisorError):
    pass


class ReasoningError(AdvisorError):
    pass


def _position(problem: Problem) -> tuple[str, int, int, str]:
    return (problem.file or "", problem.line or 0, problem.column or 0, problem.text)


def did_you_mean(name: str, among: Iterable[str]) -> str | None:
    """A hint with the nearest of the names that exist, None if none is near."""
    near = difflib.get_close_matches(name, list(dict.fromkeys(among)), n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else None

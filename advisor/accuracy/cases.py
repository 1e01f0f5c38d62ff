"""Cases as their file has them: one JSON object a line, checked, each problem with its line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.accuracy.keys import KEYS, PROMPT
from advisor.errors import InputError, Problem, did_you_mean

_REQUIRED = {"id": str, "group": str, "question": dict, "measured": dict}
_OPTIONAL = {"precision": dict, "notes": str, "source": dict}
_FORMS = {str: "a text", dict: "an object"}
PREFILL = "prefill_tokens_per_second"
_DEPTHS = {"depth", "tokens_per_second"}


@dataclass(frozen=True)
class Case:
    """One run: what was asked in the advisor's terms, and what was measured of it."""

    id: str
    group: str
    question: dict[str, Any]
    measured: dict[str, Any]
    precision: dict[str, float]  # errors below it are none, in the unit of the key
    line: int = 0  # of its file, from 1


def read_cases(path: Path) -> list[Case]:
    """All cases of a file. Raises InputError with everything that is wrong with it, line by line."""
    reader = _Reader(str(path))
    cases = [case for number, line in _lines(path) if (case := reader.case(number, line)) is not None]
    if reader.problems:
        raise InputError(reader.problems)
    if not cases:
        hint = "A case is a JSON object on a line of its own."
        raise InputError([Problem("no-cases", "there is no case in it", hint, str(path))])
    return cases


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line that holds something, with its number from 1."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError([Problem("cannot-read", f"cannot read {path}: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem("not-utf-8", "it is not text in UTF-8", None, str(path))]) from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}  # of each id

    def case(self, number: int, line: str) -> Case | None:
        before = len(self.problems)
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = (
                f"{error.msg}, at column {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else "it is nested too deep"
            )
            self._problem("not-json", f"this line is no JSON: {said}", number, "Each line is one case.")
            return None
        for problem in self._wrong(found, number):
            self._problem(*problem)
        if len(self.problems) > before:
            return None
        self.lines[found["id"]] = number
        parts = {name: found[name] for name in _REQUIRED}
        return Case(**parts, precision=found.get("precision", {}), line=number)

    def _problem(self, code: str, text: str, line: int, hint: str | None = None) -> None:
        self.problems.append(Problem(code, text, hint or None, self.file, line))

    def _wrong(self, found: Any, line: int) -> Iterator[tuple[Any, ...]]:
        if not isinstance(found, dict):
            yield "wrong-type", "a case must be a JSON object", line
            return
        fields = _REQUIRED | _OPTIONAL
        for name in found:
            if name not in fields:
                yield "unknown-key", f"a case has no {name}", line, did_you_mean(name, fields)
        for name, kind in fields.items():
            if name not in found and name in _REQUIRED:
                yield "missing-key", f"the case has no {name}", line
            elif name in found and not isinstance(found[name], kind):
                yield "wrong-type", f"{name} must be {_FORMS[kind]}", line
        if found.get("id") in self.lines:
            yield "twice", f"{found['id']} stands already in line {self.lines[found['id']]}", line
        for code, text, *hint in _wrong_figures(found):
            yield code, text, line, *hint


def _wrong_figures(found: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    measured, precision = (_table(found, name) for name in ("measured", "precision"))
    for name, value in measured.items():
        if name not in KEYS and name != PROMPT:
            hint = did_you_mean(name, KEYS) or ""
            yield "unknown-key", f"{name} is nothing that can be measured", hint
        elif said := _wrong_value("number" if name == PROMPT else KEYS[name].form, value):
            yield "wrong-value", f"{name} must be {said}"
    if (PROMPT in measured) != (PREFILL in measured):
        here, lacks = (PROMPT, PREFILL) if PROMPT in measured else (PREFILL, PROMPT)
        yield "missing-key", f"{here} stands beside no {lacks}"
    if not measured and isinstance(found.get("measured"), dict):
        yield "missing-key", "the case measures nothing"
    for name, value in precision.items():
        if name not in measured:
            hint = did_you_mean(name, measured) or ""
            yield "unknown-key", f"precision names {name}, which is not measured", hint
        elif not _number(value):
            yield "wrong-value", f"the precision of {name} must be a number, 0 or more"


def _table(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _wrong_value(form: str, value: Any) -> str | None:
    """What a value of this form has to be, where it is not."""
    if form == "truth":
        return None if isinstance(value, bool) else "true or false"
    if form == "number":
        return None if _number(value) else "a number, 0 or more"
    right = isinstance(value, list) and value and all(map(_point, value))
    return None if right else 'a list of { "depth": tokens, "tokens_per_second": number }'


def _point(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == _DEPTHS and all(map(_number, value.values()))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf

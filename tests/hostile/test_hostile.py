"""A rule file is data from a stranger: nothing in it runs, reads, writes, hangs or exhausts the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import Problem
from tests.durable import HAS_DURABLE
from tests.hostile.cases import CASES, Case

ROOT = Path(__file__).parents[2]
WATCHDOG = 900  # seconds, of which all cases of an engine need a small part
BOUNDED = ("endless", "evaluation", "too-many-combinations", "too-many-steps", "too-many-unknown")

GROUPS = sorted({name.partition(".")[0] for name in CASES})

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the caps are those of POSIX")


def outcomes(engine: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What came of each case. Whatever ends the process is the outcome of the case that was running."""
    found: dict[str, dict[str, Any]] = {}
    while left := [name for name in names if name not in found]:
        lines, ended = _work(engine, left)
        found |= {line.pop("case"): line for line in lines if "case" in line}
        begun = [line["begins"] for line in lines if "begins" in line and line["begins"] not in found]
        if len(found) < len(names):
            found[begun[-1] if begun else left[0]] = {"killed": ended}
    return found


def _work(engine: str, names: Sequence[str]) -> tuple[list[dict[str, Any]], str]:
    """The lines that a worker printed, and how it ended."""
    command = [sys.executable, "-m", "tests.hostile.worker", engine, *names]
    environment = {**os.environ, "ADVISOR_CACHE": "off", "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, timeout=WATCHDOG, capture_output=True, text=True
        )
        said, ended = done.stdout, f"status {done.returncode}: {done.stderr[-2000:]}"
    except subprocess.TimeoutExpired as error:
        said, ended = (error.stdout or b"").decode(), "the watchdog"
    return [json.loads(line) for line in said.splitlines() if line.endswith("}")], ended


@pytest.mark.parametrize("group", GROUPS)
def test_each_is_refused_bounded_or_harmless(group: str) -> None:
    """With every engine; and what reaches an engine comes to the same with both, to the last word."""
    cases = [case for name, case in CASES.items() if name.startswith(f"{group}.")]
    found = outcomes("clips", [case.name for case in cases])
    wrong = {case.name: what for case in cases for what in mistakes(case, found[case.name])}
    others = outcomes("durable", [case.name for case in cases if _reaches(case)]) if HAS_DURABLE else {}
    differ = {name: (found[name], other) for name, other in others.items() if found[name] != other}
    assert not wrong and not differ


def _reaches(case: Case) -> bool:
    return case.expect in (*BOUNDED, "harmless")


def mistakes(case: Case, outcome: dict[str, Any]) -> Iterator[str]:
    """What is wrong with what came of a case."""
    if "killed" in outcome:
        yield f"killed: {outcome['killed']}"
        return
    if outcome["seen"]:
        yield f"it ran, read or wrote: {outcome['seen']}"
    problems = [Problem(*problem) for problem in outcome.get("problems", ())]
    codes = sorted({problem.code for problem in problems}) or ["harmless"]
    if codes != case.expect.split(","):
        yield f"{codes}: {outcome}"
    yield from refused(case, problems) if problems else harmless(case, outcome)


def refused(case: Case, problems: list[Problem]) -> Iterator[str]:
    """The error is short, and one of the reasoner names a rule with its place."""
    if sum(len(str(problem)) for problem in problems) > 500_000:
        yield "the error is very long"
    for problem in problems if case.expect in BOUNDED else ():
        named = problem.text.startswith(case.rule or "t.r")
        if not (named and problem.file == "rules/t.toml" and problem.line):
            yield f"it names no rule, or another one: {problem}"


def harmless(case: Case, outcome: dict[str, Any]) -> Iterator[str]:
    """The answer is right, and not longer than can be kept."""
    if outcome["trace"] > 20_000_000:
        yield f"the trace has {outcome['trace']:,} characters"
    if case.derives is not None and tuple(outcome["facts"]) != case.derives:
        yield f"it derives {outcome['facts']}"
    if case.says is not None and case.says not in outcome["texts"]:
        yield f"it says {outcome['texts']}"

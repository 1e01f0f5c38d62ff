"""Runs hostile cases one after another, under a cap of memory and time, and says what came of each.

`python -m tests.hostile.worker ENGINE CASE…` prints a line when a case begins and one when it has ended, so
that whatever kills the process is put down to the case that did it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import unicodedata  # noqa: F401 - Python's own parser asks for it where a name is not ASCII
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

from advisor.answer.trace import Trace
from advisor.engines import choose
from advisor.engines.network import Engine
from advisor.errors import AdvisorError
from advisor.facts.load import load_library
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.load import load_rulebook
from tests.hostile.cases import CASES, WARM_UP, Case

MEMORY = 2 << 30  # bytes of address space
SECONDS = 120  # of processor time for one case: far more than any needs, and it is only to end a hang
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
FORBIDDEN = ("exec", "import", "subprocess", "socket", "os", "shutil", "ctypes", "pty", "tempfile", "pickle")
HARMLESS = ("os.scandir", "os.walk", "os.listdir", "os.fspath", "os.stat")


class Watch:
    """Notes whatever a rule file should never bring about, from when it is armed."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.folder is not None and self._wrong(event, args, self.folder):
            self.seen.append(f"{event} {args!r:.200}")

    def _wrong(self, event: str, args: tuple[Any, ...], folder: str) -> bool:
        if event == "compile":  # ast.parse makes a tree and no code; code would have to be run by `exec`
            return args[1] != "<unknown>"
        if event == "open":
            inside = str(args[0]).startswith(folder)
            return not inside or bool(args[2] & WRITES)
        return event.split(".")[0] in FORBIDDEN and event not in HARMLESS


def run(case: Case, engine: Engine, watch: Watch) -> dict[str, Any]:
    """What comes of one case: the answer's facts and sizes, or the problems of the error."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for place, text in {**WARM_UP, **case.files()}.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        case.prepare(folder)
        watch.folder, watch.seen = str(folder), []
        try:
            outcome = _derive(folder, engine)
        except AdvisorError as error:
            problems = [list(astuple(problem)) for problem in error.problems]
            outcome = {"problems": problems}
        finally:
            watch.folder = None
        return {**outcome, "seen": watch.seen}


def _derive(folder: Path, engine: Engine) -> dict[str, Any]:
    library = load_library([folder / "facts"])
    rulebook = load_rulebook([folder / "rules"], library.kinds)
    reasoner = Reasoner(rulebook, library.kinds, engine, library.facts)
    derivation = reasoner.derive(())
    trace = json.dumps(Trace(derivation, library.kinds).to_dict())
    return {"facts": _derived(derivation), "texts": _texts(derivation), "trace": len(trace)}


def _derived(derivation: Derivation) -> list[str]:
    """Labels of what rules concluded, the first of them."""
    return sorted(fact.label for fact in derivation.store if derivation.derivations(fact))[:50]


def _texts(derivation: Derivation) -> list[str]:
    return sorted(firing.text[:300] for firing in derivation.firings if firing.text)[:5]


def main(name: str, names: list[str], say: Callable[[dict[str, Any]], None]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    watch, engine = Watch(), choose(name)[0]
    warm = {"files": lambda: {}, "prepare": lambda folder: None}
    run(Case("warm-up", **warm, expect="harmless"), engine, watch)
    for case in map(CASES.__getitem__, names):
        say({"begins": case.name})
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # nobody handles SIGPROF: it ends the process
        say({"case": case.name, **run(case, engine, watch)})
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:], lambda line: print(json.dumps(line), flush=True))

"""Measure how long rules take to read, bind, order, check and compile; and how that grows with their number.

    make bench-rules                or   python benchmarks/rules.py --runs 9

It prints figures and judges nothing. *Warm* is what every question after the first does: take rules and
facts, read and checked before, from the snapshot, and compile the rules for an engine. *Cold* parses every
file; again in one process, only those that changed are. The rules of the growth table are made up: a third
derive a kind from the one before, a third are components of one sum, a third are findings; each has two
tests. Linear growth is a time per rule that stays the same.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from advisor import documents, snapshot
from advisor.authoring.check_rules import check_rules
from advisor.engines import choose
from advisor.errors import EngineError
from advisor.facts.load import load_library, read_folders
from advisor.folders import folders_in_effect
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.load import read_rulebook

WARM_LIMIT_MS = 60
SIZES = (125, 250, 500, 1000)
IN_FILE = 25

KIND = """
[[kind]]
id = "made{0}"
meaning = "Made up."
key = ["id"]
[kind.fields]
id = {{ type = "integer", required = true, meaning = "Which." }}
bytes = {{ type = "integer", unit = "GiB", required = true, min = 0, meaning = "How much." }}
"""
STEP = """
match = [{{ fact = "made{before}", as = "m" }}]
let = {{ bytes = "m.bytes + {n} * MiB" }}
where = ["m.bytes > 0"]
conclude = {{ fact = "made{n}", id = "m.id", bytes = "bytes" }}
because = "{{m.bytes:GiB}} and a little more are {{bytes:GiB}}."
[[rule.test]]
name = "some"
given = [{{ fact = "made{before}", id = 1, bytes = 1048576 }}]
expect = [{{ fact = "made{n}", id = 1 }}]
[[rule.test]]
name = "none"
given = [{{ fact = "made{before}", id = 1, bytes = 0 }}]
reject = [{{ fires = true }}]
"""
COMPONENT = """
match = [{{ fact = "card", as = "c" }}]
where = ["c.gpu != 'host'"]
let = {{ bytes = "{n} * MiB" }}
conclude = {{ fact = "component", card = "c.index", id = "'made {n}'", role = "'overhead'", bytes = "bytes" }}
because = "On GPU {{c.index}}."
[[rule.test]]
name = "a GPU"
given = [{{ fact = "card", index = 0, gpu = "any" }}]
expect = [{{ fact = "component", card = 0 }}]
[[rule.test]]
name = "none"
given = [{{ fact = "card", index = 0, gpu = "host" }}]
reject = [{{ fires = true }}]
"""
FINDING = """
severity = "note"
match = [{{ fact = "workload", as = "w" }}]
where = ["w.context > {n} * 7"]
because = "{{w.context}} are many."
[[rule.test]]
name = "many"
given = [{{ fact = "workload", context = 1000000, sequences = 1, batch = 1 }}]
expect = [{{ fires = true }}]
[[rule.test]]
name = "few"
given = [{{ fact = "workload", context = 1, sequences = 1, batch = 1 }}]
reject = [{{ fires = true }}]
"""
SHAPES = (STEP, COMPONENT, FINDING)


def made_up(folder: Path, count: int) -> tuple[Path, Path]:
    """Folders with this many rules, and with the kinds that they need."""
    rules, facts = folder / "rules", folder / "facts"
    for place in (rules, facts):
        place.mkdir(parents=True)
    kinds = [KIND.format(n) for n in range(-3, count)]
    (facts / "kinds.toml").write_text("schema = 1\n" + "".join(kinds).replace("made-", "made_"), "utf-8")
    for first in range(0, count, IN_FILE):
        topic = f"made{first}"
        text = "".join(rule(topic, n) for n in range(first, min(first + IN_FILE, count)))
        (rules / f"{topic}.toml").write_text("schema = 1\n" + text, "utf-8")
    return rules, facts


def rule(topic: str, n: int) -> str:
    before = str(n - 3).replace("-", "_")
    head = f'\n[[rule]]\nid = "{topic}.r{n}"\nsummary = "Made up."\nsources = ["made up"]'
    return head + SHAPES[n % 3].format(n=n, before=before)


def milliseconds(work: Callable[[], Any], runs: int) -> float:
    """The median of some runs, after one that does not count; nothing is collected, as in the command."""
    took = []
    for _ in range(runs + 1):
        gc.collect()
        gc.disable()
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1000)
        gc.enable()
    return statistics.median(took[1:])


def cold(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same with no file parsed before."""

    def begin() -> None:
        documents._parsed.cache_clear()
        work()

    return begin


def stages(runs: int) -> Iterator[tuple[str, float]]:
    """What the shipped rules take, cold and warm."""
    rules, facts = folders_in_effect()
    kinds = load_library(facts).kinds
    for name, work in (
        ("read the files", lambda: read_folders(rules)),
        ("read, bind and order", lambda: read_rulebook(rules, kinds)),
        ("facts too, and every check", lambda: check_rules(rules, facts)),
    ):
        yield f"cold: {name}", milliseconds(cold(work), runs)
    yield "again in one process: the same", milliseconds(work, runs)
    snapshot.load(rules, facts)
    for engine in ("clips", "durable"):
        try:
            made = choose(engine)[0]
        except EngineError:
            continue

        def warm(made: Any = made) -> None:
            library, rulebook = snapshot.load(rules, facts)
            Reasoner(rulebook, library.kinds, made)

        took = milliseconds(warm, runs)
        over = " OVER" if took > WARM_LIMIT_MS else ""
        yield f"warm: load and compile, {engine} (limit {WARM_LIMIT_MS}{over})", took


def growth(runs: int) -> Iterator[tuple[int, float]]:
    facts = folders_in_effect()[1]
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            own, kinds = made_up(Path(folder), count)
            yield count, milliseconds(cold(lambda a=own, b=kinds: check_rules([a], [*facts, b])), runs)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure reading, checking and compiling rules.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error("--runs takes a number from 1")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()}, {machine}, {runs} runs each\n\nRules that ship, median ms")
    for name, took in stages(runs):
        print(f"  {name:50} {took:8.1f}")
    print("\nEvery check of so many made-up rules, with the shipped facts, median")
    nothing = milliseconds(cold(lambda: load_library(folders_in_effect()[1])), runs)
    print(f"  {'facts alone':12} {nothing:8.0f} ms")
    for count, took in growth(runs):
        print(
            f"  {count:6,} rules {took:8.0f} ms, {(took - nothing) / count:6.2f} ms a rule beside the facts"
        )


if __name__ == "__main__":
    main()

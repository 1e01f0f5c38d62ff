"""Measure `advisor ask` as a whole process (time, memory) and warm (facts loaded), beside its limits.

    make bench                      or   python benchmarks/ask.py --runs 21 --warm 51
    make bench ARGS='--engine clips'

It prints figures and judges nothing but a failing answer: a busy machine is no defect. `python -c pass` is
measured in the same rounds, so that ratios to it can be compared between machines and between noisy hours.
Linux and macOS only: it reads the memory of a child with wait4.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ("examples/mixtral-8x22b-a100.toml", "examples/mixtral-8x22b-h100.toml")
ENGINES = {"durable": "durable.engine", "clips": "clips"}  # what must be importable for each
ANSWERED = (0, 1, 4)  # it fits, it does not, unknown: exit statuses of an answer

ALONE = ["--no-remedies"]
#: Seconds and megabytes of a process: with the search for remedies, up to 100 variants, and without.
LIMITS = {
    ("clips", "remedies"): (0.6, 250),
    ("durable", "remedies"): (1.2, 250),
    ("clips", "alone"): (0.40, 100),
    ("durable", "alone"): (0.40, 100),
}
WARM_LIMIT_MS = {"durable": 30, "clips": 10}  # without remedies


class Run(NamedTuple):
    """One process: its wall time and the most memory it had resident."""

    seconds: float
    megabytes: float


def run_process(command: list[str], accepted: Iterable[int]) -> Run:
    """Run a command to its end; stop the benchmark if it exits with another status than the accepted."""
    with tempfile.TemporaryFile() as said:
        actions = [
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, said.fileno(), 2),
        ]
        started = time.perf_counter()
        child = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - started
        exit_status = os.waitstatus_to_exitcode(status)
        if exit_status not in accepted:
            said.seek(0)
            errors = said.read().decode(errors="replace")
            sys.exit(f"{' '.join(command)}: exit status {exit_status}\n{errors}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit / 1e6)


def measure_processes(commands: dict[str, list[str]], runs: int) -> dict[str, list[Run]]:
    """Run all commands in turn, round by round, so that noise hits them all; the first round is dropped."""
    measured: dict[str, list[Run]] = {name: [] for name in commands}
    for round_number in range(runs + 1):
        for name, command in commands.items():
            run = run_process(command, (0,) if name == "baseline" else ANSWERED)
            if round_number:
                measured[name].append(run)
    return measured


def measure_warm(engine: str, question: str, runs: int, remedies: bool = False) -> list[float]:
    """Milliseconds of each call of `advisor.ask` in this process; the first one loads facts and rules."""
    import advisor

    milliseconds = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        advisor.ask(question, engine=engine, remedies=remedies)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return milliseconds


def variants(engine: str, question: str) -> int:
    """How many variants the search for remedies asks."""
    import advisor

    return int(advisor.ask(question, engine=engine).to_dict(figures=False)["search"]["asked"])


def imports(module: str) -> bool:
    """Whether a new Python can import the module."""
    quiet = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    command = [sys.executable, "-c", f"import {module}"]
    return os.waitpid(os.posix_spawn(command[0], command, os.environ, file_actions=quiet), 0)[1] == 0


def print_table(title: str, header: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    print(f"\n{title}")
    for row in [header, *rows]:
        print(
            "  "
            + "  ".join(
                cell.ljust(width) if position == 0 else cell.rjust(width)
                for position, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )


def beside(figure: float, limit: float) -> str:
    """The limit, and whether the figure is over it."""
    return f"{limit:g}" if figure <= limit else f"{limit:g} OVER"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure `advisor ask` beside its limits.")
    parser.add_argument("--runs", type=int, default=11, help="processes per engine and question")
    parser.add_argument("--warm", type=int, default=31, help="warm calls per engine and question")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one (may be repeated)")
    options = parser.parse_args()
    if min(options.runs, options.warm) < 1:
        parser.error("--runs and --warm take a number from 1")
    command = Path(sys.executable).with_name("advisor")
    if not command.exists():
        sys.exit(f"No `advisor` beside {sys.executable}: run `make bench`, or `pip install -e .` first.")
    os.chdir(ROOT)

    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()}, {machine}, load {os.getloadavg()[0]:.1f}")

    # Another process tries the import: until the processes are measured this one stays small, because Linux
    # counts what the parent had resident when a child started as the child's.
    engines = [engine for engine in options.engine or ENGINES if imports(ENGINES[engine])]
    for engine in sorted(set(options.engine or ENGINES).difference(engines)):
        print(f"{engine} cannot be imported here and is left out")
    if not engines:
        sys.exit("No engine to measure.")

    commands = {"baseline": [sys.executable, "-c", "pass"]}
    for engine in engines:
        for question in QUESTIONS:
            ask = [str(command), "ask", question, "--engine", engine]
            commands[f"{engine}  remedies  {question}"] = ask
            commands[f"{engine}  alone     {question}"] = [*ask, *ALONE]
    measured = measure_processes(commands, options.runs)

    base = statistics.median(run.seconds for run in measured["baseline"])
    rows = []
    for name, runs in measured.items():
        seconds = [run.seconds for run in runs]
        median, memory = statistics.median(seconds), max(run.megabytes for run in runs)
        title, limits = "baseline: python -c pass", ("", "")
        if name != "baseline":
            most_seconds, most_megabytes = LIMITS[tuple(name.split()[:2])]
            title, limits = name, (beside(median, most_seconds), beside(memory, most_megabytes))
        times = [f"{median:.3f}", f"{min(seconds):.3f}", limits[0], f"{median / base:.1f}"]
        rows.append([title, *times, f"{memory:.1f}", limits[1]])
    header = ["", "median s", "min s", "limit s", "x baseline", "peak MB", "limit MB"]
    print_table(f"Whole process, {options.runs} runs each", header, rows)

    rows = []
    for engine in engines:
        for question in QUESTIONS:
            first, *rest = measure_warm(engine, question, options.warm)
            median = statistics.median(rest)
            limit, ratio = beside(median, WARM_LIMIT_MS[engine]), median / 1000 / base
            times = [f"{median:.2f}", f"{min(rest):.2f}", limit, f"{ratio:.2f}", f"{first:.1f}"]
            rows.append([f"{engine}  {question}", *times])
    header = ["", "median ms", "min ms", "limit ms", "x baseline", "first ms"]
    print_table(f"Warm, advisor.ask without remedies in one process, {options.warm} calls each", header, rows)

    rows = []
    for engine in engines:
        for question in QUESTIONS:
            asked = variants(engine, question)
            alone = statistics.median(measure_warm(engine, question, 5)[1:])
            whole = statistics.median(measure_warm(engine, question, 5, remedies=True)[1:])
            each = (whole - alone) / asked if asked else 0
            rows.append([f"{engine}  {question}", str(asked), f"{each:.2f}", f"{each / alone:.3f}"])
    print_table("Variants, warm", ["", "asked", "ms each", "x the question"], rows)


if __name__ == "__main__":
    main()

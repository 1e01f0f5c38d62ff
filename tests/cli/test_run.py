"""What holds of every command: its exit status, and no traceback ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.exceptions import Abort

import advisor as package
from advisor import cli
from tests.commandline import EXAMPLES, ROOT, advisor
from tests.durable import NEEDS_DURABLE

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"


def test_a_failure_of_its_own_is_3_and_no_traceback(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(package, "ask", fail)
    said = advisor("ask", A100)
    assert said.status == 3 and "RuntimeError: broken" in said.err and "Traceback" not in said.err
    monkeypatch.setenv("ADVISOR_DEBUG", "1")
    with pytest.raises(RuntimeError):
        advisor("ask", A100)


def test_an_interrupted_command_is_no_answer(monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object, **__: object) -> None:
        raise Abort

    monkeypatch.setattr(package, "ask", interrupt)
    assert advisor("ask", A100).status == cli.INTERRUPTED


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ask",),
        ("ask", "--nope"),
        ("ask", "--context", "many"),
        ("ask", "--format", "xml", A100),
        ("ask", A100, A100),
        ("ask", A100, "--set"),
        ("tell",),
        ("schema",),
        ("schema", "question"),
        ("ask", A100, "--engine", "prolog"),
        ("ask", A100, "--engine", ""),
        ("ask", A100, "--engine", "clips,prolog"),
        ("ask", A100, "--rules", "nowhere"),
        ("ask", A100, "--facts", A100),
    ],
)
def test_wrong_usage_is_2(arguments: tuple[str, ...]):
    said = advisor(*arguments)
    assert said.status == 2 and said.err and not said.out


@pytest.mark.parametrize("arguments", [("--help",), ("ask", "--help"), ("schema", "-h"), ("--version",)])
def test_help_is_no_error(arguments: tuple[str, ...]):
    said = advisor(*arguments)
    assert said.status == 0 and said.out and not said.err


def test_every_module_of_commands_is_listed():
    here = {path.stem for path in Path(cli.__file__).parent.iterdir() if not path.name.startswith("_")}
    named = {command.replace("-", "_") for command in cli.COMMANDS}
    assert named == here - {"output", "questions", "grid", "subjects"}


# ---------------------------------------------------------------- what a process does besides

HEAVY = ("pydantic.main", "importlib.metadata", "toml", "advisor.rules.load", "advisor.cli.facts")
AT_THE_END = f"""
import atexit, gc, sys
told = lambda: [gc.get_freeze_count(), *({set(HEAVY)!r} & sys.modules.keys())]
atexit.register(lambda: print(*told(), file=sys.stderr))
from advisor.cli import run
run()
"""


@pytest.mark.parametrize("engine", ["clips", pytest.param("durable", marks=NEEDS_DURABLE)])
def test_a_process_imports_what_it_needs_and_ends_without_looking_for_garbage(engine: str):
    for _ in range(2):  # the second finds the snapshot of the first
        done = subprocess.run(
            [sys.executable, "-c", AT_THE_END, "ask", A100, "--engine", engine],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    frozen, *heavy = done.stderr.split()
    assert done.returncode == 1 and done.stdout
    assert int(frozen) > 10_000 and not heavy

"""What holds of every command: its exit status, and no traceback ever."""

from __future__ import annotations

import pytest
from click.exceptions import Abort

import advisor as package
from advisor import cli
from tests.commandline import EXAMPLES, advisor

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

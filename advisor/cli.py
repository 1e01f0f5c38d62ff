"""The command line: `advisor ask` and `advisor schema`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from advisor import __version__
from advisor.errors import AdvisorError

STATUSES = {"fits": 0, "tight": 0, "does-not-fit": 1, "cannot-run": 1, "unknown": 4}
FLAGS = {
    "gpu": ("hardware.gpu", str, "GPU: an id or a name people use; none for the processor alone."),
    "count": ("hardware.count", int, "How many of them."),
    "model": ("model.id", str, "Model: an id or a name people use."),
    "runtime": ("deployment.runtime", str, "What serves the model: vllm, llama.cpp, transformers, …"),
    "weights": ("deployment.weights", str, "Weight format: an id or a common name such as int8."),
    "kv-cache": ("deployment.kv_cache", str, "Data type of the KV cache."),
    "context": ("deployment.context", int, "Tokens per sequence."),
    "concurrency": ("deployment.concurrency", int, "Sequences at once."),
    "tensor-parallel": ("deployment.tensor_parallel", int, "GPUs that share each layer."),
}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="advisor")
def main() -> None:
    """Does this model fit on this hardware, how fast will it be, and what should be changed?"""


def _question_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, (_, kind, text) in reversed(FLAGS.items()):
        command = click.option(f"--{name}", type=kind, help=text)(command)
    return command


@main.command()
@click.argument("config", required=False, type=click.Path(path_type=Path))
@_question_flags
@click.option("--set", "changes", multiple=True, metavar="TABLE.FIELD=VALUE", help="Change the question; beats flags.")
@click.option("--rules", multiple=True, type=click.Path(path_type=Path), help="A folder of more rules.")
@click.option("--facts", multiple=True, type=click.Path(path_type=Path), help="A folder of more facts.")
@click.option("--engine", help="durable, clips, or both with a comma, which compares them.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--explain", is_flag=True, help="Show the proof: every rule with its facts, sources and numbers.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the answer to a file.")
@click.option("--save", type=click.Path(path_type=Path), help="Keep the question as a config file.")
def ask(
    config: Path | None,
    changes: tuple[str, ...],
    rules: tuple[Path, ...],
    facts: tuple[Path, ...],
    engine: str | None,
    form: str,
    explain: bool,
    output: Path | None,
    save: Path | None,
    **flags: Any,
) -> None:
    """Ask a question, from a config file or by flags.

    Exit status: 0 it fits, 1 it does not, 2 the input cannot be understood, 3 the advisor failed,
    4 it cannot be told.
    """
    import advisor

    source: Path | Mapping[str, Any] = config if config is not None else {}
    answer = advisor.ask(source, rules=rules, facts=facts, engine=engine, changes=[*_given(flags), *changes])
    if save:
        from advisor.saving import save_question

        save_question(answer.question, save)
    _write(_shown(answer, form, explain, output), output)
    sys.exit(STATUSES[answer.status])


def _given(flags: Mapping[str, Any]) -> list[str]:
    """Flags as changes of the question. Texts are quoted, so that they stay texts."""
    from advisor.saving import toml_value

    given = {FLAGS[name.replace("_", "-")][0]: value for name, value in flags.items() if value is not None}
    return [f"{path}={toml_value(value)}" for path, value in given.items()]


def _shown(answer: Any, form: str, explain: bool, output: Path | None) -> str | None:
    """The answer as a text; None where it was drawn on the terminal."""
    if form == "json":
        return answer.to_json() + "\n"
    from advisor.answer.text import render, to_text

    if output:
        return to_text(answer.to_dict(figures=explain), explain=explain)
    from rich.console import Console

    render(answer.to_dict(figures=explain), Console(), explain)
    return None


def _write(text: str | None, output: Path | None) -> None:
    if text is None:
        return
    if output is None:
        encoding = sys.stdout.encoding or "utf-8"
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=False)
        return
    from advisor.saving import replace_file

    replace_file(output, text)


@main.command()
@click.argument("what", type=click.Choice(["answer"]))
def schema(what: str) -> None:
    """Print the JSON Schema of an answer."""
    import json

    from advisor.answer.schema import answer_schema

    click.echo(json.dumps(answer_schema(), indent=2))


def run() -> None:
    """The command, with every error said in words and none as a traceback."""
    try:
        main(prog_name="advisor")
    except AdvisorError as error:
        for problem in error.problems:
            click.echo(f"advisor: {problem}", err=True)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("ADVISOR_DEBUG"):
            raise
        text = f"{type(error).__name__}: {error}"
        click.echo(f"advisor: it failed, and should not have: {text} [internal]", err=True)
        click.echo("  Please report it with the question; ADVISOR_DEBUG=1 shows where it happened.", err=True)
        sys.exit(3)

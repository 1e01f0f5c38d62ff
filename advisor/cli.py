"""The command line: `advisor ask` and `advisor schema`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from advisor import __version__
from advisor.errors import AdvisorError, InputError

STATUSES = {"fits": 0, "tight": 0, "does-not-fit": 1, "cannot-run": 1, "unknown": 4}
INTERRUPTED = 130  # as shells have it
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
@click.option(
    "--set", "changes", multiple=True, metavar="TABLE.FIELD=VALUE", help="Change the question; beats flags."
)
@click.option("--rules", multiple=True, type=click.Path(path_type=Path), help="A folder of more rules.")
@click.option("--facts", multiple=True, type=click.Path(path_type=Path), help="A folder of more facts.")
@click.option("--engine", help="durable, clips, or both with a comma, which compares them.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--explain", is_flag=True, help="Show the proof: every rule with its facts, sources and numbers."
)
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
    with _pipe_that_may_break():
        _show(answer, form, explain, output)
    sys.exit(STATUSES[answer.status])


def _given(flags: Mapping[str, Any]) -> list[str]:
    """Flags as changes of the question. Texts are quoted, so that they stay texts."""
    from advisor.saving import toml_value

    given = {FLAGS[name.replace("_", "-")][0]: value for name, value in flags.items() if value is not None}
    return [f"{path}={toml_value(value)}" for path, value in given.items()]


def _show(answer: Any, form: str, explain: bool, output: Path | None) -> None:
    if output:
        from advisor.answer.text import to_text
        from advisor.saving import replace_file

        page = (
            answer.to_json() + "\n"
            if form == "json"
            else to_text(answer.to_dict(figures=explain), explain=explain)
        )
        replace_file(output, page)
    elif form == "json":
        click.echo(_encodable(answer.to_json()))
    else:
        _draw(answer.to_dict(figures=explain), explain)


def _draw(answer: Mapping[str, Any], explain: bool) -> None:
    from rich.console import Console

    from advisor.answer.text import render

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit, with a status that means something else here

    render(answer, Terminal(), explain)


def _encodable(text: str) -> str:
    """JSON in which what standard output cannot encode is escaped."""
    import json

    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), indent=2)
    return text


@contextmanager
def _pipe_that_may_break() -> Iterator[None]:
    """A reader that has seen enough of a pipe changes no status."""
    try:
        yield
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@main.command()
@click.argument("what", type=click.Choice(["answer", "config"]))
@click.option("--facts", multiple=True, type=click.Path(path_type=Path), help="A folder of more facts.")
def schema(what: str, facts: tuple[Path, ...]) -> None:
    """Print the JSON Schema of an answer, or of a config file."""
    import json

    from advisor.answer.schema import answer_schema
    from advisor.question_schema import config_schema

    with _pipe_that_may_break():
        click.echo(json.dumps(config_schema(facts) if what == "config" else answer_schema(), indent=2))


def run() -> None:
    """The command, with every error said in words and none as a traceback."""
    gc.disable()  # the process answers and ends: what it makes is needed to the end
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins reads every package
    try:
        main(prog_name="advisor", standalone_mode=False)
    except AdvisorError as error:
        for problem in error.problems:
            click.echo(_printable(f"advisor: {problem}"), err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(InputError.exit_status)
    except click.Abort:
        sys.exit(INTERRUPTED)
    except OSError as error:
        click.echo(f"advisor: the answer cannot be written: {error.strerror}", err=True)
        sys.exit(3)
    except Exception as error:
        if os.environ.get("ADVISOR_DEBUG"):
            raise
        text = f"{type(error).__name__}: {error}"
        click.echo(f"advisor: it failed, and should not have: {text} [internal]", err=True)
        click.echo("  Please report it with the question; ADVISOR_DEBUG=1 shows where it happened.", err=True)
        sys.exit(3)


def _printable(text: str) -> str:
    """With nothing in it that moves a cursor: names may come from anywhere."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)

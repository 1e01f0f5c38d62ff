"""`advisor ask`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from advisor.cli.output import console, encodable, pipe_that_may_break
from advisor.errors import InputError

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


def _question_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, (_, kind, text) in reversed(FLAGS.items()):
        command = click.option(f"--{name}", type=kind, help=text)(command)
    return command


@click.command()
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
    given = {name.replace("_", "-"): value for name, value in flags.items() if value is not None}
    with _flags_by_name(given):
        changed = [*_as_changes(given), *changes]
        answer = advisor.ask(source, rules=rules, facts=facts, engine=engine, changes=changed)
    if save:
        from advisor.saving import save_question

        save_question(answer.question, save)
    with pipe_that_may_break():
        _show(answer, form, explain, output)
    sys.exit(STATUSES[answer.status])


@contextmanager
def _flags_by_name(given: Mapping[str, Any]) -> Iterator[None]:
    """What is wrong with a flag is said of that flag, and not of the change that it makes."""
    names = {f"--set {FLAGS[name][0]}": name for name in given}
    try:
        yield
    except InputError as error:
        told = [replace(p, file=f"--{names[p.file]}") if p.file in names else p for p in error.problems]
        raise type(error)(told) from None


def _as_changes(given: Mapping[str, Any]) -> list[str]:
    """Flags as changes of the question. Texts are quoted, so that they stay texts."""
    from advisor.saving import toml_value

    return [f"{FLAGS[name][0]}={toml_value(value)}" for name, value in given.items()]


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
        click.echo(encodable(answer.to_json()))
    else:
        _draw(answer.to_dict(figures=explain), explain)


def _draw(answer: Mapping[str, Any], explain: bool) -> None:
    from advisor.answer.text import render

    with console() as page:
        render(answer, page, explain)

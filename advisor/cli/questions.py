"""What the commands that ask share: the options that make a question, and where its answer goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
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
FILE = click.Path(path_type=Path)
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question as a command was given it, the folders and the engine, and where the answer goes."""

    source: Path | Mapping[str, Any]
    flags: Mapping[str, Any]
    sets: tuple[str, ...]
    rules: tuple[Path, ...]
    facts: tuple[Path, ...]
    engine: str | None
    form: str
    output: Path | None

    @property
    def by_flags(self) -> list[str]:
        """Flags as changes of the question. Texts are quoted, so that they stay texts."""
        from advisor.saving import toml_value

        return [f"{FLAGS[name][0]}={toml_value(value)}" for name, value in self.flags.items()]

    @property
    def changes(self) -> list[str]:
        """All changes; what is set beats what flags say."""
        return [*self.by_flags, *self.sets]

    @contextmanager
    def naming(self, over: Collection[str] = ()) -> Iterator[None]:
        """What is wrong with a flag is said of that flag, and not of the change that it makes.

        So are values of the fields that a grid goes over.
        """
        names = {f"--set {FLAGS[name][0]}": f"--{name}" for name in self.flags}
        names |= {f"--set {path}": f"--over {path}" for path in over}
        try:
            yield
        except InputError as error:
            told = [replace(p, file=names.get(p.file or "", p.file)) for p in error.problems]
            raise type(error)(told) from None

    def deliver(
        self,
        found: Table,
        draw: Callable[[Any, Table], None],
        pages: Mapping[str, Callable[[Table], str]] | None = None,
    ) -> None:
        """Write what was found: as JSON, as text that `draw` draws, or in one of the other forms."""
        with pipe_that_may_break():
            if self.form == "text" and not self.output:
                with console() as terminal:
                    draw(terminal, found)
            elif self.form == "text":
                from advisor.answer.text.page import drawn

                self._put(drawn(lambda page: draw(page, found)))
            else:
                self._put({"json": _json, **(pages or {})}[self.form](found))

    def _put(self, page: str) -> None:
        if self.output:
            from advisor.saving import replace_file

            replace_file(self.output, page)
        else:
            click.echo(self._encodable(page).removesuffix("\n"))

    def _encodable(self, page: str) -> str:
        """The page in characters that standard output has."""
        if self.form == "json":
            return encodable(page)
        from advisor.answer.text import page as text_page

        return text_page.encodable(page, getattr(sys.stdout, "encoding", None) or "utf-8")


def asking(*forms: str, sets: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that make a question; the command gets them as one `asked`. `sets` says what --set does."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def call(
            config: Path | None,
            sets: tuple[str, ...],
            rules: tuple[Path, ...],
            facts: tuple[Path, ...],
            engine: str | None,
            form: str,
            output: Path | None,
            **rest: Any,
        ) -> None:
            said = {name: rest.pop(name.replace("-", "_")) for name in FLAGS}
            flags = {name: value for name, value in said.items() if value is not None}
            source = config if config is not None else {}
            command(Asked(source, flags, sets, rules, facts, engine, form, output), **rest)

        for option in reversed(_options(forms, sets)):
            call = option(call)
        return call

    return decorate


def _options(forms: tuple[str, ...], sets: str) -> list[Callable[..., Any]]:
    kinds = click.Choice(["text", "json", *forms])
    return [
        click.argument("config", required=False, type=FILE),
        *(click.option(f"--{name}", type=kind, help=text) for name, (_, kind, text) in FLAGS.items()),
        click.option("--set", "sets", multiple=True, metavar="TABLE.FIELD=VALUE", help=sets),
        click.option("--rules", multiple=True, type=FILE, help="A folder of more rules."),
        click.option("--facts", multiple=True, type=FILE, help="A folder of more facts."),
        click.option("--engine", help="durable, clips, or both with a comma, which compares them."),
        click.option("--format", "form", type=kinds, default="text", show_default=True),
        click.option("--output", type=FILE, help="Write the answer to a file."),
    ]


def _json(found: Table) -> str:
    import json

    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"

"""What commands share: consoles, encodings, pipes that break, places that must exist."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


def console() -> Console:
    """Standard output as rich has it, which ends no process when a pipe breaks.

    What is drawn `with` it is written at the end, which is quicker than line by line.
    """
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit, with a status that means something else here

    terminal = Terminal()
    terminal.size = terminal.size  # it stays so to the end; rich would ask again for each line
    return terminal


def encodable(text: str) -> str:
    """JSON in which what standard output cannot encode is escaped."""
    import json

    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), indent=2)
    return text


@contextmanager
def pipe_that_may_break() -> Iterator[None]:
    """A reader that has seen enough of a pipe changes no status."""
    try:
        yield
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def put(found: Mapping[str, Any], form: str, write: Callable[..., None]) -> None:
    """What was found, as JSON or as `write` draws it."""
    with pipe_that_may_break():
        if form == "json":
            import json

            click.echo(encodable(json.dumps(found, indent=2, ensure_ascii=False)))
        else:
            with console() as page:
                write(page, found)


def existing(path: Path) -> Path:
    """The path, of which there must be something. Raises InputError."""
    from advisor.errors import InputError, Problem

    if not path.exists():
        raise InputError([Problem("file-missing", f"there is no folder or file {path}")])
    return path


def printable(text: str) -> str:
    """With nothing in it that moves a cursor: names may come from anywhere."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)

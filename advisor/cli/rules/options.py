"""Options that commands over rules share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Paths = tuple[Path, ...]
PLACE = click.Path(path_type=Path)


def folders(command: Callable[..., Any]) -> Callable[..., Any]:
    """Folders after those that ship."""
    command = click.option("--facts", multiple=True, type=PLACE, help="A folder of more facts.")(command)
    return click.option("--rules", multiple=True, type=PLACE, help="A folder of more rules.")(command)


def form(command: Callable[..., Any]) -> Callable[..., Any]:
    """Text or JSON."""
    forms = click.Choice(["text", "json"])
    return click.option("--format", "form", type=forms, default="text", show_default=True)(command)

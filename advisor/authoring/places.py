"""Folders and files that a command is asked about, among all that are read, and the rules in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from advisor.facts.load import named
from advisor.rules.model import Rule


def once(places: Sequence[Path]) -> list[Path]:
    """Without those that lie inside an earlier one, and so are read with it."""
    whole = [place.resolve() for place in places]
    return [
        place
        for number, place in enumerate(places)
        if not any(whole[number].is_relative_to(earlier) for earlier in whole[:number])
    ]


def names_of(places: Sequence[Path], asked: Sequence[Path]) -> Iterator[str]:
    """How messages call what lies at the paths asked for: a file, or a folder with all that is in it."""
    for name, place in named(places):
        whole = place.resolve()
        for path in map(Path.resolve, asked):
            if whole.is_relative_to(path):
                yield str(place) if place.is_file() else name
            elif path.is_relative_to(whole):
                yield f"{name}/{path.relative_to(whole).as_posix()}"


def within(file: str, names: Sequence[str]) -> bool:
    """Whether a file is one of these, or lies in one of them."""
    return any(file == name or file.startswith(f"{name}/") for name in names)


def stands(rule: Rule, names: Sequence[str]) -> bool:
    """Whether the rule, or a change of it, stands there."""
    return any(within(file, names) for file in (rule.file, *(change.file for change in rule.changes)))

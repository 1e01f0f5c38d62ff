"""Names cut into the words by which they are compared."""

from __future__ import annotations

import re

_RUNS = re.compile(r"[^\W_]+(?:[.+]+[^\W_]+)*\+*")
_SEAMS = re.compile(r"(?<=[^\W\d_]{2})(?=\d)|(?<=\d)(?=[^\W\d_]{2})")
_REPOSITORY = re.compile(r"[^\s/]+/([^\s/]+)")


def words_of(name: str) -> frozenset[str]:
    """The words of a name: "RTX4090-24GB" has rtx, 4090, 24 and gb; "Qwen2.5 7B" has qwen, 2.5 and 7b."""
    return frozenset(words_in_order(name))


def words_in_order(name: str) -> list[str]:
    return [word for run in _RUNS.findall(name.lower()) for word in _SEAMS.split(run)]


def forms_of(name: str) -> tuple[str, ...]:
    """A name, and without its owner where it is a repository: "org/model" is also called "model"."""
    repository = _REPOSITORY.fullmatch(name)
    return (name, repository[1]) if repository else (name,)


def plain(name: str) -> str:
    """Lower case, with single spaces."""
    return " ".join(name.lower().split())

"""Records: what a question was, what was answered, and everything that the answer came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from advisor.answer.answer import Answer
from advisor.audit.records.body import body_of
from advisor.audit.records.form import body_digest, record_of
from advisor.audit.records.texts import texts_of
from advisor.facts.load import named
from advisor.folders import all_paths
from advisor.installation import Installation


def record(answer: Answer, made: Installation) -> tuple[str, str]:
    """The record of an answer, and the SHA-256 of its body. Reads the rules again, for their texts."""
    body = body_today(answer, made)
    return record_of(body, answer.to_dict()), body_digest(body)


def body_today(answer: Answer, made: Installation) -> dict[str, Any]:
    """The body of the record of an answer, by an installation made from folders."""
    places = all_paths(made.own)
    body = body_of(answer, made.library, texts_of(*places))
    paths = {name: short for folders in places for name, short in _names(folders)}
    return _renamed(body, paths) if paths else body


def _names(folders: Iterable[Path]) -> Iterable[tuple[str, str]]:
    """Folders that are told of by their whole path, with a name that is the same on every machine."""
    for number, (name, folder) in enumerate(named(folders), 1):
        if name != folder.name:
            yield name, f"{folder.name}~{number}"


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """With the names of files that stand in such folders changed."""
    if isinstance(value, dict):
        return {
            key: _file(each, names) if key == "file" else _renamed(each, names) for key, each in value.items()
        }
    return [_renamed(each, names) for each in value] if isinstance(value, list) else value


def _file(name: str | None, names: Mapping[str, str]) -> str | None:
    for path, short in names.items():
        if name and name.startswith(f"{path}/"):
            return short + name[len(path) :]
    return name

"""The pages of all rules, with their index: made, compared with those in a folder, and written there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from advisor.documents import Document
from advisor.errors import InputError, Problem
from advisor.facts.kinds import Kinds
from advisor.facts.load import read_folders
from advisor.lookup.rule_card import Cards
from advisor.lookup.rule_page import MARK, page, path_of
from advisor.lookup.rules import abouts, by_topic
from advisor.markdown import code, link, linked, text
from advisor.rules.model import Disabled, Rule
from advisor.rules.rulebook import Rulebook
from advisor.saving import replace_file

INDEX = "README.md"


@dataclass(frozen=True)
class Stale:
    """Pages by their way from the folder: not there, other than they should be, and of no rule in effect."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    surplus: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Each page, and what is wrong with it."""
        named = (("missing", self.missing), ("stale", self.changed), ("of no rule", self.surplus))
        yield from ((path, wrong) for wrong, paths in named for path in paths)


def pages(rulebook: Rulebook, kinds: Kinds, folders: Sequence[Path], output: Path) -> dict[str, str]:
    """Every page by its way from the folder in which it is to stand."""
    groups, _ = read_folders(folders)
    topics, cards = by_topic(rulebook), Cards(rulebook, kinds)
    files = _Files(folders, groups, output)
    about = abouts(document for group in groups for document in group)
    made = {INDEX: _index(topics, about, rulebook.disabled)}
    for rule in rulebook:
        path = path_of(rule.id)
        made[path] = page(rule, cards.of(rule), partial(files.link, path))
    return made


class _Files:
    """The files of rules, and the ways to those that lie beside the pages.

    Others are not linked to: where they lie is a matter of this machine.
    """

    def __init__(self, folders: Sequence[Path], groups: Sequence[Sequence[Document]], output: Path) -> None:
        self.output = _absolute(output)
        self.files: dict[str, tuple[Path, Path]] = {}  # by name: the parent of its folder, and the rest
        for folder, group in zip(map(_absolute, folders), groups, strict=True):
            for each in group:
                rest = (folder.parent / each.name).relative_to(folder.parent)
                self.files[each.name] = (folder.parent, rest)

    def link(self, page: str, name: str) -> str:
        """The file as a link from a page, or its name alone."""
        parent, rest = self.files[name]
        shown = code(rest.as_posix())
        if not self.output.is_relative_to(parent):
            return shown
        return link(shown, Path(os.path.relpath(parent / rest, self.output / Path(page).parent)).as_posix())


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _index(
    topics: Mapping[str, Sequence[Rule]], about: Mapping[str, str], disabled: Sequence[Disabled]
) -> str:
    count = sum(map(len, topics.values()))
    links = [f"[{topic}](#{topic}) ({len(rules)})" for topic, rules in topics.items()]
    parts = [
        MARK,
        "# Rules",
        f"{count:,} rules in {len(topics):,} topics, a page for each rule. A topic is a file of rules.",
        ", ".join(links),
    ]
    for topic, rules in topics.items():
        rows = [f"- {_linked(rule)}{_severity(rule)}: {text(rule.summary)}" for rule in rules]
        parts += [f"## {topic}", *([linked(about[topic])] if topic in about else []), "\n".join(rows)]
    if disabled:
        rows = [f"- {code(one.rule)}: {text(one.summary)} Left out: {text(one.reason)}" for one in disabled]
        parts += ["## Left out by later folders", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _linked(rule: Rule) -> str:
    return link(rule.id.partition(".")[2], path_of(rule.id))


def _severity(rule: Rule) -> str:
    return f" ({rule.severity})" if rule.severity else ""


def stale(made: Mapping[str, str], folder: Path) -> Stale:
    """What of the folder is not as it should be. Raises InputError for a file that is not ours to write."""
    there = {path: _read(folder / path) for path in made if (folder / path).exists()}
    foreign = [path for path, content in there.items() if not _ours(content)]
    if foreign:
        raise InputError([_foreign(folder / path) for path in foreign])
    written = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.md") if _ours(_read(path))}
    return Stale(
        tuple(sorted(made.keys() - there.keys())),
        tuple(sorted(path for path in there if there[path] != made[path])),
        tuple(sorted(written - made.keys())),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):  # a folder, or no text: nothing that was written here
        return ""


def _ours(content: str) -> bool:
    return content.startswith(MARK)


def _foreign(path: Path) -> Problem:
    hint = "Move it, or name another folder with --output."
    return Problem("page-foreign", "this file was not written by `advisor rules doc`", hint, str(path))


def write(made: Mapping[str, str], found: Stale, folder: Path) -> None:
    """Bring the folder up to date. Raises InputError where it cannot be written to."""
    try:
        for path in (*found.missing, *found.changed):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            replace_file(folder / path, made[path])
        for path in found.surplus:
            (folder / path).unlink()
            if not any((folder / path).parent.iterdir()):
                (folder / path).parent.rmdir()
    except OSError as error:
        text = f"cannot write {folder}: {error.strerror}"
        raise InputError([Problem("file-unwritable", text, None, str(folder))]) from None

"""`advisor why-not`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.questions import Asked, asking

if TYPE_CHECKING:
    from advisor.answer.answer import Answer
    from advisor.rules.rulebook import Rulebook


@click.command("why-not", short_help="Why a rule did not fire, or a remedy is not proposed.")
@asking("markdown", sets="Change the question; beats flags.")
@click.argument("words", nargs=-1, metavar="RULE_OR_REMEDY")
def why_not(asked: Asked, words: tuple[str, ...]) -> None:
    """Why a rule did not fire: every premise ticked or crossed with its values, the nearest miss first.

    CONFIG is a file that exists or ends in .toml or .json; without it, flags make the question.
    RULE_OR_REMEDY is the id of a rule (also without its topic), words of a remedy's title or kind, or changes
    such as deployment.weights=nf4.

    Exit status: 0 it is explained, 2 the input cannot be understood, 3 the advisor failed.
    """
    from advisor.audit.why_not.inquiry import why_not as inquire
    from advisor.audit.why_not.markdown import to_markdown
    from advisor.audit.why_not.text import write_why_not
    from advisor.cli.subjects import subject

    asked, words = _parted(asked, words)
    if not words:
        raise click.UsageError("say which rule or remedy: its id, words of its title, or table.field=value")
    first = subject(asked, remedies=False)

    def ask(remedies: bool) -> Answer:
        looked_for = first.answer.remedies is not None
        return first.answer if looked_for or not remedies else subject(asked).answer

    def whole() -> Rulebook:
        from advisor import snapshot
        from advisor.folders import folders_in_effect

        return snapshot.load(*folders_in_effect(asked.rules, asked.facts), whole=True)[1]

    found = inquire(words, first.made.rulebook, ask, first.variant, whole)
    asked.deliver(found, write_why_not, {"markdown": to_markdown})


def _parted(asked: Asked, words: tuple[str, ...]) -> tuple[Asked, tuple[str, ...]]:
    """The file, and the words; what is no file is the first of the words."""
    if not isinstance(asked.source, Path) or _is_file(asked.source):
        return asked, words
    return replace(asked, source={}), (str(asked.source), *words)


def _is_file(path: Path) -> bool:
    return path.suffix in (".toml", ".json") or path.is_file()

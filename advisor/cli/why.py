"""`advisor why`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.questions import Asked, asking
from advisor.cli.subjects import Subject, subject

if TYPE_CHECKING:
    from advisor.audit.why.select import Finder
    from advisor.audit.why.select import Subject as Chosen


@click.command(short_help="Prove what an answer says, down to what is given.")
@asking("markdown", "mermaid", sets="Change the question; beats flags.")
@click.option("--depth", type=click.IntRange(1), help="Cut the proof after so many derivations.")
@click.argument("said", nargs=-1, metavar="[ID or text]")
def why(asked: Asked, depth: int | None, said: tuple[str, ...]) -> None:
    """Prove what an answer says: the rules, their arithmetic, and what is given, with its sources.

    CONFIG is a question, or a record of one that was asked. ID or text says what is to be proved: the id of
    a conclusion, a rule, a firing (r12) or a fact (f3), a fact such as memory, a memory component, a figure
    such as memory.required_bytes, remedy-1, or words of a conclusion, a remedy, a rule or a fact. Without
    it: the verdict.

    Exit status: 0 it is shown, 2 the input cannot be understood, 3 the advisor failed.
    """
    from advisor.audit.why.markdown import to_markdown
    from advisor.audit.why.mermaid import to_mermaid
    from advisor.audit.why.text import write_why
    from advisor.audit.why.why import why as proof

    asked, words = _told_apart(asked, said)
    spoken, finder, chosen = _choose(asked, " ".join(words))
    found = proof(finder.answer, chosen, spoken.variant, depth)
    asked.deliver(found, write_why, {"markdown": to_markdown, "mermaid": to_mermaid})


def _told_apart(asked: Asked, said: tuple[str, ...]) -> tuple[Asked, tuple[str, ...]]:
    """The first word is no file, and belongs to the text, where options make the question."""
    source = asked.source
    if not isinstance(source, Path) or source.exists() or source.suffix in (".toml", ".json"):
        return asked, said
    if not (asked.flags or asked.sets):
        return asked, said
    return replace(asked, source={}), (str(source), *said)


def _choose(asked: Asked, said: str) -> tuple[Subject, Finder, Chosen]:
    """What is meant, and the answer in which. Remedies are looked for where nothing is called so."""
    from advisor.audit.why.select import Finder, asks_for_remedy, one_of, rule_called

    spoken = subject(asked, remedies=asks_for_remedy(said))
    finder = Finder(spoken.answer.to_dict())
    if not said.strip():
        return spoken, finder, finder.verdict()
    found = finder.named(said)
    rules = [rule.id for rule in spoken.made.rulebook.of_questions]
    if not found and not rule_called(said, rules) and spoken.answer.remedies is None:
        spoken = subject(asked, remedies=True)
        finder = Finder(spoken.answer.to_dict())
    return spoken, finder, one_of(found or finder.find(said), said, finder, rules)

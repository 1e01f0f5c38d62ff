"""The prose summary of an answer as paragraphs, each sentence with what says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console

from advisor.answer.text.figures import Table
from advisor.answer.text.page import Page, Part, drawn

#: How paragraphs begin that would else begin with a bare change.
LEADS = {"remedy": "What to do", "otherwise": "If that is not possible"}


def to_prose(answer: Table, width: int | None = None) -> str:
    """The same text whatever the environment says; 80 columns unless told."""
    return drawn(lambda console: render_prose(answer, console), width)


def render_prose(answer: Table, console: Console) -> None:
    page = Page(console)
    for number, (lead, sentences) in enumerate(paragraphs(answer)):
        if number:
            page.blank()
        parts: list[Part] = [(f"{lead}: ", "bold")] if lead else []
        for one in sentences:
            parts += [" " if one is not sentences[0] else "", one["text"], (f" [{tie(answer, one)}]", "dim")]
        page.paragraph(*parts)


def paragraphs(answer: Table) -> Iterator[tuple[str, Sequence[Table]]]:
    """How each begins, and its sentences: a part each, the verdict with its reasons."""
    told = answer.get("summary") or []
    for part, found in groupby(told, lambda one: "verdict" if one["part"] == "reason" else one["part"]):
        yield LEADS.get(part, ""), list(found)


def tie(answer: Table, sentence: Table) -> str:
    """What says it: a remedy by its number, all else by the rule; without one the verdict."""
    numbered = {one["rank"] for one in answer.get("remedies") or [] if one.get("verified")}
    if sentence["remedy"] in numbered:
        return f"remedy {sentence['remedy']}"
    return str(sentence["rule"] or "verdict")

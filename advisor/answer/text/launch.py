"""The command that runs the answer, wrapped so that it can be copied into a shell."""

from __future__ import annotations

import shlex

from advisor.answer.text.figures import Table
from advisor.answer.text.page import Page


def write_launch(page: Page, run: Table | None) -> None:
    """The section `Run it`, where there is a command or a reason why there is none."""
    if not run:
        return
    page.heading("Run it")
    words = [shlex.join(argument) for argument in run.get("arguments") or []]
    if words:
        page.flow([page.text((each, "cyan")) for each in words], indent=2, gap=" ", cut=" \\")
    for note in run.get("notes") or []:
        page.paragraph(note, indent=2, lead=page.glyph("bullet"))

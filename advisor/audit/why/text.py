"""A proof as text: what is proved, and the tree of what it rests on."""

from __future__ import annotations

from rich.console import Console

from advisor.answer.text.figures import Table, settings, short_digest
from advisor.answer.text.page import Page
from advisor.answer.text.proof import Writer
from advisor.audit.why.words import agreement, heading, introduction


def write_why(console: Console, found: Table) -> None:
    page = Page(console)
    page.paragraph((heading(found), "bold"))
    for line in introduction(found):
        page.paragraph(line)
    for proof in found["proofs"]:
        if proof["title"]:
            page.heading(proof["title"])
        if proof["set"]:
            page.flow([page.text((each, "cyan")) for each in settings(proof["set"])], gap=" ", cut=" \\")
        if proof["promised"]:
            page.paragraph(agreement(proof))
        facts, firings = ({one["id"]: one for one in proof[name]} for name in ("facts", "firings"))
        Writer(page, facts, firings).write(proof["lines"], 2 * bool(proof["title"]))
    page.blank()
    page.paragraph((f"answer {short_digest(found['digest'])}", "dim"))

"""What an audit found, as text: whether a record holds, and what made a difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from advisor.answer.text.difference import write_difference
from advisor.answer.text.figures import place
from advisor.answer.text.page import Page
from advisor.answer.text.remedies import words

Table = dict[str, Any]
_REMEDIES = (
    ("only_before", "Remedies that there are no more"),
    ("only_after", "New remedies"),
    ("otherwise", "Remedies that come to something else"),
)
_MOST = 8  # changes on which no figure rests; JSON has them all


def write_verification(console: Console, found: Table) -> None:
    """Write what `verified` found."""
    page = Page(console)
    page.paragraph(*_verdict(found))
    if found["record"]:
        _write_head(page, found["record"])
    page.heading("Intact" if found["intact"] else "Not intact")
    for check in found["checks"]:
        mark = page.glyph("proved" if check["holds"] else "failed"), "green" if check["holds"] else "red"
        page.paragraph((check["name"], "bold"), f": {check['text']}", indent=2, lead=mark)
    if found["now"]:
        _write_now(page, found["now"])


def _verdict(found: Table) -> list[tuple[str, str]]:
    if not found["intact"]:
        return [("NOT INTACT", "bold red"), (": this is not what was recorded, or it does not follow.", "")]
    if found["current"]:
        return [("INTACT AND CURRENT", "bold green"), (": it follows, and today's answer is the same.", "")]
    return [("INTACT, NOT CURRENT", "bold yellow"), (": it follows, and today's answer is another.", "")]


def _write_head(page: Page, record: Table) -> None:
    engine = " ".join(map(str, record["engine"].values()))
    page.paragraph(f"Made {record['made']} by advisor {record['advisor']} with {engine}.", indent=2)
    page.paragraph(f"{words(record['verdict']['status'])}: {record['verdict']['summary']}", indent=2)


def _write_now(page: Page, now: Table) -> None:
    page.heading("Current" if now["current"] else "Not current")
    for text in now["refused"]:
        page.paragraph(f"the question cannot be asked today: {text}", indent=2, lead=page.glyph("failed"))
    if now["changes"]:
        write_changes(page, now["changes"])


def write_changes(page: Page, changes: Table) -> None:
    """Rules and facts that differ, then the answers side by side where they do."""
    found = [*changes["rules"], *changes["facts"]]
    _write_list(page, "Figures rest on these changes:", [each for each in found if each["decides"]])
    _write_list(page, "No figure rests on these:", [each for each in found if not each["decides"]])
    if not found:
        page.paragraph("No rule and no fact differs.", indent=2)
    for side, title in _REMEDIES:
        _write_titles(page, title, changes["remedies"][side])
    if not changes["answers"]["same"] or changes["answers"]["changes"]:
        page.blank()
        write_difference(page.console, changes["answers"], asked=False)


def _write_titles(page: Page, title: str, remedies: Sequence[str]) -> None:
    if remedies:
        page.paragraph(f"{title}: {'; '.join(remedies)}.", indent=2)


def _write_list(page: Page, title: str, changes: Sequence[Table]) -> None:
    if changes:
        page.paragraph(title, indent=2)
    for change in changes[:_MOST]:
        page.paragraph(change["text"], (f" [{place(change)}]", "dim"), indent=4, lead=page.glyph("bullet"))
    if len(changes) > _MOST:
        page.paragraph((f"and {len(changes) - _MOST} more, which --format json has", "dim"), indent=6)


def write_audit_difference(console: Console, found: Table) -> None:
    """Write what `audit diff` found."""
    page = Page(console)
    same = found["changes"]["same"]
    page.paragraph(("THE SAME" if same else "NOT THE SAME", "bold"), ": " + _both_say(found))
    for side in ("before", "after"):
        record = found[side]
        page.paragraph(
            f"{record['name']}, made {record['made']}", indent=2, lead=(f"{side.capitalize()}:", "dim")
        )
    write_changes(page, found["changes"])


def _both_say(found: Table) -> str:
    said = [words(found[side]["verdict"]["status"]) for side in ("before", "after")]
    return (
        f"both say {said[0]}." if said[0] == said[1] else f"the first says {said[0]}, the second {said[1]}."
    )

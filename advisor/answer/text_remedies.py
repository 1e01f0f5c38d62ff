"""The remedies, best first: what to change, whether it was proved, what came out, what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.answer.text_figures import Table, gib, rate, settings, short_digest
from advisor.answer.text_page import Page

GOOD, BAD = ("fits", "tight"), ("does-not-fit", "cannot-run")


def words(status: str | None) -> str:
    return (status or "unknown").replace("-", " ")


def write_remedies(page: Page, answer: Table, explain: bool = False) -> None:
    remedies = answer.get("remedies") or []
    status = (answer.get("verdict") or {}).get("status")
    if not remedies and status not in BAD:
        return
    page.heading("What you can do")
    if not remedies:
        page.paragraph("No rule proposes a change.", indent=2)
    for remedy in sorted(remedies, key=lambda one: one.get("rank") or 0):
        _write(page, remedy, explain)
    _write_not_asked(page, answer.get("not_asked") or 0)


def _write_not_asked(page: Page, count: int) -> None:
    if count:
        page.paragraph(f"Not asked, because they change what the goals keep: {count} more.", indent=2)


def _write(page: Page, remedy: Table, explain: bool) -> None:
    lead = f"{remedy.get('rank', '-'):>2}."
    page.paragraph((remedy.get("title") or remedy.get("kind") or "", "bold"), indent=1, lead=(lead, "bold"))
    _write_mark(page, remedy, explain)
    if remedy.get("text"):
        page.paragraph(remedy["text"], indent=5)
    _write_costs(page, remedy.get("costs") or [])
    if remedy.get("set"):
        items = [page.text((line, "cyan")) for line in settings(remedy["set"])]
        page.flow(items, indent=5, gap=" ", cut=" \\")


def _write_costs(page: Page, costs: Sequence[str]) -> None:
    if costs:
        page.paragraph(("Costs: ", "dim"), " ".join(costs), indent=5)


def _write_mark(page: Page, remedy: Table, explain: bool) -> None:
    glyph, mark, style = _mark(remedy)
    figures = ", ".join(_outcome(page, remedy.get("outcome") or {}, explain))
    said = f": {figures}" if figures else ""
    page.paragraph((mark, style), said, indent=5, lead=(page.glyph(glyph), style))


def _mark(remedy: Table) -> tuple[str, str, str]:
    """Glyph, word and style. What was asked and did not work is never dressed as proved to work."""
    outcome = remedy.get("outcome") or {}
    if remedy.get("verified") is None:
        return "bullet", "advice", "cyan"
    if not remedy["verified"]:
        return "open", "proposed, not yet proved", "yellow"
    if outcome.get("status", "fits") in GOOD:
        return "proved", "proved", "green"
    if outcome["status"] in BAD:
        return "failed", "proved not to be enough", "red"
    return "open", "asked, not proved", "yellow"


def _outcome(page: Page, outcome: Table, explain: bool) -> Iterator[str]:
    if outcome.get("status"):
        yield words(outcome["status"])
    if outcome.get("required_bytes") is not None:
        yield f"{gib(outcome['required_bytes'])} of {gib(outcome.get('usable_bytes'))} usable"
    if outcome.get("decode_tokens_per_second") is not None:
        yield f"{rate(outcome['decode_tokens_per_second'], page.glyph('to'))} decode"
    if explain and outcome.get("digest"):
        yield f"answer {short_digest(outcome['digest'])}"

"""The remedies, best first: what to change, what came out when it was asked, what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.answer.remedy_words import (
    BAD,
    milder_words,
    nothing,
    outcome_words,
    price_words,
    quality_words,
    short_of,
    words,
)
from advisor.answer.text.figures import Table, settings
from advisor.answer.text.page import Page

_NOT_ENOUGH = 6  # changes that do not work by themselves, named without --explain


def write_remedies(page: Page, answer: Table, explain: bool = False) -> None:
    remedies = sorted(answer.get("remedies") or [], key=lambda one: one.get("rank") or 0)
    search = answer.get("search") or {}
    status = (answer.get("verdict") or {}).get("status")
    if not remedies and (status not in BAD or answer.get("search", search) is None):
        return
    page.heading("What you can do")
    proved = [one for one in remedies if one.get("verified") is not None]
    advice = [one for one in remedies if one.get("verified") is None]
    if not proved:
        page.paragraph(nothing(search), indent=2)
    _write_ranking(page, search, len(proved), explain)
    for remedy in proved:
        _write(page, remedy, explain)
    _write_rest(page, search, answer.get("not_asked") or 0, explain)
    _write_not_enough(page, search.get("not_enough") or [], explain)
    _write_considered(page, search.get("considered") or [] if explain else ())
    for remedy in advice:
        _write_advice(page, remedy, explain)


def _write_ranking(page: Page, search: Table, proved: int, explain: bool) -> None:
    ranking = search.get("ranking") or []
    if proved > 1 and ranking:
        order = ", then ".join(str(one.get("figure")) for one in ranking)
        page.paragraph((f"Each was asked again and works. In order of: {order}.", "dim"), indent=2)
    for one in ranking if explain and proved else ():
        page.paragraph(f"{one.get('figure')}: {one.get('meaning')}", indent=4, lead=page.glyph("bullet"))


def _write_rest(page: Page, search: Table, kept: int, explain: bool) -> None:
    more, outdone = search.get("more") or [], search.get("outdone") or []
    if more:
        page.paragraph(f"{len(more)} more that work:", indent=2)
    _write_names(page, more)
    told = [f"{len(outdone)} work, and another is no worse in any respect" if outdone else ""]
    told += [f"{kept} change what the goals keep, and were not asked" if kept else ""]
    told += ["the limit of variants was reached, so others may work too" if search.get("cut_short") else ""]
    if any(told):
        page.paragraph(("Beside these: " + "; ".join(each for each in told if each) + ".", "dim"), indent=2)
    _write_names(page, outdone if explain else ())


def _write_names(page: Page, found: Sequence[Table]) -> None:
    for one in found:
        page.paragraph(f"{one.get('title')}: {words(one.get('status'))}", indent=4, lead=page.glyph("bullet"))


def _write_not_enough(page: Page, found: Sequence[Table], explain: bool) -> None:
    """What people would try first, and why it is not among the remedies."""
    shown = found if explain else found[:_NOT_ENOUGH]
    if shown:
        page.paragraph("Not enough alone:", indent=2)
    for one in shown:
        page.paragraph(f"{one.get('title')}: {short_of(one)}", indent=4, lead=page.glyph("bullet"))
    if len(found) > len(shown):
        page.paragraph((f"and {len(found) - len(shown)} more, which --explain shows", "dim"), indent=4)


def _write_considered(page: Page, levers: Sequence[Table]) -> None:
    if levers:
        page.paragraph("Considered, the mildest first:", indent=2)
    for one in levers:
        told = f": {'; '.join(one.get('settings') or [])}"
        page.paragraph((str(one.get("rule")), "bold"), told, indent=4, lead=page.glyph("bullet"))


def _write(page: Page, remedy: Table, explain: bool) -> None:
    lead = f"{remedy.get('rank', '-'):>2}."
    page.paragraph((remedy.get("title") or remedy.get("kind") or "", "bold"), indent=1, lead=(lead, "bold"))
    _write_mark(page, remedy, explain)
    if remedy.get("text"):
        page.paragraph(remedy["text"], indent=5)
    outcome = remedy.get("outcome") or {}
    for label, said in (("Quality", quality_words(outcome)), ("Price", price_words(outcome))):
        if said:
            page.paragraph((f"{label}: ", "dim"), str(said), indent=5)
    _write_costs(page, remedy.get("costs") or [])
    _write_milder(page, remedy.get("one_step_milder"))
    if remedy.get("set"):
        items = [page.text((line, "cyan")) for line in settings(remedy["set"])]
        page.flow(items, indent=5, gap=" ", cut=" \\")


def _write_costs(page: Page, costs: Sequence[str]) -> None:
    if costs:
        page.paragraph(("Costs: ", "dim"), " ".join(costs), indent=5)


def _write_milder(page: Page, milder: Table | None) -> None:
    if milder:
        page.paragraph(("One step milder: ", "dim"), milder_words(milder), indent=5)


def _write_advice(page: Page, remedy: Table, explain: bool) -> None:
    title = (str(remedy.get("title") or remedy.get("kind") or ""), "bold")
    mark, said = (" (advice)", "dim"), f": {remedy['text']}" if remedy.get("text") else ""
    page.paragraph(title, mark, said, indent=2, lead=page.glyph("bullet"))
    if explain:
        _write_costs(page, remedy.get("costs") or [])


def _write_mark(page: Page, remedy: Table, explain: bool) -> None:
    figures = ", ".join(outcome_words(remedy.get("outcome") or {}, explain))
    said = f": {figures}" if figures else ""
    page.paragraph(("proved", "green"), said, indent=5, lead=(page.glyph("proved"), "green"))

"""Why not, as text: premises ticked and crossed, the nearest first. It shows only what the JSON holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.answer.key_figures import KEY_FIGURES
from advisor.answer.text.columns import joined, padded, total, widths
from advisor.answer.text.figures import Table, measure, place, rate, settings
from advisor.answer.text.page import Page, Part
from advisor.answer.text.remedies import words

GLYPHS = {"true": "proved", "false": "failed", "unknown": "open", "not-reached": "info"}
STYLES = {"true": "green", "false": "red", "unknown": "yellow", "not-reached": "dim"}
MOST = 6  # of each list; JSON has them all
_HEADER = ("", "now", "with it")


def write_why_not(console: Console, found: Table) -> None:
    """Write what `why_not` found: about a rule, about remedies, or about a change."""
    page = Page(console)
    for number, rule in enumerate(found["rules"]):
        _write_rule(page, rule, number > 0)
    for number, remedy in enumerate(found["remedies"]):
        _write_remedy(page, remedy, number > 0)
    if found["more"]:
        page.blank()
        page.paragraph((f"{found['more']} more are meant: say more words of the title", "dim"))
    if found["variant"]:
        _write_change(page, found["variant"])


# a rule


def _write_rule(page: Page, rule: Table, apart: bool) -> None:
    if apart:
        page.blank()
    page.paragraph((rule["rule"], "bold"), f": {rule['text']}")
    page.paragraph(rule["summary"], (f" [{place(rule)}]" if place(rule) else "", "dim"), indent=2)
    for change in rule["changes"]:
        page.paragraph(f"A folder changed it: {change['text']}", indent=2)
    for sentence in rule["sentences"]:
        page.paragraph(sentence, indent=4, lead=page.glyph("bullet"))
    _write_attempts(page, rule)
    _write_makers(page, rule["makers"])
    _write_missing(page, rule["missing"])


def _write_attempts(page: Page, rule: Table) -> None:
    shown: Sequence[Table] = ()
    for number, attempt in enumerate(rule["attempts"], 1):
        rows = attempt["premises"]
        title = "Premises" if len(rule["attempts"]) == 1 else f"Attempt {number}"
        page.heading(title, *(["the nearest"] if number == 1 < len(rule["attempts"]) else []))
        same = [row for row in rows if row in shown]
        if same:
            page.paragraph((f"{len(same)} premises as above", "dim"), indent=2, lead=page.glyph("info"))
        for row in rows:
            if row not in same and row["state"] != "not-reached":
                _write_premise(page, row)
        _write_not_reached(page, [row for row in rows if row["state"] == "not-reached" and row not in same])
        shown = rows
    if rule["more"]:
        kind = "for other facts it was held back" if rule["case"] == "fired" else "attempts more"
        page.paragraph((f"{rule['more']:,} {kind}", "dim"), indent=2)


def _write_premise(page: Page, row: Table) -> None:
    alone = row["premise"] in ("fact", "definition") or row["rule_says"] == row["text"]
    said = "" if alone else f"{row['rule_says']}: "
    lead: Part = (page.glyph(GLYPHS[row["state"]]), STYLES[row["state"]])
    page.paragraph((said, "dim"), row["text"], (_origins(row["facts"]), "dim"), indent=2, lead=lead)
    if row["say"]:
        page.paragraph(f"“{row['say']}”", indent=4)
    for near in row["nearest"]:
        page.paragraph(disagreement(near), (_origins([near]), "dim"), indent=4, lead=page.glyph("bullet"))
    if row["giver"] and row["state"] == "false":
        page.paragraph(f"One could be given: {row['giver']}.", indent=4)


def _origins(facts: Sequence[Table]) -> str:
    """Where the facts come from: rules, or a place in a file."""
    named = [name for fact in facts for name in (*fact["rules"], *([place(fact)] if place(fact) else []))]
    return f" [{', '.join(dict.fromkeys(named))}]" if named else ""


def disagreement(near: Table) -> str:
    """What a fact says where another value was needed."""
    each = (f"{one['field']} {one['has']}, needed {one['needs']} ({one['by']})" for one in near["disagrees"])
    return f"{near['fact']}: {'; '.join(each)}"


def _write_not_reached(page: Page, rows: Sequence[Table]) -> None:
    if rows:
        said = "; ".join(row["rule_says"] for row in rows)
        page.paragraph((f"not reached: {said}", "dim"), indent=2, lead=page.glyph("info"))


def _write_makers(page: Page, makers: Sequence[Table]) -> None:
    if makers:
        page.heading("Rules that would make such a fact")
    for maker in makers[:MOST]:
        case = maker["case"].replace("-", " ")
        glyph = {"fired": "proved", "undetermined": "open"}.get(maker["case"], "failed")
        page.paragraph(
            (maker["rule"], "bold"), f": {case}: {maker['text']}", indent=2, lead=page.glyph(glyph)
        )
    if len(makers) > MOST:
        page.paragraph((f"and {len(makers) - MOST} more, which --format json has", "dim"), indent=4)
    if makers:
        page.paragraph((f"One step deeper: advisor why-not … {makers[0]['rule']}", "dim"), indent=2)


def _write_missing(page: Page, missing: Sequence[Table]) -> None:
    if missing:
        page.heading("Missing")
    for each in missing[:MOST]:
        page.paragraph(
            each["text"], (_origins([each]), "dim"), indent=2, lead=(page.glyph("open"), STYLES["unknown"])
        )
        if each["meaning"]:
            page.paragraph((each["meaning"], "dim"), indent=4)
        for where in each["places"]:
            page.paragraph(where, indent=4, lead=page.glyph("bullet"))
    if len(missing) > MOST:
        page.paragraph((f"and {len(missing) - MOST} more, which --format json has", "dim"), indent=4)


# a remedy


def _write_remedy(page: Page, remedy: Table, apart: bool) -> None:
    if apart:
        page.blank()
    if remedy["title"]:
        page.paragraph((remedy["title"], "bold"), (f" [{remedy['proposed_by']}]", "dim"))
        page.paragraph(remedy["text"], indent=2)
    else:
        page.paragraph((remedy["proposed_by"], "bold"), f": {remedy['text']}")
    if remedy["by"]:
        page.paragraph(remedy["by"], indent=2, lead=page.glyph("bullet"))
    for setting in settings(remedy["set"]):
        page.paragraph((setting, "dim"), indent=2)
    if remedy["rule"]:
        _write_rule(page, remedy["rule"], True)
    if remedy["variant"]:
        _write_variant(page, remedy["variant"], brief=apart)


def _write_change(page: Page, variant: Table) -> None:
    verdict = (
        "it cannot be asked" if variant["refused"] else "it works" if variant["works"] else "it does not work"
    )
    page.paragraph((" ".join(settings(variant["set"])), "bold"), f": {verdict}")
    page.paragraph(f"{variant['text'].rstrip('.')}.", indent=2)
    _write_variant(page, variant)


def _write_variant(page: Page, variant: Table, brief: bool = False) -> None:
    if variant["status"]:
        page.heading("Asked with it", words(variant["status"]))
        _write_figures(page, [row for row in variant["figures"] if row["differs"]])
    for missed in variant["missed"]:
        page.paragraph(missed, indent=2, lead=(page.glyph("failed"), STYLES["false"]))
    for rule in variant["rules"]:
        if brief:  # as that of the one before, with other numbers
            page.paragraph((rule["rule"], "bold"), f": {rule['text']}", indent=2)
        else:
            _write_rule(page, rule, True)


def _write_figures(page: Page, figures: Sequence[Table]) -> None:
    rows = [_HEADER, *figure_rows(page.glyph("to"), figures)]
    cells = [[page.text(cell).plain for cell in row] for row in rows]
    columns = widths(cells)
    if len(rows) == 1:
        page.paragraph("No figure differs.", indent=2)
    elif 2 + total(columns) <= page.width:
        for row in cells:
            sides = zip(row, columns, range(3), strict=True)
            page.line(Text("  " + joined(padded(cell, width, at > 0) for cell, width, at in sides)))
    else:
        for label, before, after in cells[1:]:
            page.paragraph((label, "bold"), f": {before} → {after}", indent=2)


def figure_rows(dash: str, figures: Sequence[Table]) -> Iterator[tuple[str, str, str]]:
    """A figure on both sides, as text."""
    known = {figure.name: figure for figure in KEY_FIGURES}
    for row in figures:
        figure = known[row["figure"]]
        sides = [_side(row[side], figure.unit, dash) for side in ("before", "after")]
        yield figure.label, sides[0], sides[1]


def _side(value: Any, symbol: str, dash: str) -> str:
    return rate(value, dash) if isinstance(value, Mapping) else measure(value, symbol)

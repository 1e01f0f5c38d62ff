"""Two answers as text, side by side, and what made the difference. It shows only what the JSON holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.answer.key_figures import KEY_FIGURES
from advisor.answer.remedy_words import words
from advisor.answer.text.columns import joined, padded, total, widths
from advisor.answer.text.figures import Table, measure, place, plain, rate, source_line
from advisor.answer.text.page import Page

_MOST = 6  # of each list; JSON has them all
_INDENT = 2
_HEADER = ("", "before", "after", "change")


def write_difference(console: Console, found: Table, asked: bool = True) -> None:
    """Write what `difference` found: the verdicts, the figures, the causes.

    `asked`: changes of the question were asked for, so that none is worth a word.
    """
    page = Page(console)
    _write_verdicts(page, found)
    if asked or found["changes"]:
        _write_changes(page, found)
    page.blank()
    _write_figures(page, found["figures"])
    for name in ("quality", "price"):
        _write_text(page, name, found)
    if found["same"]:
        page.heading("No difference", "neither the verdict nor any figure is another.")
    _write_rules(page, found)
    _write_values(page, found["values"])
    _write_facts(page, found["facts"])


def _write_verdicts(page: Page, found: Table) -> None:
    before, after = (found[side]["verdict"] for side in ("before", "after"))
    shown = dict.fromkeys(words(each["status"]).upper() for each in (before, after))
    page.paragraph((" → ".join(shown), "bold"), "" if len(shown) > 1 else ", before and after")
    for label, verdict in (("Before", before), ("After", after)):
        page.paragraph(verdict["summary"], indent=_INDENT, lead=(f"{label}:", "dim"))


def _write_changes(page: Page, found: Table) -> None:
    page.heading("Changed in the question")
    if not found["changes"]:
        page.paragraph("Nothing: it says so already.", indent=_INDENT)
    for change in found["changes"]:
        unread = " (no rule reads it)" if change["field"] in found["unread"] else ""
        said = f"{_said(change['before'])} → {_said(change['after'])}"
        page.paragraph(f"{change['field']}: {said}", (unread, "yellow"), indent=_INDENT)


def _said(value: Any) -> str:
    if value is None:
        return "not said"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else plain(value)


# side by side


def _write_figures(page: Page, figures: Sequence[Table]) -> None:
    rows = [[page.text(cell).plain for cell in row] for row in _rows(page, figures)]
    columns = widths([_HEADER, *rows])
    if _INDENT + total(columns) <= page.width:
        for number, row in enumerate([_HEADER, *rows]):
            cells = [
                padded(cell, width, at > 0) for at, (cell, width) in enumerate(zip(row, columns, strict=True))
            ]
            page.line(Text(" " * _INDENT) + Text(joined(cells), "" if number else "dim"))
    else:
        for label, before, after, change in rows:
            more = f" ({change})" if change else ""
            page.paragraph((label.strip(), "bold"), f": {before} → {after}{more}", indent=_INDENT)
    if not any(each["differs"] for each in figures):
        page.paragraph("No figure differs.", indent=_INDENT)


def _rows(page: Page, figures: Sequence[Table]) -> Iterator[tuple[str, str, str, str]]:
    """Figures that one of the answers knows and that are not 0 in both; of a band the ends below it."""
    for figure, row in zip(KEY_FIGURES, figures, strict=True):
        sides = row["before"], row["after"]
        if not any(sides):
            continue
        typical = [side.get("typical") if isinstance(side, dict) else side for side in sides]
        before, after = (measure(value, figure.unit) for value in typical)
        yield figure.label, before, after, _change(typical, figure.unit, figure.band)
        if figure.band:
            ends = [rate({**side, "typical": None}, page.glyph("to")) if side else "" for side in sides]
            yield f"{figure.label} range", ends[0], ends[1], ""


def _change(values: Sequence[Any], unit: str, factor: bool) -> str:
    """By how much; of a rate by which factor, for a difference of rates says little."""
    old, new = values
    if old is None or new is None:
        return ""
    if old == new:
        return "the same"
    if factor and old:
        return f"times {new / old:.2f}"
    return f"{'+' if new > old else ''}{measure(new - old, unit)}"


def _write_text(page: Page, name: str, found: Table) -> None:
    """What a fact says in words of both, where it says something else."""
    said = [(found[side][name] or {}).get("text") for side in ("before", "after")]
    if said[0] != said[1]:
        page.paragraph((name.capitalize(), "bold"), f": {_said(said[0])} → {_said(said[1])}", indent=_INDENT)


# causes


def _write_rules(page: Page, found: Table) -> None:
    for side, title, other in (
        ("before", "Rules that applied only before", "Now"),
        ("after", "Rules that apply only now", "Before"),
    ):
        rules = found["rules"][f"only_{side}"]
        said = found[side]["verdict"]["summary"]
        if rules:
            page.heading(title)
        for rule in rules[:_MOST]:
            text = "as said above" if rule["text"] == said else rule["text"]
            _write_item(page, f"{rule['rule']}: ", text)
            if rule["held_back_by"]:
                page.paragraph(rule["held_back_by"], indent=4, lead=(f"{other}:", "dim"))
        _write_rest(page, len(rules))


def _write_values(page: Page, values: Sequence[Table]) -> None:
    facts: dict[str, list[Table]] = {}
    for row in values:
        facts.setdefault(row["fact"], []).append(row)
    if facts:
        page.heading("What was derived otherwise")
    for fact, rows in list(facts.items())[:_MOST]:
        rules = dict.fromkeys(row[side] for row in rows for side in ("rule_before", "rule_after"))
        name = ", ".join(rule or "given" for rule in rules)
        changes = ", ".join(f"{row['field']} {_pair(row)}" for row in rows)
        _write_item(page, f"{fact}: ", changes, f" [{name}]")
    _write_rest(page, len(facts))


def _pair(row: Table) -> str:
    if row["before"] == row["after"]:
        return f"{row['after']}, which differs by less than is shown"
    return f"{row['before']} → {row['after']}"


def _write_facts(page: Page, facts: Table) -> None:
    for side, title in (("before", "Facts used only before"), ("after", "Facts used only now")):
        shown = facts[f"only_{side}"]
        if shown:
            page.heading(title)
        for fact in shown[:_MOST]:
            cited = [source_line(source) for source in fact["sources"][:1]]
            _write_item(page, f"{fact['fact']}: ", *cited, f" [{place(fact) or 'the question'}]")
        _write_rest(page, len(shown))


def _write_item(page: Page, name: str, text: str, where: str = "") -> None:
    page.paragraph((name, "bold"), text, (where, "dim"), indent=_INDENT, lead=page.glyph("bullet"))


def _write_rest(page: Page, count: int) -> None:
    if count > _MOST:
        page.paragraph((f"and {count - _MOST} more, which --format json has", "dim"), indent=4)

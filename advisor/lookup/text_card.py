"""One fact on a page: what its file says, what it leaves out, what rules derive from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.answer.text.figures import place, source_line
from advisor.answer.text.page import Page, neutral
from advisor.answer.text.proof import Proof
from advisor.answer.text.trace import Trace, gap_text
from advisor.lookup.table import ABSENT
from advisor.lookup.text import STYLES

Table = Mapping[str, Any]


def write_card(console: Console, card: Table, meanings: bool = False) -> None:
    page = Page(console)
    name = next((field["shown"] for field in card["fields"] if field["name"] == "name"), card["id"])
    page.paragraph((name, "bold"))
    about = [f"{card['kind']} {card['id']}", place(card)]
    about += [f"confidence {card['confidence']}"] if card["confidence"] else []
    page.paragraph(", ".join(filter(None, about)))
    if meanings:
        page.paragraph((card["meaning"], "dim"))
    if card["note"]:
        page.paragraph(card["note"], lead="Note:")
    _write_fields(page, card, meanings)
    _write_absent(page, card, meanings)
    for kind, parts in card["nested"].items():
        page.heading(f"{kind} ({len(parts)})")
        _write_parts(page, parts)
    _write_derived(page, card)
    _write_sources(page, card)


def _write_fields(page: Page, card: Table, meanings: bool) -> None:
    page.heading("What its file says")
    for field in card["fields"]:
        assumed = f" (assumed: {field['assumed']})" if field["assumed"] else ""
        meaning = f" {page.glyph('info')} {field['meaning']}" if meanings else ""
        page.paragraph((f"{_key(field)}: ", "dim"), field["shown"], (assumed + meaning, "dim"), indent=2)


def _key(field: Table) -> str:
    """The name under which files give a field, and also that of the field where they differ."""
    written = next(iter(field["written"]), field["name"])
    return written if written == field["name"] else f"{written} ({field['name']})"


def _write_absent(page: Page, card: Table, meanings: bool) -> None:
    """What an absent field means, where that is known; the others are not stated, which is not zero.

    Where the parts of a fact may say it instead, the fields are only named.
    """
    absent = [field for field in card["absent"] if meanings or (field["means"] and not card["nested"])]
    if card["absent"]:
        page.heading("What it leaves out")
    for field in absent:
        meaning = f" {page.glyph('info')} {field['meaning']}" if meanings else ""
        means = field["means"] or "not stated"
        page.paragraph((f"{field['name']}: ", "dim"), means, (meaning, "dim"), indent=2)
    rest = [field["name"] for field in card["absent"] if field not in absent]
    if rest:
        by = f", though {' and '.join(card['nested'])} may say it" if card["nested"] else ""
        page.paragraph((f"Not stated here{by}: ", "dim"), ", ".join(rest), indent=2)


def _write_parts(page: Page, parts: Sequence[Table]) -> None:
    """A column for each part, as many side by side as the page has room for."""
    names = list(dict.fromkeys(field["name"] for part in parts for field in part["fields"]))
    columns = [_column(part, names) for part in parts]
    while columns:
        count = max(1, _side_by_side([names, *columns], page.width) - 1)
        _write_columns(page, names, columns[:count])
        columns = columns[count:]
        if columns:
            page.blank()
    whys = {field["name"]: field["assumed"] for part in parts for field in part["fields"] if field["assumed"]}
    if whys:
        told = "; ".join(f"{name}: {why}" for name, why in whys.items())
        page.paragraph((f"assumed, where the file is silent: {told}", "dim"), indent=2, lead="*")


def _column(part: Table, names: Sequence[str]) -> list[str]:
    """What a part says of each field, or what it means that it says nothing."""
    told = {field["name"]: field["means"] or ABSENT for field in part["absent"]}
    told |= {field["name"]: field["shown"] + "*" * bool(field["assumed"]) for field in part["fields"]}
    return [neutral(told[name]) for name in names]


def _side_by_side(columns: Sequence[Sequence[str]], room: int) -> int:
    """How many columns fit, with two spaces before each."""
    return sum(end <= room for end in accumulate(_width(column) + 2 for column in columns))


def _write_columns(page: Page, names: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    if _side_by_side([names, *columns], page.width) <= len(columns):  # not even one has room
        for name, cell in zip(names, columns[0], strict=True):
            page.paragraph((f"{name}: ", "dim"), cell, indent=2)
        return
    widths = [_width(column) for column in columns]
    for name, *cells in zip(names, *columns, strict=True):
        shown = "".join("  " + cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        page.line(Text("  ") + Text(name.ljust(_width(names)), "dim") + Text(shown))


def _width(column: Sequence[str]) -> int:
    return max(map(len, column))


def _write_derived(page: Page, card: Table) -> None:
    if not card["derived"]:
        return
    page.heading("What rules derive from it alone")
    proofs = [Proof(page, Trace({"trace": trace})) for trace in card["traces"]]
    for rule, group in groupby(card["derived"], key=lambda one: one["rule"]):
        inside = sorted(group, key=_size)
        if len(inside) > 1:
            page.paragraph((f"[{rule}]", "dim"), indent=2)
        for one in inside:
            _write_figure(page, one, f" [{rule}]" if len(inside) == 1 else "")
            if proofs:
                proofs[one["trace"]].write(one["firing"], indent=4)


def _size(one: Table) -> tuple[bool, Any]:
    """Figures of one rule by the number of bytes, smallest first; those without one as they come."""
    value = (one["figures"].get("bytes") or {}).get("value")
    return (True, value) if isinstance(value, int) else (False, 0)


def _write_figure(page: Page, one: Table, rule: str) -> None:
    if one["known"]:
        wrong = STYLES.get(one["severity"])
        lead = (page.glyph(one["severity"]), wrong) if wrong else page.glyph("bullet")
        page.paragraph(one["text"], (rule, "dim"), indent=2, lead=lead)
        return
    gaps = ", ".join(map(gap_text, one["missing"]))
    text = f"{one['text'] or one['summary']} It needs {gaps}, which is not stated."
    page.paragraph(text, (rule, "dim"), indent=2, lead=(page.glyph("unknown"), "magenta"))


def _write_sources(page: Page, card: Table) -> None:
    page.heading("Sources")
    for source in card["sources"]:
        page.paragraph(source_line(source), indent=2, lead=page.glyph("bullet"))
    if not card["sources"]:
        page.paragraph("none is named", indent=2)

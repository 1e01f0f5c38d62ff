"""What looking for facts and checking them found, as text. It shows only what the JSON holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.answer.text.columns import write_lines
from advisor.answer.text.figures import place
from advisor.answer.text.page import Page
from advisor.lookup.table import ABSENT, Row, write_rows

Table = Mapping[str, Any]
STYLES = {"error": "red", "warning": "yellow"}
_TOLD = ("id", "name")  # where a word was found that each line shows anyway


def write_kinds(console: Console, found: Table) -> None:
    rows = [Row([one["kind"], f"{one['facts']:,}", one["meaning"]]) for one in found["kinds"]]
    if not console.is_terminal:
        write_lines(console, [["kind", "facts", "meaning"], *(row.cells for row in rows)])
        return
    page = Page(console)
    for row in rows:
        kind, count, meaning = row.cells
        page.paragraph((kind, "bold"), f" ({count}): {meaning}", lead=page.glyph("bullet"))


def write_list(console: Console, found: Table) -> None:
    columns = [column["name"] for column in found["columns"]]
    rows = [Row([one["id"], *_shown(one, columns)], one["file"], one["line"]) for one in found["facts"]]
    if rows:
        write_rows(console, ["id", *columns], rows)
    else:
        Page(console).paragraph(f"There are no facts of the kind {found['kind']}: {found['meaning']}")


def _shown(fact: Table, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        shown = fact["values"][name]["shown"]
        yield ABSENT if shown is None else shown


def write_search(console: Console, found: Table) -> None:
    rows = found["facts"]
    page = Page(console)
    if not rows:
        page.paragraph(f"Nothing holds all of: {found['text']}. {found['hint']}")
    elif not console.is_terminal:
        cells = [[one["kind"], one["id"], one["name"] or ABSENT, _where(one), _place(one)] for one in rows]
        write_lines(console, [["kind", "id", "name", "found in", "file"], *cells])
    else:
        for one in rows:
            name = f", {one['name']}" if one["name"] else ""
            where = f" ({_where(one)})" if one["field"] not in _TOLD else ""
            head = (f"{one['kind']} ", (one["id"], "bold"), name, (where, "dim"))
            page.paragraph(*head, lead=page.glyph("bullet"))


def _where(hit: Table) -> str:
    """The field, and what it says where the id and the name do not tell."""
    return hit["field"] if hit["field"] in _TOLD else f"{hit['field']}: {hit['text']}"


def _place(one: Table) -> str:
    return place(one) or ABSENT


def write_check(console: Console, report: Table) -> None:
    """A line for each finding in a pipe, as compilers have them; on a terminal wrapped, with its source."""
    for one in report["findings"]:
        where = f"{_located(one)}: " if _located(one) else ""
        if console.is_terminal:
            _write_finding(Page(console), one, where)
        else:
            _, hint = _split(one["hint"])
            said = f"{where}{one['severity']}: {one['text']} [{one['code']}]"
            write_lines(console, [[f"{said} {hint}".rstrip()]])
    Page(console).paragraph(_summary(report))


def _write_finding(page: Page, one: Table, where: str) -> None:
    severity = (f"{one['severity']}: ", STYLES[one["severity"]])
    page.paragraph((where, "bold"), severity, one["text"], (f" [{one['code']}]", "dim"))
    pointed, hint = _split(one["hint"])
    source, caret = pointed or (one["source"] or "", None)
    _write_source(page, source, (one["column"] or 0) if caret is None else caret, caret is not None)
    if hint:
        page.paragraph((hint, "dim"), indent=2)


def _split(hint: str | None) -> tuple[tuple[str, int] | None, str]:
    """The line with a caret below it, where the hint begins with them, and the rest in one line."""
    lines = (hint or "").split("\n")
    pointed = len(lines) > 1 and lines[1].strip() == "^"
    return (lines[0], lines[1].index("^")) if pointed else None, " ".join(lines[2 * pointed :])


def _write_source(page: Page, source: str, meant: int, caret: bool) -> None:
    """A line of a file, or as much of it as there is room for around what is meant."""
    width = page.width - 2
    before = page.text(source[:meant]).plain
    line = before + page.text(source[meant:]).plain
    start = max(0, min(len(before) - width // 2, len(line) - width))
    if line:
        page.line(Text(f"  {line[start : start + width]}", "cyan"))
    if caret:
        page.line(Text(" " * (2 + len(before) - start) + "^", "cyan"))


def write_codes(console: Console, found: Table) -> None:
    rows = [[one["code"], one["severity"], one["meaning"]] for one in found["codes"]]
    if not console.is_terminal:
        write_lines(console, [["code", "severity", "meaning"], *rows])
        return
    page = Page(console)
    for code, severity, meaning in rows:
        page.paragraph((code, "bold"), " (", (severity, STYLES[severity]), f"): {meaning}")


def _located(one: Table) -> str:
    parts = [one["file"], one["line"], one["column"]]
    return ":".join(str(part) for part in parts if part is not None)


def _summary(report: Table) -> str:
    checked = ", ".join(_several(*each) for each in report["checked"].items()) or "nothing"
    found = [_counted(report[f"{severity}s"], severity) for severity in ("error", "warning")]
    return f"{', '.join(found).capitalize()}. Checked: {checked}."


def _several(kind: str, count: int) -> str:
    return "1 rule" if (kind, count) == ("rules", 1) else f"{count:,} {kind}"


def _counted(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"

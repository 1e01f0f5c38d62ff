"""Rules as text: by topic, and one of them on a page. It shows only what the JSON holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from advisor.answer.text.columns import write_lines
from advisor.answer.text.figures import place, source_line
from advisor.answer.text.page import Page, Part
from advisor.lookup.rule_words import definition, pattern, sort_of
from advisor.lookup.table import ABSENT
from advisor.lookup.text import STYLES

Table = Mapping[str, Any]
_MOST = 8  # rules of a list on a terminal


def write_listing(console: Console, found: Table, whole: bool) -> None:
    """The topics, or the rules of each where `whole`; in a pipe every rule, a line for each."""
    if not console.is_terminal:
        write_lines(console, [["rule", "severity", "status", "summary", "file"], *_lines(found)])
        return
    page = Page(console)
    for topic in found["topics"]:
        if whole:
            _write_topic(page, topic)
        else:
            about = f": {_first_sentence(topic['about'])}" if topic["about"] else ""
            head = ((topic["topic"], "bold"), f" ({len(topic['rules'])}{_own(topic)}){about}")
            page.paragraph(*head, lead=page.glyph("bullet"))
    _write_disabled(page, found["disabled"])
    if not whole:
        count = sum(len(topic["rules"]) for topic in found["topics"])
        hint = f"{count:,} rules. `advisor rules list TOPIC` lists those of a topic, --all every rule."
        page.blank()
        page.paragraph((hint, "dim"))


def _lines(found: Table) -> list[list[str]]:
    rules = [rule for topic in found["topics"] for rule in topic["rules"]]
    shown = [[r["id"], r["severity"] or ABSENT, r["status"], r["summary"], place(r)] for r in rules]
    left_out = [
        [one["rule"], ABSENT, "disabled", f"{one['summary']} Left out: {one['reason']}", place(one)]
        for one in found["disabled"]
    ]
    return [*shown, *left_out]


def _first_sentence(text: str) -> str:
    head, dot, _ = text.partition(". ")
    return head + dot.strip()


def _own(topic: Table) -> str:
    """How many are not among those that ship."""
    own = sum(not rule["shipped"] for rule in topic["rules"])
    return f", {own} of later folders" if own else ""


def _write_topic(page: Page, topic: Table) -> None:
    page.heading(topic["topic"], *([topic["about"]] if topic["about"] else []))
    for rule in topic["rules"]:
        severity, marks = rule["severity"], _marks(rule)
        shown: list[Part] = [(f" ({severity})", STYLES.get(severity, "dim"))] if severity else []
        told: list[Part] = [(f" ({', '.join(marks)})", "dim")] if marks else []
        page.paragraph((rule["id"], "bold"), *shown, f": {rule['summary']}", *told, lead=page.glyph("bullet"))


def _marks(rule: Table) -> list[str]:
    """What is not as with most rules."""
    status = [] if rule["status"] == "stable" else [rule["status"]]
    changed = ["changed by a later folder"] if rule["changed"] else []
    return [*status, *changed, *([] if rule["shipped"] else [place(rule)])]


def _write_disabled(page: Page, disabled: Sequence[Table]) -> None:
    if disabled:
        page.heading("Left out by later folders")
    for one in disabled:
        told = f": {one['summary']} Left out: {one['reason']}"
        page.paragraph((one["rule"], "bold"), told, (f" ({place(one)})", "dim"), lead=page.glyph("bullet"))


def write_rule(console: Console, rule: Table) -> None:
    page = Page(console)
    page.paragraph((rule["id"], "bold"))
    page.paragraph(rule["summary"])
    page.paragraph((f"{sort_of(rule)}, {place(rule)}", "dim"))
    if rule["because"]:
        page.heading("Says")
        page.paragraph(rule["because"], indent=2)
    if rule["prose"]:
        page.paragraph((f"In the prose summary: {rule['prose']}", "dim"), indent=2)
    _write_reads(page, rule)
    _write_derives(page, rule)
    _write_changes(page, rule["changes"])
    _write_texts(page, "Tests", rule["tests"])
    _write_texts(page, "Sources", [source_line(source) for source in rule["sources"]])
    _write_others(page, "Reads what these rules write", rule["written_by"])
    _write_others(page, "Writes what these rules read", rule["read_by"])


def _write_reads(page: Page, rule: Table) -> None:
    page.heading("Matches")
    if not rule["match"]:
        page.paragraph("nothing: it fires once", indent=2)
    for one in rule["match"]:
        _write_entry(page, pattern(one), f": {one['meaning']}")
    if rule["each"]:
        each = rule["each"]
        _write_entry(page, f"each {each['name']} from {each['first']} to {each['last']}")
    if rule["where"]:
        page.heading("Where")
    for test in rule["where"]:
        _write_entry(page, test["test"], f", else: {test['say']}" if test["say"] else "")
    if rule["unless"]:
        page.heading("Unless there is")
    for one in rule["unless"]:
        _write_entry(page, pattern(one), f": {one['meaning']}")


def _write_derives(page: Page, rule: Table) -> None:
    if rule["define"]:
        page.heading("Defines")
    for step in rule["define"]:
        _write_entry(
            page, f"{step['name']} = {definition(step)}", f" ({step['unit']})" if step["unit"] else ""
        )
    for fact in rule["conclude"]:
        default = ", unless another rule or a file says it" if fact["default"] else ""
        page.heading(f"Concludes {fact['fact']}{default}", fact["meaning"])
        for field in fact["fields"]:
            _write_entry(page, f"{field['name']} = {field['formula']}", f" ({field['unit']})")
    if rule["propose"]:
        _write_proposal(page, rule["propose"])


def _write_proposal(page: Page, proposal: Table) -> None:
    page.heading(f"Proposes ({proposal['kind']})", proposal["title"])
    for path, change in proposal["set"].items():
        _write_entry(page, f"{path} = {change}")
    if proposal["vary"]:
        _write_entry(
            page, "varies {field}: the {seek} from {from} to {to} that works".format(**proposal["vary"])
        )
    if proposal["advice"]:
        page.paragraph("advice: it changes nothing in the question", indent=2)
    for cost in proposal["costs"]:
        page.paragraph(f"cost: {cost}", indent=2)
    if proposal["order"] != "0":
        page.paragraph(f"order: {proposal['order']}", indent=2)


def _write_changes(page: Page, changes: Sequence[Table]) -> None:
    if changes:
        page.heading("Changed by later folders")
    for one in changes:
        before = "" if one["before"] is None else f" in place of {one['before']}"
        now = "is withdrawn" if one["after"] is None else f"= {one['after']}"
        told = f"{before}: {one['reason']}"
        page.paragraph(f"{one['field']} {now}", told, (f" ({place(one)})", "dim"), indent=2)
        for source in one["sources"]:
            page.paragraph((source_line(source), "dim"), indent=4)


def _write_entry(page: Page, entry: str, rest: str = "") -> None:
    page.paragraph(entry, (rest, "dim"), indent=2, lead=page.glyph("bullet"))


def _write_texts(page: Page, title: str, texts: Sequence[str]) -> None:
    page.heading(title)
    for text in texts or ["none"]:
        page.paragraph(text, indent=2, lead=page.glyph("bullet") if texts else "")


def _write_others(page: Page, title: str, groups: Sequence[Table]) -> None:
    """By the fact that is read; a long list is cut on a terminal."""
    if groups:
        page.heading(title)
    for group in groups:
        rules = group["rules"]
        most = _MOST if page.console.is_terminal else len(rules)
        more = f" and {len(rules) - most} more" if len(rules) > most else ""
        page.paragraph((f"{group['fact']}: ", "dim"), ", ".join(rules[:most]) + more, indent=2)

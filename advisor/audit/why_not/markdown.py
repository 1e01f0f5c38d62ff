"""Why not, as a page of Markdown for a ticket or a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor import markdown
from advisor.answer.text.figures import Table, place, settings
from advisor.audit.why_not.text import disagreement, figure_rows

MARKS = {"true": "✓", "false": "✗", "unknown": "?", "not-reached": "·"}


def to_markdown(found: Table) -> str:
    """The page; texts of rules and facts are shown and not obeyed."""
    parts = [f"# Why not {markdown.inline(markdown.neutral(found['asked']))}"]
    parts.append(markdown.text(f"The question: {found['verdict']['summary']}"))
    for rule in found["rules"]:
        parts += _rule(rule)
    for remedy in found["remedies"]:
        parts += _remedy(remedy)
    if found["more"]:
        parts.append(f"{found['more']} more are meant.")
    if found["variant"]:
        parts += _variant(found["variant"])
    return "\n\n".join(parts) + "\n"


def _rule(rule: Table) -> Iterator[str]:
    yield f"## {markdown.text(rule['rule'])}"
    yield markdown.text(rule["summary"])
    yield f"**{markdown.inline(markdown.neutral(rule['text']))}**"
    yield from (_items(rule["sentences"]),) if rule["sentences"] else ()
    for number, attempt in enumerate(rule["attempts"], 1):
        yield f"### Attempt {number}"
        yield markdown.table(["", "premise", "found", "from"], map(_premise, attempt["premises"]))
    if rule["more"]:
        yield f"{rule['more']:,} more."
    if rule["makers"]:
        yield "### Rules that would make such a fact"
        yield _items([f"{each['rule']}: {each['case']}: {each['text']}" for each in rule["makers"]])
    if rule["missing"]:
        yield "### Missing"
        yield _items([f"{each['text']}: {'; '.join(each['places'])}" for each in rule["missing"]])


def _premise(row: Table) -> Sequence[str]:
    found = "; ".join([row["text"], *map(disagreement, row["nearest"])])
    origins = [name for fact in row["facts"] for name in (*fact["rules"], place(fact)) if name]
    says = markdown.code(row["rule_says"])
    return [MARKS[row["state"]], says, markdown.text(found), markdown.text(", ".join(dict.fromkeys(origins)))]


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {markdown.text(line)}" for line in lines)


def _remedy(remedy: Table) -> Iterator[str]:
    yield f"## {markdown.text(remedy['title'] or remedy['proposed_by'])}"
    yield f"**{markdown.inline(markdown.neutral(remedy['text']))}**"
    if remedy["by"]:
        yield markdown.text(remedy["by"])
    if remedy["rule"]:
        yield from _rule(remedy["rule"])
    if remedy["variant"]:
        yield from _variant(remedy["variant"])


def _variant(variant: Table) -> Iterator[str]:
    yield " ".join(map(markdown.code, settings(variant["set"])))
    yield markdown.text(variant["text"])
    rows = figure_rows("–", [row for row in variant["figures"] if row["differs"]])  # noqa: RUF001
    shown = [[markdown.text(cell) for cell in row] for row in rows]
    if shown:
        yield markdown.table(["", "now", "with it"], shown)
    for rule in variant["rules"]:
        yield from _rule(rule)

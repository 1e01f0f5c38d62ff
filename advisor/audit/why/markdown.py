"""A proof in Markdown, for a ticket or a pull request: nested lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from advisor.answer.proof import FACT
from advisor.answer.proof_words import fact_details, fact_values, firing_details
from advisor.answer.text.figures import Table, place, settings, short_digest
from advisor.answer.text.page import Part, neutral
from advisor.audit.why.words import agreement, heading, introduction
from advisor.markdown import block, inline, linked, text

_INDENT = "  "


def to_markdown(found: Table) -> str:
    return "\n\n".join(_page(found)) + "\n"


def _page(found: Table) -> Iterator[str]:
    yield f"## {text(heading(found))}"
    yield from map(text, introduction(found))
    for proof in found["proofs"]:
        if proof["title"]:
            yield f"### {text(proof['title'])}"
        if proof["set"]:
            yield block("sh", settings(proof["set"]))
        if proof["promised"]:
            yield text(agreement(proof))
        yield "\n".join(_list(proof))
    yield text(f"Answer {short_digest(found['digest'])}.")


def _list(proof: Table) -> Iterator[str]:
    facts, firings = ({one["id"]: one for one in proof[name]} for name in ("facts", "firings"))
    for line in proof["lines"]:
        depth = line["level"] + (line["as"] == "by")
        head, *rest = _fact(line, facts) if line["is"] == FACT else _firing(line, firings)
        yield f"{_INDENT * depth}- {head}"
        yield from (f"{_INDENT * (depth + 1)}- {detail}" for detail in rest)


def _fact(line: Table, facts: Mapping[str, Table]) -> Iterator[str]:
    fact, through = facts[line["id"]], "went through " if line["as"] == "looked" else ""
    label = f"{through}**{inline(neutral(fact['label']))}**"
    if line["again"]:
        yield f"{label} ({line['id']}, which stands elsewhere)"
        return
    yield f"{label}{inline(neutral(fact_values(fact)))} ({line['id']})"
    yield from map(_detail, fact_details(line, fact))


def _firing(line: Table, firings: Mapping[str, Table]) -> Iterator[str]:
    firing = firings[line["id"]]
    head = f"by **{inline(neutral(firing['rule']))}**"
    if line["again"]:
        yield f"{head} ({line['id']}, which stands elsewhere)"
        return
    yield f"{head} {inline(neutral(f'({place(firing)})'))} ({line['id']})"
    yield from map(_detail, firing_details(line, firing))


def _detail(part: Part) -> str:
    return linked(part if isinstance(part, str) else part[0])

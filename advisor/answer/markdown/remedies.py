"""Remedies in Markdown: what to change, what came out, what it costs, and the line that asks it."""

from __future__ import annotations

from collections.abc import Iterator

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
from advisor.markdown import block, code, inside, linked, table, text


def remedy_parts(answer: Table) -> Iterator[str]:
    remedies = sorted(answer.get("remedies") or [], key=lambda one: one["rank"])
    search = answer.get("search") or {}
    proved = [one for one in remedies if one["verified"]]
    if not proved and search and (answer.get("verdict") or {}).get("status") in BAD:
        yield nothing(search)
    for one in proved:
        yield from _remedy(one)
    advice = [_advice(one) for one in remedies if not one["verified"]]
    if advice:
        yield "Advice, of which nothing was asked:"
        yield "\n".join(advice)
    yield from _rest(search, answer.get("not_asked") or 0)


def _remedy(one: Table) -> Iterator[str]:
    yield f"#### {one['rank']}. {inside(one['title'])}"
    outcome = one.get("outcome") or {}
    yield f"Asked again: {inside(', '.join(outcome_words(outcome)))}."
    if one.get("text"):
        yield f"{text(one['text'])} ({code(one['rule'])})"
    rows = [f"- {label}: {inside(said)}" for label, said in _details(one, outcome) if said]
    if rows:
        yield "\n".join(rows)
    if one.get("set"):
        yield block("sh", [" ".join(settings(one["set"]))])


def _details(one: Table, outcome: Table) -> Iterator[tuple[str, str]]:
    yield "Quality", quality_words(outcome)
    yield "Price", price_words(outcome)
    yield "Costs", " ".join(one.get("costs") or [])
    if one.get("one_step_milder"):
        yield "One step milder", milder_words(one["one_step_milder"])


def _advice(one: Table) -> str:
    """Its text may name an address."""
    return f"- {inside(one['title'])}: {linked(one['text'])} ({code(one['rule'])})"


def _rest(search: Table, kept: int) -> Iterator[str]:
    """What works besides, and what was tried and does not."""
    rows = [[inside(one["title"]), inside(words(one["status"]))] for one in search.get("more") or []]
    if rows:
        yield "These work too:"
        yield table(("change", "verdict"), rows)
    failed = search.get("not_enough") or []
    rows = [[inside(one["title"]), inside(short_of(one)), code(one["rule"])] for one in failed]
    if rows:
        yield "Not enough alone:"
        yield table(("change", "what came out", "rule"), rows)
    outdone = len(search.get("outdone") or [])
    told = [f"{outdone} more work, and another is no worse in any respect."] if outdone else []
    told += [f"{kept} change what the goals keep, and were not asked."] if kept else []
    told += ["The limit of variants was reached, so others may work too."] if search.get("cut_short") else []
    if told:
        yield " ".join(told)

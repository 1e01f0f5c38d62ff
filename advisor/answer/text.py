"""An answer as text for a terminal or a pipe: the verdict, the figure that matters, what to do, and why.

It shows only what the answer's JSON holds, so that no text can say more than what was derived.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from advisor.answer.text_figures import Table, gib, measure, plain, rate, short_digest
from advisor.answer.text_memory import write_memory
from advisor.answer.text_page import Page
from advisor.answer.text_proof import gap_text, write_proofs
from advisor.answer.text_question import write_assumptions, write_question
from advisor.answer.text_remedies import words, write_remedies
from advisor.answer.text_trace import Trace, by_severity

_STATUS_STYLES = {"fits": "green", "tight": "yellow", "unknown": "magenta"}
_SEVERITY_STYLES = {"error": "red", "warning": "yellow", "note": "cyan", "info": "dim"}
_LONGEST_CHAIN = 6


def to_text(answer: Table, width: int | None = None, color: bool = False, explain: bool = False) -> str:
    """The same text whatever the environment says; 80 columns unless told."""
    console = Console(
        file=io.StringIO(),
        width=width or 80,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
    )
    with console.capture() as captured:
        render(answer, console, explain)
    return captured.get()


def render(answer: Table, console: Console, explain: bool = False) -> None:
    """Write the answer (`Answer.to_dict()`), the verdict first."""
    page, trace = Page(console), Trace(answer)
    _write_verdict(page, answer)
    write_memory(page, answer.get("memory") or {}, explain)
    _write_speed(page, answer.get("speed") or {})
    write_question(page, answer)
    write_assumptions(page, answer)
    _write_missing(page, answer, trace)
    _write_conclusions(page, answer)
    write_remedies(page, answer, explain)
    if explain:
        write_proofs(page, answer, trace)
    else:
        _write_why(page, answer, trace)
    _write_foot(page, answer, explain)


def _write_verdict(page: Page, answer: Table) -> None:
    verdict = answer.get("verdict") or {}
    status = verdict.get("status") or "unknown"
    style = f"bold {_STATUS_STYLES.get(status, 'red')}"
    summary = verdict.get("summary") or _figure(answer.get("memory") or {})
    page.paragraph((words(status).upper(), style), f": {summary}" if summary else "")


def _figure(memory: Table) -> str:
    """The one figure that matters, for a verdict that comes without words."""
    if memory.get("shortfall_bytes"):
        return f"short by {gib(memory['shortfall_bytes'])}"
    if memory.get("required_bytes") is None:
        return ""
    return f"{gib(memory['required_bytes'])} of {gib(memory.get('usable_bytes'))} usable"


def _write_speed(page: Page, speed: Table) -> None:
    items = list(_speeds(page, speed))
    if items:
        page.heading("Speed")
        page.flow([page.text(item) for item in items], indent=2)


def _speeds(page: Page, speed: Table) -> Iterator[str]:
    for name, label in (("decode", "Decode"), ("prefill", "Prefill")):
        if (value := speed.get(f"{name}_tokens_per_second")) is not None:
            yield f"{label} {rate(value, page.glyph('to'))}"
    first = speed.get("time_to_first_token_s")
    first = first.get("typical") if isinstance(first, dict) else first
    if first is not None:
        yield f"First token after {measure(first, 's')}"


def _write_missing(page: Page, answer: Table, trace: Trace) -> None:
    """Of an unknown verdict: which figure to supply."""
    if (answer.get("verdict") or {}).get("status") != "unknown":
        return
    gaps = [(gap_text(gap), one["rule"]) for one in trace.missing() for gap in one["undetermined"]]
    if gaps:
        page.heading("Not known")
    for gap, rule in dict.fromkeys(gaps):
        page.paragraph(gap, (f" [{rule}]", "dim"), indent=2, lead=(page.glyph("unknown"), "magenta"))


def _write_conclusions(page: Page, answer: Table) -> None:
    conclusions = by_severity(answer)
    if conclusions:
        page.heading("Findings")
    for one in conclusions:
        severity = one.get("severity") if one.get("severity") in _SEVERITY_STYLES else "info"
        lead = (f"{page.glyph(severity)} {severity}:", _SEVERITY_STYLES[severity])
        page.paragraph(one.get("text") or "", (f" [{one.get('rule')}]", "dim"), indent=2, lead=lead)


def _write_why(page: Page, answer: Table, trace: Trace) -> None:
    """The rules behind the verdict, nearest first, one sentence each."""
    if trace.verdict is None:
        return
    said = {one.get("text") for one in answer.get("conclusions") or []}
    said.add((answer.get("verdict") or {}).get("summary"))
    rules: dict[str, Any] = {}
    for one in trace.chain(trace.verdict):
        if one.get("text"):
            rules.setdefault(one["rule"], one["text"])
    page.heading("Why")
    for rule, text in list(rules.items())[:_LONGEST_CHAIN]:
        sentence = "as said above" if text in said else text
        page.paragraph((rule, "bold"), f": {sentence}", indent=2, lead=page.glyph("bullet"))
    if len(rules) > _LONGEST_CHAIN:
        page.paragraph((f"and {len(rules) - _LONGEST_CHAIN} more rules", "dim"), indent=2, lead=" ")


def _write_foot(page: Page, answer: Table, explain: bool) -> None:
    page.blank()
    items = [f"{name} {short_digest(digest)}" for name, digest in (answer.get("digests") or {}).items()]
    items += [f"engine {' '.join(map(plain, (answer.get('engine') or {}).values()))}"]
    items += [f"{one.get('kind')} folder {one.get('path')}" for one in answer.get("folders") or []]
    page.flow([page.text((item, "dim")) for item in items if item.strip()], gap=", ")
    more = "" if explain else "--explain shows every rule with its facts and numbers; "
    page.paragraph((f"{more}--format json has everything, for machines.", "dim"))

"""An answer as text for a terminal or a pipe: the verdict, the figure that matters, what to do, and why.

It shows only what the answer's JSON holds, so that no text can say more than what was derived.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console

from advisor.answer.remedy_words import words
from advisor.answer.text.figures import UNKNOWN, Table, gib, measure, place, plain, rate, short_digest
from advisor.answer.text.launch import write_launch
from advisor.answer.text.memory import write_memory
from advisor.answer.text.page import Page, drawn
from advisor.answer.text.proof import write_proofs
from advisor.answer.text.question import write_assumptions, write_question
from advisor.answer.text.remedies import write_remedies
from advisor.answer.text.trace import Trace, by_severity

_STATUS_STYLES = {"fits": "green", "tight": "yellow", "unknown": "magenta"}
_SEVERITY_STYLES = {"error": "red", "warning": "yellow", "note": "cyan", "info": "dim"}
_ASKING = 3  # rules to name that ask for one missing figure
_LONGEST_CHAIN = 6
_OVERRIDES = 12


def to_text(answer: Table, width: int | None = None, color: bool = False, explain: bool = False) -> str:
    """The same text whatever the environment says; 80 columns unless told."""
    return drawn(lambda console: render(answer, console, explain), width, color)


def render(answer: Table, console: Console, explain: bool = False) -> None:
    """Write the answer (`Answer.to_dict()`), the verdict first."""
    page, trace = Page(console), Trace(answer)
    _write_verdict(page, answer)
    if explain or (answer.get("verdict") or {}).get("status") != "cannot-run":
        write_memory(page, answer.get("memory") or {}, explain)
    _write_speed(page, answer.get("speed") or {})
    write_question(page, answer)
    write_assumptions(page, answer)
    write_launch(page, answer.get("run"))
    _write_overrides(page, answer, explain)
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
        shown = rate(speed.get(f"{name}_tokens_per_second"), page.glyph("to"))
        if shown != UNKNOWN:
            yield f"{label} {shown}"
    first = speed.get("time_to_first_token_s")
    first = first.get("typical") if isinstance(first, dict) else first
    if first is not None:
        yield f"First token after {measure(first, 's')}"


def _write_overrides(page: Page, answer: Table, explain: bool) -> None:
    overrides = [*(answer.get("rule_changes") or []), *(answer.get("overrides") or [])]
    shown = overrides if explain else overrides[:_OVERRIDES]
    if shown:
        page.heading("Changed by your folders")
    for one in shown:
        where = f" [{place(one)}]"
        page.paragraph(str(one.get("text")), (where, "dim"), indent=2, lead=page.glyph("bullet"))
    if len(overrides) > len(shown):
        more = f"and {len(overrides) - len(shown)} more, which --explain shows"
        page.paragraph((more, "dim"), indent=4)


def _write_missing(page: Page, answer: Table, trace: Trace) -> None:
    """Of an unknown verdict: which figure to supply."""
    if (answer.get("verdict") or {}).get("status") != "unknown":
        return
    gaps = trace.missing()
    if gaps:
        page.heading("Not known")
    for gap, rules in gaps.items():
        more = f" and {len(rules) - _ASKING} more rules" if len(rules) > _ASKING else ""
        asked = (f" [{', '.join(rules[:_ASKING])}{more}]", "dim")
        page.paragraph(gap, asked, indent=2, lead=(page.glyph("unknown"), "magenta"))


def _write_conclusions(page: Page, answer: Table) -> None:
    conclusions = by_severity(answer)
    if conclusions:
        page.heading("Findings")
    for one in conclusions:
        severity = one.get("severity") if one.get("severity") in _SEVERITY_STYLES else "info"
        style, rule = _SEVERITY_STYLES[severity], f" [{one.get('rule')}]"
        words_said = [(f"{severity}: ", style), one.get("text") or "", (rule, "dim")]
        page.paragraph(*words_said, indent=2, lead=(page.glyph(severity), style))


def _write_why(page: Page, answer: Table, trace: Trace) -> None:
    """The rules behind the verdict, nearest first, one sentence each."""
    if trace.verdict is None or (answer.get("verdict") or {}).get("status") == "unknown":
        return
    said = {one.get("text") for one in answer.get("conclusions") or []}
    said.add((answer.get("verdict") or {}).get("summary"))
    steps = _steps(trace.chain(trace.verdict))
    page.heading("Why")
    for text, rules in steps[:_LONGEST_CHAIN]:
        sentence = "as said above" if text in said else text
        page.paragraph((", ".join(rules), "bold"), f": {sentence}", indent=2, lead=page.glyph("bullet"))
    if len(steps) > _LONGEST_CHAIN:
        page.paragraph((f"and {len(steps) - _LONGEST_CHAIN} more", "dim"), indent=4)


def _steps(chain: list[Any]) -> list[tuple[str, list[str]]]:
    """Each sentence with the rules that say it; of each rule the nearest sentence only."""
    first = {one["rule"]: one["text"] for one in reversed(chain) if one.get("text")}
    nearest = dict.fromkeys(one["rule"] for one in chain if one.get("text"))
    steps: dict[str, list[str]] = {}
    for rule in nearest:
        steps.setdefault(first[rule], []).append(rule)
    return list(steps.items())


def _folder(folder: Table) -> str:
    """A folder in effect: which, of which pack, and who named it where that was not the call."""
    pack, by = folder.get("pack"), folder.get("named_by")
    told = [f"pack {pack.get('name')} {pack.get('version')}"] if pack else []
    told += [str(by)] if by and by != "call" else []
    more = f" ({', '.join(told)})" if told else ""
    return f"{folder.get('kind')} folder {folder.get('path')}{more}"


def _write_foot(page: Page, answer: Table, explain: bool) -> None:
    page.blank()
    items = [f"{name} {short_digest(digest)}" for name, digest in (answer.get("digests") or {}).items()]
    items += [f"engine {' '.join(map(plain, (answer.get('engine') or {}).values()))}"]
    items += [_folder(one) for one in answer.get("folders") or []]
    page.flow([page.text((item, "dim")) for item in items if item.strip()], gap=", ")
    kept = answer.get("record")
    if kept:
        page.paragraph(f"Recorded in {kept['file']}; the SHA-256 of its body is")
        page.paragraph((kept["sha256"], "bold"), indent=2)
    more = "" if explain else "--explain shows every rule with its facts and numbers; "
    page.paragraph((f"{more}--format json has everything, for machines.", "dim"))

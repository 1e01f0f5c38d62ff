"""The report as a page in Markdown, with what people wrote of it. The same report makes the same page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.accuracy.keys import UNKNOWN, percent
from advisor.accuracy.notes import Notes
from advisor.accuracy.text import coverage, named, silent, worst
from advisor.markdown import table

Table = Mapping[str, Any]
_NUMBERS = ("quantity", "answered", "median", "90th percentile", "of all cases alike", "band holds", "aim")
_TRUTHS = ("quantity", "answered", "right", "wrong", "cannot tell", "right, mean over groups", "aim")
_MISSES = ("case", "predicted", "measured", "off", "rule", "why")
_SILENT = ("quantity", "cases", "what is missing")
_NAMED = 6


def to_markdown(report: Table, notes: Notes, number: int) -> str:
    """The page, with that many of the worst cases of each quantity."""
    return "\n\n".join(_page(report, notes, number)) + "\n"


def _page(report: Table, notes: Notes, number: int) -> Iterator[str]:
    yield f"# {notes.texts.get('title', 'Accuracy')}"
    if "introduction" in notes.texts:
        yield notes.texts["introduction"]
    yield f"{report['cases']} cases, {report['questions']} questions.{_aims(report)}"
    numbers = [key for key in report["keys"] if key["form"] != "truth"]
    truths = [key for key in report["keys"] if key["form"] == "truth"]
    if numbers:
        yield "## Errors"
        yield table(_NUMBERS, map(_number_row, numbers))
    if truths:
        yield "## Yes or no"
        yield table(_TRUTHS, map(_truth_row, truths))
    yield from _misses(report, notes, number)
    rows = [_silent_row(*each) for each in silent(report["results"], ("unknown", "error")).items()]
    if rows:
        yield "## Not answered"
        yield table(_SILENT, rows)
    if "closing" in notes.texts:
        yield notes.texts["closing"]


def _aims(report: Table) -> str:
    judged = sum(len(key["targets"]) for key in report["keys"])
    return f" Of {judged} aims {judged - report['targets_missed']} are met." if judged else ""


def _number_row(key: Table) -> list[str]:
    pooled = f"{percent(key['pooled_median'])}, {percent(key['pooled_p90'])}"
    figures = [percent(key["median"]), percent(key["p90"]), pooled, coverage(key)]
    return [f"`{key['key']}`: {key['meaning']}", _answered(key), *figures, _targets(key)]


def _truth_row(key: Table) -> list[str]:
    counts = [str(key[name]) for name in ("right", "wrong")]
    share = [str(key["unknown"] + key["error"]), percent(key["right_share"])]
    return [f"`{key['key']}`: {key['meaning']}", _answered(key), *counts, *share, _targets(key)]


def _answered(key: Table) -> str:
    return f"{key['answered']} of {key['cases']}"


def _targets(key: Table) -> str:
    return "; ".join(map(_target, key["targets"])) or UNKNOWN


def _target(target: Table) -> str:
    bound = "at most" if target["at_most"] else "at least"
    missed = "" if target["met"] else " (**missed**)"
    return f"{target['figure']} {bound} {percent(target['limit'])}{missed}"


def _misses(report: Table, notes: Notes, number: int) -> Iterator[str]:
    yield "## Where it misses, and why"
    for key in report["keys"]:
        found = worst(report["results"], key["key"], number)
        said = notes.quantities.get(key["key"])
        if found or said:
            yield f"### {key['key']}"
        if said:
            yield said
        if found:
            yield table(_MISSES, [_miss_row(alike, notes) for alike in found])


def _miss_row(alike: Sequence[Table], notes: Notes) -> list[str]:
    one, key = alike[0], alike[0]["key"]
    off = UNKNOWN if isinstance(one["measured"], bool) else percent(one["error"])
    found = [notes.reasons.get((each["id"], key), "") for each in alike]
    why = " ".join(dict.fromkeys(text for text in found if text))
    shown = [one["shown"]["predicted"], one["shown"]["measured"]]
    rule = f"`{one['rule']}`" if one["rule"] else UNKNOWN
    return [f"{named(alike)} ({one['group']})", *shown, off, rule, why]


def _silent_row(found: tuple[str, str], ids: Sequence[str]) -> list[str]:
    key, why = found
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return [f"`{key}`", ", ".join(ids[:_NAMED]) + more, why]

"""The report as text, at 80 columns or more. It shows only what the JSON holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.accuracy.keys import UNKNOWN, percent
from advisor.answer.text.page import Page, drawn

Table = Mapping[str, Any]
_NAME = 26  # columns of the longest key, and a gap
_NUMBERS = ("answered", "median", "90th", "pooled", "90th", "in band")
_TRUTHS = ("answered", "right", "wrong", "unknown", "right", "pooled")
_WIDTH = 9
_NAMED = 3  # cases to name of those that are alike


def to_text(report: Table, worst: int = 3, width: int | None = None) -> str:
    """The same text whatever the environment says; 80 columns unless told."""
    return drawn(lambda console: render(report, console, worst), width)


def render(report: Table, console: Console, worst: int = 3) -> None:
    """Write the report: a line for each quantity, what is missed, the worst cases."""
    page = Page(console)
    _write_head(page, report)
    _write_refused(page, report["results"])
    for form, header in ((False, _NUMBERS), (True, _TRUTHS)):
        keys = [key for key in report["keys"] if (key["form"] == "truth") is form]
        if keys:
            _write_table(page, "Yes or no" if form else "Error", header, keys)
    _write_targets(page, report)
    for key in report["keys"]:
        _write_worst(page, key, report["results"], worst)
    _write_silent(page, report["results"])


def _write_head(page: Page, report: Table) -> None:
    page.paragraph(
        (f"{report['cases']} cases", "bold"),
        f" of {report['file']}, {report['questions']} questions asked with {report['engine']}."
        " Median and 90th percentile are means over groups of cases; pooled: over all cases alike.",
    )


def _write_refused(page: Page, results: Sequence[Table]) -> None:
    """Questions that are wrong, each once: what was measured of them is not compared."""
    said = {one["id"]: one["why"] for one in results if one["status"] == "error"}
    if said:
        page.heading("Refused", f"{len(said)}")
    for name, why in said.items():
        page.paragraph((name, "bold"), f", {why}", indent=2, lead=(page.glyph("failed"), "red"))


def _write_table(page: Page, title: str, header: Sequence[str], keys: Sequence[Table]) -> None:
    page.blank()
    page.line(Text(_row(title, header), "bold"))
    for key in keys:
        page.line(Text(_row(key["key"], cells(key))))


def _row(name: str, rest: Sequence[str]) -> str:
    return f"{name:<{_NAME}}" + "".join(f"{cell:>{_WIDTH}}" for cell in rest)


def cells(key: Table) -> list[str]:
    """The figures of one quantity, in the order of the columns."""
    answered = f"{key['answered']}/{key['cases']}"
    if key["form"] == "truth":
        counts = [str(key[name]) for name in ("right", "wrong", "unknown")]
        return [answered, *counts, percent(key["right_share"]), percent(key["pooled_right_share"])]
    figures = [percent(key[name]) for name in ("median", "p90", "pooled_median", "pooled_p90")]
    return [answered, *figures, coverage(key)]


def coverage(key: Table) -> str:
    given, holds = key["band"]["given"], key["band"]["holds"]
    return percent(holds / given) if given else UNKNOWN


def _write_targets(page: Page, report: Table) -> None:
    judged = [(key, target) for key in report["keys"] for target in key["targets"]]
    if judged:
        page.heading("Targets missed", f"{report['targets_missed']} of {len(judged)}")
    for key, target in judged:
        if not target["met"]:
            mark = (page.glyph("failed"), "red")
            page.paragraph(f"{key['key']}: {target_words(target)}", indent=2, lead=mark)


def target_words(target: Table) -> str:
    """`median 3.2 %, at most 0.5 % wanted`"""
    bound = "at most" if target["at_most"] else "at least"
    return f"{target['figure']} {percent(target['value'])}, {bound} {percent(target['limit'])} wanted"


def _write_worst(page: Page, key: Table, results: Sequence[Table], number: int) -> None:
    found = worst(results, key["key"], number)
    if found:
        page.heading(f"Worst of {key['key']}")
    for alike in found:
        one = alike[0]
        rule = (f" [{one['rule']}]", "dim") if one["rule"] else ""
        parts = [(named(alike), "bold"), f": {compared(one)}", rule]
        page.paragraph(*parts, indent=2, lead=page.glyph("bullet"))


def worst(results: Sequence[Table], key: str, number: int) -> list[list[Table]]:
    """Results of a key with an error, largest first; those that say the same stand together."""
    wrong = [one for one in results if one["key"] == key and one["error"]]
    alike: dict[tuple[Any, ...], list[Table]] = {}
    for one in sorted(wrong, key=lambda one: (-one["error"], one["id"])):
        same = (one["group"], one["rule"], *one["shown"].values(), percent(one["error"]))
        alike.setdefault(same, []).append(one)
    return list(alike.values())[:number]


def named(results: Sequence[Table]) -> str:
    """`local-19, local-20, local-21 and 2 more`"""
    return _some([one["id"] for one in results])


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")


def compared(one: Table) -> str:
    """`14.2 GiB predicted, 13.9 GiB measured, 2.2 % off`"""
    said = f"{one['shown']['predicted']} predicted, {one['shown']['measured']} measured"
    if isinstance(one["measured"], bool):
        return said
    return f"{said}, {percent(one['error'])} off"


def _write_silent(page: Page, results: Sequence[Table]) -> None:
    found = silent(results)
    if found:
        page.heading("Not answered")
    for (key, why), ids in found.items():
        mark = (page.glyph("unknown"), "magenta")
        page.paragraph((key, "bold"), f": {why} ({_some(ids)})", indent=2, lead=mark)


def silent(
    results: Sequence[Table], statuses: tuple[str, ...] = ("unknown",)
) -> dict[tuple[str, str], list[str]]:
    """Ids of cases that were not answered, by key and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in results:
        if one["status"] in statuses:
            found.setdefault((one["key"], one["why"]), []).append(one["id"])
    return found

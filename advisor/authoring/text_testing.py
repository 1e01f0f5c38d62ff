"""What came of the tests of rules, as text. It shows only what the JSON holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from advisor.answer.text.columns import write_lines
from advisor.answer.text.figures import place
from advisor.answer.text.page import Page, Part

Table = Mapping[str, Any]
FEW = 5  # gaps that are named without being asked for


def write_tests(console: Console, found: Table, full: bool = False) -> None:
    """A line for each thing that is wrong in a pipe; expected above derived on a terminal."""
    for failure in found["failures"]:
        if console.is_terminal:
            _write_failure(Page(console), failure)
        else:
            head = f"{place(failure)}: failed: {failure['rule']}: {failure['test']}: "
            write_lines(console, [[f"{head}{one['text']} [{one['code']}]"] for one in failure["wrong"]])
    if found["tests"]:
        _write_coverage(console, found, full)
    page = Page(console)
    page.paragraph(_summary(found))
    if found["without_tests"]:
        names = [one["rule"] for one in found["without_tests"]]
        page.paragraph(f"{_counted(len(names), 'rule')} without tests: {_few(names)}.")


def _summary(found: Table) -> str:
    tests, failed, by = found["tests"], found["failed"], " and ".join(found["engines"])
    rules = _counted(found["rules"], "rule")
    if not tests:
        return "No tests ran." if found["rules"] else "No tests ran: there are no rules."
    if failed:
        return f"{failed:,} of {_counted(tests, 'test')} of {rules} failed ({by})."
    return f"{_counted(tests, 'test')} of {rules} passed ({by})."


def _write_failure(page: Page, failure: Table) -> None:
    lead = (page.glyph("failed"), "red")
    where = (f" ({place(failure)})", "dim")
    page.paragraph((failure["rule"], "bold"), f": {failure['test']}", where, lead=lead)
    for one in failure["wrong"]:
        if one["wanted"] is None:
            page.paragraph(one["text"], indent=2)
            continue
        refused = one["code"] == "derived"
        page.paragraph(*_outline(one["wanted"]), indent=2, lead="rejected" if refused else "expected")
        for each in one["derived"]:
            page.paragraph(*_outline(each, refused), indent=2, lead="derived ")
        if not one["derived"]:
            page.paragraph(f"nothing: {'; '.join(one['because'])}", indent=2, lead="derived ")


def _outline(one: Table, refused: bool = False) -> list[Part]:
    """`kind: name = value, name = value (wanted value)`, where what is wrong stands out."""
    parts: list[Part] = [(one["what"], "red" if refused else "bold")]
    for number, (name, shown) in enumerate(one["fields"].items()):
        differs = name in one["differs"]
        wanted = f" (wanted {one['differs'][name]})" if differs else ""
        parts += [", " if number else ": ", (f"{name} = {shown}{wanted}", "red" if differs else "")]
    said = f"{', ' if one['fields'] else ': '}“{one['text']}”"
    return [*parts, said] if one["text"] else parts


def _write_coverage(console: Console, found: Table, full: bool) -> None:
    """Gaps where they are few or asked for, then how many there are of how much."""
    covered, hidden = found["coverage"], False
    for code, key, about in (
        ("never-fired", "never_fired", "no test fires it"),
        ("never-nearly-fired", "never_nearly_fired", "no test shows what holds it back"),
        ("always-true", "always_true", None),
    ):
        shown = full or len(covered[key]) <= FEW
        hidden = hidden or not shown
        for one in covered[key] if shown else ():
            _write_gap(console, one, about or _always(one), code)
    Page(console).paragraph(_covered(found), " `--coverage` names them." if hidden else "")


def _write_gap(console: Console, one: Table, text: str, code: str) -> None:
    where = f"{place(one)}: "
    if console.is_terminal:
        Page(console).paragraph((where, "bold"), f"{one['rule']}: {text}", (f" [{code}]", "dim"))
    else:
        write_lines(console, [[f"{where}{one['rule']}: {text} [{code}]"]])


def _always(one: Table) -> str:
    if not one["reached"]:
        return f"{one['key']} `{one['text']}` was reached in no test"
    return f"{one['key']} `{one['text']}` " + (
        "held in all tests" if one["key"] == "where" else "was met in no test"
    )


def _covered(found: Table) -> str:
    """How much the tests show, in one sentence."""
    covered = found["coverage"]
    rules, conditions = found["rules"], covered["conditions"]
    could = rules - covered["nothing_to_miss"]
    return (
        f"In a test, {covered['fired']:,} of {_counted(rules, 'rule')} fired, "
        f"{covered['nearly_fired']:,} of {could:,} that can be held back nearly fired, and "
        f"{covered['false_in_a_test']:,} of {_counted(conditions, 'condition')} were false."
    )


def _few(names: list[str]) -> str:
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _counted(number: int, word: str) -> str:
    return f"{f'{number:,}' if number else 'no'} {word}{'' if number == 1 else 's'}"

"""What a rule is made of in words, close to its file: patterns, definitions, what sort of rule it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from advisor.rules.tables import written

Table = Mapping[str, Any]
Mark = Callable[[str], str]  # how code is marked as such
_PHRASES = {
    "sum": "the sum of {of} over {over}",
    "min": "the smallest {of} of {over}",
    "max": "the largest {of} of {over}",
    "count": "how many there are of {over}",
    "collect": "every {of} of {over}",
    "minimize": "the one with the least {of} of {over}",
    "maximize": "the one with the most {of} of {over}",
}


def sort_of(rule: Table) -> str:
    """How it counts in an answer: by its severity, or as a step that only traces show."""
    severity = rule["severity"] or "step of the reasoning"
    over = "over the catalog" if rule["over"] == "catalog" else ""
    return ", ".join(filter(None, [severity, over, rule["status"]]))


def definition(step: Table, mark: Mark = str) -> str:
    """What a name stands for: its formula, or what an aggregate makes of which facts."""
    formula = mark(step["formula"]) if step["formula"] else ""
    if step["how"] == "let":
        return formula
    return _PHRASES[step["how"]].format(of=formula, over=pattern(step["over"], mark))


def pattern(one: Table, mark: Mark = str) -> str:
    """The kind of fact and what it must be: `weight_format as f with id = w.format`."""
    alias = "" if one["as"] == one["fact"] else f" as {mark(one['as'])}"
    found = " and ".join(map(mark, terms(one)))
    return f"{mark(one['fact'])}{alias}" + (f" with {found}" if found else "")


def terms(one: Table) -> Iterator[str]:
    """The conditions of a pattern, as its file has them."""
    yield from (f"{name} = {target}" for name, target in one["on"].items())
    yield from (f"{name} = {written(value)}" for name, value in one["is"].items())
    yield from (_alone(test["test"]) for test in one["where"])


def _alone(test: str) -> str:
    """A condition that can stand beside others with `and`."""
    return f"({test})" if " or " in test or " if " in test else test

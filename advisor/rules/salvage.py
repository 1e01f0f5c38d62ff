"""A rule some keys of which cannot be read, without these: so that all else that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from advisor.documents import Document
from advisor.errors import Problem
from advisor.facts.kinds import Kinds
from advisor.rules.bind import bind
from advisor.rules.spec import RuleSpec

DEFINING = ("each", "let", "sum", "min", "max", "count", "collect", "best")
ANY = "*"  # in place of names that nobody can tell
FOLLOW = ("no-effect", "no-because", "prose-unheard")  # what may be wrong only because something was left out


def problems_beside(
    error: ValidationError, data: Mapping[str, Any], kinds: Kinds, document: Document, line: int | None
) -> list[Problem]:
    """What is wrong with the rest of a rule that has this error."""
    rest, lost = dict(data), set[str]()
    for detail in error.errors(include_url=False, include_input=False):
        lost |= _leave_out(rest, detail["loc"], detail["type"])
    try:
        spec = RuleSpec.model_validate({"summary": "", **rest})
    except ValidationError:  # it has no id, or the file no end of mistakes
        return []
    _, problems = bind(spec, kinds, document, line, lost)
    follow = {*FOLLOW, *(["unbound"] if ANY in lost else [])}
    return [problem for problem in problems if problem.code not in follow]


def _leave_out(rest: dict[str, Any], place: tuple[Any, ...], what: str) -> set[str]:
    """Take out the one entry of a table of definitions, or the whole key; the names that go with it."""
    key, *inner = place
    table = rest.get(key)
    if key in DEFINING and inner and isinstance(table, dict):
        rest[key] = {name: entry for name, entry in table.items() if name != inner[0]}
        return {str(inner[0])}
    if key == "match" and inner and what == "extra_forbidden":
        rest[key] = [{k: v for k, v in each.items() if k != place[-1]} for each in table or []]
        return set()
    return _names(key, rest.pop(key, None))


def _names(key: str, table: Any) -> set[str]:
    """The names and aliases that a whole key gives."""
    if key == "match" and isinstance(table, list) and all(isinstance(each, dict) for each in table):
        return {str(each.get("as") or each.get("fact") or ANY) for each in table}
    if key in DEFINING and isinstance(table, dict):
        return set(table)
    return {ANY} if table is not None and key in (*DEFINING, "match") else set()

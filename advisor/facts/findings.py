"""Pydantic's errors in the reader's words, with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from advisor.documents import Document
from advisor.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

MAX_TOLD = 50  # problems of one thing
Place = tuple[str | int, ...]  # a path through the data of a file
Known = Iterable[str] | Callable[[Place], Iterable[str]]
_TEXTS = {
    "extra_forbidden": ("unknown-key", "there is no key {key} here"),
    "missing": ("missing-key", "{key} is missing"),
    "string_type": ("wrong-type", "{key} must be a text, not {got}"),
    "int_type": ("wrong-type", "{key} must be an integer, not {got}"),
    "is_instance_of": ("wrong-type", "{key} must be a number, not {got}"),
    "bool_type": ("wrong-type", "{key} must be true or false, not {got}"),
    "list_type": ("wrong-type", "{key} must be a list, not {got}"),
    "dict_type": ("wrong-type", "{key} must be a table, not {got}"),
    "model_type": ("wrong-type", "{key} must be a table, not {got}"),
    "greater_than_equal": ("out-of-range", "{key} must be at least {ge}, not {got}"),
    "less_than_equal": ("out-of-range", "{key} must be at most {le}, not {got}"),
    "literal_error": ("wrong-choice", "{key} must be one of {expected}, not {got}"),
    "string_too_short": ("missing-key", "{key} is empty"),
    "string_too_long": ("too-long", "{key} is too long"),
    "too_long": ("too-large", "{key} has more than the {max_length} entries that can be taken"),
    "string_pattern_mismatch": ("wrong-form", "{key} has a form that is not allowed: {got}"),
    "value_error": ("wrong-value", "{key}: {error}"),
}


def explain(error: ValidationError, document: Document, known: Known = (), at: Place = ()) -> list[Problem]:
    """All problems of what was validated: a whole file, or what stands `at` a path through its data.

    `known` are keys to suggest for one that is not known, or tells them for the place where that stands.
    """
    details = [{**detail, "loc": (*at, *detail["loc"])} for detail in _distinct(error)]
    problems = [_problem(detail, document, _known_at(known, detail["loc"])) for detail in details[:MAX_TOLD]]
    if len(details) > MAX_TOLD:
        text = f"{len(details) - MAX_TOLD:,} more problems are not told"
        problems.append(Problem("more-problems", text, None, document.name, problems[-1].line))
    return problems


def keys_of(shape: type[BaseModel]) -> list[str]:
    """The keys that a table of this shape may have, as files write them."""
    return sorted(info.alias or name for name, info in shape.model_fields.items())


def _known_at(known: Known, place: Place) -> list[str]:
    return list(known(place) if callable(known) else known)


def _distinct(error: ValidationError) -> list[Any]:
    """A union reports each of its branches; one of them is enough."""
    seen: dict[tuple[Any, ...], Any] = {}
    for detail in error.errors(include_url=False):
        place = tuple(part for part in detail["loc"] if not str(part).startswith(_WRAPPERS))
        where = tuple(part for part in place if part not in _BRANCHES)
        if where not in seen or detail["type"] == "is_instance_of":  # of a number: the widest branch says it
            seen[where] = detail
    return [{**detail, "loc": place} for place, detail in seen.items()]


_BRANCHES = {"int", "bool", "str", "float", "Fraction", "constrained-str", "TestSpec", "dict[str,any]"}
_WRAPPERS = ("function", "is-instance", "json-or-python", "tagged")


def _problem(detail: Any, document: Document, known: list[str]) -> Problem:
    place = detail["loc"]
    key = next((str(part) for part in reversed(place) if isinstance(part, str)), "the file")
    code, text = _TEXTS.get(detail["type"], ("wrong-value", "{key}: {msg}"))
    words = {**detail.get("ctx", {}), "key": key, "got": _brief(detail["input"]), "msg": detail["msg"]}
    hint = _hint(key, known) if code == "unknown-key" else _quotes(detail)
    return Problem(code, text.format_map(words), hint, document.name, line_of(place, document))


def line_of(place: tuple[Any, ...], document: Document) -> int | None:
    """The line of a value, from its path through the data."""
    line, table, data = None, "", document.data
    for part in place:
        if isinstance(part, int):
            total = len(data) if isinstance(data, list) else 0
            line = document.line_of_item(table, part, total) or line
        else:
            table = f"{table}.{part}" if table else str(part)
            known = (
                isinstance(_step(data, part), list) and line is not None
            )  # the row to come has a better one
            line = line if known else document.line_of_key(str(part), line)
        data = _step(data, part)
    return line


def _step(data: Any, part: Any) -> Any:
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None


def _quotes(detail: Any) -> str | None:
    """A version such as 0.10 is a text, and TOML reads it as a number."""
    number = isinstance(detail["input"], (int, Fraction)) and not isinstance(detail["input"], bool)
    return "Put it in quotes." if detail["type"] == "string_type" and number else None


def _hint(key: str, known: list[str]) -> str | None:
    near = did_you_mean(key, known)
    if near:
        return near
    return f"Known keys: {', '.join(sorted(known))}." if known and len(known) <= 30 else None


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f'the text "{value[:40]}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    return str(value)[:40]

"""Values of a question that come from a mapping or the command line, and changes of a question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

from advisor.documents import LARGEST, leaves, parse
from advisor.errors import InputError, Problem


def unusable(data: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """What no file can hold, but a mapping and the command line can."""
    try:
        values = leaves(data)
    except RecursionError:
        yield Problem("toml-depth", "the question nests too deeply", None, name)
        return
    for value in values:
        if isinstance(value, (int, float)) and not abs(value) <= LARGEST:
            yield Problem("toml-number", f"{str(value)[:40]} is not a number that can be used", None, name)
        elif isinstance(value, str) and not _is_text(value):
            yield Problem("not-text", f"{value!r} holds bytes that are no text", None, name)


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def plain(value: Any) -> Any:
    """A copy that may be changed, with every float exact."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return Fraction(str(value)) if isinstance(value, float) else value


def apply_change(
    tables: dict[str, Any], change: str, changed: set[str], texts: Collection[str] = ()
) -> Iterator[Problem]:
    """Apply one `table.field=value`. The value is TOML where it can be read so, else a text; null removes.

    `texts` are fields that hold texts only: of them 0.10 is a text too.
    """
    path, equals, text = change.partition("=")
    table, dot, name = path.strip().partition(".")
    if not (equals and table and dot and name):
        hint = "Write --set table.field=value, for example --set deployment.context=8192."
        yield Problem("set-form", f"--set {change} names no field", hint)
        return
    target = tables.setdefault(table, {})
    if not isinstance(target, dict):
        yield Problem("set-form", f"--set {change}: {table} is no table")
        return
    if text.strip() == "null":
        target.pop(name, None)
        return
    if (table, name) == ("model", "id"):
        target.clear()  # another model: the fields of one described in the question are not its own
    value = toml_or_text(text.strip())
    if f"{table}.{name}" in texts and isinstance(value, (int, Fraction)):
        value = text.strip()
    problems = list(unusable({name: value}, f"--set {table}.{name}"))
    yield from problems
    if not problems:
        target[name] = plain(value)
        changed.add(f"{table}.{name}")


def toml_or_text(text: str) -> Any:
    """What the text means as a TOML value, or the text itself."""
    try:
        read_as = parse(f"value = {text}", "--set").data
    except InputError:
        return text
    return read_as["value"] if len(read_as) == 1 else text

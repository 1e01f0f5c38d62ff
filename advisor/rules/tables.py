"""Tables as TOML has them: merged, cut, compared leaf by leaf, and written again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

Table = Mapping[str, Any]
ABSENT = object()
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def merged(table: Table, changes: Table) -> dict[str, Any]:
    """The table with these changes: tables are merged, all else is replaced."""
    found = dict(table)
    for key, value in changes.items():
        old = found.get(key)
        found[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def without(table: Table, path: str) -> dict[str, Any]:
    """The table without what stands at a path; a key may have dots itself."""
    if path in table:
        return {key: value for key, value in table.items() if key != path}
    head, _, rest = path.partition(".")
    inner = table.get(head)
    return {**table, head: without(inner, rest)} if isinstance(inner, dict) and rest else dict(table)


def at(table: Table, path: str) -> Any:
    """What stands at a path, or ABSENT."""
    if path in table:
        return table[path]
    head, _, rest = path.partition(".")
    inner = table.get(head)
    return at(inner, rest) if isinstance(inner, dict) and rest else ABSENT


def leaves(changes: Table, table: Table, above: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each value that `changes` has, with its path and what the table has there."""
    for key, value in changes.items():
        old = table.get(key, ABSENT)
        if isinstance(value, dict) and (old is ABSENT or isinstance(old, dict)):
            yield from leaves(value, {} if old is ABSENT else old, f"{above}{key}.")
        else:
            yield f"{above}{key}", old, value


def written(value: Any) -> str | None:
    """A value as TOML has it, in one line; None for ABSENT."""
    if value is ABSENT:
        return None
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {written(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(str(written(each)) for each in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction):
        return str(decimal(value))
    return quoted(value) if isinstance(value, str) else str(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else quoted(key)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def decimal(value: Fraction) -> Decimal:
    """The same number exactly: what was read from decimals ends after some digits."""
    places = max(_power(value.denominator, 2), _power(value.denominator, 5), 1)
    digits = str(abs(int(value * 10**places)))
    return Decimal((int(value < 0), tuple(map(int, digits)), -places))


def _power(number: int, base: int) -> int:
    """How often a number can be divided by the base."""
    times = 0
    while number % base == 0:
        number, times = number // base, times + 1
    return times

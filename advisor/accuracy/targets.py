"""What errors are aimed at: a TOML file of limits, and whether a report keeps to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from advisor.accuracy.keys import KEYS
from advisor.documents import Document, read
from advisor.errors import InputError, Problem, did_you_mean

#: What can be aimed at: the figure it is compared with, and whether it is an upper limit.
LIMITS = {
    "median": ("median", True),
    "p90": ("p90", True),
    "unknown": ("unknown_share", True),
    "right": ("right_share", False),
    "answered": ("answered_share", False),
}
_WRITTEN = {f"{name}_percent": name for name in LIMITS}
_TABLES = ("every", "target")
_HINT = 'Write [every] once, and [[target]] with key = "…" for each quantity.'


@dataclass
class Targets:
    """Limits by key, as shares of one; those of every key stand under None."""

    limits: dict[str | None, dict[str, float]] = field(default_factory=dict)

    def judge(self, keys: list[dict[str, Any]]) -> int:
        """Write into each key of a report what is aimed at and whether it is met; how many are missed."""
        for key in keys:
            wanted = {**self.limits.get(None, {}), **self.limits.get(key["key"], {})}
            key["targets"] = [_judged(key, name, limit) for name, limit in wanted.items()]
        return sum(not target["met"] for key in keys for target in key["targets"])


def _judged(key: Mapping[str, Any], name: str, limit: float) -> dict[str, Any]:
    figure, upper = LIMITS[name]
    shares = {f"{status}_share": key[status] / key["cases"] for status in ("answered", "unknown")}
    value = {**key, **shares}[figure]
    met = value is not None and (value <= limit if upper else value >= limit)
    return {"figure": name, "limit": limit, "value": value, "at_most": upper, "met": met}


def read_targets(path: Path) -> Targets:
    """Read a file of targets. Raises InputError with all that is wrong with it."""
    document = read(path)
    targets, problems = Targets(), list(_unknown_tables(document))
    for key, row, line in _rows(document):
        wrong = list(_wrong(key, row, document.name, line))
        problems += wrong
        if not wrong:
            limits = {_WRITTEN[name]: float(value / 100) for name, value in row.items() if name != "key"}
            targets.limits.setdefault(key, {}).update(limits)
    if problems:
        raise InputError(problems)
    return targets


def _unknown_tables(document: Document) -> Iterator[Problem]:
    for name in document.data:
        if name not in ("schema", *_TABLES):
            line = document.line_of_key(name)
            yield Problem("unknown-table", f"targets have no {name}", _HINT, document.name, line)


def _rows(document: Document) -> Iterator[tuple[str | None, Any, int | None]]:
    """Each table with the key it is for; None is every key."""
    yield None, document.data.get("every", {}), document.line_of_table("every")
    rows = document.data.get("target", [])
    rows = rows if isinstance(rows, list) else [rows]
    for position, row in enumerate(rows):
        key = row.get("key") if isinstance(row, dict) else row
        yield str(key), row, document.line_of_item("target", position, len(rows))


def _wrong(key: str | None, row: Any, file: str, line: int | None) -> Iterator[Problem]:
    if not isinstance(row, dict) or (key is not None and "key" not in row):
        yield Problem("wrong-type", "a target is a table with a key", _HINT, file, line)
        return
    if key is not None and key not in KEYS:
        text = f"{key} is nothing that can be measured"
        yield Problem("unknown-key", text, did_you_mean(key, KEYS), file, line)
    for name, value in row.items():
        if name not in _WRITTEN and name != "key":
            hint = did_you_mean(name, _WRITTEN)
            yield Problem("unknown-key", f"nothing is aimed at by {name}", hint, file, line)
        elif name in _WRITTEN and (isinstance(value, bool) or not isinstance(value, int | Fraction)):
            yield Problem("wrong-type", f"{name} must be a number", None, file, line)

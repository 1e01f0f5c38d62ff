"""What errors are aimed at, and why single cases are missed: TOML files beside the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.accuracy.keys import KEYS
from advisor.documents import Document, read
from advisor.errors import InputError, Problem, did_you_mean

#: What can be aimed at: the figure of the report, and whether it is an upper limit.
LIMITS = {
    "median": ("median", True),
    "p90": ("p90", True),
    "unknown": ("unknown_share", True),
    "right": ("right_share", False),
    "answered": ("answered_share", False),
}
_PERCENT = "_percent"


@dataclass
class Targets:
    """Limits by key, as shares; those of every key stand under none."""

    limits: dict[str | None, dict[str, float]] = field(default_factory=dict)

    def judge(self, keys: list[dict[str, Any]]) -> int:
        """Write into each key of a report what is aimed at and whether it is met; how many are not."""
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
    """Read `[every]` and `[[target]]` tables. Raises InputError with all that is wrong."""
    document = read(path)
    targets, problems = Targets(), []
    for key, row, line in _rows(document):
        for name, value in row.items():
            limit = name.removesuffix(_PERCENT)
            if name == "key":
                continue
            if limit not in LIMITS or not name.endswith(_PERCENT):
                hint = did_you_mean(name, [f"{each}{_PERCENT}" for each in LIMITS])
                problems.append(Problem("unknown-key", f"nothing is aimed at by {name}", hint, document.name, line))
            elif isinstance(value, bool) or not isinstance(value, int | float) and not hasattr(value, "numerator"):
                problems.append(Problem("wrong-type", f"{name} must be a number", None, document.name, line))
            else:
                targets.limits.setdefault(key, {})[limit] = float(value / 100)
        if key is not None and key not in KEYS:
            text = f"{key} is nothing that can be measured"
            problems.append(Problem("unknown-key", text, did_you_mean(str(key), KEYS), document.name, line))
    if problems:
        raise InputError(problems)
    return targets


def _rows(document: Document) -> Iterator[tuple[str | None, Mapping[str, Any], int | None]]:
    every = document.data.get("every", {})
    yield None, every, document.line_of_table("every")
    rows = document.data.get("target", [])
    for position, row in enumerate(rows):
        yield row.get("key", ""), row, document.line_of_item("target", position, len(rows))

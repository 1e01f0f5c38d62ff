"""Figures and names of an answer as words, each with its unit."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from advisor.units import show, unit

UNKNOWN = "not known"
Table = Mapping[str, Any]


def measure(value: float | None, symbol: str) -> str:
    return UNKNOWN if value is None else show(Fraction(value), unit(symbol))


def gib(size: int | None) -> str:
    return measure(size, "GiB")


def rate(value: float | Table | None, dash: str = "-") -> str:
    """Tokens per second: one figure, or a band with what is typical first."""
    if not isinstance(value, Mapping):
        return measure(value, "tok/s")
    typical, low, high = (value.get(name) for name in ("typical", "low", "high"))
    if low is None or high is None:
        return measure(typical, "tok/s")
    band = f"{_bare(low)}{dash}{measure(high, 'tok/s')}"
    return band if typical is None else f"{measure(typical, 'tok/s')} ({band})"


def _bare(value: float) -> str:
    return measure(value, "tok/s").rsplit(" ", 1)[0]


def short_digest(digest: str | None) -> str:
    return (digest or "").rsplit(":", 1)[-1][:12]


def place(origin: Table) -> str:
    """`file:line`, as far as known."""
    parts = (origin.get("file"), origin.get("line"))
    return ":".join(str(part) for part in parts if part is not None)


def source_line(source: str | Table) -> str:
    """A citation on one line: title, address, day of access, the words quoted."""
    if not isinstance(source, Mapping):
        return str(source)
    known = [str(source[key]) for key in ("title", "url") if source.get(key)]
    accessed = [f"accessed {source['accessed']}"] if source.get("accessed") else []
    quote = f": “{source['quote']}”" if source.get("quote") else ""
    return ", ".join(known + accessed) + quote


def plain(value: Any) -> str:
    """A value of the question or of a fact, for reading."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(plain, value))
    return "none" if value is None else str(value)


def settings(changes: Table) -> Iterator[str]:
    """`--set path=value` for each change, as a shell takes it."""
    for path, value in changes.items():
        yield "--set " + shlex.quote(f"{path}={_setting(value)}")


def _setting(value: Any) -> str:
    """A text goes bare unless bare it would read as something else."""
    if isinstance(value, str) and value != "null" and not _is_toml(value):
        return value
    return _toml(value)


_WORD = re.compile(r"(?!(true|false|inf|nan)$)[A-Za-z][\w.-]*")


def _is_toml(text: str) -> bool:
    if _WORD.fullmatch(text):  # what nearly all ids are; trying to read them costs more than all else here
        return False
    try:
        tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return not text.strip()
    return True


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)

"""Reading TOML files, with places to point at. Writing is `toml`'s job, reading is `tomllib`'s.

`tomllib` says nothing of lines once it has read a file, so places are found again in the text: the
n-th `[[rule]]` of the data is the n-th `[[rule]]` header, as long as the two counts agree.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from advisor.errors import InputError, Problem

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_SHARED = 100_000  # characters of a file that is kept; the longest that ships has 53,000
MAX_VALUES = 100_000  # in one file; the largest that ships has 2,000
MAX_SEARCHED = 4_000  # characters of a line in which places are looked for
LARGEST = 10**300  # still a double, as JSON and the runtimes have numbers
_HEADER = re.compile(r"\s*\[\[([\w.\s-]+)\]\]")
_OPENING = re.compile(r"\s*([\w-]+)\s*=\s*\[\s*(#.*)?\Z")
_VALUE = re.compile(r"""("(\\.|[^"\\])*"|'[^']*')(?!\s*[=.])""")  # a text that is no key
_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)")
_TELLING = 8  # characters by which a text without quotes is found
_FLOAT = re.compile(r"[+-]?[0-9_]{1,400}(\.[0-9_]{1,400})?([eE][+-]?[0-9]{1,3})?\Z")
_LONG = re.compile(r"\b[0-9]\w{240,}")
_STEP = r"""(?:[\w-]++|"[^"]*+"|'[^']*+')[ \t]*+\.[ \t]*+"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_STEP}){{{MAX_DEPTH}}}")


class _NoNumber(ValueError):
    """A number that cannot be used, as it is written."""


class _TooMany(ValueError):
    """More values than a file may hold."""


@dataclass(frozen=True)
class Document:
    """One TOML file: its data, its text, and the name under which messages speak of it."""

    name: str
    data: dict[str, Any]
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def headers(self, table: str) -> list[int]:
        """Line numbers (from 1) of the `[[table]]` headers, in order."""
        return self._headers.get(table, [])

    @cached_property
    def _headers(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines, 1):
            header = _HEADER.match(line) if "[[" in line else None
            if header:
                found.setdefault("".join(header[1].split()), []).append(number)
        return found

    def headers_inside(self, table: str, start: int | None) -> list[int]:
        """Those of an inner `[[table]]` that stand in the item at `start`."""
        inside = dict(self._item(start)) if start else {}
        return [line for line in self.headers(table) if line in inside]

    def line_of_item(self, table: str, position: int, total: int) -> int | None:
        """The line of the item at `position` (from 0) of an array of tables, as far as it can be told.

        The array may be written with headers, or as `table = [` with a row on each line.
        """
        for lines in (self.headers(table), self._rows.get(table, [])):
            if len(lines) == total > position:
                return lines[position]
        return self.line_of_key(table)

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """Line numbers of the rows of each `table = [ { … }, … ]` whose rows begin lines of their own."""
        found: dict[str, list[int]] = {}
        inside: list[int] | None = None
        for number, line in enumerate(self.lines, 1):
            start = line.lstrip()[:1]
            if inside is not None and start == "{":
                inside.append(number)
            elif start == "]":
                inside = None
            elif inside is None and (opening := _OPENING.match(line)):
                inside = found.setdefault(opening[1], [])
        return found

    def line_of_table(self, table: str) -> int | None:
        """The line of the `[table]` header, or of the first line that says something of it."""
        header = re.compile(r"\s*\[+\s*" + re.escape(table) + r"\s*\]")
        lines = (n for n, line in enumerate(self.lines, 1) if header.match(line))
        return next(lines, None) or self.line_of_key(table)

    def line_of_key(self, key: str, start: int | None = None) -> int | None:
        """The first line of the item at `start` that gives `key` a value; `start` where there is none."""
        wanted = re.compile(r"(^|[{,.\s\"'])" + re.escape(key) + r"[\"']?\s*=")
        table = re.compile(r"\s*\[+\s*([\w.-][\w.\s-]*)\]+\s*(#.*)?$")
        for number, line in self._item(start):
            if key not in line:
                continue
            line = line[:MAX_SEARCHED]
            header = table.match(line)
            said = _VALUE.sub("''", line).partition("#")[0]
            if (header and header[1].strip().split(".")[-1] == key) or (not header and wanted.search(said)):
                return number
        return start

    def place_of(self, text: str, key: str, start: int | None = None) -> tuple[int, int] | None:
        """Line and column of a text that `key` of the item at `start` gives; None where it is not found.

        Both count from 1. It must stand there as it is, in quotes or long enough to be meant.
        """
        first = text.split("\n")[0]
        begin = self.line_of_key(key, start) or 1
        for wanted in (f'"{first}"', f"'{first}'", *([first] if len(first) >= _TELLING else ())):
            for number, line in self._item(start):
                if number >= begin and wanted in line:
                    return number, line.index(wanted) + 1 + (wanted != first)
        return None

    def _item(self, start: int | None) -> Iterator[tuple[int, str]]:
        """Numbered lines from `start` up to the next header like the one that stands there."""
        lines = self.lines
        header = _HEADER.match(lines[start - 1]) if start else None
        for number in range(start or 1, len(lines) + 1):
            line = lines[number - 1]
            again = _HEADER.match(line) if header and number != start else None
            if again and "".join(again[1].split()) == "".join(header[1].split()):
                return
            yield number, line


def read(path: Path, name: str | None = None) -> Document:
    """Read one file. Raises InputError, with file, line and column, for what is not a TOML document."""
    shown = name or _printable(path)
    return parse(_text(path, shown), shown)


def read_shared(path: Path, name: str | None = None) -> Document:
    """The same, parsed once as long as the text stays: who gets the document must leave its data alone."""
    shown = name or _printable(path)
    text = _text(path, shown)
    return _parsed(text, shown) if len(text) <= MAX_SHARED else parse(text, shown)


@lru_cache(maxsize=512)
def _parsed(text: str, name: str) -> Document:
    return parse(text, name)


def _printable(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()  # a path may hold bytes that are no text


def parse(text: str, name: str) -> Document:
    """Read TOML from a text; decimals become exact fractions."""
    try:
        _shallow(text)
        data = tomllib.loads(text, parse_float=_exact)
        if any(isinstance(value, int) and abs(value) > LARGEST for value in leaves(data)):
            raise ValueError
    except tomllib.TOMLDecodeError as error:
        raise _refusal(name, text, error) from None
    except RecursionError:
        raise _problem("toml-depth", "the file nests too deeply", name) from None
    except _TooMany:
        raise _problem("file-too-long", f"the file holds more than {MAX_VALUES:,} values", name) from None
    except _NoNumber as error:
        raise _bad_number(str(error), text, name) from None
    except ValueError:  # an integer beyond LARGEST, or one so long that Python refuses to read it
        raise _bad_number(_longest(text), text, name) from None
    return Document(name, data, text)


def _shallow(text: str) -> None:
    """Raises RecursionError for a key of many parts, which `tomllib` would take very long to read."""
    for line in text.split("\n"):
        if line.count(".") >= MAX_DEPTH and _DEEP_KEY.search(line):
            raise RecursionError


def leaves(data: Mapping[str, Any]) -> list[Any]:
    """All values that are no tables or lists. Raises RecursionError for what nests too deeply."""
    found: list[Any] = []
    inner: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        values = [v for each in inner for v in (each.values() if isinstance(each, Mapping) else each)]
        inner = [value for value in values if isinstance(value, (Mapping, list, tuple))]
        found += [value for value in values if not isinstance(value, (Mapping, list, tuple))]
        if len(inner) + len(found) > MAX_VALUES:
            raise _TooMany
        if not inner:
            return found
    raise RecursionError


def _bad_number(number: str, text: str, name: str) -> InputError:
    where = re.search(r"(?<![\w.+-])" + re.escape(number) + r"(?![\w.])", text)
    line = text.count("\n", 0, where.start()) + 1 if where else None
    shown = number if len(number) <= 40 else f"{number[:30]}… ({len(number)} characters)"
    return InputError([Problem("toml-number", f"{shown} is not a number that can be used", None, name, line)])


def _longest(text: str) -> str:
    return max(_LONG.findall(text), key=len, default="a number")


def _text(path: Path, shown: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _problem("file-missing", f"there is no file {shown}", shown) from None
    except OSError as error:
        raise _problem("file-unreadable", f"cannot read {shown}: {error.strerror}", shown) from None
    if len(raw) > MAX_BYTES:
        raise _problem("file-too-long", f"{shown} is longer than {MAX_BYTES // 1024 // 1024} MiB", shown)
    return _decoded(raw, shown)


def _decoded(raw: bytes, shown: str) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        raise InputError(
            [Problem("file-encoding", "the file is not UTF-8", "Save it as UTF-8.", shown, line, column)]
        ) from None


def _exact(text: str) -> Fraction:
    if not _FLOAT.match(text):
        raise _NoNumber(text)
    number = Fraction(text.replace("_", ""))
    if abs(number) > LARGEST:
        raise _NoNumber(text)
    return number


def _refusal(name: str, text: str, error: tomllib.TOMLDecodeError) -> InputError:
    message = str(error)
    place = _PLACE.search(message)
    if place:
        line, column, hint = int(place[1]), int(place[2]), None
    else:  # at the end of the document
        *_, last = lines = text.split("\n")
        line, column, hint = len(lines), len(last) + 1, "The file seems to be cut off."
    said = "the file is not TOML: " + _PLACE.sub("", message)
    return InputError([Problem("toml-syntax", said, hint, name, line, column)])


def _problem(code: str, text: str, name: str) -> InputError:
    return InputError([Problem(code, text, None, name)])

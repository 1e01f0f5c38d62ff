"""Markdown from texts of strangers: whatever stands in them is shown, and none of it is obeyed.

Texts become one line each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from advisor.answer.text.page import neutral

_MARKS = re.compile(r"[\\`*\[\]<>&~$]|_(?![^\W_])|(?<!\S)#")
_BEGIN = re.compile(r"(\d{0,9})([.)+=-])")  # of a list, or of the line below a heading
_ADDRESS = re.compile(r"(https?://[^\s<>\\|`]*[^\s<>\\|`.,;:)])")
_PLAIN_CODE = re.compile(r"[^`|]+")
_NO_LETTER = re.compile(r"[^A-Za-z0-9 ]")
_FENCES = re.compile(r"`{3,}")


def text(words: str) -> str:
    """A line of text, which may stand in a paragraph, a list, a heading or a table."""
    return begun(inline(neutral(words)))


def inside(words: object) -> str:
    """A text within a line or a cell of a table, where its beginning means nothing."""
    return inline(neutral(words))


def linked(words: str) -> str:
    """The same, with addresses of the web that can be followed."""
    parts = _ADDRESS.split(neutral(words))
    return begun("".join(f"<{part}>" if n % 2 else inline(part) for n, part in enumerate(parts)))


def inline(words: str) -> str:
    """A part of a line, in which nothing but its beginning may still mean something."""
    return _MARKS.sub(r"\\\g<0>", words)


def begun(line: str) -> str:
    """A line of Markdown that begins no list, and makes no heading of the line above."""
    begin = _BEGIN.match(line)
    return f"{begin[1]}\\{line[begin.start(2) :]}" if begin else line


def code(words: str) -> str:
    """A line of code; as HTML where Markdown has no way to write it that holds in a table too."""
    line = neutral(words)
    if _PLAIN_CODE.fullmatch(line):
        return f"`{line}`"
    return f"<code>{_NO_LETTER.sub(lambda mark: f'&#{ord(mark[0])};', line)}</code>"


def link(words: str, target: str) -> str:
    """A link to a file; `words` are Markdown."""
    return f"[{words}]({quote(target)})"


def block(language: str, lines: Iterable[str]) -> str:
    """Lines of code, none of which ends the block."""
    shown = [_visible(line) for line in lines]
    longest = max((len(mark) for line in shown for mark in _FENCES.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([f"{fence}{language}", *shown, fence])


def _visible(line: str) -> str:
    """What cannot be seen, as texts in TOML write it."""
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in line)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells that are Markdown already."""
    return "\n".join(map(_row, [header, ["---"] * len(header), *rows]))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

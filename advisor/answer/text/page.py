"""A page of plain paragraphs on a rich console: wrapped, indented, safe to print.

Whatever an answer holds is data. It is never read as rich markup, control characters in it are shown
and not sent, and a console that cannot encode a character gets one that it can.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.text import Text

NARROWEST, WIDEST = 30, 120  # beyond 120 columns lines are hard to read
#: What a paragraph is made of: data, or data and its style.
Part = str | tuple[str, str]

_GLYPHS = {
    "bullet": ("•", "-"),
    "error": ("✗", "x"),
    "warning": ("!", "!"),
    "note": ("•", "-"),
    "info": ("·", "-"),
    "proved": ("✓", "+"),
    "failed": ("✗", "x"),
    "open": ("?", "?"),
    "times": ("×", "x"),  # noqa: RUF001
    "to": ("–", "-"),  # noqa: RUF001
    "weights": ("█", "W"),
    "kv_cache": ("▓", "K"),
    "overhead": ("▒", "O"),
    "required": ("▆", "#"),
    "free": ("·", "."),
    "unknown": ("?", "?"),
    "limit": ("┃", "|"),
}
_NUMBER_UNIT = re.compile(r"(?<=\d) (?=[^\W\d_]|%)")
_BOUND = "\ue000"  # a space that does not break; no text holds one, for `neutral` escapes it
_PLAIN = str.maketrans(
    {"×": "x", "–": "-", "—": "-", "−": "-", "…": "...", "µ": "u", "·": "-", "•": "-"}  # noqa: RUF001
    | {"“": '"', "”": '"', "‘": "'", "’": "'", "≥": ">=", "≤": "<=", "→": "->", "≈": "~"}  # noqa: RUF001
)


def neutral(value: object) -> str:
    """One line of text in which nothing can move the cursor, change colours or hide.

    >>> neutral("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    line = " ".join(str(value).split())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def encodable(line: str, encoding: str) -> str:
    """The nearest text that the encoding has."""
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        return line.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return encodable(line, "ascii")
    return line


def drawn(draw: Callable[[Console], None], width: int | None = None, color: bool = False) -> str:
    """The same text whatever the environment says; 80 columns unless told."""
    console = Console(
        file=io.StringIO(),
        width=width or 80,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
    )
    with console.capture() as captured:
        draw(console)
    return captured.get()


class Page:
    """Writes paragraphs, top to bottom; no line is wider than the page or ends in a space."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = max(NARROWEST, min(console.width, WIDEST))
        self.ascii = console.options.ascii_only

    def glyph(self, name: str) -> str:
        return _GLYPHS[name][self.ascii]

    def text(self, *parts: Part) -> Text:
        """Data as a rich text, with nothing in it that is not shown."""
        made = Text()
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            made.append(self._spaced(words), style or None)
        return made

    def _spaced(self, words: str) -> str:
        """Cleaned; one space at either end stays, so that parts can be put together."""
        inner = encodable(neutral(words), self.console.encoding)
        if not inner:
            return words[:1] and " "
        return " " * words[0].isspace() + inner + " " * words[-1].isspace()

    def blank(self) -> None:
        self.console.print()

    def heading(self, title: str, *rest: Part) -> None:
        self.blank()
        self.paragraph((title, "bold"), *((": ", *rest) if rest else ()))

    def paragraph(self, *parts: Part, indent: int = 0, lead: Part = "") -> None:
        """Wrapped text; the lines after the first stand under the first word behind `lead`."""
        mark = self.text(lead)
        if lead:
            mark.append(" ")
        body = self.text(*parts)
        margin = min(indent, self.width - NARROWEST // 2 - mark.cell_len)
        lines = self._wrapped(body, self.width - margin - mark.cell_len)
        for number, line in enumerate(lines or [Text()]):
            start = mark if number == 0 else Text(" " * mark.cell_len)
            self.line(Text(" " * margin) + start + line)

    def _wrapped(self, body: Text, width: int) -> list[Text]:
        """Lines of at most that width; a number stays with its unit where the line has room for both."""
        body.plain = _NUMBER_UNIT.sub(_BOUND, body.plain)
        lines = list(body.wrap(self.console, max(width, 2), overflow="fold"))
        for line in lines:
            line.plain = line.plain.replace(_BOUND, " ")
        return lines

    def flow(self, items: Iterable[Text], indent: int = 0, gap: str = "   ", cut: str = "") -> None:
        """Items side by side, as many as go on a line, none of them broken if it need not be.

        `cut` ends each line that another one continues.
        """
        room = self.width - indent - len(cut)
        line = Text()
        for item in items:
            if line and line.cell_len + len(gap) + item.cell_len > room:
                self._flowed(line + Text(cut), indent)
                line = Text()
            line = line + Text(gap) + item if line else item
        self._flowed(line, indent)

    def _flowed(self, line: Text, indent: int) -> None:
        for part in self._wrapped(line, self.width - indent):
            self.line(Text(" " * indent) + part)

    def line(self, line: Text) -> None:
        line.rstrip()
        self.console.print(line, soft_wrap=True, highlight=False)

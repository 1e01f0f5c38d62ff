"""What expressions ask of a text: whether it holds a word, which month and which version it names."""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = {"early": 2, "spring": 4, "mid": 6, "summer": 7, "autumn": 10, "late": 11, "end of": 12}
_NAMED = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\.?\s+(20\d\d)\b")
_NUMBERED = re.compile(r"\b(20\d\d)-(\d\d)\b")
_PART = re.compile(rf"\b({'|'.join(_PARTS)})[\s-]+(20\d\d)\b")
_YEAR = re.compile(r"\b(20\d\d)\b")
_DOTTED = re.compile(r"\bv?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")
_BUILD = re.compile(r"\bb(?:uilds?)?\s*(?:about\s+)?(\d{3,6})\b|^\s*(\d{4,6})\s*$")


def contains(text: str, part: str) -> bool:
    """Whether a text holds another one, capitals or not."""
    return part.lower() in text.lower()


def month_of(text: str) -> int:
    """The first month that a text names, as year times 12 plus month; 0 where it names none.

    "May 2024", "2024-05", "mid 2024"; of a year alone, its middle.
    """
    text = text.lower()
    if found := _NAMED.search(text):
        return int(found[2]) * 12 + _MONTHS.index(found[1]) + 1
    if (found := _NUMBERED.search(text)) and 1 <= int(found[2]) <= 12:
        return int(found[1]) * 12 + int(found[2])
    if found := _PART.search(text):
        return int(found[2]) * 12 + _PARTS[found[1]]
    return int(found[1]) * 12 + 6 if (found := _YEAR.search(text)) else 0


def same(text: str, other: str) -> bool:
    """Whether two texts are the same, capitals or not."""
    return text.lower() == other.lower()


def version_of(text: str) -> int:
    """The first version that a text names: 0.6.3 is 6,003, 1.2 is 1,002,000; 0 where it names none.

    Builds that are counted ("b9187", "build 9187", "9187") are a million each, and go before dotted ones.
    """
    text = text.lower()
    if found := _BUILD.search(text):
        return int(found[1] or found[2]) * 1_000_000
    if found := _DOTTED.search(text):
        major, minor, patch = (int(part or 0) for part in found.groups())
        return major * 1_000_000 + minor * 1_000 + patch
    return 0

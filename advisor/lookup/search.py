"""Looking for words in all that the facts of the catalog say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from advisor.errors import did_you_mean
from advisor.facts.library import Library
from advisor.facts.values import Fact
from advisor.lookup.addresses import address
from advisor.lookup.listing import place

_JOINED = re.compile(r"[\W_]+")
ALIAS = "alias"  # the kind of fact that names others
EXACT, NAMED, CALLED, SAID = range(4)  # how near: the very id, in id or name, in an alias, elsewhere


class _Text(NamedTuple):
    """A text of a fact: how much it tells of what the fact is, the field, and what it says."""

    rank: int
    field: str
    text: str


class _Hit(NamedTuple):
    rank: tuple[Any, ...]
    fact: Fact
    text: _Text  # where the word was found that is hardest to find


def searched(library: Library, text: str) -> dict[str, Any]:
    """All facts that contain all the words, in any order and case; best first.

    In ids, names and aliases a word may also be written with other separators: rtx4090 for rtx-4090.
    An alias is told with the thing that it names, and alone only where that is not found.
    """
    words = text.casefold().split()
    aliases = _aliases(library)
    hits = [hit for fact in library.facts if words and (hit := _hit(library, fact, words, aliases))]
    things = {(hit.fact.kind, address(hit.fact)) for hit in hits}
    kept = [hit for hit in hits if hit.rank[0] == EXACT or _named(hit.fact) not in things]
    return {
        "schema": "advisor.facts-search/1",
        "text": text,
        "facts": [_row(hit) for hit in sorted(kept, key=lambda hit: hit.rank)],
        "hint": None if kept else _suggested(library, words),
    }


def _hit(
    library: Library, fact: Fact, words: Sequence[str], aliases: Mapping[tuple[str, str], list[str]]
) -> _Hit | None:
    texts = list(_texts(fact, aliases.get((fact.kind, address(fact)), ())))
    found = [min((text for text in texts if _holds(text, word)), default=None) for word in words]
    if None in found:
        return None
    hardest = max(found)
    exact = address(fact).casefold() == " ".join(words)
    composite = len(library.kinds[fact.kind].key) != 1  # what says something of things comes after them
    return _Hit((EXACT if exact else hardest.rank, composite, fact.kind, address(fact)), fact, hardest)


def _row(hit: _Hit) -> dict[str, Any]:
    fact, (_, field, text) = hit.fact, hit.text
    found = {"field": field, "text": text}
    return {"kind": fact.kind, "id": address(fact), "name": _name(fact), **found, **place(fact)}


def _texts(fact: Fact, aliases: Iterable[str]) -> Iterator[_Text]:
    yield _Text(NAMED, "id", address(fact))
    yield from (_Text(CALLED, "alias", alias) for alias in aliases)
    for name, value in fact.values.items():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, str):
                yield _Text(NAMED if name == "name" else SAID, name, each)
    if fact.given and fact.given.note:
        yield _Text(SAID, "note", fact.given.note)


def _holds(text: _Text, word: str) -> bool:
    plain = text.text.casefold()
    if word in plain:
        return True
    joined = _JOINED.sub("", word)
    return text.rank < SAID and bool(joined) and joined in _JOINED.sub("", plain)


def _name(fact: Fact) -> str | None:
    name = fact.values.get("name")
    return name if isinstance(name, str) else None


def _aliases(library: Library) -> dict[tuple[str, str], list[str]]:
    """The aliases of each thing, by its kind and id."""
    found: dict[tuple[str, str], list[str]] = {}
    for fact in library.of(ALIAS):
        found.setdefault(_named(fact), []).append(str(fact.values["name"]))
    return found


def _named(fact: Fact) -> tuple[str, str]:
    """Kind and id of what an alias names; nothing has what is given for other facts."""
    return (str(fact.values["of"]), str(fact.values["id"])) if fact.kind == ALIAS else ("", "")


def _suggested(library: Library, words: Sequence[str]) -> str:
    """The nearest words that do occur in ids and names, for those that do not."""
    known = {
        word
        for fact in library.facts
        for text in (address(fact), _name(fact) or "")
        for word in text.casefold().split()
    }
    near = [hint for word in words if (hint := did_you_mean(word[:60], known))]
    return " ".join(near) or "Try fewer words, or a part of one; `advisor facts list` shows the kinds."

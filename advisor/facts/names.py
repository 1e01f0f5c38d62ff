"""Names that people type, resolved to ids: by whole words, never by resemblance."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from advisor.errors import Problem, did_you_mean
from advisor.facts.called import Called, Facts, called
from advisor.facts.kinds import Kinds
from advisor.facts.words import plain, words_in_order, words_of

LISTED = 12  # candidates that are listed; the rest are counted
NEAR = 3


class Names:
    """What the facts of a library are called. docs/language.md tells how a name finds its thing.

    Names of some things (weight formats, say) stand in facts of a kind of their own, with a `name` and a
    field that refers to the thing. What these mean is for rules to tell: they resolve to the name as written.
    """

    def __init__(self, kinds: Kinds, facts: Facts) -> None:
        self._of = {kind.id: called(kind, kinds, facts) for kind in kinds.values() if kind.named_by}

    def meanings(self, kind: str, name: str) -> list[str]:
        """The ids that a name may stand for: what it resolves to, or else what it asks about."""
        of = self._of.get(kind, _NOTHING)
        words = words_of(name)
        return of.meanings(name) or ([] if of.trap(words) else of.candidates(words))

    def resolve(self, kind: str, name: str) -> tuple[str | None, Problem | None]:
        """The id that a name stands for, or what is wrong with the name."""
        of = self._of.get(kind, _NOTHING)
        found = of.meanings(name)
        if len(found) == 1:
            return found[0], None
        words = words_of(name)
        trap = None if found else of.trap(words)
        if trap:
            return None, Problem("no-such-thing", trap[0], f"Nearest that exist: {', '.join(trap[1])}.")
        several = found or of.candidates(words)
        return None, _several(name, several) if several else _unknown(kind, name, words, of)


_NOTHING = Called()


def _several(name: str, ids: Sequence[str]) -> Problem:
    if len(ids) == 1:
        text, hint = f'"{short(name)}" is not all of a name: it may be', "Write this id if you mean it."
    else:
        text, hint = f'"{short(name)}" may be any of', "Write one of these ids, or more of the name."
    return Problem("name-ambiguous", f"{text} {listed(ids)}", hint)


def _unknown(kind: str, name: str, words: frozenset[str], of: Called) -> Problem:
    known = of.known_words()
    strange = [word for word in dict.fromkeys(words_in_order(name)) if word not in known]
    why = ""
    if len(words) > 1:
        named = " or ".join(f'"{short(word)}"' for word in strange[:NEAR])
        why = f": nothing is called {named}" if strange else ": nothing has all these words"
    text = f'no {kind.replace("_", " ")} is called "{short(name)}"{why}'
    told = dict.fromkeys(of.says[word] for word in strange if word in of.says)
    nearest = _nearest(name, words, of, known) or (None if told else f"Known: {listed(of.ids)}.")
    return Problem(f"unknown-{kind.replace('_', '-')}", text, " ".join([*told, *filter(None, [nearest])]))


def _nearest(name: str, words: frozenset[str], of: Called, known: set[str]) -> str | None:
    """What may have been meant: each word mended, or dropped if nothing is called by it, and one dropped."""
    meant = frozenset(filter(None, (_mended(word, known) for word in words)))
    near = of.called(meant) or of.candidates(meant)
    near = near or [each for word in sorted(meant) for each in of.called(meant - {word})]
    if 0 < len(set(near)) <= NEAR:
        return f"Did you mean {' or '.join(dict.fromkeys(near))}?"
    left = (each for names in of.left.values() for each in names)
    return did_you_mean(short(plain(name)), [*of.ids, *left])


def _mended(word: str, known: set[str]) -> str | None:
    """The word, or the nearest that is known. A word with a digit is a figure: none is near it."""
    if word in known or not word.isalpha():
        return word if word in known else None
    near = difflib.get_close_matches(word, sorted(filter(str.isalpha, known)), n=1, cutoff=0.75)
    return near[0] if near else None


def listed(ids: Sequence[str]) -> str:
    """The first candidates, and how many more there are."""
    more = len(ids) - LISTED
    return ", ".join(ids[:LISTED]) + (f" and {more} more" if more > 0 else "")


def short(text: str) -> str:
    """A name as somebody typed it, cut where nobody would read on."""
    return text if len(text) <= 60 else f"{text[:60]}…"

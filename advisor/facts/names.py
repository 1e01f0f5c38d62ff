"""Names that people type, resolved to ids: exactly, never by resemblance."""

from __future__ import annotations

from advisor.errors import Problem, did_you_mean
from advisor.expressions import Value
from advisor.facts.library import Library


class Names:
    """What the facts of a library are called.

    `alias` facts name things of any kind; kinds with a `name` and a field that refers to another kind
    (names of weight formats, say) name things too, but what they mean is for rules to tell.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def resolve(self, kind: str, name: str) -> tuple[str | None, Problem | None]:
        """The id that a name stands for, or what is wrong with the name."""
        plain = normalised(name)
        ids = {str(fact.key[0]) for fact in self._library.of(kind)}
        found = sorted({i for i in ids if normalised(i) == plain} or self._aliases(kind).get(plain, set()))
        if len(found) == 1:
            return found[0], None
        if found:
            text = f"{name} may be any of {', '.join(found)}"
            return None, Problem("name-ambiguous", text, "Write one of these ids.")
        if plain in self._left_to_rules(kind):
            return plain, None
        return None, self._trap(kind, plain) or self._unknown(kind, name, ids)

    def _aliases(self, kind: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for fact in self._library.of("alias"):
            if fact.values["of"] == kind:
                found.setdefault(normalised(fact.values["name"]), set()).add(str(fact.values["id"]))
        return found

    def _left_to_rules(self, kind: str) -> set[str]:
        names = set()
        for other in self._library.kinds.values():
            refers = any(field.spec.refers == kind for field in other.fields.values())
            if refers and "name" in other.key:
                names |= {normalised(fact.values["name"]) for fact in self._library.of(other.id)}
        return names

    def _trap(self, kind: str, plain: str) -> Problem | None:
        for fact in self._library.of("trap"):
            if fact.values["of"] == kind and normalised(fact.values["name"]) == plain:
                nearest = ", ".join(map(str, fact.values["nearest"]))
                return Problem("no-such-thing", str(fact.values["says"]), f"Nearest real parts: {nearest}.")
        return None

    def _unknown(self, kind: str, name: str, ids: set[str]) -> Problem:
        words = kind.replace("_", " ")
        known = [*ids, *self._aliases(kind), *self._left_to_rules(kind)]
        hint = did_you_mean(normalised(name)[:60], known) or f"Known: {', '.join(sorted(ids))}."
        shown = name if len(name) <= 60 else f"{name[:60]}…"
        return Problem(f"unknown-{kind.replace('_', '-')}", f'no {words} is called "{shown}"', hint)


def normalised(name: Value) -> str:
    """Lower case, with single spaces."""
    return " ".join(str(name).lower().split())

"""What the things of one kind are called: made once for a library, and kept with it as plain data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.facts.kinds import Kind, Kinds
from advisor.facts.values import Fact
from advisor.facts.words import forms_of, plain, words_of

Facts = Mapping[str, Sequence[Fact]]  # by kind


@dataclass(slots=True)
class Called:
    """Names of one kind. A form is the sorted words of a name, with spaces between them."""

    ids: list[str] = field(default_factory=list)
    forms: list[tuple[str, ...]] = field(default_factory=list)  # of each id
    having: dict[str, tuple[int, ...]] = field(default_factory=dict)  # a word: which ids have it in a form
    texts: dict[str, list[str]] = field(default_factory=dict)  # what is typed exactly so
    left: dict[str, list[str]] = field(default_factory=dict)  # forms of the names whose meaning rules tell
    omit: frozenset[str] = frozenset()
    add: frozenset[str] = frozenset()
    says: dict[str, str] = field(default_factory=dict)  # of words that belong to no name
    traps: list[tuple[frozenset[str], str, tuple[str, ...]]] = field(default_factory=list)

    def meanings(self, name: str) -> list[str]:
        """The ids, or names left to rules, that a name may stand for; none where nothing is called so."""
        return self.texts.get(plain(name)) or self.called(words_of(name))

    def called(self, words: frozenset[str]) -> list[str]:
        """What has a form of exactly these words; or else one that they name, with words to spare."""
        form, things = _form(words), self._with(words)
        exact = [self.ids[thing] for thing in things if form in self.forms[thing]]
        loose = (self.ids[thing] for thing in things if self._named(thing, words))
        return exact or self.left.get(form) or list(loose)

    def candidates(self, words: frozenset[str]) -> list[str]:
        """What has all of these words among its names; first what has them in its id."""
        found = [self.ids[thing] for thing in self._with(words)]
        return sorted(found, key=lambda each: not words - self.add <= words_of(each))

    def trap(self, words: frozenset[str]) -> tuple[str, tuple[str, ...]] | None:
        """What is said of these words if they name something that does not exist, and what comes nearest."""
        hit = (trap for trap in self.traps if trap[0] <= words <= trap[0] | self.omit)
        return next(((says, nearest) for _, says, nearest in hit), None)

    def known_words(self) -> set[str]:
        return {*self.having, *self.add, *(word for form in self.left for word in form.split())}

    def _with(self, words: frozenset[str]) -> list[int]:
        having = sorted((self.having.get(word, ()) for word in words - self.add or words), key=len)
        return sorted(set(having[0]).intersection(*having[1:])) if having else []

    def _named(self, thing: int, words: frozenset[str]) -> bool:
        return any(_needed(frozenset(form.split()), self.omit) <= words for form in self.forms[thing])


def called(kind: Kind, kinds: Kinds, facts: Facts) -> Called:
    """The names of a kind, from its facts, its aliases, and what is said of single words."""
    forms = _forms(kind, facts)
    ids = sorted(forms, key=_naturally)
    words = [fact for fact in facts.get("name_word", ()) if fact.values["of"] == kind.id]
    omit, add = (frozenset(str(f.values["word"]) for f in words if f.values[use]) for use in ("omit", "add"))
    left = _left(kind, kinds, facts)
    return Called(
        ids,
        [tuple(forms[each]) for each in ids],
        _having(ids, forms),
        _texts(ids, left),
        _by_form(left),
        omit,
        add,
        dict(_says(kind, facts)),
        list(_traps(kind, facts, omit)),
    )


def _forms(kind: Kind, facts: Facts) -> dict[str, dict[str, None]]:
    """For each id its forms, each once."""
    forms: dict[str, dict[str, None]] = {str(fact.key[0]): {} for fact in facts.get(kind.id, ())}
    names = [
        (str(fact.key[0]), str(fact.values[field]))
        for fact in facts.get(kind.id, ())
        for field in kind.named_by
        if field in fact.values
    ]
    names += [
        (str(fact.values["id"]), str(fact.values["name"]))
        for fact in facts.get("alias", ())
        if fact.values["of"] == kind.id and fact.values["id"] in forms
    ]
    for thing, name in names:
        forms[thing].update((_form(words_of(form)), None) for form in forms_of(name))
    return forms


def _having(ids: Sequence[str], forms: Mapping[str, Iterable[str]]) -> dict[str, tuple[int, ...]]:
    having: dict[str, dict[int, None]] = {}
    for thing, each in enumerate(ids):
        for form in forms[each]:
            for word in form.split():
                having.setdefault(word, {})[thing] = None
    return {word: tuple(things) for word, things in having.items()}


def _left(kind: Kind, kinds: Kinds, facts: Facts) -> dict[str, frozenset[object]]:
    """Names that refer to facts of the kind, and mean what rules tell; with all that their facts say."""
    means: dict[str, set[object]] = {}
    for other in kinds.values():
        if "name" in other.key and any(field.spec.refers == kind.id for field in other.fields.values()):
            for fact in facts.get(other.id, ()):
                rest = frozenset(item for item in fact.values.items() if item[0] != "name")
                means.setdefault(str(fact.values["name"]), set()).add((other.id, rest))
    return {name: frozenset(means[name]) for name in sorted(means)}


def _by_form(left: Mapping[str, frozenset[object]]) -> dict[str, list[str]]:
    """Names left to rules, by their words: one for each meaning, since "4bit" and "4-bit" are the same."""
    forms: dict[str, dict[object, str]] = {}
    for name, means in left.items():
        forms.setdefault(_form(words_of(name)), {}).setdefault(means, name)
    return {form: list(names.values()) for form, names in forms.items()}


def _texts(ids: Iterable[str], left: Iterable[str]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for each in ids:
        texts.setdefault(plain(each), []).append(each)
    for name in left:
        texts.setdefault(plain(name), [name])
    return texts


def _says(kind: Kind, facts: Facts) -> Iterator[tuple[str, str]]:
    for fact in facts.get("name_hint", ()):
        if fact.values["of"] == kind.id:
            yield from ((str(word), str(fact.values["says"])) for word in fact.values["words"])


def _traps(
    kind: Kind, facts: Facts, omit: frozenset[str]
) -> Iterator[tuple[frozenset[str], str, tuple[str, ...]]]:
    for fact in facts.get("trap", ()):
        if fact.values["of"] == kind.id:
            nearest = tuple(map(str, fact.values["nearest"]))
            yield _needed(words_of(str(fact.values["name"])), omit), str(fact.values["says"]), nearest


def _form(words: frozenset[str]) -> str:
    return " ".join(sorted(words))


def _needed(words: frozenset[str], omit: frozenset[str]) -> frozenset[str]:
    """Words of a form that must be typed: those that may not be left out, or all where all may."""
    return words - omit or words


def _naturally(text: str) -> list[str | int]:
    """A key for sorting: 8b before 70b."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]

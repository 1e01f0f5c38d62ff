"""How a fact of the catalog is called on the command line, and found again."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.errors import InputError, Problem, did_you_mean
from advisor.facts.library import Library
from advisor.facts.names import listed, short
from advisor.facts.values import Fact


def address(fact: Fact) -> str:
    """The fact's key: `rtx-4090`, `aws/p5.48xlarge`; the kind's own name for the one fact of a kind."""
    return "/".join(map(str, fact.key)) or fact.kind


def find(library: Library, words: Sequence[str]) -> Fact:
    """The fact that these words name: an id, a name that people use, or either after its kind.

    Raises InputError, with the candidates or the nearest, where it is not exactly one.
    """
    kind = words[0] if len(words) > 1 and words[0] in library.kinds else None
    name = " ".join(words[1:] if kind else words)
    found = _called(library, name, kind)
    if len(found) == 1:
        return found[0]
    raise InputError([_several(name, found) if found else _nothing(library, name, kind)])


def _called(library: Library, name: str, kind: str | None) -> list[Fact]:
    """By key; else by a name that people use; else what only names others, or has it as a part of its key."""
    facts = [fact for fact in library.facts if kind in (None, fact.kind)]
    plain = name.casefold()
    exact = [fact for fact in facts if address(fact).casefold() == plain]
    resolved, told = _resolved(library, name, kind)
    things = [fact for fact in exact if "name" not in library.kinds[fact.kind].key]
    found = things or resolved or _meant(library, plain, kind)
    if told and not found:
        raise InputError(told)
    return found or exact or [fact for fact in facts if plain in (str(p).casefold() for p in fact.key)]


def _resolved(library: Library, name: str, kind: str | None) -> tuple[list[Fact], list[Problem]]:
    """The facts of that name; and what is said of a name of several things, or of one that does not exist."""
    found, told = [], []
    for each in [kind] if kind else _named_kinds(library):
        meant, problem = library.names.resolve(each, name)
        found += [fact for fact in library.of(each) if fact.key == (meant,)]
        told += [problem] if problem and not problem.code.startswith("unknown") else []
    return found, told


def _meant(library: Library, plain: str, kind: str | None) -> list[Fact]:
    """What a name may mean of which rules tell what it means in a question: `int8`, by runtime."""
    meant = set()
    for naming in library.kinds.values():
        for field in naming.fields.values() if "name" in naming.key else ():
            if field.spec.refers and kind in (None, field.spec.refers):
                facts = [f for f in library.of(naming.id) if str(f.values["name"]).casefold() == plain]
                meant |= {(field.spec.refers, (fact.values.get(field.name),)) for fact in facts}
    return [fact for fact in library.facts if (fact.kind, fact.key) in meant]


def _named_kinds(library: Library) -> list[str]:
    """Kinds of things: named by one field that is no mere name of something else."""
    things = [kind for kind in library.kinds.values() if len(kind.key) == 1 and kind.key != ("name",)]
    return [kind.id for kind in things if library.of(kind.id)]


def _several(name: str, found: Sequence[Fact]) -> Problem:
    text = f'"{short(name)}" may be any of {listed([f"{fact.kind} {address(fact)}" for fact in found])}'
    return Problem("name-ambiguous", text, "Write one of these, with its kind.")


def _nothing(library: Library, name: str, kind: str | None) -> Problem:
    known = {address(fact) for fact in library.facts if kind in (None, fact.kind)}
    of = f"no {kind.replace('_', ' ')}" if kind else "nothing"
    hint = did_you_mean(short(name).casefold(), known) or "`advisor facts search` looks into all texts."
    return Problem("unknown-id", f'{of} is called "{short(name)}"', hint)

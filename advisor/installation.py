"""Rules and facts in effect, read once and kept as long as their files do not change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from advisor import snapshot
from advisor.answer.answer import Answer
from advisor.answer.figures import ANSWERED
from advisor.answer.trace import Trace
from advisor.canonical import canonical
from advisor.engines import choose
from advisor.errors import EngineError, Problem
from advisor.facts.library import Library
from advisor.folders import Folder, all_paths, own_folders
from advisor.paths import files_below
from advisor.question import Question, read_question
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner, Session
from advisor.remedies.find import Remedies, find
from advisor.remedies.outcome import DECIDING
from advisor.rules.rulebook import Rulebook

Source = str | Path | Mapping[str, Any]

KEPT = 8  # installations, those used last: each holds all rules and facts, and what engines were told
_kept: dict[tuple[Folder, ...], tuple[Any, Installation]] = {}


class Installation:
    """Facts, rules, and reasoners made from them. `own` are the folders beside those that ship."""

    def __init__(self, library: Library, rulebook: Rulebook, own: Sequence[Folder] = ()) -> None:
        self.library, self.rulebook = library, rulebook
        wanted = self.rulebook.read
        self.catalog = [fact for fact in self.library.facts if fact.kind in wanted]
        self.digests = {"rules": _digest(self.rulebook.digests), "facts": _digest(self.library.digests)}
        self.own = own
        self.folders = [folder.to_dict() for folder in own]
        self._reasoners: dict[str | None, list[Reasoner]] = {}

    def reasoners(self, engine: str | None) -> list[Reasoner]:
        if engine not in self._reasoners:
            kinds = self.library.kinds
            self._reasoners[engine] = [
                Reasoner(self.rulebook, kinds, e, self.catalog) for e in choose(engine)
            ]
        return self._reasoners[engine]

    def ask(
        self,
        source: Source,
        engine: str | None,
        changes: Sequence[str],
        remedies: bool = True,
    ) -> Answer:
        """Answer one question; without `remedies` nothing that could be changed is looked for."""
        question = read_question(source, self.library, self.rulebook.derived, changes)
        reasoners = self.reasoners(engine)
        with ExitStack() as lent:
            sessions = [lent.enter_context(reasoner.session()) for reasoner in reasoners]
            derivations = [session.derive(question.facts) for session in sessions]
            self._agree(reasoners, self._traced(derivations))
            pairs = zip(sessions, derivations, strict=True)
            found = [self._find(session, question, base) for session, base in pairs if remedies]
        self._agree(reasoners, [each.digests for each in found])
        return self._answer(question, derivations[0], reasoners, found[0] if found else None)

    def again(self, question: Question, values: Mapping[str, Any], engine: str | None) -> Answer:
        """The answer to a question with these values in these fields, `table.field`; without remedies.

        Raises InputError where they cannot be.
        """
        return self._derived(question.revised(values, self.library), engine)

    def ask_all(
        self, questions: Iterable[tuple[Source, Sequence[str]]], engine: str | None = None
    ) -> list[Answer]:
        """Answer many questions, each a source with its changes; without remedies.

        All are read before the first is asked.
        """
        read = [read_question(source, self.library, self.rulebook.derived, c) for source, c in questions]
        return [self._derived(question, engine) for question in read]

    def _derived(self, question: Question, engine: str | None) -> Answer:
        reasoners = self.reasoners(engine)
        derivations = [reasoner.derive(question.facts) for reasoner in reasoners]
        self._agree(reasoners, self._traced(derivations))
        return self._answer(question, derivations[0], reasoners)

    def _find(self, session: Session, question: Question, base: Derivation) -> Remedies:
        book = self.rulebook
        rules = (book.needed_for(DECIDING), book.needed_for(ANSWERED, speaking=True))
        return find(session, self.library, question, base, rules, self._digest)

    def _digest(self, question: Question, derivation: Derivation) -> str:
        return Answer(question, derivation, self.library.kinds, ("", ""), {}).digest

    def _answer(
        self,
        question: Question,
        derivation: Derivation,
        reasoners: Sequence[Reasoner],
        remedies: Remedies | None = None,
    ) -> Answer:
        engine = tuple(
            ",".join(getattr(reasoner.engine, each) for reasoner in reasoners) for each in ("name", "version")
        )
        digests = {"question": question.digest, **self.digests}
        kinds, disabled = self.library.kinds, self.rulebook.disabled
        return Answer(question, derivation, kinds, engine, digests, self.folders, disabled, remedies)

    def _traced(self, derivations: Sequence[Derivation]) -> list[str]:
        """All facts, firings and near misses of each, as one text; nothing where there is one to compare."""
        several = derivations if len(derivations) > 1 else ()
        return [canonical(Trace(each, self.library.kinds).to_dict()) for each in several]

    def _agree(self, reasoners: Sequence[Reasoner], found: Sequence[Any]) -> None:
        """Several engines must come to the same."""
        for reasoner, other in zip(reasoners[1:], found[1:], strict=False):
            if other != found[0]:
                text = f"{reasoners[0].engine.name} and {reasoner.engine.name} derive different things"
                raise EngineError([Problem("engines-disagree", text, "Please report it, with the question.")])


def installation(rules: Sequence[str | Path] = (), facts: Sequence[str | Path] = ()) -> Installation:
    """The shipped rules and facts, and these folders after them."""
    own = (*own_folders("rules", rules), *own_folders("facts", facts))
    places = all_paths(own)
    stamp = [_stamp(folder) for group in places for folder in group]
    kept = _kept.pop(own, None)
    if kept is None or kept[0] != stamp:
        kept = (stamp, Installation(*snapshot.load(*places), own))
    _kept[own] = kept
    if len(_kept) > KEPT:
        _kept.pop(next(iter(_kept)))
    return kept[1]


def _stamp(folder: Path) -> list[tuple[str, int, int]]:
    stats = [(path, path.stat()) for path in files_below(folder, ".toml")]
    return [(str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats]


def _digest(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(canonical(digests).encode()).hexdigest()

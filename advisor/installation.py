"""Rules and facts in effect, read once and kept as long as their files do not change."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor import snapshot
from advisor.answer.answer import Answer
from advisor.answer.trace import Trace
from advisor.canonical import canonical
from advisor.engines import choose
from advisor.errors import EngineError, Problem
from advisor.folders import Folder, Paths, all_paths, own_folders
from advisor.paths import files_below
from advisor.question import read_question
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner

_kept: dict[tuple[Folder, ...], tuple[Any, Installation]] = {}


class Installation:
    """Facts, rules, and reasoners made from them."""

    def __init__(self, rules: Paths, facts: Paths, own: Sequence[Folder] = ()) -> None:
        self.library, self.rulebook = snapshot.load(rules, facts)
        wanted = self.rulebook.read
        self.catalog = [fact for fact in self.library.facts if fact.kind in wanted]
        self.digests = {"rules": _digest(self.rulebook.digests), "facts": _digest(self.library.digests)}
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
        self, source: str | Path | Mapping[str, Any], engine: str | None, changes: Sequence[str]
    ) -> Answer:
        question = read_question(source, self.library, self.rulebook.derived, changes)
        reasoners = self.reasoners(engine)
        derivations = [reasoner.derive(question.facts) for reasoner in reasoners]
        self._agree(reasoners, derivations)
        engine_said = tuple(
            ",".join(getattr(reasoner.engine, each) for reasoner in reasoners) for each in ("name", "version")
        )
        return Answer(
            question,
            derivations[0],
            self.library.kinds,
            engine_said,
            {"question": question.digest, **self.digests},
            self.folders,
            self.rulebook.disabled,
        )

    def _agree(self, reasoners: list[Reasoner], derivations: list[Derivation]) -> None:
        """Several engines must come to the same facts, firings and near misses."""
        traces = [
            canonical(Trace(each, self.library.kinds).to_dict())
            for each in derivations
            if len(derivations) > 1
        ]
        for reasoner, trace in zip(reasoners[1:], traces[1:], strict=False):
            if trace != traces[0]:
                text = f"{reasoners[0].engine.name} and {reasoner.engine.name} derive different things"
                raise EngineError([Problem("engines-disagree", text, "Please report it, with the question.")])


def installation(rules: Sequence[str | Path] = (), facts: Sequence[str | Path] = ()) -> Installation:
    """The shipped rules and facts, and these folders after them."""
    own = (*own_folders("rules", rules), *own_folders("facts", facts))
    places = all_paths(own)
    stamp = [_stamp(folder) for group in places for folder in group]
    kept = _kept.get(own)
    if kept is None or kept[0] != stamp:
        kept = _kept[own] = (stamp, Installation(*places, own))
    return kept[1]


def _stamp(folder: Path) -> list[tuple[str, int, int]]:
    stats = [(path, path.stat()) for path in files_below(folder, ".toml")]
    return [(str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats]


def _digest(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(canonical(digests).encode()).hexdigest()

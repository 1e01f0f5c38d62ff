"""Asking a question again with changes, in the session in which it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from advisor.canonical import canonical
from advisor.errors import AdvisorError
from advisor.facts.library import Library
from advisor.question import Question
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Session
from advisor.remedies.levers import Setting
from advisor.remedies.outcome import Outcome, outcome_of, refused

Near = tuple[int, frozenset[int]]  # a lever, and settings of others, by identity


@dataclass
class Asker:
    """A question with its derivation, and what became of the variants asked so far; at most so many."""

    session: Session
    library: Library
    question: Question
    base: Derivation
    deciding: frozenset[str]  # the rules by which outcomes are derived
    most: float
    cut_short: bool = False
    _asked: dict[str, Outcome] = field(default_factory=dict)
    _near: dict[Near, Derivation] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        return len(self._asked)

    def ask(self, settings: Iterable[Setting]) -> Outcome | None:
        """What comes of these changes together; None where no more may be asked."""
        chosen = tuple(settings)
        name = canonical(together(chosen))
        if name not in self._asked:
            if self.asked >= self.most:
                self.cut_short = True
                return None
            self._asked[name] = self._ask(chosen)
        return self._asked[name]

    def known(self, settings: Iterable[Setting]) -> Outcome | None:
        """What has come of these changes, if they were asked."""
        return self._asked.get(canonical(together(settings)))

    def _ask(self, settings: tuple[Setting, ...]) -> Outcome:
        """From what was derived for the nearest variant: one that differs in the setting of one lever."""
        names = list(_near(settings))
        base = next((self._near[name] for name in names if name in self._near), self.base)
        try:
            question = self.question.revised(together(settings), self.library)
            derivation = self.session.vary(base, question.facts, self.deciding)
        except AdvisorError as error:
            return refused(error)
        self._near.update((name, derivation) for name in names)
        return outcome_of(derivation.store)

    def derive(self, values: Mapping[str, Any], rules: frozenset[str]) -> tuple[Question, Derivation]:
        """The question with these values, and what follows by these rules."""
        question = self.question.revised(values, self.library)
        return question, self.session.vary(self.base, question.facts, rules)


def _near(settings: tuple[Setting, ...]) -> Iterator[Near]:
    """For each setting: the lever, and the others. Last the others alone, and nothing else of the lever."""
    for at in reversed(range(len(settings))):
        others = frozenset(id(each) for n, each in enumerate(settings) if n != at)
        yield id(settings[at].lever), others
    for each in settings:
        yield 0, frozenset({id(each)})


def together(settings: Iterable[Setting]) -> dict[str, Any]:
    """All values of several settings, of which no two change one field."""
    return {path: value for setting in settings for path, value in setting.values.items()}

"""Asking a question again with changes, in the session in which it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    @property
    def asked(self) -> int:
        return len(self._asked)

    def ask(self, settings: Iterable[Setting]) -> Outcome | None:
        """What comes of these changes together; None where no more may be asked."""
        values = together(settings)
        name = canonical(values)
        if name not in self._asked:
            if self.asked >= self.most:
                self.cut_short = True
                return None
            self._asked[name] = self._ask(values)
        return self._asked[name]

    def known(self, settings: Iterable[Setting]) -> Outcome | None:
        """What has come of these changes, if they were asked."""
        return self._asked.get(canonical(together(settings)))

    def _ask(self, values: Mapping[str, Any]) -> Outcome:
        try:
            return outcome_of(self.derive(values, self.deciding)[1].store)
        except AdvisorError as error:
            return refused(error)

    def derive(self, values: Mapping[str, Any], rules: frozenset[str]) -> tuple[Question, Derivation]:
        """The question with these values, and what follows by these rules."""
        question = self.question.revised(values, self.library)
        return question, self.session.vary(self.base, question.facts, rules)


def together(settings: Iterable[Setting]) -> dict[str, Any]:
    """All values of several settings, of which no two change one field."""
    return {path: value for setting in settings for path, value in setting.values.items()}

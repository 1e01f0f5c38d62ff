"""What the commands that explain speak of: a question that is asked now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.cli.questions import Asked

if TYPE_CHECKING:
    from advisor.answer.answer import Answer
    from advisor.installation import Installation


class Subject(NamedTuple):
    """An answer, and the rules and facts by which it came about."""

    made: Installation
    answer: Answer
    engine: str | None

    def variant(self, values: Mapping[str, Any]) -> Answer:
        """The answer to its question with these values in these fields, `table.field`."""
        return self.made.again(self.answer.question, values, self.engine)


def subject(asked: Asked, remedies: bool = True) -> Subject:
    """The question of a config file or of flags, asked. Raises what asking raises."""
    from advisor.installation import installation

    made = installation(asked.rules, asked.facts)
    with asked.naming():
        answer = made.ask(asked.source, asked.engine, asked.changes, remedies)
    return Subject(made, answer, asked.engine)

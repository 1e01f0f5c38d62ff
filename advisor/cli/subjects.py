"""What the commands that explain speak of: a question that is asked now, or that of a record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.cli.questions import Asked
from advisor.errors import InputError, Problem

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
    """The question of a config file or of flags, asked; or that of a record, by the record's own rules.

    Raises what asking raises, and InputError for a record that does not hold.
    """
    from advisor.audit.records.reading import is_record
    from advisor.installation import installation

    if isinstance(asked.source, Path) and is_record(asked.source):
        return _recorded(asked, asked.source)
    made = installation(asked.rules, asked.facts)
    with asked.naming():
        answer = made.ask(asked.source, asked.engine, asked.changes, remedies)
    return Subject(made, answer, asked.engine)


def _recorded(asked: Asked, path: Path) -> Subject:
    from advisor.audit.records.verify import side_of_file

    if asked.changes or asked.rules or asked.facts:
        hint = "`advisor audit replay` asks its question again, with changes."
        text = "a record holds its question, rules and facts, and none of them can be changed"
        raise InputError([Problem("record-fixed", text, hint, str(path))])
    side = side_of_file(path, asked.engine)
    return Subject(side.made, side.answer, asked.engine)

"""What can be wrong with an expression: as it is written, or as it is computed."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression or a template that cannot be understood.

    `offset` counts characters of its source from 0; who knows the file adds the place in it.
    `code` says of which sort it is: an expression, unit-mismatch, unbound or unknown-field.
    """

    def __init__(self, text: str, offset: int = 0, hint: str | None = None, code: str = "expression") -> None:
        super().__init__(text)
        self.text = text
        self.offset = offset
        self.hint = hint
        self.code = code

    def caret(self, source: str) -> str:
        """The line of the source that is meant, and a caret under the character."""
        offset = min(self.offset, len(source))
        start = source.rfind("\n", 0, offset) + 1
        line = source[start:].split("\n", 1)[0]
        return f"{line}\n{' ' * (offset - start)}^"


class EvaluationError(Exception):
    """A value that does not exist: a division by zero, or a number out of all bounds."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

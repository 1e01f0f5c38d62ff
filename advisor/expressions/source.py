"""From a text to Python's reading of it, with every way that can fail made an ExpressionError."""

from __future__ import annotations

import ast
import re
import warnings

from .errors import ExpressionError

MAX_LENGTH = 1_000
SPLIT = "give a part of it a name with let"
# Signs of other languages, by which people write what this one calls otherwise.
_SLIPS = {
    **{"&&": "write and", "||": "write or", "!=": None, "!": "write not"},
    **{"==": None, "<=": None, ">=": None, "=": "write == to compare", "?": "write a if test else b"},
}


def python_tree(line: str, margin: int) -> ast.expr:
    """What Python reads in one line without margin; whatever it says against it, we say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python merely frowns upon, we refuse
            return ast.parse(line, mode="eval").body
    except SyntaxError as error:
        offset = min(max((error.offset or 1) - 1, 0), len(line))
        hint = next((hint for sign, hint in _SLIPS.items() if sign in line), None)
        raise ExpressionError("this is not an expression", margin + offset, hint) from None
    except (RecursionError, MemoryError, ValueError, Warning):
        raise ExpressionError("this is not an expression", margin) from None


def check_text(source: str) -> None:
    """Refuse what no expression can be, before Python sees it."""
    if not source.strip():
        raise ExpressionError("the expression is empty")
    if len(source) > MAX_LENGTH:
        text = f"the expression is longer than {MAX_LENGTH:,} characters"
        raise ExpressionError(text, MAX_LENGTH, SPLIT)
    strange = re.search(r"[\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", source)
    if strange:
        raise ExpressionError("a backslash or control character has no place here", strange.start())

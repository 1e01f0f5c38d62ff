"""Formulas and sentences of rules: read, checked for units, run, and shown."""

from .compile import compile_expression
from .errors import EvaluationError, ExpressionError
from .parse import FUNCTIONS, RESERVED, Parsed, parse
from .types import Scope, TableScope, Type, UnboundError, check, describe, mismatch
from .values import Cause, Unknown, Value, normal

__all__ = [
    *("Cause", "EvaluationError", "ExpressionError", "FUNCTIONS", "Parsed", "RESERVED", "Scope"),
    *("TableScope", "Type", "UnboundError", "Unknown", "Value", "check", "compile_expression"),
    *("describe", "mismatch", "normal", "parse"),
]

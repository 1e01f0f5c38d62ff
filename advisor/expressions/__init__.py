"""Formulas and sentences of rules: read, checked for units, run, and shown."""

from .check import check
from .compile import compile_expression
from .errors import EvaluationError, ExpressionError
from .parse import FUNCTIONS, RESERVED, Parsed, parse
from .show import formula, show_value
from .templates import Template
from .types import Scope, TableScope, Type, UnboundError, describe, mismatch, same_dimension
from .values import Cause, Unknown, Value, causes_of, normal

__all__ = [
    "FUNCTIONS",
    "RESERVED",
    "Cause",
    "EvaluationError",
    "ExpressionError",
    "Parsed",
    "Scope",
    "TableScope",
    "Template",
    "Type",
    "UnboundError",
    "Unknown",
    "Value",
    "causes_of",
    "check",
    "compile_expression",
    "describe",
    "formula",
    "mismatch",
    "normal",
    "parse",
    "same_dimension",
    "show_value",
]

"""Formulas and sentences of rules: read, checked for units, run, and shown."""

from .check import check
from .compile import compile_expression
from .errors import EvaluationError, ExpressionError
from .parse import FUNCTIONS, RESERVED, Parsed, parse
from .shortfall import Falsity, false_text, falsity
from .show import formula, show_result, show_value
from .templates import Template
from .types import Scope, TableScope, Type, UnboundError, describe, mismatch, same_dimension
from .values import Cause, Unknown, Value, causes_of, normal

__all__ = [
    "FUNCTIONS",
    "RESERVED",
    "Cause",
    "EvaluationError",
    "ExpressionError",
    "Falsity",
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
    "false_text",
    "falsity",
    "formula",
    "mismatch",
    "normal",
    "parse",
    "same_dimension",
    "show_result",
    "show_value",
]

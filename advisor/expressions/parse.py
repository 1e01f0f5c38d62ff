"""Source text to tree. Python's own parser reads it, a whitelist says what of it is the language.

Nothing here or later evaluates Python: the tree below holds only our nodes, and a text from a file
never becomes an attribute, a format string or code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, NoReturn

from ..errors import did_you_mean
from ..units import CONSTANTS, NONE
from .errors import ExpressionError
from .nodes import Binary, Call, Choice, Compare, Literal, Logic, Name, Node, Path, Unary, walk
from .source import SPLIT, check_text, python_tree

MAX_DEPTH = 40
MAX_DIGITS = 30
MAX_EXPONENT = 64

#: Functions with the least and the greatest number of their arguments.
FUNCTIONS = {
    **{"min": (2, 100), "max": (2, 100), "round": (1, 2)},
    **{"ceil": (1, 1), "floor": (1, 1), "abs": (1, 1), "log2": (1, 1), "has": (1, 1), "length": (1, 1)},
    **{"ceildiv": (2, 2), "pow": (2, 2), "default": (2, 2)},
    **{"contains": (2, 2), "same": (2, 2), "month_of": (1, 1), "version_of": (1, 1)},
}
_TRUTH = {"true": True, "false": False}
#: Names that an expression cannot be given, because they mean something already.
RESERVED = frozenset(CONSTANTS) | frozenset(FUNCTIONS) | frozenset(_TRUTH)

_BINARY = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"},
    **{ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**"},
}
_UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not"}
_COMPARE = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    **{ast.Eq: "==", ast.NotEq: "!="},
}
_LOGIC = {ast.And: "and", ast.Or: "or"}
_NUMBER = re.compile(r"([0-9_]*)(?:\.([0-9_]*))?(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)


class Parsed(NamedTuple):
    """An expression that is well formed; whether its names exist and its units fit, `check` says."""

    source: str
    tree: Node
    names: frozenset[str]
    paths: frozenset[tuple[str, str]]


@lru_cache(maxsize=8192)  # 1,500 different ones stand in the shipped rules, each two or three times
def parse(source: str) -> Parsed:
    """Read one expression, or raise ExpressionError."""
    tree = _Reader(source).tree()
    nodes = list(walk(tree))
    names = frozenset(node.name for node in nodes if type(node) is Name)
    paths = frozenset((node.alias, node.field) for node in nodes if type(node) is Path)
    return Parsed(source, tree, names, paths)


class _Reader:
    """Turns one source into our nodes; keeps the source to name places and to read literals."""

    def __init__(self, source: str) -> None:
        check_text(source)
        line = re.sub(r"[\n\r\t]", " ", source)
        self.margin = len(line) - len(line.lstrip(" "))
        self.line = line.strip(" ")
        # Python counts columns in bytes; only texts in quotes can make that differ from characters.
        self.bytes = None if self.line.isascii() else self.line.encode()

    def tree(self) -> Node:
        root = python_tree(self.line, self.margin)
        node = self.read(root, 1)
        self._check_rest(root)
        return node

    def column(self, place: int) -> int:
        return place if self.bytes is None else len(self.bytes[:place].decode(errors="ignore"))

    def segment(self, node: ast.expr) -> str:
        return self.line[self.column(node.col_offset) : self.column(node.end_col_offset or 0)]

    def offset(self, node: ast.expr) -> int:
        return self.margin + self.column(node.col_offset)

    def refuse(self, node: ast.expr, text: str, hint: str | None = None) -> NoReturn:
        raise ExpressionError(text, self.offset(node), hint)

    def between(self, left: ast.expr, right: ast.expr) -> int:
        """Where the operator between two operands stands."""
        start = self.column(left.end_col_offset or 0)
        gap = self.line[start : self.column(right.col_offset)]
        return self.margin + start + len(gap) - len(gap.lstrip(" )"))

    def read(self, node: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self.refuse(node, f"the expression nests more than {MAX_DEPTH} deep", SPLIT)
        reader = _READERS.get(type(node))
        if reader is None:
            self.refuse(node, f"{_what(node)} is not part of the language", _LANGUAGE)
        return reader(self, node, depth + 1)

    def _check_rest(self, root: ast.expr) -> None:
        """Names and digits are ASCII, so that no two look alike; and nothing hides in a comment."""
        end = self.column(root.end_col_offset or 0)
        comment = self.line.find("#", end)
        if comment >= 0:
            raise ExpressionError("an expression has no comments", self.margin + comment)
        for node in ast.walk(root) if self.bytes else ():
            if isinstance(node, ast.Name | ast.Attribute) and not self.segment(node).isascii():
                self.refuse(node, "names are written in a-z, A-Z, 0-9 and _")

    def number(self, node: ast.Constant, depth: int) -> Node:
        text = self.segment(node)
        match = _NUMBER.fullmatch(text)
        if match is None:
            self.refuse(node, f"{text} is not a number of the language", "write it in decimal")
        digits = len(text.replace("_", "").replace(".", "").split("e")[0].split("E")[0])
        if digits > MAX_DIGITS or abs(int(match[3] or 0)) > MAX_EXPONENT:
            self.refuse(node, f"a number has at most {MAX_DIGITS} digits")
        value = Fraction(text)
        whole = value.denominator == 1
        return Literal(value.numerator if whole else value, NONE, text, self.offset(node))

    def text(self, node: ast.Constant, depth: int) -> Node:
        text = self.segment(node)
        if text[1:-1] != node.value or text[0] != text[-1]:
            self.refuse(node, "a text is written in one pair of quotes", _QUOTES)
        return Literal(node.value, NONE, text, self.offset(node))

    def constant(self, node: ast.Constant, depth: int) -> Node:
        reader = _CONSTANTS.get(type(node.value))
        if reader is None:
            text = self.segment(node)
            hint = f"write {text.lower()}" if type(node.value) is bool else _LANGUAGE
            self.refuse(node, f"{text} is not part of the language", hint)
        return reader(self, node, depth)

    def name(self, node: ast.Name, depth: int) -> Node:
        name, offset = node.id, self.offset(node)
        if name in _TRUTH:
            return Literal(_TRUTH[name], NONE, name, offset)
        if name in CONSTANTS:
            return Literal(*CONSTANTS[name], name, offset)
        if name in FUNCTIONS:
            self.refuse(node, f"{name} is a function", f"write {name}(…)")
        return Name(self.plain(node, name), offset)

    def plain(self, node: ast.expr, name: str) -> str:
        if name.startswith("__"):
            self.refuse(node, f"{name}: a name cannot begin with two underscores")
        return name

    def path(self, node: ast.Attribute, depth: int) -> Node:
        if not isinstance(node.value, ast.Name) or self.segment(node)[:1] == "(":
            self.refuse(node, "only alias.field has a dot", _LANGUAGE)
        alias, field = self.plain(node, node.value.id), self.plain(node, node.attr)
        return Path(alias, field, self.offset(node))

    def unary(self, node: ast.UnaryOp, depth: int) -> Node:
        operator = _UNARY.get(type(node.op))
        if operator is None:
            self.refuse(node, "~ is not part of the language", _LANGUAGE)
        return Unary(operator, self.read(node.operand, depth), self.offset(node))

    def binary(self, node: ast.BinOp, depth: int) -> Node:
        operator = _BINARY.get(type(node.op))
        if operator is None:
            self.refuse(node, f"{_what(node.op)} is not part of the language", _LANGUAGE)
        left, right = self.read(node.left, depth), self.read(node.right, depth)
        return Binary(operator, left, right, self.between(node.left, node.right))

    def compare(self, node: ast.Compare, depth: int) -> Node:
        operators = tuple(_COMPARE.get(type(op), "") for op in node.ops)
        if "" in operators:
            self.refuse(node, "in and is are not part of the language", "compare with == or !=")
        operands = [node.left, *node.comparators]
        offsets = tuple(map(self.between, operands, operands[1:]))
        return Compare(operators, tuple(self.read(one, depth) for one in operands), offsets)

    def logic(self, node: ast.BoolOp, depth: int) -> Node:
        operands = tuple(self.read(one, depth) for one in node.values)
        return Logic(_LOGIC[type(node.op)], operands, self.offset(node))

    def choice(self, node: ast.IfExp, depth: int) -> Node:
        test, then, otherwise = (self.read(n, depth) for n in (node.test, node.body, node.orelse))
        return Choice(test, then, otherwise, self.offset(node))

    def call(self, node: ast.Call, depth: int) -> Node:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            called = self.segment(node.func)
            known = ", ".join(sorted(FUNCTIONS))
            hint = did_you_mean(called, FUNCTIONS) or f"the functions are {known}"
            self.refuse(node, f"{called} is not a function of the language", hint)
        if node.keywords:
            self.refuse(node, f"{node.func.id}(…) takes no named arguments")
        arguments = tuple(self.read(one, depth) for one in node.args)
        self._check_arguments(node, node.func.id, arguments)
        return Call(node.func.id, arguments, self.offset(node))

    def _check_arguments(self, node: ast.Call, name: str, arguments: tuple[Node, ...]) -> None:
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            wanted = f"{least} argument{'s' * (least > 1)}" + " or more" * (most > 2)
            self.refuse(node, f"{name}(…) takes {wanted}, not {len(arguments)}")
        if name in ("has", "default") and type(arguments[0]) is not Path:
            self.refuse(node, f"{name}(…) asks about a field", f"write {name}(alias.field…)")


_LANGUAGE = "see Expressions in docs/language.md for all there is"
_QUOTES = "no prefix, no backslash, no triple quotes"
_WHAT = {
    ast.Lambda: "lambda",
    ast.Subscript: "[…]",
    ast.NamedExpr: ":=",
    ast.Starred: "*",
    ast.JoinedStr: "a formatted text",
    ast.List: "a list",
    ast.Tuple: "a tuple",
    ast.Dict: "a table",
    ast.Set: "a set",
    ast.BitOr: "| (write or)",
    ast.BitAnd: "& (write and)",
    ast.BitXor: "^ (write **)",
}
_CONSTANTS: dict[type, Callable[..., Node]] = {
    int: _Reader.number,
    float: _Reader.number,
    str: _Reader.text,
}
_READERS: dict[type, Callable[..., Node]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.Attribute: _Reader.path,
    ast.UnaryOp: _Reader.unary,
    ast.BinOp: _Reader.binary,
    ast.Compare: _Reader.compare,
    ast.BoolOp: _Reader.logic,
    ast.IfExp: _Reader.choice,
    ast.Call: _Reader.call,
}


def _what(node: ast.AST) -> str:
    return _WHAT.get(type(node), type(node).__name__)

"""Trees to closures: read once, run for every match of a rule.

The closures try integers first, because most of what is counted is one, and leave everything else,
fractions and what is not known, to `bounds`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from . import bounds, exact, texts
from .errors import EvaluationError
from .logic import Run, choice, junction, negation
from .nodes import Binary, Call, Choice, Compare, Literal, Logic, Name, Node, Path, Unary, is_constant
from .parse import Parsed
from .values import Environment, Unknown, Value, absent, normal

_LIMIT = 1 << exact.MAX_BITS


def compile_expression(parsed: Parsed) -> Run:
    """A function from what aliases and names mean to the value; it may raise EvaluationError."""
    return evaluator(parsed.tree)


def evaluator(node: Node) -> Run:
    """The function of one node; what reads nothing is computed here and now."""
    run = _BUILDERS[type(node)](node)
    if not is_constant(node) or type(node) is Literal:
        return run
    try:
        value = run({})
    except EvaluationError:
        return run  # a branch that is never taken may be nonsense
    return lambda env: value


def _literal(node: Literal) -> Run:
    value = normal(node.value)
    return lambda env: value


def _name(node: Name) -> Run:
    return operator.itemgetter(node.name)


def _path(node: Path) -> Run:
    alias, field = node.alias, node.field

    def read(env: Environment) -> Value:
        value = env[alias].values.get(field)
        return absent(env[alias], field) if value is None else value

    return read


def _add(left: Run, right: Run) -> Run:
    def run(env: Environment) -> Value:
        a, b = left(env), right(env)
        if type(a) is int and type(b) is int and -_LIMIT < (total := a + b) < _LIMIT:
            return total
        return bounds.binary("+", a, b)

    return run


def _subtract(left: Run, right: Run) -> Run:
    def run(env: Environment) -> Value:
        a, b = left(env), right(env)
        if type(a) is int and type(b) is int and -_LIMIT < (rest := a - b) < _LIMIT:
            return rest
        return bounds.binary("-", a, b)

    return run


def _multiply(left: Run, right: Run) -> Run:
    def run(env: Environment) -> Value:
        a, b = left(env), right(env)
        if type(a) is int and type(b) is int and -_LIMIT < (product := a * b) < _LIMIT:
            return product
        return bounds.binary("*", a, b)

    return run


def _other(sign: str) -> Callable[[Run, Run], Run]:
    def build(left: Run, right: Run) -> Run:
        return lambda env: bounds.binary(sign, left(env), right(env))

    return build


_BINARY = {"+": _add, "-": _subtract, "*": _multiply}


def _binary(node: Binary) -> Run:
    build = _BINARY.get(node.operator) or _other(node.operator)
    return build(evaluator(node.left), evaluator(node.right))


def _negative(operand: Run) -> Run:
    return lambda env: bounds.opaque(operator.neg, operand(env))


def _positive(operand: Run) -> Run:
    return lambda env: bounds.unary(operator.pos, operand(env))


_UNARY = {"-": _negative, "+": _positive, "not": negation}


def _unary(node: Unary) -> Run:
    return _UNARY[node.operator](evaluator(node.operand))


_COMPARISONS = {
    **{">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le},
    **{"==": operator.eq, "!=": operator.ne},
}


def _comparison(sign: str, left: Run, right: Run) -> Run:
    compare, slow = _COMPARISONS[sign], bounds.compare

    def run(env: Environment) -> Value:
        a, b = left(env), right(env)
        if type(a) is int and type(b) is int:
            return compare(a, b)
        return slow(sign, a, b)

    return run


def _compare(node: Compare) -> Run:
    runs = [evaluator(operand) for operand in node.operands]
    pairs = zip(node.operators, runs, runs[1:], strict=False)
    tests = [_comparison(*pair) for pair in pairs]
    return tests[0] if len(tests) == 1 else junction(tests, True)


def _logic(node: Logic) -> Run:
    return junction([evaluator(operand) for operand in node.operands], node.operator == "and")


def _choice(node: Choice) -> Run:
    return choice(*map(evaluator, (node.test, node.then, node.otherwise)))


def _has(node: Call) -> Run:
    path = node.arguments[0]
    alias, field = path.alias, path.field

    def run(env: Environment) -> Value:
        value = env[alias].values.get(field)
        return Unknown(None, value.causes) if type(value) is Unknown else value is not None

    return run


def _default(node: Call) -> Run:
    path, otherwise = node.arguments[0], evaluator(node.arguments[1])
    alias, field = path.alias, path.field

    def run(env: Environment) -> Value:
        value = env[alias].values.get(field)
        if value is None:
            return otherwise(env)
        return bounds.either(value, value, otherwise(env)) if type(value) is Unknown else value

    return run


def _extreme(find: Callable[[list[Value]], Value]) -> Callable[[Node], Run]:
    def build(node: Call) -> Run:
        runs = [evaluator(argument) for argument in node.arguments]
        return lambda env: find([run(env) for run in runs])

    return build


def _rounding(node: Call) -> Run:
    operand = evaluator(node.arguments[0])
    function = exact.ROUNDING[node.function]

    def run(env: Environment) -> Value:
        value = operand(env)
        return value if type(value) is int else bounds.unary(function, value)

    return run


def _round(node: Call) -> Run:
    if len(node.arguments) == 1:
        return _rounding(node)
    operand, places = map(evaluator, node.arguments)
    return lambda env: bounds.unary(lambda value: exact.round_to(value, places(env)), operand(env))


def _single(apply: Callable[..., Value], *first: object) -> Callable[[Node], Run]:
    def build(node: Call) -> Run:
        operand = evaluator(node.arguments[0])
        return lambda env: apply(*first, operand(env))

    return build


def _length(node: Call) -> Run:
    operand = evaluator(node.arguments[0])

    def run(env: Environment) -> Value:
        value = operand(env)
        return Unknown(0, value.causes) if type(value) is Unknown else len(value)

    return run


def _text(function: Callable[..., Value]) -> Callable[[Call], Run]:
    """Of texts, or not known where one of them is not."""

    def build(node: Call) -> Run:
        runs = [evaluator(argument) for argument in node.arguments]

        def run(env: Environment) -> Value:
            values = [run(env) for run in runs]
            causes = [value.causes for value in values if type(value) is Unknown]
            return Unknown(None, frozenset().union(*causes)) if causes else function(*values)

        return run

    return build


def _two(node: Call) -> Run:
    return _other(node.function)(*map(evaluator, node.arguments))


_CALLS: dict[str, Callable[[Call], Run]] = {
    **{"min": _extreme(bounds.smallest), "max": _extreme(bounds.largest)},
    **{"ceil": _rounding, "floor": _rounding, "round": _round, "abs": _single(bounds.absolute)},
    **{"log2": _single(bounds.opaque, exact.log2), "ceildiv": _two, "pow": _two},
    **{"has": _has, "default": _default, "length": _length, "contains": _text(texts.contains)},
    **{"same": _text(texts.same), "month_of": _text(texts.month_of), "version_of": _text(texts.version_of)},
}
_BUILDERS: dict[type, Callable[..., Run]] = {
    **{Literal: _literal, Name: _name, Path: _path, Unary: _unary, Binary: _binary},
    **{Compare: _compare, Logic: _logic, Choice: _choice},
    Call: lambda node: _CALLS[node.function](node),
}

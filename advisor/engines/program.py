"""What all engines share: rules checked once, the fields they look at, and the rules at both ends.

A rule without patterns has exactly one match, the empty one; a rule that wants two values of one field
has none. Both are settled here, so that an engine sees neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from advisor.engines.network import Match, Pattern, Rule
from advisor.errors import EngineError, Problem

NumberedRule = tuple[int, Rule]  # its position in what was compiled, and its patterns
Place = tuple[int, int]  # a field of a rule: the position of the pattern, the field


@dataclass(frozen=True, slots=True)
class Program:
    """Rules as an engine wants them."""

    rules: tuple[NumberedRule, ...]  # those that an engine has to match, no condition said twice
    fields: dict[int, tuple[int, ...]]  # of each kind that is looked at: the fields that are looked at
    given: tuple[Match, ...]  # matches that hold in every session from its start


class Collector:
    """The half of a session that hands out matches, each once."""

    def __init__(self, program: Program) -> None:
        self._found: list[Match] = list(program.given)

    def matches(self) -> list[Match]:
        """What came about since the last call."""
        found, self._found = self._found, []
        return found


def prepare(rules: Sequence[Rule]) -> Program:
    """Check the rules and gather what they look at."""
    problems = [problem for number, rule in enumerate(rules) for problem in _mistakes(number, rule)]
    if problems:
        raise EngineError(problems)
    tidy = [tuple(map(_tidy, rule)) for rule in rules]
    numbered = tuple((number, rule) for number, rule in enumerate(tidy) if rule and _satisfiable(rule))
    given = tuple((number, ()) for number, rule in enumerate(rules) if not rule)
    return Program(numbered, _fields(numbered), given)


def _mistakes(number: int, rule: Rule) -> Iterator[Problem]:
    # An engine may take a join on a pattern that is not there as true of everything, without a word.
    for position, pattern in enumerate(rule):
        for _, earlier, _ in pattern.joins:
            if not 0 <= earlier < position:
                text = f"rule {number}, pattern {position} joins with pattern {earlier}, not an earlier one"
                yield Problem("engine-rule", text)


def _tidy(pattern: Pattern) -> Pattern:
    constants, joins = dict.fromkeys(pattern.constants), dict.fromkeys(pattern.joins)
    if len(constants) == len(pattern.constants) and len(joins) == len(pattern.joins):
        return pattern
    return replace(pattern, constants=tuple(constants), joins=tuple(joins))


def _satisfiable(rule: Rule) -> bool:
    """Whether no field would need two values, for which two constants are needed at least."""
    return sum(len(pattern.constants) for pattern in rule) < 2 or solve(rule) is not None


def solve(rule: Rule) -> dict[Place, int | Place] | None:
    """What each field with a condition must be: a value, or the same as the field that stands for its equals.

    None where some field would need two values.
    """
    equals = _equals(rule)
    values: dict[Place, int] = {}
    for position, pattern in enumerate(rule):
        for field, value in pattern.constants:
            if values.setdefault(equals[position, field], value) != value:
                return None
    return {place: values.get(standing, standing) for place, standing in equals.items()}


def _equals(rule: Rule) -> dict[Place, Place]:
    """Of fields that joins make equal: one that stands for them all."""
    equals: dict[Place, Place] = {}
    for position, pattern in enumerate(rule):
        equals.update({(position, field): (position, field) for field, _ in pattern.constants})
        for field, earlier, other in pattern.joins:
            one, two = (equals.setdefault(place, place) for place in ((position, field), (earlier, other)))
            equals.update({place: two for place, standing in equals.items() if standing == one})
    return equals


def _fields(rules: Sequence[NumberedRule]) -> dict[int, tuple[int, ...]]:
    fields: dict[int, set[int]] = {}
    for _, rule in rules:
        for pattern in rule:
            fields.setdefault(pattern.kind, set()).update(_own_fields(pattern))
            for _, earlier, field in pattern.joins:
                fields[rule[earlier].kind].add(field)
    return {kind: tuple(sorted(used)) for kind, used in fields.items()}


def _own_fields(pattern: Pattern) -> Iterator[int]:
    yield from (field for field, _ in pattern.constants)
    yield from (field for field, _, _ in pattern.joins)

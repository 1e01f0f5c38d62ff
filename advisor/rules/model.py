"""A rule, ready to be used: names bound, expressions compiled, order decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from advisor.expressions import Parsed, Template, Type, Value, compile_expression
from advisor.rules.scope import RuleScope

Run = Callable[[Mapping[str, Any]], Value]


_PLAIN = re.compile(r"\w+(\.\w+)?")


class Formula:
    """An expression of a rule: as written, typed, and compiled when it is first needed.

    `run` gives its value, from what the names stand for, and raises EvaluationError.
    """

    __slots__ = ("parsed", "run", "source", "type")

    def __init__(self, source: str, parsed: Parsed, type_: Type) -> None:
        self.source, self.parsed, self.type = source, parsed, type_
        self.run: Run = self._compile_and_run

    def __reduce__(self) -> tuple[type[Formula], tuple[str, Parsed, Type]]:
        return Formula, (self.source, self.parsed, self.type)

    @property
    def plain(self) -> bool:
        """Whether it is a name, a path or a constant, which needs no explanation."""
        read = len(self.parsed.names) + len(self.parsed.paths)
        return read == 0 or (read == 1 and _PLAIN.fullmatch(self.source.strip()) is not None)

    @property
    def path(self) -> tuple[str, str] | None:
        """The name and the field, if it is nothing but a path: then absence is copied too."""
        return next((path for path in self.parsed.paths if self.source.strip() == ".".join(path)), None)

    def _compile_and_run(self, env: Mapping[str, Any]) -> Value:
        self.run = compile_expression(self.parsed)
        return self.run(env)


class Sentence(NamedTuple):
    """A text for the reader, with the types of what it speaks of."""

    template: Template
    types: Mapping[str, Type]

    def render(self, env: Mapping[str, Any]) -> str:
        return self.template.render(env, self.types)


class Test(NamedTuple):
    """A condition, and what to say of it when it fails."""

    formula: Formula
    say: Sentence | None = None


class Pattern(NamedTuple):
    """Facts of one kind: joined (`on`: field, alias, its field), constant (`is`), and with conditions."""

    kind: str
    alias: str
    on: tuple[tuple[str, str, str], ...] = ()
    equals: tuple[tuple[str, Value], ...] = ()
    where: tuple[Test, ...] = ()


class Definition(NamedTuple):
    """A name that a rule defines: `how` is let, sum, min, max, count, collect or best."""

    name: str
    how: str
    formula: Formula | None = None  # of count: None
    pattern: Pattern | None = None  # of let: None
    descending: bool = False  # best: maximize
    floor_zero: bool = False  # sum: what is summed is never negative


class Each(NamedTuple):
    name: str
    first: Formula
    last: Formula


class Conclusion(NamedTuple):
    """A fact to derive. `constants` are the fields that hold the same value in every firing.

    `naming` are those constants that belong to the fact's key.
    """

    kind: str
    fields: Mapping[str, Formula]
    constants: Mapping[str, Value]
    default: bool
    copies: Mapping[str, tuple[str, str]]  # optional fields: alias, its field
    naming: Mapping[str, Value]


FOUND = "found"  # the name by which texts and changes speak of what a search found


class Vary(NamedTuple):
    """A field of the question and the range of its values, of which the search finds the best that works."""

    path: str
    first: Formula
    last: Formula
    step: Formula
    largest: bool  # else the smallest

    @property
    def formulas(self) -> tuple[Formula, ...]:
        return (self.first, self.last, self.step)


class Proposal(NamedTuple):
    """A change to the question, or advice. With `vary`, changes and texts may speak of what is `found`."""

    kind: str
    title: Sentence
    changes: Mapping[str, Formula | tuple[Value, ...]]
    costs: tuple[Sentence, ...]
    order: Formula
    advice: bool
    scope: RuleScope  # that of the rule, and what is `found`
    vary: Vary | None = None

    @property
    def formulas(self) -> list[Formula]:
        changes = [each for each in self.changes.values() if isinstance(each, Formula)]
        return [*changes, self.order, *(self.vary.formulas if self.vary else ())]

    @property
    def paths(self) -> set[str]:
        """The fields of the question that it changes."""
        return {*self.changes, *([self.vary.path] if self.vary else [])}


@dataclass(frozen=True, slots=True)
class Example:
    """A test of one rule, as written."""

    name: str
    given: tuple[Mapping[str, Any], ...]
    expect: tuple[Mapping[str, Any], ...]
    reject: tuple[Mapping[str, Any], ...]
    says: str | None
    file: str = ""
    line: int | None = None


class Change(NamedTuple):
    """One field of a rule that a later folder changed, and why. Values as TOML has them; None: absent."""

    field: str  # with its table: let.efficiency
    before: str | None
    after: str | None
    reason: str
    file: str
    line: int | None
    sources: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        if self.after is None:
            return f'{self.field} withdrawn, was {self.before} ("{self.reason}")'
        before = "where nothing was said" if self.before is None else f"in place of {self.before}"
        return f'{self.field} = {self.after} {before} ("{self.reason}")'


class Disabled(NamedTuple):
    """A rule that a later folder left out, and why."""

    rule: str
    summary: str
    reason: str
    file: str
    line: int | None
    sources: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    id: str
    summary: str
    severity: str | None
    status: str
    match: tuple[Pattern, ...]
    each: Each | None
    steps: tuple[Definition | Test, ...]  # definitions and conditions, each as early as it can be
    unless: tuple[Pattern, ...]
    conclude: tuple[Conclusion, ...]
    propose: Proposal | None
    because: Sentence | None
    sources: tuple[Any, ...]
    examples: tuple[Example, ...]
    scope: RuleScope = field(repr=False)
    file: str = ""
    line: int | None = None
    over: str = "question"
    prose: str | None = None  # the part of the prose summary to which its sentence belongs
    changes: tuple[Change, ...] = ()

    def __reduce__(self) -> tuple[type[Rule], tuple[Any, ...]]:
        """Much quicker to read back than what a frozen class does by itself."""
        return Rule, tuple(getattr(self, name) for name in Rule.__slots__)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        return tuple(step for step in self.steps if isinstance(step, Definition))

    @property
    def sentences(self) -> list[Sentence]:
        """All that it may say: where it fires, where a condition fails, of what it proposes."""
        said = [self.because, *(step.say for step in self.steps if isinstance(step, Test))]
        said += [self.propose.title, *self.propose.costs] if self.propose else []
        return [sentence for sentence in said if sentence]

    @property
    def reads(self) -> set[str]:
        """Kinds of the facts that it matches or looks at."""
        return {pattern.kind for pattern in (*self.match, *self.searches)}

    @property
    def searches(self) -> tuple[Pattern, ...]:
        """Patterns that need complete facts."""
        return (*self.unless, *(d.pattern for d in self.definitions if d.pattern is not None))

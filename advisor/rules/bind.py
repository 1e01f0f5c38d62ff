"""From a rule as written to a rule that can be used: every name bound, every unit checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from fractions import Fraction
from keyword import iskeyword
from typing import Any, TypeVar

from advisor.documents import Document
from advisor.errors import Problem, did_you_mean
from advisor.expressions import (
    RESERVED,
    EvaluationError,
    ExpressionError,
    Template,
    Type,
    UnboundError,
    Value,
    check,
    mismatch,
    parse,
)
from advisor.facts.kinds import Field, Kinds
from advisor.rules.model import (
    Conclusion,
    Definition,
    Each,
    Example,
    Formula,
    Pattern,
    Proposal,
    Rule,
    Sentence,
    Test,
)
from advisor.rules.order import in_order
from advisor.rules.scope import RuleScope
from advisor.rules.spec import BestSpec, PatternSpec, RuleSpec, SearchSpec, TestSpec

T = TypeVar("T")


class _Blameless(Exception):
    """An expression reads a name whose own definition is wrong, which is reported there."""


INTEGER = Type("integer", ())
JOINABLE = ("text", "integer", "boolean")


class Binder:
    """Binds one rule. Problems are collected; `rule` is None when there are any."""

    def __init__(self, spec: RuleSpec, kinds: Kinds, document: Document, line: int | None) -> None:
        self.spec, self.kinds, self.document, self.line = spec, kinds, document, line
        self.scope = RuleScope(kinds)
        self.problems: list[Problem] = []
        self.failed: set[str] = set()  # names whose definition is wrong: what reads them is not blamed
        self.rule = self._bind()

    def _bind(self) -> Rule | None:
        match = self._patterns()
        each = self._each()
        steps = self._steps()
        unless = [self._search(spec, spec.alias or spec.fact, "unless") for spec in self.spec.unless]
        conclude = [self._conclusion(entry) for entry in self.spec.conclude]
        propose = self._proposal() if self.spec.propose else None
        because = self._template("because", self.spec.because) if self.spec.because else None
        self._says_something()
        if self.problems:
            return None
        return Rule(
            self.spec.id, self.spec.summary, self.spec.severity, self.spec.status, tuple(match), each,
            tuple(steps), tuple(unless), tuple(conclude), propose, because, tuple(self.spec.sources),
            tuple(self._examples()), self.scope, self.document.name, self.line,
        )  # fmt: skip

    # patterns

    def _patterns(self) -> list[Pattern]:
        for spec in self.spec.match:
            self._bind_alias(spec)
        found = [self._match_pattern(spec) for spec in self.spec.match if spec.fact in self.kinds]
        return _joins_backwards(found)

    def _bind_alias(self, spec: PatternSpec) -> None:
        alias = spec.alias or spec.fact
        if spec.fact not in self.kinds:
            self._problem("unknown-kind", "match", f"there is no kind {spec.fact}", self.kinds.nearest(spec.fact))
        elif self.scope.taken(alias):
            self._problem("alias-twice", "match", f"{alias} is bound twice")
        else:
            self.scope.bind(alias, spec.fact)

    def _match_pattern(self, spec: PatternSpec) -> Pattern:
        alias = spec.alias or spec.fact
        on = tuple(self._join("match", alias, name, target, present=True) for name, target in spec.on.items())
        return Pattern(spec.fact, alias, tuple(j for j in on if j), self._constants(spec, alias, self.scope))

    def _join(
        self, key: str, alias: str, name: str, target: str, present: bool, scope: RuleScope | None = None
    ) -> tuple[str, str, str] | None:
        """`field = "alias.field"`; in a search also `field = "name"`, given back as ("field", "name", "")."""
        scope = scope or self.scope
        other, dot, other_field = target.partition(".")
        left = self._attempt(key, lambda: scope.field_of(alias, name), name)
        if not dot and not present:
            right_type = self._attempt(key, lambda: scope.name(other), target)
            if left and right_type and not _may_join(left.type, right_type):
                self._problem("join-types", key, f"{alias}.{name} is {left.spec.type}, {target} is {right_type.base}")
            return (name, other, "") if left and right_type else None
        if other == alias and (present or not self.scope.taken(alias)):
            return self._problem("self-join", key, f"{alias} is joined with itself", "Use `where` instead.")
        right = self._attempt(key, lambda: scope.field_of(other, other_field), target)
        if left is None or right is None:
            return None
        for field, label in ((left, f"{alias}.{name}"), (right, target)):
            self._joinable(key, field, label, present)
        if left.spec.type != right.spec.type:
            self._problem("join-types", key, f"{alias}.{name} is {left.spec.type}, {target} is {right.spec.type}")
        return (name, other, other_field)

    def _joinable(self, key: str, field: Field, label: str, present: bool) -> None:
        if field.spec.type not in JOINABLE or (present and not field.present):
            why = "may be absent" if not field.present else f"is {field.spec.type}"
            self._problem("not-joinable", key, f"{label} {why} and cannot be joined on", "Use `where` instead.")

    def _constants(self, spec: PatternSpec, alias: str, scope: RuleScope) -> tuple[tuple[str, Value], ...]:
        found = []
        for name, value in spec.equals.items():
            field = self._attempt("is", lambda: scope.field_of(alias, name), name)
            if field is None:
                continue
            self._joinable("is", field, f"{alias}.{name}", present=True)
            if not _suits(value, field):
                self._problem("wrong-type", "is", f"{alias}.{name} is {field.spec.type}; {value!r} is not")
            found.append((name, value))
        return tuple(sorted(found))

    def _search(self, spec: SearchSpec, alias: str, key: str) -> Pattern | None:
        if spec.fact not in self.kinds:
            return self._problem("unknown-kind", key, f"there is no kind {spec.fact}", self.kinds.nearest(spec.fact))
        inner = self.scope.with_alias(alias, spec.fact)
        on = [self._join(key, alias, name, target, False, inner) for name, target in spec.on.items()]
        where = [self._test(entry, inner, key) for entry in spec.where]
        constants = self._constants(spec, alias, inner)
        return Pattern(spec.fact, alias, tuple(j for j in on if j), constants, tuple(t for t in where if t))

    # expressions

    def formula(self, source: Any, key: str, scope: RuleScope | None = None) -> Formula | None:
        text = _literal(source)

        def build() -> Formula:
            parsed = parse(text)
            if self.failed & parsed.names:
                raise _Blameless
            return Formula(text, parsed, check(parsed, scope or self.scope))

        return self._attempt(key, build, text)

    def _test(self, entry: str | TestSpec, scope: RuleScope, key: str = "where") -> Test | None:
        source, say = (entry.test, entry.say) if isinstance(entry, TestSpec) else (entry, None)
        formula = self.formula(source, key, scope)
        if formula and formula.type.base != "boolean":
            self._problem("not-a-condition", key, f"`{source}` is {formula.type.base}, not true or false")
        template = self._template(key, say, scope) if say else None
        return Test(formula, template) if formula else None

    def _template(self, key: str, text: str, scope: RuleScope | None = None) -> Sentence | None:
        def build() -> Sentence:
            template = Template(text)
            if self.failed & template.names:
                raise _Blameless
            return Sentence(template, template.check(scope or self.scope))

        return self._attempt(key, build, text)

    # definitions and conditions

    def _each(self) -> Each | None:
        for name, span in self.spec.each.items():
            first, dots, last = span.partition("..")
            if not dots:
                return self._problem("each-range", "each", f"`{span}` is no range", 'Write "1..64".')
            ends = [self.formula(end.strip(), "each") for end in (first, last)]
            if any(end and end.type.base != "integer" for end in ends):
                return self._problem("each-range", "each", "the ends of a range must be integers")
            self._free("each", name)
            self.scope.define(name, INTEGER)
            return Each(name, *ends) if all(ends) else None
        return None

    def _steps(self) -> list[Definition | Test]:
        sources = dict(self._definition_sources())
        steps: list[Definition | Test] = []
        for item in in_order(sources, self.spec.where, self._order_problem):
            step = self._definition(item, sources[item]) if isinstance(item, str) else self._condition(item)
            if step is None and isinstance(item, str):
                self.failed.add(item)
            if step:
                steps.append(step)
        return steps

    def _definition_sources(self) -> Iterator[tuple[str, tuple[str, Any]]]:
        seen: set[str] = set()
        for how in ("let", "sum", "min", "max", "count", "collect", "best"):
            for name, entry in getattr(self.spec, how).items():
                self._free(how, name, seen)
                seen.add(name)
                yield name, (how, entry)

    def _free(self, key: str, name: str, seen: Collection[str] = ()) -> None:
        if (name in RESERVED and key != "best") or iskeyword(name):  # best binds an alias, read as `s.field`
            self._problem("name-reserved", key, f"{name} means something already and cannot be defined")
        elif name in seen or self.scope.taken(name):
            self._problem("name-twice", key, f"{name} is defined twice")

    def _order_problem(self, text: str) -> None:
        self._problem("let-order", "let", text)

    def _condition(self, position: int) -> Test | None:
        return self._test(self.spec.where[position], self.scope)

    def _definition(self, name: str, source: tuple[str, Any]) -> Definition | None:
        how, entry = source
        if how == "let":
            formula = self.formula(entry, name)
            return self._defined(Definition(name, how, formula), formula.type) if formula else None
        alias = name if how == "best" else entry.alias or entry.fact
        pattern = self._search(entry, alias, name)
        if pattern is None:
            return None
        if how == "best":
            return self._best(name, entry, pattern)
        inner = self.scope.with_alias(alias, pattern.kind)
        if how == "count":
            return self._defined(Definition(name, how, None, pattern), INTEGER)
        formula = self.formula(entry.of, name, inner)
        if formula is None:
            return None
        if how != "collect" and formula.type.base not in ("integer", "number"):
            return self._problem("not-a-number", name, f"`{entry.of}` is {formula.type.base}, not a number")
        type_ = Type("list", ()) if how == "collect" else formula.type
        return self._defined(Definition(name, how, formula, pattern, floor_zero=self._never_negative(formula, inner)), type_)

    def _best(self, name: str, entry: BestSpec, pattern: Pattern) -> Definition | None:
        if (entry.minimize is None) == (entry.maximize is None):
            return self._problem("best", name, "`best` needs either minimize or maximize")
        inner = self.scope.with_alias(name, pattern.kind)
        formula = self.formula(entry.minimize or entry.maximize, name, inner)
        self.scope.bind(name, pattern.kind)
        return Definition(name, "best", formula, pattern, entry.maximize is not None) if formula else None

    def _defined(self, definition: Definition, type_: Type) -> Definition:
        self.scope.define(definition.name, type_)
        return definition

    def _never_negative(self, formula: Formula, scope: RuleScope) -> bool:
        if len(formula.parsed.paths) != 1 or formula.parsed.names:
            return False
        alias, name = next(iter(formula.parsed.paths))
        low = scope.field_of(alias, name).spec.min
        return formula.source.strip() == f"{alias}.{name}" and low is not None and low >= 0

    # what the rule writes

    def _conclusion(self, entry: Mapping[str, Any]) -> Conclusion | None:
        kind_id = entry.get("fact")
        kind = self.kinds.get(str(kind_id))
        if kind is None:
            return self._problem("unknown-kind", "conclude", f"there is no kind {kind_id}", self.kinds.nearest(str(kind_id)))
        fields = {name: value for name, value in entry.items() if name not in ("fact", "default")}
        for name in fields.keys() - kind.fields.keys():
            self._problem("unknown-field", "conclude", f"the kind {kind.id} has no field {name}", did_you_mean(name, kind.fields))
        for field in kind.fields.values():
            if field.spec.required and field.name not in fields:
                self._problem("missing-field", "conclude", f"{kind.id}.{field.name} is required")
            elif field.spec.default is not None:
                fields.setdefault(field.name, _quoted(field.spec.default))
        formulas = {n: self._field_formula(kind.fields[n], v) for n, v in fields.items() if n in kind.fields}
        usable = {name: formula for name, formula in formulas.items() if formula}
        constants = {name: value for name, f in usable.items() if (value := self._constant(f)) is not None}
        copies = {n: path for n, f in usable.items() if not kind.fields[n].present and (path := _copied(f))}
        names = () if kind.single else kind.key or kind.fields
        naming = {name: value for name, value in constants.items() if name in names}
        if not isinstance(entry.get("default", False), bool):
            self._problem("wrong-type", "conclude", "`default` is either true or false")
        return Conclusion(kind.id, usable, constants, entry.get("default") is True, copies, naming)

    def _constant(self, formula: Formula) -> Value | None:
        if formula.parsed.names or formula.parsed.paths:
            return None
        try:
            return formula.run({})
        except EvaluationError as error:
            return self._problem("expression", "conclude", f"`{formula.source}`: {error}")

    def _field_formula(self, field: Field, value: Any) -> Formula | None:
        formula = self.formula(value, "conclude")
        if formula:
            wrong = mismatch(formula.type, field.type)
            if wrong:
                self._problem("field-type", "conclude", f"{field.name} = `{formula.source}`: {wrong}")
        return formula

    def _proposal(self) -> Proposal | None:
        spec = self.spec.propose
        assert spec is not None
        changes = {path: self._change(path, value) for path, value in spec.changes.items()}
        if not spec.changes and not spec.advice:
            self._problem("empty-proposal", "propose", "a proposal sets something, or is marked advice = true")
        costs = tuple(self._template("propose", text) for text in spec.costs)
        title = self._template("propose", spec.title)
        enough, order = self.formula(spec.enough, "propose"), self.formula(spec.order, "propose")
        return Proposal(spec.kind, title, changes, costs, enough, order, spec.advice)

    def _change(self, path: str, value: Any) -> Formula | tuple[Value, ...] | None:
        table, _, name = path.partition(".")
        kind = next((kind for kind in self.kinds.values() if (kind.table or kind.id) == table), None)
        if kind is None or kind.field_for(name) is None:
            near = did_you_mean(path, [f"{k.table or k.id}.{w}" for k in self.kinds.values() for w in k.written_names()])
            return self._problem("unknown-path", "propose", f"the question has no {path}", near)
        return tuple(value) if isinstance(value, list) else self.formula(value, "propose")

    def _says_something(self) -> None:
        if not (self.spec.conclude or self.spec.propose or (self.spec.severity and self.spec.because)):
            self._problem("no-effect", "id", "the rule concludes nothing, proposes nothing and says nothing")
        if self.spec.severity and not self.spec.because:
            self._problem("no-because", "severity", "a rule that is shown needs a `because`")

    def _examples(self) -> Iterator[Example]:
        for spec in self.spec.test:
            yield Example(spec.name, tuple(spec.given), tuple(spec.expect), tuple(spec.reject), spec.says, self.line)

    # problems

    def _attempt(self, key: str, build: Callable[[], T], source: str) -> T | None:
        try:
            return build()
        except ExpressionError as error:
            hint = "\n".join(part for part in (error.caret(source) if error.offset or len(source) < 100 else None, error.hint) if part)
            return self._problem("expression", key, error.text, hint or None)
        except _Blameless:
            return None
        except UnboundError as error:
            return self._problem("unbound", key, error.text, error.hint)

    def _problem(self, code: str, key: str, text: str, hint: str | None = None) -> None:
        at = self.document.line_of_key(key, self.line)
        self.problems.append(Problem(code, f"{self.spec.id}: {text}", hint, self.document.name, at))


def _joins_backwards(patterns: list[Pattern]) -> list[Pattern]:
    """Let each join stand at the later of its two patterns, which is where an engine can try it."""
    position = {pattern.alias: n for n, pattern in enumerate(patterns)}
    joins: dict[str, list[tuple[str, str, str]]] = {pattern.alias: [] for pattern in patterns}
    for pattern in patterns:
        for name, other, other_field in pattern.on:
            if other not in position:
                continue
            forward = position[other] > position[pattern.alias]
            owner, join = (other, (other_field, pattern.alias, name)) if forward else (pattern.alias, (name, other, other_field))
            joins[owner].append(join)
    return [Pattern(p.kind, p.alias, tuple(sorted(joins[p.alias])), p.equals, p.where) for p in patterns]


def _suits(value: Any, field: Field) -> bool:
    wanted = {"text": str, "integer": int, "boolean": bool}.get(field.spec.type)
    right = type(value) is wanted
    return right and (not field.spec.choices or value in field.spec.choices)


def _may_join(one: Type, other: Type) -> bool:
    return one.base == other.base or one.numeric and other.numeric


def _copied(formula: Formula) -> tuple[str, str] | None:
    """The path, if the formula is nothing but a path: then absence is copied too."""
    paths = formula.parsed.paths
    return next(((a, f) for a, f in paths if formula.source.strip() == f"{a}.{f}"), None)


def _literal(value: Any) -> str:
    """A TOML constant as an expression; texts are expressions already."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return f"({value.numerator} / {value.denominator})" if value.denominator > 1 else str(value.numerator)
    return str(value)


def _quoted(value: Any) -> Any:
    return "'" + value + "'" if isinstance(value, str) else value

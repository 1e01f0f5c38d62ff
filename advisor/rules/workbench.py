"""What binding a rule is done with: its scope, its expressions, and the problems found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from advisor.documents import Document
from advisor.errors import Problem
from advisor.expressions import ExpressionError, Template, UnboundError, check, parse
from advisor.facts.kinds import Kinds
from advisor.rules.model import Formula, Sentence, Test
from advisor.rules.scope import RuleScope
from advisor.rules.spec import RuleSpec, TestSpec

T = TypeVar("T")


class _Blameless(Exception):
    """An expression reads a name whose own definition is wrong, which is reported there."""


class Workbench:
    """One rule on the way from its file. Whatever cannot be made is None, and a problem says why."""

    def __init__(self, spec: RuleSpec, kinds: Kinds, document: Document, line: int | None) -> None:
        self.spec, self.kinds, self.document, self.line = spec, kinds, document, line
        self.scope = RuleScope(kinds)
        self.problems: list[Problem] = []
        self.failed: set[str] = set()  # names and aliases that are wrong: what reads them is not blamed

    def formula(self, source: Any, key: str, scope: RuleScope | None = None) -> Formula | None:
        text = _literal(source)

        def build() -> Formula:
            parsed = parse(text)
            self._blame(parsed.names, parsed.paths)
            return Formula(text, parsed, check(parsed, scope or self.scope))

        return self.attempt(key, build, text)

    def test(self, entry: str | TestSpec, scope: RuleScope, key: str = "where") -> Test | None:
        source, say = (entry.test, entry.say) if isinstance(entry, TestSpec) else (entry, None)
        formula = self.formula(source, key, scope)
        if formula and formula.type.base != "boolean":
            self.problem("not-a-condition", key, f"`{source}` is {formula.type.base}, not true or false")
        template = self.sentence(key, say, scope) if say else None
        return Test(formula, template) if formula else None

    def sentence(self, key: str, text: str, scope: RuleScope | None = None) -> Sentence | None:
        def build() -> Sentence:
            template = Template(text)
            self._blame(template.names, template.paths)
            return Sentence(template, template.check(scope or self.scope))

        return self.attempt(key, build, text)

    def attempt(self, key: str, build: Callable[[], T], source: str) -> T | None:
        try:
            return build()
        except ExpressionError as error:
            return self._misread(key, error, source)
        except _Blameless:
            return None
        except UnboundError as error:
            blameless = error.code == "unbound" and error.args[0] in self.failed
            return None if blameless else self.problem(error.code, key, error.text, error.hint)

    def _blame(self, names: Iterable[str], paths: Iterable[tuple[str, str]]) -> None:
        if self.failed & {*names, *(alias for alias, _ in paths)}:
            raise _Blameless

    def _misread(self, key: str, error: ExpressionError, source: str) -> None:
        """With a caret in the hint, and the column where the file has the source as it is."""
        caret = error.caret(source) if error.offset or len(source) < 100 else None
        hint = "\n".join(part for part in (caret, error.hint) if part) or None
        self.problem(error.code, key, error.text, hint)
        place = self.document.place_of(source, key, self.line) if "\n" not in source else None
        if place:
            line, column = place
            self.problems[-1] = replace(self.problems[-1], line=line, column=column + error.offset)

    def problem(self, code: str, key: str, text: str, hint: str | None = None) -> None:
        at = self.document.line_of_key(key, self.line)
        self.problems.append(Problem(code, f"{self.spec.id}: {text}", hint, self.document.name, at))


def _literal(value: Any) -> str:
    """A TOML constant as an expression; texts are expressions already."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return f"({value.numerator} / {value.denominator})" if value.denominator > 1 else str(value.numerator)
    return str(value)

"""What a rule does when it fires: facts it concludes, changes it proposes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.errors import did_you_mean
from advisor.expressions import EvaluationError, Value, mismatch, same_dimension
from advisor.facts.kinds import Field, Kind
from advisor.rules.model import FOUND, Conclusion, Formula, Proposal, Vary
from advisor.rules.scope import RuleScope
from advisor.rules.spec import ProposalSpec
from advisor.rules.workbench import Workbench


class EffectBinder:
    """Binds `conclude` and `propose`."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    def conclusion(self, entry: Mapping[str, Any]) -> Conclusion | None:
        name = str(entry.get("fact"))
        kind = self.bench.kinds.get(name)
        if kind is None:
            nearest = self.bench.kinds.nearest(name)
            return self.bench.problem("unknown-kind", "conclude", f"there is no kind {name}", nearest)
        if not isinstance(entry.get("default", False), bool):
            self.bench.problem("wrong-type", "conclude", "`default` is either true or false")
        formulas = self._formulas(kind, entry)
        constants = {
            field: value for field, f in formulas.items() if (value := self._constant(f)) is not None
        }
        self._allowed(kind, constants)
        copies = {n: path for n, f in formulas.items() if not kind.fields[n].present and (path := f.path)}
        names = () if kind.single else kind.key or kind.fields
        naming = {field: value for field, value in constants.items() if field in names}
        return Conclusion(kind.id, formulas, constants, entry.get("default") is True, copies, naming)

    def _formulas(self, kind: Kind, entry: Mapping[str, Any]) -> dict[str, Formula]:
        """A formula for each field; the kind's default for one that is not written."""
        written = {name: value for name, value in entry.items() if name not in ("fact", "default")}
        for name in written.keys() - kind.fields.keys():
            near = did_you_mean(name, kind.fields)
            self.bench.problem("unknown-field", "conclude", f"the kind {kind.id} has no field {name}", near)
        for field in kind.fields.values():
            if field.spec.required and field.name not in written:
                self.bench.problem("missing-field", "conclude", f"{kind.id}.{field.name} is required")
            elif field.spec.default is not None:
                written.setdefault(field.name, _quoted(field.spec.default))
        known = {name: value for name, value in written.items() if name in kind.fields}
        found = {name: self._field_formula(kind.fields[name], value) for name, value in known.items()}
        return {name: formula for name, formula in found.items() if formula}

    def _allowed(self, kind: Kind, constants: Mapping[str, Value]) -> None:
        for name, value in constants.items():
            choices = kind.fields[name].spec.choices
            if choices and value not in choices:
                hint = f"It may be {', '.join(choices)}."
                self.bench.problem("wrong-choice", "conclude", f"{kind.id}.{name} cannot be {value}", hint)

    def _constant(self, formula: Formula) -> Value | None:
        if formula.parsed.names or formula.parsed.paths:
            return None
        try:
            return formula.run({})
        except EvaluationError as error:
            return self.bench.problem("expression", "conclude", f"`{formula.source}`: {error}")

    def _field_formula(self, field: Field, value: Any) -> Formula | None:
        formula = self.bench.formula(value, "conclude")
        if formula:
            wrong = mismatch(formula.type, field.type)
            if wrong:
                numbers = formula.type.numeric and field.type.numeric
                apart = numbers and not same_dimension(formula.type, field.type)
                code, text = "unit-mismatch" if apart else "field-type", f"{field.name} = `{formula.source}`"
                self.bench.problem(code, "conclude", f"{text}: {wrong}")
        return formula

    def proposal(self) -> Proposal | None:
        spec = self.bench.spec.propose
        assert spec is not None
        vary, scope = self._vary(spec)
        changes = {path: self._change(path, value, scope) for path, value in spec.changes.items()}
        if not (spec.changes or spec.vary or spec.advice):
            text = "a proposal sets something, varies something, or is marked advice = true"
            self.bench.problem("empty-proposal", "propose", text)
        costs = tuple(self.bench.sentence("propose", text, scope) for text in spec.costs)
        title = self.bench.sentence("propose", spec.title, scope)
        order = self.bench.formula(spec.order, "propose")
        return Proposal(spec.kind, title, changes, costs, order, spec.advice, scope, vary)

    def _vary(self, spec: ProposalSpec) -> tuple[Vary | None, RuleScope]:
        """What is searched for, and the scope of what may speak of its result."""
        scope = self.bench.scope
        parts = {"vary": spec.vary, "from": spec.first, "to": spec.last, "seek": spec.seek}
        missing = [key for key, value in parts.items() if value is None]
        if len(missing) == len(parts) and "step" not in spec.model_fields_set:
            return None, scope
        if missing:
            text = f"`vary` goes with `from`, `to` and `seek`; missing: {', '.join(missing)}"
            return self.bench.problem("incomplete-search", "propose", text), scope
        if scope.taken(FOUND):
            text = f"`{FOUND}` is what the search finds, and the rule gives that name to something else"
            self.bench.problem("name-reserved", "propose", text)
        field = self._field_at(str(spec.vary))
        ends = [self._end(field, value) for value in (spec.first, spec.last, spec.step)]
        if field is None or not field.type.numeric:
            if field:
                text = f"`vary` needs a number, and {spec.vary} is {field.type.base}"
                self.bench.problem("field-type", "propose", text)
            self.bench.failed.add(FOUND)
            return None, scope
        return Vary(str(spec.vary), *ends, spec.seek == "largest"), scope.with_name(FOUND, field.type)

    def _end(self, field: Field | None, value: Any) -> Formula | None:
        formula = self.bench.formula(value, "propose")
        wrong = formula and field and mismatch(formula.type, field.type)
        if wrong:
            self.bench.problem("field-type", "propose", f"`{formula.source}`: {wrong}")
        return formula

    def _change(self, path: str, value: Any, scope: RuleScope) -> Formula | tuple[Value, ...] | None:
        if self._field_at(path) is None:
            return None
        return tuple(value) if isinstance(value, list) else self.bench.formula(value, "propose", scope)

    def _field_at(self, path: str) -> Field | None:
        """The field of the question that a path names."""
        table, _, name = path.partition(".")
        kind = next((kind for kind in self.bench.kinds.values() if kind.name_in_config == table), None)
        found = kind.field_for(name) if kind else None
        if found is None:
            near = did_you_mean(
                path,
                [f"{k.name_in_config}.{w}" for k in self.bench.kinds.values() for w in k.written_names()],
            )
            self.bench.problem("unknown-path", "propose", f"the question has no {path}", near)
        return found[0] if found else None

    def says_something(self) -> None:
        if self.bench.spec.propose and self.bench.spec.over == "catalog":
            self.bench.problem(
                "no-question", "propose", "a rule over the catalog has no question to propose changes of"
            )
        if not (
            self.bench.spec.conclude
            or self.bench.spec.propose
            or (self.bench.spec.severity and self.bench.spec.because)
        ):
            self.bench.problem(
                "no-effect", "id", "the rule concludes nothing, proposes nothing and says nothing"
            )
        if self.bench.spec.severity and not self.bench.spec.because:
            self.bench.problem("no-because", "severity", "a rule that is shown needs a `because`")
        self._is_heard()

    def _is_heard(self) -> None:
        """What stands in the prose is a sentence that the answer shows: a conclusion's, or advice."""
        spec = self.bench.spec
        if spec.prose and not spec.because:
            self.bench.problem("no-because", "prose", "a rule that stands in the prose needs a `because`")
        shown = spec.propose.advice if spec.propose else spec.severity
        if spec.prose and not (shown and spec.over == "question"):
            text = "only a conclusion or advice can stand in the prose"
            hint = "Give it a severity, or leave `prose` out."
            self.bench.problem("prose-unheard", "prose", text, hint)


def _quoted(value: Any) -> Any:
    return "'" + value + "'" if isinstance(value, str) else value

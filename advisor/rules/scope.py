"""What each name in a rule stands for, so that expressions can be typed."""

from __future__ import annotations

from advisor.errors import did_you_mean
from advisor.expressions import ExpressionError, Type
from advisor.facts.kinds import Field, Kind, Kinds


class RuleScope:
    """Aliases with their kinds, and defined names with their types."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._aliases: dict[str, Kind] = {}
        self._names: dict[str, Type] = {}

    def with_alias(self, alias: str, kind: str) -> RuleScope:
        """This scope and one more alias: for the inside of `unless` and the aggregates."""
        inner = RuleScope(self._kinds)
        inner._aliases = {**self._aliases, alias: self._kinds[kind]}
        inner._names = self._names
        return inner

    def bind(self, alias: str, kind: str) -> None:
        self._aliases[alias] = self._kinds[kind]

    def define(self, name: str, type_: Type) -> None:
        self._names[name] = type_

    def taken(self, name: str) -> bool:
        return name in self._aliases or name in self._names

    def field(self, alias: str, name: str) -> Type:
        """The type of `alias.name`. Raises ExpressionError with the nearest names."""
        return self.field_of(alias, name).type

    def field_of(self, alias: str, name: str) -> Field:
        if alias not in self._aliases:
            hint = did_you_mean(alias, self._aliases) or f"Bound here: {', '.join(sorted(self._aliases)) or 'nothing'}."
            raise ExpressionError(f"nothing is bound to {alias}", 0, hint)
        kind = self._aliases[alias]
        if name not in kind.fields:
            hint = did_you_mean(name, kind.fields) or f"Fields: {', '.join(kind.fields)}."
            raise ExpressionError(f"the kind {kind.id} has no field {name}", 0, hint)
        return kind.fields[name]

    def name(self, name: str) -> Type:
        """The type of a defined name. Raises ExpressionError with the nearest names."""
        if name not in self._names:
            near = did_you_mean(name, [*self._names, *self._aliases])
            raise ExpressionError(f"nothing is called {name}", 0, near)
        return self._names[name]

"""What each name in a rule stands for, so that expressions can be typed."""

from __future__ import annotations

from advisor.expressions import Type, UnboundError
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

    def with_name(self, name: str, type_: Type) -> RuleScope:
        """This scope and one more name: for what a search finds."""
        inner = RuleScope(self._kinds)
        inner._aliases, inner._names = self._aliases, {**self._names, name: type_}
        return inner

    def bind(self, alias: str, kind: str) -> None:
        self._aliases[alias] = self._kinds[kind]

    def define(self, name: str, type_: Type) -> None:
        self._names[name] = type_

    def taken(self, name: str) -> bool:
        return name in self._aliases or name in self._names

    def field(self, alias: str, name: str) -> Type:
        """The type of `alias.name`. Raises UnboundError with the nearest names."""
        return self.field_of(alias, name).type

    def field_of(self, alias: str, name: str) -> Field:
        if alias not in self._aliases:
            raise UnboundError("nothing is bound to", alias, self._aliases)
        kind = self._aliases[alias]
        if name not in kind.fields:
            raise UnboundError(f"the kind {kind.id} has no field", name, kind.fields, "unknown-field")
        return kind.fields[name]

    def name(self, name: str) -> Type:
        """The type of a defined name. Raises UnboundError with the nearest names."""
        if name not in self._names:
            raise UnboundError("nothing is called", name, [*self._names, *self._aliases])
        return self._names[name]

"""Rules that say again what another says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.workspace import Workspace
from advisor.rules.model import Rule


@check("identical-rule", "a rule asks for the same and does the same as an earlier one")
def identical_rule(rule: Rule, space: Workspace) -> Iterator[Said]:
    own = space.shapes[rule]
    for other in space.alike.get(own.does, ()):
        if space.shapes[other].asks == own.asks and space.position[other] < space.position[rule]:
            text = f"it asks for the same and does the same as {_called(other)}"
            yield Said("id", text, "Leave one of them out.")
            return


@check("subsumed-rule", "a rule does what another does already, which asks for less")
def subsumed_rule(rule: Rule, space: Workspace) -> Iterator[Said]:
    own = space.shapes[rule]
    wider = [other for other in space.alike.get(own.does, ()) if space.shapes[other].asks < own.asks]
    if wider:
        text = f"whenever it fires, {_called(_first(wider, space))} does the same, which asks for less"
        yield Said("id", text, "Leave it out, or let the other say when it does not hold.")


def _first(rules: Iterable[Rule], space: Workspace) -> Rule:
    return min(rules, key=space.position.__getitem__)


def _called(rule: Rule) -> str:
    return f"{rule.id} ({rule.file}:{rule.line})"

"""Rules that say again what another says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.shape import Shape
from advisor.authoring.checks.workspace import Workspace
from advisor.rules.model import Rule


@check("identical-rule", "a rule asks for the same and does the same as an earlier one")
def identical_rule(rule: Rule, space: Workspace) -> Iterator[Said]:
    own = space.shapes[rule]
    earlier = [other for other in space.alike[own.does].of(own) if other.position < own.position]
    same = [other for other in earlier if other.asks == own.asks]
    if same:
        text = f"it asks for the same and does the same as {_first(same)}"
        yield Said("id", text, "Leave one of them out.")


@check("subsumed-rule", "a rule does what another does already, which asks for less")
def subsumed_rule(rule: Rule, space: Workspace) -> Iterator[Said]:
    own = space.shapes[rule]
    wider = [other for other in space.alike[own.does].of(own) if other.asks < own.asks]
    if wider:
        text = f"whenever it fires, {_first(wider)} does the same, which asks for less"
        yield Said("id", text, "Leave it out, or let the other say when it does not hold.")


def _first(shapes: Iterable[Shape]) -> str:
    rule = min(shapes, key=lambda shape: shape.position).rule
    return f"{rule.id} ({rule.file}:{rule.line})"

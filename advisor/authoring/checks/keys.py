"""Rules that may contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.authoring.checks.atoms import clashes
from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.shape import Shape
from advisor.authoring.checks.workspace import Workspace
from advisor.rules.model import Rule

_HINT = (
    "Let one of them say when it does not hold (`where`, `unless`), "
    "give each a key of its own, or make one `default = true`."
)


@check("may-write-one-key", "two rules may write different values for one fact")
def may_write_one_key(rule: Rule, space: Workspace) -> Iterator[Said]:
    """Only where it can be shown: see `_together`. Others are found when it happens, as an error."""
    own = space.shapes[rule]
    for named, written in own.writes.items():
        earlier = [other for other in space.writing[named].of(own) if other.position < own.position]
        rival = next((o for o in earlier if o.writes[named] != written and _together(own, o)), None)
        if rival:
            other = f"{rival.rule.id} ({rival.rule.file}:{rival.rule.line})"
            text = f"it may write another {named[0]} than {other}, under the same key"
            yield Said("conclude", text, _HINT)


def _together(one: Shape, other: Shape) -> bool:
    """Whether both can be shown to fire on the same facts.

    One asks for all that the other asks for; or both match the same kinds, joined alike, and what only one
    asks for are simple conditions of which no two exclude each other.
    """
    if one.asks <= other.asks or other.asks <= one.asks:
        return True
    apart = one.asks ^ other.asks
    simple = {**one.atoms, **other.atoms}
    return apart <= simple.keys() and not any(clashes((found, None) for found in simple.values()))

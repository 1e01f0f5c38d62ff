"""Rules that may contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.authoring.checks.atoms import clash
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
    for conclusion, key, written in own.writes:
        for other, theirs in () if conclusion.default else space.writing[conclusion.kind, key]:
            earlier = space.position[other] < space.position[rule]
            if earlier and theirs != written and _together(own, space.shapes[other]):
                named = f"{other.id} ({other.file}:{other.line})"
                text = f"it may write another {conclusion.kind} than {named}, under the same key"
                yield Said("conclude", text, _HINT)
                break


def _together(one: Shape, other: Shape) -> bool:
    """Whether both can be shown to fire on the same facts.

    One asks for all that the other asks for; or both match the same kinds, joined alike, and what only one
    asks for are simple conditions of which no two exclude each other.
    """
    if one.asks <= other.asks or other.asks <= one.asks:
        return True
    apart = one.asks ^ other.asks
    simple = {**one.atoms, **other.atoms}
    return apart <= simple.keys() and not clash((found, None) for found in simple.values())

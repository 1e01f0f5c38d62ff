"""The list of all codes that `advisor rules check` knows, and the check behind each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from advisor.authoring.checks.workspace import Workspace
    from advisor.rules.model import Rule


class Said(NamedTuple):
    """What a check says of a rule: the key it is about, the text, a hint.

    `source` is what stands in the file there, as far as one text can be pointed at.
    """

    key: str
    text: str
    hint: str | None = None
    source: str | None = None


Check = Callable[["Rule", "Workspace"], Iterable[Said]]


class Code(NamedTuple):
    """What a code means. Those without `run` are found while rules are loaded."""

    severity: str
    meaning: str
    run: Check | None = None


CODES: dict[str, Code] = {}


def check(code: str, meaning: str, severity: str = "warning") -> Callable[[Check], Check]:
    """Register a check of one rule among all that are in effect."""

    def register(run: Check) -> Check:
        CODES[code] = Code(severity, meaning, run)
        return run

    return register

"""Checks of rules. Each has a code, and `CODES` lists them all."""

from typing import Any

from advisor.authoring.checks import completeness, conditions, flow, joins, keys, likeness, loading
from advisor.authoring.checks.registry import CODES, Code, Said
from advisor.authoring.checks.workspace import Workspace

__all__ = [
    "CODES",
    "Code",
    "Said",
    "Workspace",
    "completeness",
    "conditions",
    "flow",
    "joins",
    "keys",
    "likeness",
    "listed",
    "loading",
]


def listed() -> dict[str, Any]:
    """All codes, errors first."""
    rows = [
        {"code": name, "severity": each.severity, "meaning": each.meaning} for name, each in CODES.items()
    ]
    ordered = sorted(rows, key=lambda row: (row["severity"], row["code"]))
    return {"schema": "advisor.rules-codes/1", "codes": ordered}

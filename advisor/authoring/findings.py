"""What checks find, and the report of them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from advisor.documents import Document
from advisor.errors import Problem

ORDER = ("error", "warning")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and how grave it is: error or warning."""

    severity: str
    problem: Problem


@dataclass(frozen=True)
class Report:
    """What was found, by place; and how many things of each sort were looked at."""

    findings: tuple[Finding, ...]
    checked: dict[str, int]
    documents: Mapping[str, Document]

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def to_dict(self, schema: str) -> dict[str, Any]:
        return {
            "schema": schema,
            "checked": self.checked,
            "errors": self.count("error"),
            "warnings": self.count("warning"),
            "findings": [self._finding(each) for each in self.findings],
        }

    def _finding(self, each: Finding) -> dict[str, Any]:
        return {"severity": each.severity, **asdict(each.problem), "source": self._source(each.problem)}

    def _source(self, problem: Problem) -> str | None:
        """The line that it is about, as it stands in its file."""
        document = self.documents.get(problem.file or "")
        if document is None or problem.line is None:
            return None
        return document.lines[problem.line - 1].strip() or None


def report(
    findings: Iterable[Finding], checked: Mapping[str, int], documents: Iterable[Document] = ()
) -> Report:
    """Each finding once, by place."""
    ordered = tuple(sorted(dict.fromkeys(findings), key=_position))
    return Report(ordered, dict(sorted(checked.items())), {each.name: each for each in documents})


def error(problem: Problem) -> Finding:
    return Finding("error", problem)


def warning(problem: Problem) -> Finding:
    return Finding("warning", problem)


def _position(finding: Finding) -> tuple[str, int, int, str]:
    problem = finding.problem
    return (problem.file or "", problem.line or 0, problem.column or 0, problem.text)

"""Rules that the user's folders changed or left out: how the answer tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from advisor.facts.plain import sources
from advisor.reasoning.outcome import Derivation
from advisor.rules.model import Change, Disabled, Rule


def told_change(change: Change) -> dict[str, Any]:
    """One changed field of a rule, as JSON has it and in words."""
    return {
        "field": change.field,
        "before": change.before,
        "after": change.after,
        **_stated(change),
        "text": change.text,
    }


def _stated(change: Change | Disabled) -> dict[str, Any]:
    """Why, and where that stands."""
    return {
        "reason": change.reason,
        "file": change.file,
        "line": change.line,
        "sources": sources(change.sources),
    }


def told_changes(rule: Rule) -> list[dict[str, Any]]:
    return [told_change(change) for change in rule.changes]


def rule_changes(derivation: Derivation, disabled: Iterable[Disabled]) -> list[dict[str, Any]]:
    """Rules left out, and changed fields of rules that fired or nearly did.

    A rule that is left out is told of always: nobody can say what it would have done.
    """
    return [*(_left_out(each) for each in disabled), *_changed(derivation)]


def _left_out(rule: Disabled) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "change": "disable",
        "field": None,
        "before": None,
        "after": None,
        **_stated(rule),
        "text": f'the rule {rule.rule} is left out ("{rule.reason}"): {rule.summary}',
    }


def _changed(derivation: Derivation) -> list[dict[str, Any]]:
    applied: Sequence[Any] = (*derivation.firings, *derivation.misses)
    rules = {each.rule.id: each.rule for each in applied if each.rule.changes}
    return [
        {"rule": name, "change": "override", **told_change(change), "text": f"the rule {name}: {change.text}"}
        for name, rule in sorted(rules.items())
        for change in rule.changes
    ]

"""A question asked again with other values: what came out, side by side, and why it does not work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from advisor.answer.answer import Answer
from advisor.answer.key_figures import KEY_FIGURES, key_figures
from advisor.audit.why_not.cases import FIRED, case_of, explained, seen_in
from advisor.audit.why_not.premises import Seen, Table
from advisor.errors import AdvisorError
from advisor.facts.plain import plain
from advisor.remedies.outcome import WORKING, outcome_of
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook

Variant = Callable[[Mapping[str, Any]], Answer]


def told_variant(answer: Answer, rulebook: Rulebook, variant: Variant, values: Mapping[str, Any]) -> Table:
    """What came out with these values: the verdict, the figures side by side, and why it does not work.

    Raises what asking raises.
    """
    asked = variant(values)
    seen, works = seen_in(asked, rulebook), outcome_of(asked.derivation.store).works
    missed = _missed(seen)
    return {
        "set": {path: plain(value) for path, value in values.items()},
        "status": asked.status,
        "works": works,
        "summary": asked.said["verdict"]["summary"],
        "text": "; ".join(missed) if asked.status in WORKING and missed else _sentence(asked),
        "missed": missed,
        "refused": None,
        "figures": list(_side_by_side(answer, asked)),
        "rules": [] if works else [explained(seen, rule) for rule in _deciding(seen)],
    }


def refused_variant(values: Mapping[str, Any], error: AdvisorError) -> Table:
    """Of one that cannot even be asked."""
    refused = "; ".join(problem.text for problem in error.problems)
    return {
        "set": {path: plain(value) for path, value in values.items()},
        "status": None,
        "works": False,
        "summary": None,
        "text": refused,
        "missed": [],
        "refused": refused,
        "figures": [],
        "rules": [],
    }


def _sentence(answer: Answer) -> str:
    return str(answer.said["verdict"]["summary"]).rstrip(".")


def _missed(seen: Seen) -> list[str]:
    """The goals that are missed, in the words of the rules that say so."""
    facts = [fact for fact in seen.derivation.store.of("goal_missed") if fact.certain]
    firings = [firing for fact in facts for firing in seen.derivation.derivations(fact)]
    return sorted({firing.text.rstrip(".") for firing in firings if firing.text})


def _deciding(seen: Seen) -> Iterator[Rule]:
    """The rules by which the verdict would be that it works, and that did not fire."""
    for _, rule in seen.rulebook.writers.get("verdict", ()):
        statuses = [c.constants.get("status", WORKING[0]) for c in rule.conclude if c.kind == "verdict"]
        if any(status in WORKING for status in statuses) and case_of(seen, rule) != FIRED:
            yield rule


def _side_by_side(before: Answer, after: Answer) -> Iterator[Table]:
    old, new = key_figures(before), key_figures(after)
    for figure in KEY_FIGURES:
        sides = {"before": old[figure.name], "after": new[figure.name]}
        yield {"figure": figure.name, **sides, "differs": sides["before"] != sides["after"]}

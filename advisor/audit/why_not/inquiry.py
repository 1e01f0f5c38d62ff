"""`advisor why-not` as JSON has it: what was asked about, and why it is not so."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from advisor.answer.answer import Answer
from advisor.audit.why_not.cases import explained, left_out, seen_in
from advisor.audit.why_not.fates import Fates
from advisor.audit.why_not.hits import Hit, changes_in, remedy_called, rule_called
from advisor.audit.why_not.premises import Table
from advisor.audit.why_not.variants import Variant, told_variant
from advisor.remedies.find import Remedies
from advisor.rules.model import Disabled, Rule
from advisor.rules.rulebook import Rulebook

SCHEMA = "advisor.why-not/1"
_ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)+")
ABOUT = ("rule", "remedy", "change")
Asking = Callable[[bool], Answer]  # with remedies, or without


def why_not(
    words: Sequence[str],
    rulebook: Rulebook,
    ask: Asking,
    variant: Variant,
    whole: Callable[[], Rulebook] | None = None,
) -> Table:
    """Why a rule did not fire, or a remedy is not proposed or does not work.

    `ask` answers the question; `variant` asks it again with values; `whole` gives the rules with those over
    the catalog, which no question has. Raises InputError where the words mean
    nothing, or several things, and what asking raises.
    """
    name, changes = " ".join(words), changes_in(words)
    rule = None if changes is not None else rule_called(rulebook, name)
    if rule is None and whole and _ID.fullmatch(name):
        rule = rule_called(whole(), name)
    if isinstance(rule, Disabled):
        return _told(name, "rule", ask(False), rules=[left_out(rule)])
    if isinstance(rule, Rule) and rule.propose is None:
        answer = ask(False)
        return _told(name, "rule", answer, rules=[explained(seen_in(answer, rulebook), rule)])
    if changes is not None:
        answer = ask(False)
        told = told_variant(answer, rulebook, variant, changes)
        return _told(name, "change", answer, variant=told)
    answer = ask(True)
    hit = Hit(rule) if rule else remedy_called(rulebook, answer.remedies or Remedies(), name)
    remedies, more = Fates(answer, rulebook, variant).of(hit)
    return _told(name, "remedy", answer, remedies=remedies, more=more)


def _told(name: str, about: str, answer: Answer, **found: list[Table] | Table | int) -> Table:
    return {
        "schema": SCHEMA,
        "asked": name,
        "about": about,
        "question": answer.said["question"],
        "verdict": answer.said["verdict"],
        "rules": [],
        "remedies": [],
        "more": 0,
        "variant": None,
        **found,
        "engine": {"name": answer.engine[0], "version": answer.engine[1]},
        "digests": {"question": answer.question.digest, "answer": answer.digest},
    }

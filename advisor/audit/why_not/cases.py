"""Why a rule did not fire: one of four cases, and every premise of the nearest attempts.

A rule *fired* for sure; or it is *undetermined*, because a figure is missing; or it was *blocked*, because
facts match and a condition is false; or there was *no match*, because a fact lacks. What is missing is not
false: where something is not known, it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from advisor.answer.answer import Answer
from advisor.answer.rule_changes import told_changes
from advisor.audit.why_not.matching import unmatched
from advisor.audit.why_not.missing import missing_figures
from advisor.audit.why_not.premises import FALSE, Seen, Table, held_at, premises_of
from advisor.expressions import falsity
from advisor.facts.plain import sources
from advisor.reasoning.outcome import Firing, Miss
from advisor.rules.model import Disabled, Rule
from advisor.rules.rulebook import Rulebook

FIRED, UNDETERMINED, BLOCKED, NO_MATCH = "fired", "undetermined", "blocked", "no-match"
DISABLED, CATALOG = "disabled", "catalog"
CASES = (FIRED, UNDETERMINED, BLOCKED, NO_MATCH, DISABLED, CATALOG)
NEAREST = 3
FAR = Fraction(2)  # beyond any share


def seen_in(answer: Answer, rulebook: Rulebook) -> Seen:
    return Seen(answer.question, answer.derivation, rulebook, answer.kinds)


def case_of(seen: Seen, rule: Rule) -> str:
    """Which of the four it is."""
    firings = seen.derivation.by_rule.get(rule.id, ())
    if any(firing.certain for firing in firings):
        return FIRED
    if firings:
        return UNDETERMINED
    return BLOCKED if rule.id in seen.misses else NO_MATCH


def explained(seen: Seen, rule: Rule) -> Table:
    """Why it did not fire, as JSON has it; or that it did."""
    if rule.over == CATALOG:
        text = "It looks at the catalog itself, and no question knows of it: see `advisor facts check`."
        return {**_about(rule), "case": CATALOG, "text": text}
    case = case_of(seen, rule)
    return {**_about(rule), "case": case, **_CASES[case](seen, rule)}


def left_out(disabled: Disabled) -> Table:
    """Of a rule that a folder of the user's leaves out."""
    return {
        **_nothing(disabled.rule, disabled.summary, disabled.file, disabled.line),
        "case": DISABLED,
        "text": f"It is left out: {disabled.reason}",
        "sources": sources(disabled.sources),
    }


def _about(rule: Rule) -> Table:
    about = _nothing(rule.id, rule.summary, rule.file, rule.line)
    return {**about, "severity": rule.severity, "changes": told_changes(rule)}


def _nothing(rule: str, summary: str, file: str, line: int | None) -> Table:
    return {
        "rule": rule,
        "summary": summary,
        "severity": None,
        "file": file,
        "line": line,
        "changes": [],
        "sources": [],
        "fired": 0,
        "sentences": [],
        "attempts": [],
        "more": 0,
        "missing": [],
        "makers": [],
    }


# the four cases


def _fired(seen: Seen, rule: Rule) -> Table:
    firings = [each for each in seen.derivation.by_rule[rule.id] if each.certain]
    ordered = sorted(firings, key=lambda each: each.sort_key)
    said = list(dict.fromkeys(each.text for each in ordered if each.speaks))
    times = "once" if len(firings) == 1 else f"{len(firings):,} times"
    return {
        "text": f"It fired {times}: `advisor why … {rule.id}` shows the proof.",
        "fired": len(firings),
        "sentences": said[:NEAREST],
        "more": len(seen.misses.get(rule.id, ())),
        "missing": missing_figures(seen, ordered),
    }


def _undetermined(seen: Seen, rule: Rule) -> Table:
    firings = sorted(seen.derivation.by_rule[rule.id], key=lambda each: each.sort_key)
    firings.sort(key=lambda each: len(each.causes))
    missing = missing_figures(seen, firings)
    named = "; ".join(each["text"] for each in missing[:NEAREST])
    more = f"; and {len(missing) - NEAREST} more" if len(missing) > NEAREST else ""
    return {"text": f"It cannot be told: {named}{more}.", "missing": missing, **_attempts(seen, firings)}


def _blocked(seen: Seen, rule: Rule) -> Table:
    found = _attempts(seen, nearest_first(seen, seen.misses[rule.id]))
    return {"text": f"Facts match, and it is held back: {_crossed(found)['text']}.", **found}


def _no_match(seen: Seen, rule: Rule) -> Table:
    rows, combinations = unmatched(seen, rule)
    found = {"attempts": [{"premises": rows}], "more": combinations - 1}
    crossed = _crossed(found)
    told = [_maker(seen, each) for each in crossed["makers"]]
    return {"text": f"No facts match it: {crossed['text']}.", "makers": told, **found}


_CASES = {FIRED: _fired, UNDETERMINED: _undetermined, BLOCKED: _blocked, NO_MATCH: _no_match}


def _attempts(seen: Seen, each: Sequence[Firing | Miss]) -> Table:
    told = [{"premises": premises_of(seen, one)} for one in each[:NEAREST]]
    return {"attempts": told, "more": max(len(each) - NEAREST, 0)}


def _crossed(found: Mapping[str, Any]) -> Table:
    """The first false premise of the nearest attempt."""
    return next(row for row in found["attempts"][0]["premises"] if row["state"] == FALSE)


def nearest_first(seen: Seen, misses: Sequence[Miss]) -> list[Miss]:
    """Those that came farthest; of them those that are short of least."""
    return sorted(misses, key=lambda miss: (-held_at(seen, miss), _short(miss), miss.sort_key))


def _short(miss: Miss) -> Fraction:
    """By which share of the larger side a comparison is short."""
    if miss.test is None:
        return FAR
    share = falsity(miss.test.formula.parsed, miss.env, miss.rule.scope).share
    return FAR if share is None else share


# one level down


def _maker(seen: Seen, rule_id: str) -> Table:
    """What became of a rule that could have written what lacks."""
    rule = next(each for each in seen.rulebook.of_questions if each.id == rule_id)
    case = case_of(seen, rule)
    return {"rule": rule_id, "case": case, "text": _IN_SHORT[case](seen, rule)}


def _fired_short(seen: Seen, rule: Rule) -> str:
    return "for other facts"


def _undetermined_short(seen: Seen, rule: Rule) -> str:
    missing = missing_figures(seen, seen.derivation.by_rule[rule.id])
    return f"cannot be told: {missing[0]['text']}" if missing else "cannot be told"


def _blocked_short(seen: Seen, rule: Rule) -> str:
    nearest = nearest_first(seen, seen.misses[rule.id])[0]
    return _crossed({"attempts": [{"premises": premises_of(seen, nearest)}]})["text"]


def _no_match_short(seen: Seen, rule: Rule) -> str:
    return _crossed({"attempts": [{"premises": unmatched(seen, rule)[0]}]})["text"]


_IN_SHORT = {
    FIRED: _fired_short,
    UNDETERMINED: _undetermined_short,
    BLOCKED: _blocked_short,
    NO_MATCH: _no_match_short,
}

"""The answer as a colleague would tell it: a few sentences in order, each tied to what says it.

Conclusions and advice stand in it with the sentences of their rules, where a rule says so (`prose`). Of
remedies it has the title and what came out when they were asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.answer.remedy_words import BAD, nothing, outcome_words
from advisor.answer.text.figures import Table, place
from advisor.answer.text.trace import Trace

PARTS = ("verdict", "reason", "rest-of-hardware", "speed", "caution", "remedy", "otherwise")
_ALTERNATIVES = 2  # remedies beside the best one
Sentence = dict[str, Any]


def summary(answer: Table, places: Mapping[str, str | None]) -> list[Sentence]:
    """The sentences, part after part, none twice. `places`: by rule, the part to which its sentence belongs.

    Each names the conclusion or the remedy (by its rank) that says it; one with neither is the verdict's.
    """
    remedies = sorted(answer["remedies"], key=lambda one: one["rank"])
    said = [
        _sentence("verdict", answer["verdict"]["summary"], answer["verdict"]),
        *_gaps(answer),
        *_remedies(answer, [one for one in remedies if one["verified"]]),
        *_of_rules(answer["conclusions"], [one for one in remedies if not one["verified"]], places),
    ]
    first = {one["text"]: one for one in reversed(said)}
    return sorted(
        (one for one in said if first[one["text"]] is one), key=lambda one: PARTS.index(one["part"])
    )


def _sentence(part: str, text: str, said: Table, **tied: Any) -> Sentence:
    named = {"rule": said.get("rule"), "firing": said.get("firing")}
    return {"part": part, "text": text, "conclusion": None, "remedy": None, **named, **tied}


def _of_rules(
    conclusions: Sequence[Table], advice: Sequence[Table], places: Mapping[str, str | None]
) -> Iterator[Sentence]:
    """Conclusions and advice that have a place, of each rule the first."""
    said = [(one, {"conclusion": one["id"]}, one["text"]) for one in conclusions]
    said += [(one, {"remedy": one["rank"]}, f"{one['title']}: {one['text']}") for one in advice]
    first = {one["rule"]: (one, tied, text) for one, tied, text in reversed(said)}
    for rule, (one, tied, text) in sorted(first.items()):
        part = places.get(rule)
        if part:
            yield _sentence(part, text, one, **tied)


def _remedies(answer: Table, proved: Sequence[Table]) -> Iterator[Sentence]:
    """The best remedy and what does without the changes that it makes."""
    if not proved and answer["search"] and answer["verdict"]["status"] in BAD:
        yield _sentence("remedy", nothing(answer["search"]), answer["verdict"])
    for one in proved[:1]:
        yield _sentence("remedy", _came_out(one), one, remedy=one["rank"])
    for one in _alternatives(proved):
        yield _sentence("otherwise", _came_out(one), one, remedy=one["rank"])


def _came_out(remedy: Table) -> str:
    return f"{remedy['title']}: {', '.join(outcome_words(remedy['outcome'] or {}))}."


def _alternatives(proved: Sequence[Table]) -> list[Table]:
    """The best remedies that share no change with one another or the first, in order of rank.

    Those that leave whole tables alone which others change come before those that change another field.
    """
    chosen = list(proved[:1])
    for changed in (_tables, _fields):
        for one in proved:
            if not any(changed(one) & changed(other) for other in chosen):
                chosen.append(one)
    return sorted(chosen[1 : 1 + _ALTERNATIVES], key=lambda one: one["rank"])


def _fields(remedy: Table) -> set[str]:
    return set(remedy["set"])


def _tables(remedy: Table) -> set[str]:
    return {path.partition(".")[0] for path in remedy["set"]}


def _gaps(answer: Table) -> Iterator[Sentence]:
    """Of an unknown verdict: where the figures that it names can be told."""
    if answer["verdict"]["status"] != "unknown":
        return
    trace = Trace(answer)
    facts = {fact["label"]: fact for fact in trace.facts.values()}
    told = answer["verdict"]["summary"]
    firings = sorted(trace.firings.values(), key=lambda one: one["rule"] in told)  # those that it names win
    wanted = {gap["fact"]: one for one in firings for gap in one.get("undetermined") or []}
    for label in sorted(wanted.keys() & facts.keys()):
        given = facts[label].get("given")
        if given and label in told:
            yield _sentence("reason", _where(label, given), wanted[label], firing=wanted[label]["id"])


def _where(label: str, given: Table) -> str:
    """Facts with sources are of the catalog, which later folders may change."""
    override = ", or by an [[override]] in a folder of facts" if given.get("sources") else ""
    return f"What is missing of {label} can be said where it stands, in {place(given)}{override}."

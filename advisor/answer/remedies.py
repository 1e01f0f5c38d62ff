"""Remedies as JSON has them: what was proved, what was not enough, and how they are put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.answer.trace import Trace
from advisor.facts.plain import plain
from advisor.reasoning.outcome import Firing
from advisor.remedies.find import Remedies
from advisor.remedies.levers import Lever, Setting
from advisor.remedies.outcome import Outcome
from advisor.remedies.search import Proved

Table = dict[str, Any]


def told_remedies(remedies: Remedies | None, trace: Trace) -> Table:
    """Keys of the answer. `search` is None where remedies were not looked for."""
    if remedies is None:
        return {"remedies": [], "not_asked": 0, "search": None}
    proved = [_proved(remedies, rank, each, trace) for rank, each in enumerate(remedies.shown, 1)]
    advice = [
        _advice(rank, each, trace) for rank, each in enumerate(remedies.advice, len(remedies.shown) + 1)
    ]
    return {
        "remedies": [*proved, *advice],
        "not_asked": remedies.kept,
        "search": {
            "asked": remedies.asked,
            "cut_short": remedies.cut_short,
            "more": [_named(each) for each in remedies.more],
            "outdone": [_named(each) for each in remedies.outdone],
            "ranking": _ranking(remedies),
            "considered": [_considered(lever, trace) for lever in remedies.levers],
            "not_enough": [_not_enough(setting, outcome) for setting, outcome in remedies.not_enough],
        },
    }


def _proved(remedies: Remedies, rank: int, proved: Proved, trace: Trace) -> Table:
    settings = proved.settings
    assert remedies.judge is not None
    return {
        "rank": rank,
        "kind": settings[0].lever.kind if len(settings) == 1 else "combination",
        "title": _title(settings),
        "set": _values(settings),
        "rule": settings[0].firing.rule.id,
        "parts": [_part(setting, trace) for setting in settings],
        "verified": True,
        "changes": remedies.judge.changes(proved),
        "outcome": {**_outcome(proved.outcome), "digest": remedies.digests[rank - 1]},
        "one_step_milder": _milder(proved),
        "costs": [cost for setting in settings for cost in setting.costs],
        "text": " ".join(setting.firing.text for setting in settings),
        "firing": trace.firing_id(settings[0].firing),
    }


def _part(setting: Setting, trace: Trace) -> Table:
    firing = setting.firing
    return {"rule": firing.rule.id, "firing": trace.firing_id(firing), "set": _values([setting])}


def _advice(rank: int, firing: Firing, trace: Trace) -> Table:
    proposal = firing.rule.propose
    assert proposal is not None
    return {
        "rank": rank,
        "kind": proposal.kind,
        "title": proposal.title.render(firing.env),
        "set": {},
        "rule": firing.rule.id,
        "verified": None,
        "outcome": None,
        "costs": [cost.render(firing.env) for cost in proposal.costs],
        "text": firing.text,
        "firing": trace.firing_id(firing),
    }


def _considered(lever: Lever, trace: Trace) -> Table:
    """All settings of a lever; of a search the two ends."""
    numbers = range(len(lever)) if not lever.numbers else sorted({0, len(lever) - 1})
    firing = lever.firings[0]
    return {
        "kind": lever.kind,
        "rule": firing.rule.id,
        "settings": [lever[number].title for number in numbers],
        "text": firing.text,
        "firing": trace.firing_id(firing),
    }


def _named(proved: Proved) -> Table:
    return {
        "title": _title(proved.settings),
        "set": _values(proved.settings),
        "status": proved.outcome.status,
    }


def _title(settings: Sequence[Setting]) -> str:
    return " + ".join(setting.title for setting in settings)


def _milder(proved: Proved) -> Table | None:
    """What came of the step before, which does not work: that the one shown is the mildest."""
    if proved.before is None:
        return None
    setting, outcome = proved.before
    return {"set": _values([*proved.settings[:-1], setting]), **_outcome(outcome)}


def _not_enough(setting: Setting, outcome: Outcome) -> Table:
    return {
        "kind": setting.lever.kind,
        "title": setting.title,
        "rule": setting.firing.rule.id,
        "set": _values([setting]),
        **_outcome(outcome),
    }


def _values(settings: Sequence[Setting]) -> Table:
    return {path: plain(value) for setting in settings for path, value in setting.values.items()}


def _outcome(outcome: Outcome) -> Table:
    return {
        "status": outcome.status,
        "required_bytes": outcome.required,
        "usable_bytes": outcome.usable,
        "shortfall_bytes": outcome.shortfall,
        "spare_bytes": outcome.spare,
        "decode_tokens_per_second": (outcome.decode or {}).get("typical"),
        "decode_band": outcome.decode,
        "prefill_tokens_per_second": (outcome.prefill or {}).get("typical"),
        "quality": outcome.quality,
        "price": outcome.price,
        "refused": outcome.refused,
    }


def _ranking(remedies: Remedies) -> list[Mapping[str, Any]]:
    facts = remedies.judge.rankings if remedies.judge else ()
    return [{name: plain(fact.values[name]) for name in ("figure", "prefer", "meaning")} for fact in facts]

"""What became of a remedy: shown, outdone, not enough, kept from being asked, or never proposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.answer.answer import Answer
from advisor.audit.why_not.cases import FIRED, case_of, explained, seen_in
from advisor.audit.why_not.hits import Hit, proposal_of, told_of
from advisor.audit.why_not.premises import Table
from advisor.audit.why_not.variants import Variant, refused_variant, told_variant
from advisor.errors import AdvisorError
from advisor.facts.plain import plain
from advisor.remedies.find import Remedies
from advisor.remedies.levers import Lever, Setting
from advisor.remedies.search import Proved
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook

MOST = 3  # settings that are told of, each with a question asked again
FATES = (
    *("shown", "shown-with-others", "not-shown", "outdone", "works", "not-enough"),
    *("advice", "kept", "not-settled", "not-proposed"),
)


class Fates:
    """Tells what became of what rules propose in one question. `variant` asks it again with values."""

    def __init__(self, answer: Answer, rulebook: Rulebook, variant: Variant) -> None:
        self.answer, self.rulebook, self.variant = answer, rulebook, variant
        self.seen = seen_in(answer, rulebook)
        self.remedies: Remedies = answer.remedies or Remedies()

    def of(self, hit: Hit) -> tuple[list[Table], int]:
        """As JSON has it: each that was meant, where it was proposed, else the rule; and how many more."""
        if case_of(self.seen, hit.rule) != FIRED:
            why = explained(self.seen, hit.rule)
            text = "It was not proposed: the rule that would propose it did not fire."
            return [_fate(hit.rule, "not-proposed", text, rule=why)], 0
        settings = hit.settings or tuple(self._told(hit.rule))
        if settings:
            told = [self._setting(setting) for setting in settings[:MOST]]
            return told, len(settings) - len(told)
        return [self._without_setting(hit.rule)], 0

    def _told(self, rule: Rule) -> Iterator[Setting]:
        for lever in self.remedies.levers:
            if lever.firings[0].rule is rule:
                yield from told_of(self.remedies, lever) or [lever[len(lever) - 1]]

    def _without_setting(self, rule: Rule) -> Table:
        advice = [firing.rule.id for firing in self.remedies.advice]
        if rule.id in advice:
            rank = len(self.remedies.shown) + 1 + advice.index(rule.id)
            text = (
                f"It is shown, as advice, at place {rank}: it changes nothing in the question to ask about."
            )
            return _fate(rule, "advice", text, rank=rank)
        kept = self._kept(rule)
        if kept:
            return _fate(rule, "kept", f"It was proposed and not asked: [goals] keep names {kept}.")
        return _fate(rule, "not-settled", "It was proposed, and it is not known what exactly to change.")

    def _kept(self, rule: Rule) -> str:
        """The path under which the goals want all left alone, if the rule changes something there."""
        goals = self.seen.derivation.store.of("goals")
        keep = [str(path) for fact in goals for path in fact.values.get("keep", ())]  # type: ignore[union-attr]
        touched = [k for k in keep for path in proposal_of(rule).paths if f"{path}.".startswith(f"{k}.")]
        return ", ".join(dict.fromkeys(touched))

    # one setting

    def _setting(self, setting: Setting) -> Table:
        found = self.remedies
        for name, place in (("shown", found.shown), ("not-shown", found.more), ("outdone", found.outdone)):
            for rank, proved in enumerate(place, 1):
                if proved.settings == (setting,):
                    return _ALONE[name](self, proved, rank)
        return self._asked(setting)

    def _shown(self, proved: Proved, rank: int) -> Table:
        text = f"It is shown at place {rank}: it works, proved by asking."
        return _of_setting(proved.settings[0], "shown", text, rank=rank)

    def _not_shown(self, proved: Proved, rank: int) -> Table:
        text = f"It works, and {len(self.remedies.shown)} that come before it in order are shown."
        return _of_setting(proved.settings[0], "not-shown", text)

    def _outdone(self, proved: Proved, rank: int) -> Table:
        assert self.remedies.judge is not None
        front, judge = [*self.remedies.shown, *self.remedies.more], self.remedies.judge
        better = next((each for each in front if judge.front([proved, each]) == [each]), None)
        by = _title(better) if better else None
        text = f"It works, and is outdone: {by or 'another'} is no worse in any figure and better in one."
        return _of_setting(proved.settings[0], "outdone", text, by=by)

    def _asked(self, setting: Setting) -> Table:
        """By itself it is in no list: it is asked now."""
        told = self._variant(setting)
        if told["works"]:
            return _of_setting(setting, "works", self._why_not_listed(setting), variant=told)
        for rank, proved in enumerate(self.remedies.shown, 1):
            if setting in proved.settings:
                text = f"Alone it is not enough: {told['text']}. With more it is shown at place {rank}."
                fate = "shown-with-others"
                return _of_setting(setting, fate, text, rank=rank, by=_title(proved), variant=told)
        return _of_setting(setting, "not-enough", f"It is not enough: {told['text']}.", variant=told)

    def _variant(self, setting: Setting) -> Table:
        try:
            return told_variant(self.answer, self.rulebook, self.variant, setting.values)
        except AdvisorError as error:
            return refused_variant(setting.values, error)

    def _why_not_listed(self, setting: Setting) -> str:
        milder = self._works_milder(setting.lever, setting.number)
        if milder:
            return f"It works, asked now. Of its kind the mildest that works is proposed: {milder}."
        if self.remedies.cut_short:
            return f"It works, asked now. The search ended after {self.remedies.asked} questions, before it."
        return "It works, asked now. The search looked at few settings of its kind, and not at this one."

    def _works_milder(self, lever: Lever, number: int) -> str | None:
        proved = (*self.remedies.shown, *self.remedies.more, *self.remedies.outdone)
        alone = [each.settings[0] for each in proved if len(each.settings) == 1]
        return next((s.title for s in alone if s.lever is lever and s.number < number), None)


_ALONE = {"shown": Fates._shown, "not-shown": Fates._not_shown, "outdone": Fates._outdone}


def _title(proved: Proved) -> str:
    return " + ".join(setting.title for setting in proved.settings)


def _of_setting(setting: Setting, fate: str, text: str, **more: Any) -> Table:
    values = {path: plain(value) for path, value in setting.values.items()}
    return _fate(setting.firing.rule, fate, text, title=setting.title, set=values, **more)


def _fate(rule: Rule, fate: str, text: str, /, **more: Any) -> Table:
    return {
        "proposed_by": rule.id,
        "kind": proposal_of(rule).kind,
        "title": None,
        "set": {},
        "fate": fate,
        "text": text,
        "rank": None,
        "by": None,
        "variant": None,
        "rule": None,
        **more,
    }

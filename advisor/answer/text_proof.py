"""Proof trees: each rule that fired, its arithmetic, the facts it rests on and where those come from."""

from __future__ import annotations

from advisor.answer.text_figures import Table, place, plain, source_line
from advisor.answer.text_page import Page, Part
from advisor.answer.text_remedies import words
from advisor.answer.text_trace import Trace, by_severity, gap_text

_MOST_LOOKED = 48  # of the facts that an aggregate went through; JSON has them all


class Proof:
    """Writes trees. What was written once is referred to afterwards."""

    def __init__(self, page: Page, trace: Trace) -> None:
        self.page, self.trace = page, trace
        self.seen: set[str] = set()

    def write(self, firing: str, indent: int) -> None:
        """The tree below a firing; a stack and no recursion, for it may be deep."""
        stack = [(firing, indent)]
        while stack:
            node, depth = stack.pop()
            rest = self._firing(node, depth) if node in self.trace.firings else self._fact(node, depth)
            stack += [(below, depth + 2) for below in reversed(rest)]

    def _firing(self, name: str, indent: int) -> list[str]:
        firing = self.trace.firings[name]
        where = f" ({place(firing)})" if place(firing) else ""
        head: list[Part] = ["by ", (str(firing.get("rule")), "bold"), (where, "dim")]
        if name in self.seen:
            self.page.paragraph(*head, (f" [{name}, see above]", "dim"), indent=indent)
            return []
        self.seen.add(name)
        self.page.paragraph(*head, (f" [{name}]", "dim"), indent=indent)
        self._reasoning(firing, indent + 2)
        return self._below(name, indent + 2)

    def _reasoning(self, firing: Table, indent: int) -> None:
        lines = [*filter(None, [firing.get("text")]), *(firing.get("formulas") or [])]
        for line in lines:
            self.page.paragraph(line, indent=indent)
        self._changes(firing, indent)
        for gap in firing.get("undetermined") or []:
            self.page.paragraph((f"not known: {gap_text(gap)}", "magenta"), indent=indent)
        self._sources(firing, indent)

    def _below(self, name: str, indent: int) -> list[str]:
        """The facts to go into; a long list of those only looked at is cut."""
        facts = self.trace.premises(name)
        most = len(self.trace.firings[name].get("premises") or []) + _MOST_LOOKED
        if len(facts) > most:
            more = f"looked at {len(facts) - most} more facts, which are in the JSON"
            self.page.paragraph((more, "dim"), indent=indent)
        return facts[:most]

    def _fact(self, name: str, indent: int) -> list[str]:
        fact = self.trace.facts[name]
        bullet, label = self.page.glyph("bullet"), str(fact.get("label") or fact.get("kind"))
        if name in self.seen:
            self.page.paragraph(label, (f" [{name}, see above]", "dim"), indent=indent, lead=bullet)
            return []
        self.seen.add(name)
        unsure = "" if fact.get("certain", True) else " (not certain)"
        stated, _ = _apart(fact)
        known = f": {plain(stated)}" if stated else ""
        self.page.paragraph((label, "bold"), known, unsure, (f" [{name}]", "dim"), indent=indent, lead=bullet)
        self._given(fact, indent + 2)
        return [one for one in fact.get("derived_by") or [] if one in self.trace.firings]

    def _given(self, fact: Table, indent: int) -> None:
        given = fact.get("given")
        if not given:
            return
        notes = [f"given in {place(given) or 'the question'}"]
        notes += [f"confidence {given['confidence']}"] if given.get("confidence") else []
        _, assumed = _apart(fact)
        notes += [f"assumed: {plain(assumed)}"] if assumed else []
        self.page.paragraph("; ".join(notes), indent=indent)
        self._sources(given, indent)
        self._changes(fact, indent)

    def _changes(self, table: Table, indent: int) -> None:
        """What later folders changed in a fact or a rule."""
        for change in table.get("overrides") or []:
            self.page.paragraph(f"changed in {place(change)}: {change.get('text')}", indent=indent)
            self._sources(change, indent + 2)

    def _sources(self, table: Table, indent: int) -> None:
        for source in table.get("sources") or []:
            self.page.paragraph((f"source: {source_line(source)}", "dim"), indent=indent)


def _apart(fact: Table) -> tuple[Table, Table]:
    """What a fact says: what was stated or derived, and what was assumed because nobody said otherwise."""
    values, assumed = fact.get("values") or {}, (fact.get("given") or {}).get("assumed") or []
    return (
        {name: value for name, value in values.items() if name not in assumed},
        {name: value for name, value in values.items() if name in assumed},
    )


def write_proofs(page: Page, answer: Table, trace: Trace) -> None:
    """The verdict's tree, then that of each conclusion and each remedy."""
    proof = Proof(page, trace)
    page.heading("Proof")
    verdict = dict(answer.get("verdict") or {})
    _write_one(proof, f"Verdict: {words(verdict.get('status'))}", verdict | {"firing": trace.verdict})
    for one in by_severity(answer):
        _write_one(proof, f"{one.get('severity')}: {one.get('text')}", one)
    for one in answer.get("remedies") or []:
        _write_one(proof, f"remedy {one.get('rank')}: {one.get('title')}", one)
    _write_misses(page, trace)


def _write_one(proof: Proof, title: str, said: Table) -> None:
    proof.page.paragraph((title, "bold"), indent=2)
    if said.get("firing") in proof.trace.firings:
        proof.write(str(said["firing"]), indent=4)
    else:
        by = f"by {said['rule']}, " if said.get("rule") else ""
        proof.page.paragraph(f"{by}which the trace does not hold", indent=4)


def _write_misses(page: Page, trace: Trace) -> None:
    if not trace.misses:
        return
    page.heading("Rules that came near and did not fire")
    for miss in trace.misses:
        times = f" {page.glyph('times')} {miss['count']:,}" if (miss.get("count") or 0) > 1 else ""
        page.paragraph((str(miss.get("rule")), "bold"), times, indent=2, lead=page.glyph("bullet"))
        for change in miss.get("overrides") or []:
            page.paragraph(f"changed in {place(change)}: {change.get('text')}", indent=4)
        for near in miss.get("nearest") or []:
            facts = [trace.facts[one] for one in near.get("premises") or [] if one in trace.facts]
            about = f"{', '.join(str(fact.get('label')) for fact in facts)}: " if facts else ""
            page.paragraph(f"{about}{near.get('text')}", indent=4)

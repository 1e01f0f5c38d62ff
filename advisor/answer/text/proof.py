"""Proof trees as text: each rule that fired, its arithmetic, what it rests on and where that comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from advisor.answer.proof import FIRING, Proofs, told
from advisor.answer.proof_words import fact_details, fact_values, firing_details
from advisor.answer.remedy_words import words
from advisor.answer.text.figures import Table, place
from advisor.answer.text.page import Page, Part
from advisor.answer.text.trace import Trace, by_severity


class Writer:
    """Writes lines of trees (`told`), with the facts and firings by id of which they speak."""

    def __init__(self, page: Page, facts: Mapping[str, Table], firings: Mapping[str, Table]) -> None:
        self.page, self.facts, self.firings = page, facts, firings
        self.written: set[tuple[str, str]] = set()

    def write(self, lines: Sequence[Table], indent: int) -> None:
        before: dict[int, str] = {}  # by level: as what the last fact there stands
        for line in lines:
            level, role = line["level"], line["as"]
            margin = indent + 2 * level
            if line["is"] == FIRING:
                before[level + 1] = ""
                self._firing(line, margin + 2 * (role == "by"))
                continue
            if role == "looked" and before.get(level) != "looked":
                self.page.paragraph(("went through:", "dim"), indent=margin)
            before[level] = role
            self._fact(line, margin)

    def _reference(self, line: Table) -> Part | None:
        """Where it stands in full, if that is not here."""
        key = (line["is"], line["id"])
        if line["again"]:
            return (f" [{line['id']}, see {'above' if key in self.written else 'below'}]", "dim")
        self.written.add(key)
        return None

    def _firing(self, line: Table, indent: int) -> None:
        firing, elsewhere = self.firings[line["id"]], self._reference(line)
        where = f" ({place(firing)})" if place(firing) else ""
        head: list[Part] = ["by ", (str(firing.get("rule")), "bold"), (where, "dim")]
        self.page.paragraph(*head, elsewhere or (f" [{line['id']}]", "dim"), indent=indent)
        if elsewhere is None:
            self._details(firing_details(line, firing), indent + 2)

    def _fact(self, line: Table, indent: int) -> None:
        fact, elsewhere = self.facts[line["id"]], self._reference(line)
        bullet, label = self.page.glyph("bullet"), str(fact.get("label") or fact.get("kind"))
        if elsewhere:
            self.page.paragraph(label, elsewhere, indent=indent, lead=bullet)
            return
        mark = (f" [{line['id']}]", "dim")
        self.page.paragraph((label, "bold"), fact_values(fact), mark, indent=indent, lead=bullet)
        self._details(fact_details(line, fact), indent + 2)

    def _details(self, details: Iterable[Part], indent: int) -> None:
        for part in details:
            self.page.paragraph(part, indent=indent)


class Proof:
    """Writes the trees of one answer. What was written once is referred to afterwards."""

    def __init__(self, page: Page, trace: Trace) -> None:
        self.page, self.trace = page, trace
        self.proofs = Proofs(trace)
        facts = {name: {**fact, "by": self.proofs.by(name)} for name, fact in trace.facts.items()}
        self.writer = Writer(page, facts, trace.firings)

    def write(self, firing: str, indent: int) -> None:
        """The tree below a firing."""
        self.writer.write([told(line) for line in self.proofs.tree((FIRING, firing))], indent)


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

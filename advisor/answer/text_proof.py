"""Proof trees as text: each rule that fired, its arithmetic, what it rests on and where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from advisor.answer.proof import FACT, FIRING, Proofs, told
from advisor.answer.text_figures import Table, place, plain, source_line
from advisor.answer.text_page import Page, Part
from advisor.answer.text_remedies import words
from advisor.answer.text_trace import Trace, by_severity, gap_text

_LOSERS = 3  # of a choice; JSON has more


class Writer:
    """Writes lines of trees (`told`), with the facts and firings by id of which they speak."""

    def __init__(self, page: Page, facts: Mapping[str, Table], firings: Mapping[str, Table]) -> None:
        self.page, self.facts, self.firings = page, facts, firings
        self.written: set[tuple[str, str]] = set()

    def write(self, lines: Sequence[Table], indent: int) -> None:
        before: dict[int, str] = {}
        for line in lines:
            level, role = line["level"], line["as"]
            margin = indent + 2 * level
            if role == "looked" and before.get(level) != "looked":
                self.page.paragraph(("went through:", "dim"), indent=margin)
            before[level] = role if line["is"] == FACT else before.get(level, "")
            if line["is"] == FIRING:
                before[level + 1] = ""
                self._firing(line, margin + 2 * (role == "by"))
            else:
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
            for parts in _reasoning(firing):
                self.page.paragraph(*parts, indent=indent + 2)
            if line["more"]:
                more = f"went through {line['more']:,} more facts, which the JSON of the answer has"
                self.page.paragraph((more, "dim"), indent=indent + 2)

    def _fact(self, line: Table, indent: int) -> None:
        fact, elsewhere = self.facts[line["id"]], self._reference(line)
        bullet, label = self.page.glyph("bullet"), str(fact.get("label") or fact.get("kind"))
        if elsewhere:
            self.page.paragraph(label, elsewhere, indent=indent, lead=bullet)
            return
        stated, _ = _apart(fact)
        known = f": {plain(stated)}" if stated else ""
        unsure = "" if fact.get("certain", True) else " (not certain)"
        mark = (f" [{line['id']}]", "dim")
        self.page.paragraph((label, "bold"), known, unsure, mark, indent=indent, lead=bullet)
        for parts in (*_origin(fact), *_others(fact), *_left_out(line)):
            self.page.paragraph(*parts, indent=indent + 2)


def _reasoning(firing: Table) -> Iterator[list[Part]]:
    """What a firing says and reckons, what it did not find, what it chose, and on what authority."""
    yield from ([line] for line in [firing.get("text"), *(firing.get("formulas") or [])] if line)
    yield from ([_absence(one)] for one in firing.get("absent") or [])
    yield from ([_choice(one)] for one in firing.get("choices") or [] if one.get("chosen"))
    for gap in firing.get("undetermined") or []:
        yield [(f"not known: {gap_text(gap)}", "magenta")]
    yield from _changes(firing)
    yield from _sources(firing)


def _absence(one: Table) -> str:
    """`unless waived, check = "vram": holds, for …`"""
    count, nearest = one.get("facts") or 0, one.get("nearest") or []
    if not count:
        return f"{one.get('pattern')}: holds, there is no {one.get('kind')}"
    why = "; ".join(f"{near.get('fact')}: {near.get('text')}" for near in nearest[:1])
    among = f"none of {count:,} matches" if count > 1 else "the only one does not match"
    return f"{one.get('pattern')}: holds, {among}" + (f" ({why})" if why else "")


def _choice(one: Table) -> str:
    """`g is 141 GB; passed over: gpu[…] (180 GB) and 12 more`"""
    losers = one.get("losers") or []
    shown = ", ".join(f"{each.get('label')} ({each.get('value')})" for each in losers[:_LOSERS])
    rest = len(losers) - len(losers[:_LOSERS]) + (one.get("more") or 0)
    passed = f"passed over: {shown}" + (f" and {rest:,} more" if rest else "")
    doubtful = f"; {one['doubtful']:,} could not be judged" if one.get("doubtful") else ""
    return f"{one.get('name')} has {one.get('value')}; {passed if losers else 'there was no other'}{doubtful}"


def _origin(fact: Table) -> Iterator[list[Part]]:
    """Where a fact was given, how sure its figures are, and what was assumed."""
    given = fact.get("given")
    if not given:
        return
    notes = [f"given in {place(given) or 'the question'}"]
    notes += [f"confidence {given['confidence']}"] if given.get("confidence") else []
    _, assumed = _apart(fact)
    notes += [f"assumed: {plain(assumed)}"] if assumed else []
    yield ["; ".join(notes)]
    yield from _sources(given)
    yield from _changes(fact)


def _others(fact: Table) -> Iterator[list[Part]]:
    """Derivations beside the one that is shown."""
    known = fact.get("derived_by") or []
    rest = [one for one in known if one != fact.get("by")]
    if rest and (fact.get("by") or fact.get("given")):
        shown = "the shortest is shown" if fact.get("by") else "it is given all the same"
        yield [(f"{len(known)} derivations ({', '.join(known)}): {shown}", "dim")]


def _left_out(line: Table) -> Iterator[list[Part]]:
    below = line["below"]
    if below:
        facts, rules = counted(below["facts"], "fact"), counted(below["firings"], "rule application")
        yield [(f"rests on {rules} and {facts} that --depth leaves out", "dim")]


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)


def _changes(table: Table) -> Iterator[list[Part]]:
    """What later folders changed in a fact or a rule."""
    for change in table.get("overrides") or []:
        yield [f"changed in {place(change)}: {change.get('text')}"]
        yield from _sources(change)


def _sources(table: Table) -> Iterator[list[Part]]:
    for source in table.get("sources") or []:
        yield [(f"source: {source_line(source)}", "dim")]


def _apart(fact: Table) -> tuple[Table, Table]:
    """What a fact says: what was stated or derived, and what was assumed because nobody said otherwise."""
    values, assumed = fact.get("values") or {}, (fact.get("given") or {}).get("assumed") or []
    return (
        {name: value for name, value in values.items() if name not in assumed},
        {name: value for name, value in values.items() if name in assumed},
    )


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

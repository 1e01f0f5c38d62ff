"""What proofs say of facts and firings: the same words on every page."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.answer.text.figures import Table, place, plain, source_line
from advisor.answer.text.page import Part
from advisor.answer.text.trace import gap_text

_LOSERS = 3  # of a choice; JSON has more


def fact_values(fact: Table) -> str:
    """What it states; what was assumed stands among the details."""
    stated, _ = _apart(fact)
    unsure = "" if fact.get("certain", True) else " (not certain)"
    return (f": {plain(stated)}" if stated else "") + unsure


def fact_details(line: Table, fact: Table) -> Iterator[Part]:
    """Where it comes from, and what is not shown of that."""
    yield from _origin(fact)
    yield from _others(fact)
    below = line["below"]
    if below:
        facts, rules = counted(below["facts"], "fact"), counted(below["firings"], "rule application")
        yield f"rests on {rules} and {facts} that --depth leaves out", "dim"


def firing_details(line: Table, firing: Table) -> Iterator[Part]:
    """What a firing says and reckons, what it did not find, what it chose, and on what authority."""
    yield from (said for said in [firing.get("text"), *(firing.get("formulas") or [])] if said)
    yield from (_absence(one) for one in firing.get("absent") or [])
    yield from (f"by default: holds, nothing else says {one}" for one in firing.get("by_default") or [])
    yield from (_choice(one) for one in firing.get("choices") or [] if one.get("chosen"))
    for gap in firing.get("undetermined") or []:
        yield f"not known: {gap_text(gap)}", "magenta"
    yield from _changes(firing)
    yield from _sources(firing)
    if line["more"]:
        yield f"went through {line['more']:,} more facts, which the JSON of the answer has", "dim"


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


def _origin(fact: Table) -> Iterator[Part]:
    """Where a fact was given, how sure its figures are, and what was assumed."""
    given = fact.get("given")
    if not given:
        return
    notes = [f"given in {place(given) or 'the question'}"]
    notes += [f"confidence {given['confidence']}"] if given.get("confidence") else []
    _, assumed = _apart(fact)
    notes += [f"assumed: {plain(assumed)}"] if assumed else []
    yield "; ".join(notes)
    yield from _sources(given)
    yield from _changes(fact)


def _others(fact: Table) -> Iterator[Part]:
    """Derivations beside the one that is shown."""
    known = fact.get("derived_by") or []
    rest = [one for one in known if one != fact.get("by")]
    if rest and (fact.get("by") or fact.get("given")):
        shown = "the shortest is shown" if fact.get("by") else "it is given all the same"
        yield f"{len(known)} derivations ({', '.join(known)}): {shown}", "dim"


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)


def _changes(table: Table) -> Iterator[Part]:
    """What later folders changed in a fact or a rule."""
    for change in table.get("overrides") or []:
        yield f"changed in {place(change)}: {change.get('text')}"
        yield from _sources(change)


def _sources(table: Table) -> Iterator[Part]:
    for source in table.get("sources") or []:
        yield f"source: {source_line(source)}", "dim"


def _apart(fact: Table) -> tuple[Table, Table]:
    """What a fact says: what was stated or derived, and what was assumed because nobody said otherwise."""
    values, assumed = fact.get("values") or {}, (fact.get("given") or {}).get("assumed") or []
    return (
        {name: value for name, value in values.items() if name not in assumed},
        {name: value for name, value in values.items() if name in assumed},
    )

"""One rule as a page of a handbook, in Markdown: what, why, reads, derives, examples, sources, other rules.

It hangs on what the rule says and on nothing else: no line numbers, no dates, no versions, no places of
this machine. So a page is stale only where its rule has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from advisor.answer.text.figures import source_line
from advisor.answer.text.page import neutral
from advisor.expressions import Type
from advisor.expressions.templates import FITTING, Slot
from advisor.lookup.rule_words import definition, pattern, sort_of, terms
from advisor.markdown import begun, block, code, inline, link, linked, table, text
from advisor.rules.model import Change, Example, Rule, Sentence, Test
from advisor.rules.tables import written
from advisor.units import unit

Table = Mapping[str, Any]
MARK = "<!-- Written by `advisor rules doc`: edit the rule, and not this page. -->"
UNSOURCED = "None is named: what it reads from facts has its sources there."


def page(rule: Rule, card: Table, file: Callable[[str], str]) -> str:
    """The page; `file` is the Markdown for a file, by the name that messages have for it."""
    parts = [
        MARK,
        f"# {text(rule.id)}",
        text(rule.summary),
        f"{sort_of(card).capitalize()}. Stands in {file(rule.file)}.",
        *_changes(rule.changes, file),
        "## Why",
        *_why(rule),
        "## Reads",
        *_reads(rule, card),
        "## Derives",
        *_derives(rule, card),
        "## Examples",
        *_examples(rule.examples),
        "## Sources",
        _bullets(linked(source_line(source)) for source in card["sources"]) or UNSOURCED,
        "## Other rules",
        *_others(card),
    ]
    return "\n\n".join(parts) + "\n"


def _changes(changes: Sequence[Change], file: Callable[[str], str]) -> Iterator[str]:
    if changes:
        yield "Changed by later folders:"
        yield _bullets(f"{text(change.text)}, in {file(change.file)}" for change in changes)


def _why(rule: Rule) -> Iterator[str]:
    yield f"> {sentence(rule.because)}" if rule.because else "It says no sentence of its own."
    if rule.prose:
        yield f"It stands in the prose summary ({text(rule.prose)})."


def sentence(said: Sentence) -> str:
    """A template for readers: what is filled in as code, with its unit."""
    parts = [
        _slot(piece, said.types) if isinstance(piece, Slot) else _between(piece)
        for piece in said.template.pieces
    ]
    return begun("".join(parts).strip().replace("``", "` `"))  # two of them side by side


def _slot(slot: Slot, types: Mapping[str, Type]) -> str:
    type_ = types[slot.path]
    symbol = None if slot.unit == FITTING or not type_.numeric else slot.unit or type_.unit
    return code(slot.path) + (f" {inline(unit(symbol).plural)}" if symbol else "")


def _between(words: str) -> str:
    """A part of a line, with the blanks at its ends."""
    line = inline(neutral(words))
    return f"{' ' * words[0].isspace()}{line}{' ' * (words[-1].isspace() and bool(line))}"


def _reads(rule: Rule, card: Table) -> Iterator[str]:
    rows = [_match_row(one) for one in card["match"]]
    yield table(("as", "fact", "where", "what it is"), rows) if rows else "Nothing: it fires once."
    if card["each"]:
        each = card["each"]
        yield f"It fires for each {code(each['name'])} from {code(each['first'])} to {code(each['last'])}."
    tests = [step for step in rule.steps if isinstance(step, Test)]
    if tests:
        yield "It fires only where all of this holds:"
        yield _bullets(map(_condition, tests))
    if card["unless"]:
        yield "It does not fire where there is:"
        yield _bullets(f"{pattern(one, code)}: {text(one['meaning'])}" for one in card["unless"])


def _match_row(one: Table) -> list[str]:
    return [code(one["as"]), code(one["fact"]), ", ".join(map(code, terms(one))), text(one["meaning"])]


def _condition(test: Test) -> str:
    return code(test.formula.source) + (f", else: {sentence(test.say)}" if test.say else "")


def _derives(rule: Rule, card: Table) -> Iterator[str]:
    for fact in card["conclude"]:
        default = " It does so only where no other rule and no file says it." if fact["default"] else ""
        yield f"**{code(fact['fact'])}**: {text(fact['meaning'])}{default}"
        rows = [[code(f["name"]), code(f["formula"]), text(f["unit"])] for f in fact["fields"]]
        if rows:
            yield table(("field", "formula", "unit"), rows)
    if rule.propose:
        yield from _proposal(rule, card["propose"])
    if not (rule.conclude or rule.propose):
        yield "No fact: its sentence is all that it concludes."
    if card["define"]:
        yield "In which:"
        yield table(("name", "is", "unit"), map(_definition_row, card["define"]))


def _definition_row(step: Table) -> list[str]:
    return [code(step["name"]), definition(step, code), text(step["unit"] or step["over"]["fact"])]


def _proposal(rule: Rule, card: Table) -> Iterator[str]:
    made = rule.propose
    assert made is not None
    yield f"Proposal ({text(made.kind)}): {sentence(made.title)}"
    if card["set"]:
        yield table(("sets", "to"), [[code(path), code(change)] for path, change in card["set"].items()])
    if card["vary"]:
        yield _search(card["vary"])
    if made.advice:
        yield "It is advice: it changes nothing in the question."
    told = [f"Cost: {sentence(cost)}" for cost in made.costs]
    told += [f"Ranked by {code(card['order'])}."] if card["order"] != "0" else []
    if told:
        yield _bullets(told)


def _search(vary: Table) -> str:
    ends = f"from {code(vary['from'])} to {code(vary['to'])} in steps of {code(vary['step'])}"
    return f"The {vary['seek']} {code(vary['field'])} {ends} that works is searched for by asking."


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    """The first test that fires, and the first that must not."""
    fires = [one for one in examples if one.expect or one.says]
    silent = [one for one in examples if one.reject and not (one.expect or one.says)]
    for title, found in (("Fires", fires), ("Must not", silent)):
        for one in found[:1]:
            yield f"**{title}**: {text(one.name)}"
            yield block("toml", _toml(one))
    if not (fires or silent):
        yield "It has none."


def _toml(one: Example) -> Iterator[str]:
    for key, rows in (("given", one.given), ("expect", one.expect), ("reject", one.reject)):
        if len(rows) > 1:
            yield from (f"{key} = [", *(f"  {written(row)}," for row in rows), "]")
        elif rows or key == "given":
            yield f"{key} = {written(list(rows))}"
    if one.says:
        yield f"says = {written(one.says)}"


def _others(card: Table) -> Iterator[str]:
    titles = (("written_by", "It reads what these write:"), ("read_by", "These read what it writes:"))
    for key, title in titles:
        if card[key]:
            yield title
            yield _bullets(
                f"{code(one['fact'])}: {', '.join(map(_other, one['rules']))}" for one in card[key]
            )
    if not (card["written_by"] or card["read_by"]):
        yield "No rule writes what it reads, and none reads what it writes."


def _other(rule: str) -> str:
    return link(rule, f"../{path_of(rule)}")


def path_of(rule: str) -> str:
    """Where the page of a rule stands among the pages."""
    return f"{rule.replace('.', '/')}.md"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)

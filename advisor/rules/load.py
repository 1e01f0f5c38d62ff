"""Folders of rules: every rule bound, as later folders have it; every problem found, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from advisor.documents import Document
from advisor.errors import Problem, RulesError
from advisor.facts.findings import explain, keys_of
from advisor.facts.kinds import Kinds
from advisor.facts.load import read_folders
from advisor.rules.bind import bind
from advisor.rules.closure import Closures
from advisor.rules.model import Disabled, Rule
from advisor.rules.overlay import Made, Overlays, Row
from advisor.rules.rulebook import Rulebook
from advisor.rules.salvage import problems_beside
from advisor.rules.spec import SHAPES, RuleFile, RuleSpec
from advisor.rules.strata import Constants, node_name, overlap, reads, strata

MAX_RULES = 5_000  # of all folders
MAX_PROBLEMS = 500


@dataclass(frozen=True)
class Reading:
    """What folders of rules hold: the rules that are sound by themselves, and all that is wrong.

    The `rulebook` is there where nothing is.
    """

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    documents: tuple[Document, ...]
    rulebook: Rulebook | None
    disabled: tuple[Disabled, ...] = ()


def load_rulebook(folders: Iterable[Path], kinds: Kinds) -> Rulebook:
    """Read folders in order. Raises RulesError with every problem of every file."""
    reading = read_rulebook(folders, kinds)
    if reading.rulebook is None:
        raise RulesError(reading.problems)
    return reading.rulebook


def read_rulebook(folders: Iterable[Path], kinds: Kinds) -> Reading:
    """Read folders in order, with every problem of every file."""
    return bound_rules(*read_folders(folders), kinds)


def bound_rules(groups: Sequence[Sequence[Document]], unreadable: Sequence[Problem], kinds: Kinds) -> Reading:
    """The rules of the files of each folder. `unreadable` says which files could not be read."""
    rows, wrong = _overlaid(groups, complete=not unreadable)
    problems = [*unreadable, *wrong]
    rules: list[Rule] = []
    for number, row in enumerate(rows):
        if number == MAX_RULES or len(problems) > MAX_PROBLEMS:
            problems.append(_enough(row, number))
            break
        if not row.disabled:
            rule, wrong = _bound(row, kinds)
            rules += [rule] if rule else []
            problems += wrong
    problems += _twice(rows)
    documents = tuple(document for group in groups for document in group)
    disabled = tuple(each for row in rows for each in row.disabled)
    digests = {document.name: document.digest for document in documents}
    rulebook, wrong = _ordered(rules, digests, disabled)
    problems += wrong
    return Reading(tuple(rules), tuple(problems), documents, None if problems else rulebook, disabled)


def _enough(row: Row, number: int) -> Problem:
    """From here on nothing is looked at any more."""
    most = f"there are more than {MAX_RULES:,} rules" if number == MAX_RULES else "there is very much wrong"
    text = f"{most}: this one and what follows are not looked at"
    return Problem("too-many-rules", text, None, row.document.name, row.line)


def read_rules(document: Document, kinds: Kinds) -> tuple[list[Rule], list[Problem]]:
    """The rules of one file, and what is wrong with it."""
    rows, problems = _rows(document, 0)
    found = [_bound(row, kinds) for row in rows]
    return [rule for rule, _ in found if rule], [*problems, *(one for _, wrong in found for one in wrong)]


def _overlaid(groups: Sequence[Sequence[Document]], complete: bool) -> tuple[list[Row], list[Problem]]:
    """Every rule as it stands, with what later folders say of it."""
    found = [_rows(document, number) for number, group in enumerate(groups) for document in group]
    rows = [row for rows, _ in found for row in rows]
    problems = [problem for _, wrong in found for problem in wrong]
    overlays = Overlays(rows, complete)
    for number, group in enumerate(groups):
        made: Made = {}
        for document in group:
            overlays.read(document, number, made)
    return rows, [*problems, *overlays.problems]


def _rows(document: Document, folder: int) -> tuple[list[Row], list[Problem]]:
    problems = []
    try:
        RuleFile.model_validate(document.data)
    except ValidationError as error:
        problems = explain(error, document, keys_of(RuleFile))
    rules = document.data.get("rule")
    tables = [
        (n, each) for n, each in enumerate(rules if isinstance(rules, list) else ()) if isinstance(each, dict)
    ]
    rows = [
        Row(document, n, document.line_of_item("rule", n, len(rules)), folder, each) for n, each in tables
    ]
    return rows, problems


def _bound(row: Row, kinds: Kinds) -> tuple[Rule | None, list[Problem]]:
    """The rule, after one override and the next: the one that breaks it is blamed."""
    data = row.data
    rule, problems = _rule(row, data, kinds)
    for override in row.overrides:
        if problems:
            break
        before, data = data, override.apply(data)
        changes = (*rule.changes, *override.changes(before))
        rule, problems = _rule(row, data, kinds)
        file, line = override.place
        problems = [replace(each, file=file, line=line, column=None) for each in problems]
        rule = rule and replace(rule, changes=changes)
    return (None if problems else _tested(row, rule)), problems


def _tested(row: Row, rule: Rule) -> Rule:
    """With its tests where they stand: those of an override in the file of that."""
    last = next((override for override in reversed(row.overrides) if override.tests is not None), None)
    return replace(rule, examples=last.placed(rule.examples)) if last else rule


def _rule(row: Row, data: dict[str, Any], kinds: Kinds) -> tuple[Rule | None, list[Problem]]:
    try:
        spec = RuleSpec.model_validate(data)
    except ValidationError as error:
        wrong = explain(error, row.document, _known_keys, ("rule", row.position))
        return None, [*wrong, *problems_beside(error, data, kinds, row.document, row.line)]
    wrong = list(_topic(spec, row.document, row.line))
    rule, problems = bind(spec, kinds, row.document, row.line)
    return rule, [*wrong, *problems]


def _known_keys(place: tuple[str | int, ...]) -> list[str]:
    """The keys that there are at a place such as rule, 3, match, 0, on."""
    return keys_of(SHAPES.get(str(place[2]), RuleSpec) if len(place) > 3 else RuleSpec)


def _ordered(
    rules: Sequence[Rule], digests: dict[str, str], disabled: tuple[Disabled, ...]
) -> tuple[Rulebook | None, list[Problem]]:
    """All rules in the order in which they are finished, if they have one."""
    asking, catalog = ([rule for rule in rules if rule.over == over] for over in ("question", "catalog"))
    problems = list(_out_of_reach(asking, catalog))
    try:
        layers = strata(asking)
        strata(Closures([*asking, *catalog]).of(catalog))  # that they have an order
    except RulesError as error:
        return None, [*problems, *error.problems]
    return Rulebook(
        tuple(map(tuple, layers)), digests, tuple(sorted(catalog, key=_place)), disabled
    ), problems


def _place(rule: Rule) -> tuple[str, int]:
    return (rule.file, rule.line or 0)


def _out_of_reach(asking: Sequence[Rule], catalog: Sequence[Rule]) -> Iterator[Problem]:
    """What only rules over the catalog write, no question ever sees."""
    writers: dict[str, list[tuple[Rule, Constants]]] = {}
    for rule in (*asking, *catalog):
        for each in rule.conclude:
            writers.setdefault(each.kind, []).append((rule, each.constants))
    of_catalog = {kind for kind, found in writers.items() if any(rule.over == "catalog" for rule, _ in found)}
    for rule in asking:
        for kind, constants, _, for_default in reads(rule):
            if kind in of_catalog and not for_default:
                found = {rule.id: rule for rule, written in writers[kind] if overlap(constants, written)}
                if found and all(each.over == "catalog" for each in found.values()):
                    yield _unreachable(rule, node_name(kind, constants), list(found))


def _unreachable(rule: Rule, node: str, writers: list[str]) -> Problem:
    text = f"{rule.id} reads {node}, which only rules over the catalog write: {', '.join(writers)}"
    hint = 'Give this rule `over = "catalog"` too, or let a rule of the question write it.'
    return Problem("catalog-only", text, hint, rule.file, rule.line)


def _topic(spec: RuleSpec, document: Document, line: int | None) -> Iterator[Problem]:
    topic, file = spec.id.split(".")[0], Path(document.name).stem
    if topic != file:
        text = f"the rule {spec.id} stands in {Path(document.name).name}; its topic says {topic}.toml"
        yield Problem("topic", text, None, document.name, line)


def _twice(rows: Sequence[Row]) -> Iterator[Problem]:
    seen: dict[str, Row] = {}
    for row in rows:
        before = seen.setdefault(row.id, row)
        if before is not row and "id" in row.data:
            text = f"the id {row.id} stands already at {before.document.name}:{before.line}"
            hint = "To change that rule, write [[override]]." if before.folder < row.folder else None
            yield Problem("rule-twice", text, hint, row.document.name, row.line)

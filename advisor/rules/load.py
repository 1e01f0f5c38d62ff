"""Folders of rules: every rule bound, every problem found, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from advisor.documents import Document
from advisor.errors import Problem, RulesError
from advisor.facts.findings import explain
from advisor.facts.kinds import Kinds
from advisor.facts.load import read_all
from advisor.rules.bind import bind
from advisor.rules.closure import Closures
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook
from advisor.rules.spec import RuleFile, RuleSpec
from advisor.rules.strata import Constants, node_name, overlap, reads, strata


@dataclass(frozen=True)
class Reading:
    """What folders of rules hold: the rules that are sound by themselves, and all that is wrong.

    The `rulebook` is there where nothing is.
    """

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    documents: tuple[Document, ...]
    rulebook: Rulebook | None


def load_rulebook(folders: Iterable[Path], kinds: Kinds) -> Rulebook:
    """Read folders in order. Raises RulesError with every problem of every file."""
    reading = read_rulebook(folders, kinds)
    if reading.rulebook is None:
        raise RulesError(reading.problems)
    return reading.rulebook


def read_rulebook(folders: Iterable[Path], kinds: Kinds) -> Reading:
    """Read folders in order, with every problem of every file."""
    documents, problems = read_all(folders)
    rules: list[Rule] = []
    for document in documents:
        found, wrong = read_rules(document, kinds)
        rules += found
        problems += wrong
    asking, catalog = ([rule for rule in rules if rule.over == over] for over in ("question", "catalog"))
    problems += [*_twice(rules), *_out_of_reach(asking, catalog)]
    rulebook = None
    try:
        layers = strata(asking)
        strata(Closures([*asking, *catalog]).of(catalog))  # that they have an order
        digests = {document.name: document.digest for document in documents}
        rulebook = Rulebook(tuple(map(tuple, layers)), digests, tuple(sorted(catalog, key=_place)))
    except RulesError as error:
        problems += error.problems
    return Reading(tuple(rules), tuple(problems), tuple(documents), None if problems else rulebook)


def read_rules(document: Document, kinds: Kinds) -> tuple[list[Rule], list[Problem]]:
    """The rules of one file, and what is wrong with it."""
    rules, problems = [], []
    for position, spec, total in _specs(document, problems):
        line = document.line_of_item("rule", position, total)
        problems += _topic(spec, document, line)
        rule, wrong = bind(spec, kinds, document, line)
        problems += wrong
        rules += [rule] if rule else []
    return rules, problems


def _specs(document: Document, problems: list[Problem]) -> Iterator[tuple[int, RuleSpec, int]]:
    """Rules of the right shape, by position, with their total; what is wrong with others is added."""
    try:
        specs = RuleFile.model_validate(document.data).rule
        yield from ((position, spec, len(specs)) for position, spec in enumerate(specs))
    except ValidationError as error:
        problems += explain(error, document, _known_keys())
        wrong = {
            detail["loc"][1]
            for detail in error.errors()
            if detail["loc"][0] == "rule" and len(detail["loc"]) > 1
        }
        items = document.data.get("rule", [])
        for position, item in enumerate(items if isinstance(items, list) else ()):
            if position not in wrong and isinstance(item, dict):
                yield position, RuleSpec.model_validate(item), len(items)


def _known_keys() -> list[str]:
    return sorted({info.alias or name for name, info in RuleSpec.model_fields.items()})


def _place(rule: Rule) -> tuple[str, int]:
    return (rule.file, rule.line or 0)


def _out_of_reach(asking: Sequence[Rule], catalog: Sequence[Rule]) -> Iterator[Problem]:
    """What only rules over the catalog write, no question ever sees."""
    for rule in asking if catalog else ():
        for kind, constants, _, for_default in reads(rule):
            writers = [] if for_default else list(_writers([*asking, *catalog], kind, constants))
            if writers and all(writer.over == "catalog" for writer in writers):
                node, names = node_name(kind, constants), ", ".join(writer.id for writer in writers)
                text = f"{rule.id} reads {node}, which only rules over the catalog write: {names}"
                hint = 'Give this rule `over = "catalog"` too, or let a rule of the question write it.'
                yield Problem("catalog-only", text, hint, rule.file, rule.line)


def _writers(rules: Iterable[Rule], kind: str, constants: Constants) -> Iterator[Rule]:
    for rule in rules:
        if any(each.kind == kind and overlap(constants, each.constants) for each in rule.conclude):
            yield rule


def _topic(spec: RuleSpec, document: Document, line: int | None) -> Iterator[Problem]:
    topic, file = spec.id.split(".")[0], Path(document.name).stem
    if topic != file:
        text = f"the rule {spec.id} stands in {Path(document.name).name}; its topic says {topic}.toml"
        yield Problem("topic", text, None, document.name, line)


def _twice(rules: Sequence[Rule]) -> Iterator[Problem]:
    seen: dict[str, Rule] = {}
    for rule in rules:
        before = seen.setdefault(rule.id, rule)
        if before is not rule:
            text = f"the id {rule.id} stands already at {before.file}:{before.line}"
            yield Problem("rule-twice", text, None, rule.file, rule.line)

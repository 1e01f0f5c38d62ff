"""Rules by topic, and one of them found by its name. A topic is what a file of rules is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from advisor.documents import Document
from advisor.errors import InputError, Problem, did_you_mean
from advisor.facts.names import listed, short
from advisor.rules.model import Rule
from advisor.rules.rulebook import Rulebook

_RULE = re.compile(r"#\s*-{3,}")  # a line across the page, as files set their parts off


def listing(rulebook: Rulebook, documents: Iterable[Document], topic: str | None = None) -> dict[str, Any]:
    """All rules in effect by topic, or those of one. Raises InputError where there is no such topic."""
    topics, about = by_topic(rulebook), abouts(documents)
    topics |= {topic_of(one.rule): [] for one in rulebook.disabled if topic_of(one.rule) not in topics}
    if topic is not None and topic not in topics:
        hint = did_you_mean(short(topic), topics) or "`advisor rules list` shows the topics."
        raise InputError([Problem("unknown-topic", f'there is no topic "{short(topic)}"', hint)])
    shown = topics if topic is None else {topic: topics[topic]}
    return {
        "schema": "advisor.rules-list/1",
        "topic": topic,
        "topics": [
            {"topic": name, "about": about.get(name), "rules": [row(rule) for rule in rules]}
            for name, rules in sorted(shown.items())
        ],
        "disabled": [
            {
                "rule": one.rule,
                "summary": one.summary,
                "reason": one.reason,
                "file": one.file,
                "line": one.line,
            }
            for one in rulebook.disabled
            if topic in (None, topic_of(one.rule))
        ],
    }


def by_topic(rulebook: Rulebook) -> dict[str, list[Rule]]:
    """Topics by name; of each, the rules as they stand in their files, the shipped ones first."""
    topics: dict[str, list[Rule]] = {}
    for rule in sorted(rulebook, key=_place):
        topics.setdefault(topic_of(rule.id), []).append(rule)
    return dict(sorted(topics.items()))


def _place(rule: Rule) -> tuple[bool, str, int]:
    return (not is_shipped(rule), rule.file, rule.line or 0)


def topic_of(rule: str) -> str:
    return rule.partition(".")[0]


def is_shipped(rule: Rule) -> bool:
    """Whether it stands in the folder that ships: no other one is called by that name alone."""
    return rule.file.startswith("rules/")


def abouts(documents: Iterable[Document]) -> dict[str, str]:
    """What files say of themselves in the comment at their beginning, by topic; of several, the first."""
    found: dict[str, str] = {}
    for document in documents:
        said = _comment(document.lines)
        if said:
            found.setdefault(PurePosixPath(document.name).stem, said)
    return found


def _comment(lines: Sequence[str]) -> str:
    said = []
    for line in lines:
        if not line.startswith("#") or _RULE.match(line):
            break
        said.append(line.lstrip("#").strip())
    return " ".join(said).strip()


def row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "summary": rule.summary,
        "severity": rule.severity,
        "status": rule.status,
        "over": rule.over,
        "file": rule.file,
        "line": rule.line,
        "shipped": is_shipped(rule),
        "changed": len(rule.changes),
    }


def find(rulebook: Rulebook, name: str) -> Rule:
    """The rule of this id, or of this name within its topic. Raises InputError, with the nearest."""
    rules = {rule.id: rule for rule in rulebook}
    meant = [name] if name in rules else [known for known in sorted(rules) if _name(known) == name]
    if len(meant) == 1:
        return rules[meant[0]]
    if meant:
        text = f'"{short(name)}" may be any of {listed(meant)}'
        raise InputError([Problem("name-ambiguous", text, "Write one of these, with its topic.")])
    raise InputError([_unknown(rulebook, name, rules)])


def _name(rule: str) -> str:
    return rule.partition(".")[2]


def _unknown(rulebook: Rulebook, name: str, rules: Mapping[str, Rule]) -> Problem:
    for one in rulebook.disabled:
        if name in (one.rule, _name(one.rule)):
            text = f"{one.rule} is left out: {one.reason}"
            return Problem("rule-disabled", text, None, one.file, one.line)
    known = rules if "." in name else {_name(rule): rule for rule in rules}
    hint = did_you_mean(short(name), known) or "`advisor rules list` shows the rules."
    return Problem("unknown-rule", f'there is no rule "{short(name)}"', hint)

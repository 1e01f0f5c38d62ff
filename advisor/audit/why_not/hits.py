"""What somebody means by a rule or a remedy: an id, words of a title, or a change `table.field=value`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from advisor.changes import apply_change
from advisor.errors import InputError, Problem, did_you_mean
from advisor.facts.names import listed, short
from advisor.facts.plain import plain
from advisor.facts.words import words_of
from advisor.remedies.find import Remedies
from advisor.remedies.levers import Lever, Setting
from advisor.rules.model import Disabled, Proposal, Rule
from advisor.rules.rulebook import Rulebook

_CHANGE = re.compile(r"\s*\w+\.\w+\s*=.*", re.DOTALL)
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DIGITS = {word: str(number) for number, word in enumerate(_NUMBERS)}


class Hit(NamedTuple):
    """What a rule proposes, as far as it was meant: of a lever some of its settings."""

    rule: Rule
    settings: tuple[Setting, ...] = ()


def changes_in(words: Iterable[str]) -> dict[str, Any] | None:
    """`table.field=value`, as values for fields; None where the words are no changes."""
    said = list(words)
    if not all(map(_CHANGE.fullmatch, said)):
        return None
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for change in said:
        tables: dict[str, Any] = {}
        problems += apply_change(tables, change, set())
        removed = {change.partition("=")[0].strip(): None} if change.endswith("null") else {}
        values |= removed | {f"{table}.{name}": v for table, row in tables.items() for name, v in row.items()}
    if problems:
        raise InputError(problems)
    return values


def rule_called(rulebook: Rulebook, name: str) -> Rule | Disabled | None:
    """The rule of this id, or of this name within its topic; None where there is none.

    Raises InputError where there are several.
    """
    known: dict[str, Rule | Disabled] = {each.rule: each for each in rulebook.disabled}
    known |= {rule.id: rule for rule in rulebook}
    meant = [name] if name in known else [each for each in sorted(known) if each.partition(".")[2] == name]
    if len(meant) > 1:
        raise _several(name, meant)
    return known[meant[0]] if meant else None


def remedy_called(rulebook: Rulebook, remedies: Remedies, name: str) -> Hit:
    """What is proposed and has all these words in its title, kind or changes; else the rule that would.

    Raises InputError where they mean nothing, or proposals of several rules.
    """
    words = {_DIGITS.get(word, word) for word in words_of(name)}
    if not words:
        raise _nothing(rulebook, name)
    found = [hit for hit in _proposed(remedies) if words <= _words_of_setting(hit)]
    rules = [rule for rule in rulebook.of_questions if rule.propose]
    found = found or [Hit(rule) for rule in rules if words <= _words_of_rule(rule)]
    told = {word for word in words if not word.isdigit()}  # titles of rules have names in place of numbers
    found = found or [Hit(rule) for rule in rules if told and told <= _words_of_rule(rule)]
    by_rule = {hit.rule.id: hit.rule for hit in found}
    if len(by_rule) > 1:
        raise _several(name, [f"{each} ({_called(rule, found)})" for each, rule in sorted(by_rule.items())])
    if not found:
        raise _nothing(rulebook, name)
    return Hit(found[0].rule, tuple(setting for hit in found for setting in hit.settings))


def _proposed(remedies: Remedies) -> Iterator[Hit]:
    for lever in remedies.levers:
        for setting in settings_of(remedies, lever):
            yield Hit(setting.firing.rule, (setting,))
    for firing in remedies.advice:
        yield Hit(firing.rule)


def settings_of(remedies: Remedies, lever: Lever) -> list[Setting]:
    """All settings of a lever; of a search, which has too many, those of which is told."""
    if not lever.numbers:
        return [lever[number] for number in range(len(lever))]
    return told_of(remedies, lever) or [lever[0]]


def told_of(remedies: Remedies, lever: Lever) -> list[Setting]:
    """The settings of a lever of which an answer tells what came of them."""
    proved = (*remedies.shown, *remedies.more, *remedies.outdone)
    told = [setting for each in proved for setting in each.settings]
    told += [setting for setting, _ in remedies.not_enough]
    return [setting for setting in dict.fromkeys(told) if setting.lever is lever]


def _words_of_setting(hit: Hit) -> frozenset[str]:
    proposal = proposal_of(hit.rule)
    if not hit.settings:
        return words_of(f"{proposal.kind} {proposal.title.template.text}")
    setting = hit.settings[0]
    values = " ".join(f"{path} {plain(value)}" for path, value in setting.values.items())
    return words_of(f"{proposal.kind} {setting.title} {values}")


def _words_of_rule(rule: Rule) -> frozenset[str]:
    proposal = proposal_of(rule)
    return words_of(f"{rule.id} {proposal.kind} {proposal.title.template.text} {' '.join(proposal.paths)}")


def proposal_of(rule: Rule) -> Proposal:
    assert rule.propose is not None
    return rule.propose


def _called(rule: Rule, found: Iterable[Hit]) -> str:
    titles = [setting.title for hit in found if hit.rule is rule for setting in hit.settings]
    return titles[0] if titles else rule.summary


def _several(name: str, meant: list[str]) -> InputError:
    hint = "Write one of the ids, or more words of the title."
    return InputError([Problem("name-ambiguous", f'"{short(name)}" may be any of {listed(meant)}', hint)])


def _nothing(rulebook: Rulebook, name: str) -> InputError:
    text = f'neither a rule nor a remedy is called "{short(name)}"'
    known = {rule.id.partition(".")[2]: rule.id for rule in rulebook} | {
        rule.id: rule.id for rule in rulebook
    }
    near = did_you_mean(short(name), known)
    hint = "A change is asked by itself as table.field=value, for example deployment.weights=nf4."
    return InputError([Problem("unknown-rule", text, "\n".join(filter(None, [near, hint])))])

"""The text that durable-rules is given and gives back, and how much of it at once.

Kind 3 is sent as `"k":3`, field 0 as `"f0"`, fact 12 has the id `f12`, and rule 7 is `r7`. Values are
integers: the extension keeps pointers into the text of string values, and joins 5 with 5.0 never.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from advisor.engines.network import Match, Pattern, Rule
from advisor.engines.program import NumberedRule, Program
from advisor.errors import EngineError, Problem

# The first two are the extension's own limits; past the rest it fails, hangs or writes where it must not.
# A list of rules of any length is split, so that only the first three can be met by a single rule.
PATTERNS_IN_RULE = 16
JOINS_IN_PATTERN = 28  # 32 terms in a sequence, of which the beginning, the guard and the end take three
FIELDS_IN_KIND = 240  # 255 properties in a fact
RULES_IN_SET = 40  # measured up to 45
KINDS_IN_SET = 400  # 512 places in the table of the first test
PATTERNS_OF_KIND_IN_SET = 60  # 64 conditions open at once on one fact, 256 patterns behind one condition

_MEMBER = re.compile(r'"p(\d+)":\{"id":"f(\d+)')
_RULE = re.compile(r'\{"r(\d+)":')


def check_sizes(program: Program) -> None:
    """Refuse what could not be sent even alone."""
    problems = [*_too_long(program.rules), *_too_wide(program.fields)]
    if problems:
        raise EngineError(problems)


def _too_long(rules: Iterable[NumberedRule]) -> Iterator[Problem]:
    for number, rule in rules:
        if len(rule) > PATTERNS_IN_RULE:
            yield _too_many(f"rule {number} has {len(rule)} patterns", PATTERNS_IN_RULE)
        for position, pattern in enumerate(rule):
            if len(pattern.joins) > JOINS_IN_PATTERN:
                text = f"rule {number}, pattern {position} has {len(pattern.joins)} joins"
                yield _too_many(text, JOINS_IN_PATTERN)


def _too_wide(fields: dict[int, tuple[int, ...]]) -> Iterator[Problem]:
    for kind, used in fields.items():
        if len(used) > FIELDS_IN_KIND:
            yield _too_many(f"rules look at {len(used)} fields of kind {kind}", FIELDS_IN_KIND)


def _too_many(text: str, limit: int) -> Problem:
    hint = "Split the rule, with a fact in between, or use --engine clips."
    return Problem("engine-size", f"{text}; durable-rules takes at most {limit}", hint)


def split(rules: Iterable[NumberedRule]) -> list[list[NumberedRule]]:
    """Rulesets that stay within the sizes, in the order of the rules."""
    sets: list[list[NumberedRule]] = []
    kinds: Counter[int] = Counter()
    for number, rule in rules:
        own = Counter(pattern.kind for pattern in rule)
        if not sets or not _fits(len(sets[-1]) + 1, kinds + own):
            sets.append([])
            kinds = Counter()
        sets[-1].append((number, rule))
        kinds += own
    return sets


def _fits(rules: int, kinds: Counter[int]) -> bool:
    crowded = max(kinds.values()) > PATTERNS_OF_KIND_IN_SET
    return rules <= RULES_IN_SET and len(kinds) <= KINDS_IN_SET and not crowded


def ruleset_text(rules: Iterable[NumberedRule]) -> str:
    """The JSON of a ruleset. With `dist` 0, one fact may match two patterns of a rule."""
    return json.dumps({f"r{number}": {"all": _all(rule), "dist": 0} for number, rule in rules})


def _all(rule: Rule) -> list[dict[str, object]]:
    return [{f"p{position}": {"$and": _conditions(pattern)}} for position, pattern in enumerate(rule)]


def _conditions(pattern: Pattern) -> list[dict[str, object]]:
    # The kind comes first: the first condition is the one that is looked up in a table.
    conditions: list[dict[str, object]] = [{"k": pattern.kind}]
    conditions += [{f"f{field}": value} for field, value in pattern.constants]
    conditions += [{f"f{field}": {f"p{at}": f"f{other}"}} for field, at, other in pattern.joins]
    if pattern.joins:
        # Where the last condition is a join that fails, the matcher runs on past the end of the list.
        conditions.append({"one": {"p0": "one"}})
    return conditions


def fact_format(kind: int, fields: Sequence[int]) -> str:
    """What `%` turns into a fact: its number, a salt, the session, then the value of each field."""
    values = "".join(f',"f{field}":%d' for field in fields)
    return f'{{"id":"f%d%s","sid":"%s","k":{kind},"one":1{values}}}'


def read_match(text: str, lengths: dict[int, int]) -> Match:
    """`{"r7":{"p1":{"id":"f9",...},"p0":{"id":"f4",...}}}` is rule 7 with facts 4 and 9."""
    head = _RULE.match(text)
    members = {int(position): int(number) for position, number in _MEMBER.findall(text)}
    if not head or lengths.get(int(head[1])) != len(members):
        said = f"durable-rules: a match that cannot be read: {text[:200]}"
        raise EngineError([Problem("engine-durable", said)])
    return int(head[1]), tuple(members[position] for position in range(len(members)))

"""Random programs: kinds of every shape, rules that use every part of the language, and facts with blanks.

Few names and small numbers, so that much of it matches. Keys are reckoned modulo 4, so that rules which
feed themselves end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st

from advisor.documents import Document
from advisor.facts.kinds import Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.facts.models import fact_from
from advisor.facts.values import Fact
from advisor.rules.load import read_rules
from advisor.rules.model import Rule

Row = dict[str, Any]
TOPICS = ("a", "b", "c")


def _field(type_: str, **more: Any) -> Row:
    return {"type": type_, "meaning": "…", **more}


_INTEGER = _field("integer", required=True)
KIND_ROWS: list[Row] = [
    {"id": "item", "key": ["id"], "fields": {
        "id": _INTEGER, "group": _INTEGER, "size": _field("integer", min=0), "rank": _field("integer"),
    }},
    {"id": "link", "fields": {"start": _INTEGER, "end": _INTEGER}},
    {"id": "note", "key": ["topic", "id"], "fields": {
        "topic": _field("text", required=True), "id": _INTEGER,
        "value": _field("integer", required=True, min=0),
    }},
    {"id": "step", "key": ["id"], "fields": {
        "id": _INTEGER, "open": _field("boolean", default=True), "size": _field("integer", min=0),
    }},
    {"id": "mark", "key": ["topic"], "fields": {
        "topic": _field("text", required=True), "size": _field("integer", min=0),
    }},
    {"id": "total", "single": True, "fields": {
        "value": _field("number", required=True), "seen": _field("integer"),
    }},
]  # fmt: skip
NAMES = [row["id"] for row in KIND_ROWS]


def kinds() -> Kinds:
    rows = [{"meaning": "…", **row} for row in KIND_ROWS]
    return load_kinds([Document("kinds.toml", {"schema": 1, "kind": rows}, "")])


KINDS = kinds()


@dataclass(frozen=True)
class Program:
    rules: list[Row]
    facts: list[Row]

    def bound(self, order: Sequence[int] | None = None) -> list[Rule]:
        """The rules as two files, in any order."""
        rows = [self.rules[n] for n in order or range(len(self.rules))]
        found: list[Rule] = []
        for topic in dict.fromkeys(row["id"].split(".")[0] for row in rows):
            own = [row for row in rows if row["id"].startswith(f"{topic}.")]
            rules, problems = read_rules(Document(f"{topic}.toml", {"schema": 1, "rule": own}, ""), KINDS)
            assert not problems, [str(problem) for problem in problems]
            found += rules
        return found

    def given(self) -> list[Fact]:
        return [make(row) for row in self.facts]

    def without(self, blanks: set[tuple[int, str]]) -> Program:
        """The same with some fields of some facts left blank."""
        facts = [{k: v for k, v in row.items() if (n, k) not in blanks} for n, row in enumerate(self.facts)]
        return Program(self.rules, facts)


def make(row: Row) -> Fact:
    values = {name: value for name, value in row.items() if name != "fact"}
    fact, problems = fact_from(KINDS[row["fact"]], values, Document("facts.toml", {}, ""), None, nested=False)
    assert fact, problems
    return fact


@dataclass
class _Scope:
    """What a rule can read so far: numbers that are there, that may be absent, and aliases by kind."""

    random: Random
    optional: bool  # may `has` and `default` be used
    there: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)

    def bind(self, alias: str, kind: str) -> _Scope:
        inner = _Scope(
            self.random, self.optional, list(self.there), list(self.blank), {**self.aliases, alias: kind}
        )
        for each in KINDS[kind].fields.values():
            if each.spec.type == "integer":
                (inner.there if each.present else inner.blank).append(f"{alias}.{each.name}")
        return inner

    def one_in(self, times: int) -> bool:
        return self.random.randrange(times) == 0

    def number(self) -> str:
        choice = self.random.choice
        one, two = (choice([*self.there, *self.blank] or ["2"]) for _ in range(2))
        shapes = [
            one,
            one,
            f"{one} + {two}",
            f"{one} - {two}",
            f"{one} * 2",
            f"max({one}, {two})",
            f"min({one}, {two})",
        ]
        shapes += [f"({one} if {two} > 1 else 2)", f"{one} * {two}", f"abs({one} - {two})", f"{one} + 1"]
        if self.optional and self.blank:
            blank = choice(self.blank)
            shapes += [f"default({blank}, 1)", f"(1 if has({blank}) else {one})"]
            shapes += [f"ceildiv(3, {one})"] if self.one_in(4) else []
        return choice(shapes)

    def condition(self) -> str:
        choice = self.random.choice
        one, two, sign = self.number(), self.number(), choice([">", "<", ">=", "<=", "==", "!="])
        limit = self.random.randint(0, 2)
        shapes = [
            f"{one} {sign} {limit}",
            f"{one} >= {limit}",
            f"{one} {sign} {two}",
            f"{one} >= {limit} or {two} == 1",
        ]
        shapes += [f"not {one} {sign} {limit}", f"{one} < 3 and {two} < 4", f"{one} >= {limit}"]
        return choice(shapes)

    def targets(self, type_: str) -> list[str]:
        """What of this type can be joined to."""
        return [
            f"{alias}.{each.name}"
            for alias, kind in self.aliases.items()
            for each in KINDS[kind].fields.values()
            if each.present and each.spec.type == type_
        ]

    def pattern(self, kind: str, alias: str, search: bool) -> Row:
        row: Row = {"fact": kind, "as": alias}
        present = [f for f in KINDS[kind].fields.values() if f.present and f.spec.type != "number"]
        if present and self.one_in(5):
            chosen = self.random.choice(present)
            row["is"] = {chosen.name: _constant(self.random, chosen.spec.type)}
        targets = [(f, target) for f in present for target in self.targets(f.spec.type)]
        if targets and not self.one_in(3):
            chosen, target = self.random.choice(targets)
            row["on"] = {chosen.name: target}
        if search and self.one_in(4):
            row["where"] = [self.bind(alias, kind).condition()]
        return row


def _constant(random: Random, type_: str) -> Any:
    values: dict[str, Sequence[Any]] = {
        "integer": (0, 1, 2),
        "number": (0, 1, 2),
        "text": TOPICS,
        "boolean": (True, False),
    }
    return random.choice(values[type_])


def _rule(random: Random, number: int, optional: bool, proposing: bool) -> Row:
    rule: Row = {"id": f"{'even' if number % 2 == 0 else 'odd'}.r{number}", "summary": "…", "match": []}
    scope = _Scope(random, optional)
    target = random.randrange(1, len(NAMES))
    readable = NAMES if scope.one_in(15) else NAMES[:target] * 3 + [NAMES[target]]
    for position in range(random.choice([0, 1, 1, 1, 2, 2, 3])):
        kind = random.choice(readable)
        rule["match"].append(scope.pattern(kind, f"x{position}", False))
        scope = scope.bind(f"x{position}", kind)
    if scope.one_in(4):
        ends = ["2", *(f"min({path}, 3)" for path in [*scope.there, *scope.blank])]
        rule["each"] = {"n": f"{random.randint(0, 1)}..{random.choice(ends)}"}
        scope.there.append("n")
    complete = NAMES if scope.one_in(15) else NAMES[:target]
    for position in range(random.choice([0, 0, 1, 1, 2])):
        scope = _definition(rule, f"d{position}", random.choice(complete), scope)
    if scope.one_in(3):
        rule["let"] = {"v": scope.number()}
        scope.there.append("v")
    rule["where"] = [scope.condition() for _ in range(random.choice([0, 0, 0, 1, 1, 2]))]
    if scope.one_in(5):
        rule["unless"] = [scope.pattern(random.choice(complete), "u", True)]
    rule["conclude"] = [_conclusion(NAMES[target], scope)]
    if scope.one_in(6):
        rule["conclude"].append(_conclusion(random.choice(NAMES[target:]), scope))
    if proposing and scope.one_in(5):
        rule["propose"] = {"kind": "k", "title": "…", "advice": True}
    return rule


def _definition(rule: Row, name: str, kind: str, scope: _Scope) -> _Scope:
    how = scope.random.choice(["sum", "sum", "min", "max", "count", "collect", "best", "best"])
    alias = name if how == "best" else f"{name}x"
    row = scope.pattern(kind, alias, True)
    inner = scope.bind(alias, kind)
    if how == "best":
        row.pop("as")
        row[scope.random.choice(["minimize", "maximize"])] = inner.number()
    elif how != "count":
        own = [path for path in [*inner.there, *inner.blank] if path.startswith(f"{alias}.")]
        row["of"] = scope.random.choice([*own, *own, inner.number()])
    rule.setdefault(how, {})[name] = row
    if how == "best":
        return inner
    if how != "collect":
        scope.there += [name, name]
    return scope


def _conclusion(kind: str, scope: _Scope) -> Row:
    row: Row = {"fact": kind}
    names = KINDS[kind].key or tuple(KINDS[kind].fields) * (not KINDS[kind].single)
    for each in KINDS[kind].fields.values():
        named = each.name in names or each.spec.type != "integer"
        if each.spec.required or named or scope.one_in(2):
            row[each.name] = _named(each.spec.type, scope) if named else _said(row, scope)
    if scope.one_in(6):
        row["default"] = True
    return row


def _named(type_: str, scope: _Scope) -> Any:
    choice = scope.random.choice
    modulo = f"({scope.number()}) % 4"
    if type_ == "text":
        return choice([*(f"'{topic}'" for topic in TOPICS), *scope.targets("text")])
    if type_ == "boolean":
        return choice([True, False, "true"])
    if type_ == "number":
        return choice(["3 / 2", "2", modulo])
    paths = [path for path in scope.there if "." in path or path == "n"]
    return choice([*paths, *paths, "0", "1", modulo, f"({choice(scope.blank or ['1'])}) % 3"])


def _said(row: Row, scope: _Scope) -> Any:
    """What is no key: mostly what follows from the key, else many programs would contradict themselves."""
    own = [value for value in row.values() if isinstance(value, str) and value in scope.there]
    follows = [f"({value} + 1) % 4" for value in own] + ["7"]
    sums = [name for name in scope.there if name[0] == "d"]  # no sum can feed itself, so these stay small
    free = [*scope.blank, *sums, "v % 4" if "v" in scope.there else "7", f"({scope.number()}) % 4"]
    return scope.random.choice([*follows * 6, *free])


def facts(random: Random, blanks: bool) -> list[Row]:
    rows: dict[Any, Row] = {}
    for _ in range(random.choice([1, 5, 8, 11])):
        kind = random.choice([*NAMES, *NAMES[:3], *NAMES[:3]])
        row: Row = {"fact": kind}
        for each in KINDS[kind].fields.values():
            if each.spec.required or not blanks or random.random() < 0.6:
                row[each.name] = (
                    random.randint(-3, 2) if each.name == "rank" else _constant(random, each.spec.type)
                )
        rows.setdefault((kind, make(row).key), row)
    return list(rows.values())


def _program(seed: int, optional: bool, blanks: bool, proposing: bool) -> Program:
    random = Random(seed)
    rules = [_rule(random, number, optional, proposing) for number in range(random.choice([2, 3, 4, 5]))]
    return Program(rules, facts(random, blanks))


def programs(
    optional: bool = True, blanks: bool = True, proposing: bool = True
) -> st.SearchStrategy[Program]:
    """Programs. `optional`: their rules may use has and default; `blanks`: their facts may lack fields.

    Drawn from seeds, which is quicker than draw by draw and makes more of them match.
    """
    return st.integers(0, 2**20).map(lambda seed: _program(seed, optional, blanks, proposing))


def randoms() -> st.SearchStrategy[Random]:
    """Sources of chance drawn from seeds too, which costs a draw each and not one for each number."""
    return st.integers(0, 2**20).map(Random)

"""Damaged copies of the shipped rule files: the same rules or an error, never different rules.

Damage that leaves a file of other keys and values, such as another digit in a number, makes another file,
and no loader can know that nobody meant it. What is promised is that the loader reads what stands there:
whatever `tomllib` finds in the damaged file is in the rules that come of it, each key with its value, and
nothing else is; or the file is refused. No key is passed over, no value is taken for another, and no default
stands in the place of what was written. `told_by` says again what a bound rule says, `told_of` what a table
of the file says, in one shape; neither shares code with the loader. Damage that changes nothing that
`tomllib` reads changes no rule.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from advisor.documents import parse
from advisor.errors import AdvisorError
from advisor.facts.kinds import Kinds
from advisor.paths import rules_folder
from advisor.rules.load import read_rules
from advisor.rules.model import Definition, Pattern, Rule, Sentence, Vary
from advisor.rules.model import Test as Condition
from tests.shipped import library

FILES = sorted(rules_folder().glob("*.toml"))
ROUNDS = 60  # damages of each file
SIGNS = "[]{}()\"'=.,:#\\\n +-*/0123456789abcdefghijklmnopqrstuvwxyz_"


def kinds() -> Kinds:
    return library().kinds


def loaded(text: str, name: str) -> list[Rule] | None:
    """The rules of a text, None where it is refused."""
    try:
        rules, problems = read_rules(parse(text, name), kinds())
    except AdvisorError:
        return None
    return None if problems else rules


# What a rule says, in the shape of the file.


def told_by(rule: Rule) -> dict[str, Any]:
    said: dict[str, Any] = {"id": rule.id, "summary": rule.summary, "status": rule.status, "over": rule.over}
    said["prose"] = rule.prose
    said |= {"severity": rule.severity, "because": _text(rule.because), "sources": list(rule.sources)}
    said["match"] = [_pattern(each) for each in rule.match]
    said["each"] = {rule.each.name: (rule.each.first.source, rule.each.last.source)} if rule.each else {}
    for how in ("let", "sum", "min", "max", "count", "collect", "best"):
        steps = [step for step in rule.steps if isinstance(step, Definition) and step.how == how]
        said[how] = {step.name: _definition(step) for step in steps}
    said["where"] = sorted((_test(step) for step in rule.steps if isinstance(step, Condition)), key=repr)
    said["unless"] = [_search(each) for each in rule.unless]
    said["conclude"] = [
        (each.kind, each.default, {name: formula.source for name, formula in each.fields.items()})
        for each in rule.conclude
    ]
    said["propose"] = _proposal(rule)
    said["test"] = [(e.name, list(e.given), list(e.expect), list(e.reject), e.says) for e in rule.examples]
    return said


def _text(sentence: Sentence | None) -> str | None:
    return sentence.template.text if sentence else None


def _pattern(pattern: Pattern) -> tuple[Any, ...]:
    """Joins both ways round: which of two patterns carries one is the loader's to choose."""
    return pattern.kind, pattern.alias, dict(pattern.equals)


def _joins(rule: Rule) -> set[frozenset[tuple[str, str]]]:
    return {frozenset({(p.alias, name), (other, field)}) for p in rule.match for name, other, field in p.on}


def _search(pattern: Pattern) -> tuple[Any, ...]:
    on = {name: f"{other}.{field}" if field else other for name, other, field in pattern.on}
    return pattern.kind, pattern.alias, dict(pattern.equals), on, [_test(test) for test in pattern.where]


def _test(test: Condition) -> tuple[str, str | None]:
    return test.formula.source, _text(test.say)


def _definition(step: Definition) -> Any:
    if step.pattern is None:
        return step.formula.source
    return (*_search(step.pattern), step.formula and step.formula.source, step.descending)


def _proposal(rule: Rule) -> Any:
    found = rule.propose
    if found is None:
        return None
    changes = {path: each if isinstance(each, tuple) else each.source for path, each in found.changes.items()}
    texts = [_text(found.title), *map(_text, found.costs)]
    return found.kind, texts, changes, _varied(found.vary), found.order.source, found.advice


def _varied(found: Vary | None) -> Any:
    if found is None:
        return None
    seek = "largest" if found.largest else "smallest"
    return found.path, [each.source for each in found.formulas], seek


# What a table of the file says, in the same shape.


def told_of(row: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(row)
    said = {key: row.pop(key, None) for key in ("id", "summary", "severity", "prose", "because")}
    said |= {"status": row.pop("status", "stable"), "over": row.pop("over", "question")}
    said["sources"] = row.pop("sources", [])
    said["match"] = [_told_pattern(each) for each in row.pop("match", [])]
    spans = {name: span.partition("..") for name, span in row.pop("each", {}).items()}
    said["each"] = {name: (first.strip(), last.strip()) for name, (first, _, last) in spans.items()}
    said["let"] = {name: _source(value) for name, value in row.pop("let", {}).items()}
    for how in ("sum", "min", "max", "count", "collect", "best"):
        said[how] = {name: _told_definition(name, how, e) for name, e in row.pop(how, {}).items()}
    said["where"] = sorted((_told_test(each) for each in _list(row.pop("where", []))), key=repr)
    said["unless"] = [_told_search(each) for each in _list(row.pop("unless", []))]
    said["conclude"] = [_told_conclusion(each) for each in _list(row.pop("conclude", []))]
    said["propose"] = _told_proposal(row.pop("propose", None))
    said["test"] = [_told_example(each) for each in row.pop("test", [])]
    assert not row, f"keys that nothing took: {sorted(row)}"
    return said


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _source(value: Any) -> str:
    """A constant as an expression."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction) and value.denominator > 1:
        return f"({value.numerator} / {value.denominator})"
    return str(value)


def _taken(entry: Mapping[str, Any], *names: str) -> list[Any]:
    assert entry.keys() <= {*names}, f"keys that nothing took: {sorted(entry.keys() - {*names})}"
    return [entry.get(name) for name in names]


def _told_pattern(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    fact, alias, _, equals = _taken(entry, "fact", "as", "on", "is")
    return fact, alias or fact, equals or {}


def told_joins(row: Mapping[str, Any]) -> set[frozenset[tuple[str, str]]]:
    found = set()
    for entry in row.get("match", []):
        for name, target in entry.get("on", {}).items():
            other, _, field = target.partition(".")
            found.add(frozenset({(entry.get("as") or entry["fact"], name), (other, field)}))
    return found


def _told_search(entry: Mapping[str, Any], alias: str | None = None) -> tuple[Any, ...]:
    fact, own, on, equals, where = _taken(entry, "fact", "as", "on", "is", "where")
    tests = [_told_test(each) for each in _list(where or [])]
    return fact, alias or own or fact, equals or {}, on or {}, tests


def _told_test(entry: Any) -> tuple[str, str | None]:
    return tuple(_taken(entry, "test", "say")) if isinstance(entry, dict) else (entry, None)


def _told_definition(name: str, how: str, entry: Mapping[str, Any]) -> tuple[Any, ...]:
    entry = dict(entry)
    if how == "best":
        entry.pop("as", None)  # its own name is its alias
        least, most = entry.pop("minimize", None), entry.pop("maximize", None)
        return (*_told_search(entry, name), least or most, most is not None)
    formula = entry.pop("of", None) if how != "count" else None
    return (*_told_search(entry), formula, False)


def _told_conclusion(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """With what the kind says of a field that is not written."""
    kind = kinds()[entry["fact"]]
    fields = {name: _source(value) for name, value in entry.items() if name not in ("fact", "default")}
    for field in kind.fields.values():
        default = field.spec.default
        if default is not None:
            fields.setdefault(field.name, f"'{default}'" if isinstance(default, str) else _source(default))
    return entry["fact"], entry.get("default", False), fields


def _told_proposal(entry: Mapping[str, Any] | None) -> Any:
    if entry is None:
        return None
    entry = dict(entry)
    varied = _told_vary([entry.pop(name, None) for name in ("vary", "from", "to", "step", "seek")])
    kind, title, changes, costs, order, advice = _taken(
        entry, "kind", "title", "set", "costs", "order", "advice"
    )
    values = {p: tuple(v) if isinstance(v, list) else _source(v) for p, v in (changes or {}).items()}
    order = _source(0 if order is None else order)
    return kind, [title, *(costs or [])], values, varied, order, advice or False


def _told_vary(written: list[Any]) -> Any:
    """A step of one is what stands for a step that is not written; all else is written, or nothing is."""
    path, first, last, step, seek = written
    if written == [None] * 5:
        return None
    step = 1 if step is None else step
    return path, [_source(each) for each in (first, last, step)], seek


def _told_example(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    name, given, expect, reject, says = _taken(entry, "name", "given", "expect", "reject", "says")
    return name, given or [], expect or [], reject or [], says


def plain(text: str) -> dict[str, Any]:
    return tomllib.loads(text.replace("\r\n", "\n"), parse_float=Fraction)


def typed(value: Any) -> Any:
    """With the type of each value, for which 1 and true and 1.0 are three."""
    if isinstance(value, dict):
        return {key: typed(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [typed(each) for each in value]
    return type(value), value


def kept(text: str, rules: list[Rule]) -> None:
    """Every key and value of the text is in the rules, and nothing else."""
    data = plain(text)
    assert data.keys() <= {"schema", "rule"} and data["schema"] == 1
    rows = data.get("rule", [])
    assert len(rules) == len(rows)
    for rule, row in zip(rules, rows, strict=True):
        assert typed(told_by(rule)) == typed(told_of(row))
        assert _joins(rule) == told_joins(row)


# Damage.


def _dropped(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at + random.choice([1, 1, 1, 2, 8]) :]


def _doubled(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    end = at + random.choice([1, 1, 2, 20])
    return text[:end] + text[at:end] + text[end:]


def _inserted(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return text[:at] + random.choice(SIGNS) + text[at:]


def _changed(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return text[:at] + random.choice(SIGNS) + text[at + 1 :]


def _mark(text: str, random: Random) -> str:
    """A bracket, quote, dot or equals sign that is gone or another one."""
    places = [at for at, sign in enumerate(text) if sign in "[]{}\"'=.,#"]
    at = random.choice(places or [0])
    return text[:at] + random.choice(["", *"[]{}\"'=.,#"]) + text[at + 1 :]


def _lines(change: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    def damage(text: str, random: Random) -> str:
        lines = text.split("\n")
        change(lines, random.randrange(len(lines) - 1), random)
        return "\n".join(lines)

    return damage


def _swap(lines: list[str], at: int, random: Random) -> None:
    other = random.choice([at + 1, random.randrange(len(lines))])
    lines[at], lines[other] = lines[other], lines[at]


def _drop(lines: list[str], at: int, random: Random) -> None:
    del lines[at : at + random.choice([1, 1, 3])]


def _repeat(lines: list[str], at: int, random: Random) -> None:
    end = at + random.choice([1, 1, 5, 15])
    lines[end:end] = lines[at:end]


def _header(lines: list[str], at: int, random: Random) -> None:
    headers = [number for number, line in enumerate(lines) if line.startswith("[")]
    number = random.choice(headers or [at])
    lines[number] = random.choice(
        ["", lines[number][1:-1], "[rule.let]", "[[rule.test]]", "[[rule]]", "[rule]"]
    )


def _cut(text: str, random: Random) -> str:
    return text[: random.randrange(len(text))]


DAMAGES: tuple[Callable[[str, Random], str], ...] = (
    *(_dropped, _doubled, _inserted, _changed, _mark, _mark, _cut),
    *map(_lines, (_swap, _drop, _repeat, _header)),
)


def part(path: Path, random: Random) -> str:
    """A few rules of a file, which are read in a moment."""
    head, *rules = path.read_text("utf-8").split("[[rule]]\n")
    start = random.randrange(len(rules))
    return "[[rule]]\n".join([head, *rules[start : start + 2]])


def check(path: Path, seed: int) -> str:
    """Damage a few rules of a file: they are refused, the same, or others, which are what stands there."""
    random = Random(f"{path.name} {seed}")
    sound = part(path, random)
    damaged = sound
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        if damaged.count("\n") > 2:
            damaged = random.choice(DAMAGES)(damaged, random)
    rules = loaded(damaged, path.name)
    if rules is None:
        return "refused"
    kept(damaged, rules)
    return "same" if plain(damaged) == plain(sound) else "other"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_ships_is_read_to_the_last_key(path: Path) -> None:
    text = path.read_text("utf-8")
    rules = loaded(text, path.name)
    assert rules
    kept(text, rules)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_damage_is_refused_or_read_as_it_stands(path: Path) -> None:
    found = [check(path, seed) for seed in range(ROUNDS)]
    assert found.count("refused") > ROUNDS // 10 and len(found) > found.count("refused")


@pytest.mark.parametrize("name", ["memory", "shorter-context"])
def test_the_judge_sees_what_a_loader_could_lose(name: str) -> None:
    """Rules that differ from the text in one place are told apart, whatever the place."""
    path = rules_folder() / f"{name}.toml"
    text = path.read_text("utf-8")
    rules = loaded(text, path.name)
    seen = 0
    for seed in range(200):
        damaged = _changed(text, Random(seed))
        try:
            other = plain(damaged) != plain(text)
        except tomllib.TOMLDecodeError:
            continue
        if other:
            seen += 1
            with pytest.raises(Exception):  # noqa: B017 - a key that is gone, or a value that differs
                kept(damaged, rules)
    assert seen > 50

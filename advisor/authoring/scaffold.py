"""A rule to begin with: one of those in new-rule.toml, under an id of the user's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from advisor.authoring.places import once
from advisor.documents import Document, parse, read
from advisor.errors import InputError, Problem, RulesError
from advisor.facts.kinds import Kinds
from advisor.facts.load import load_library
from advisor.rules.load import Reading, read_rulebook, read_rules
from advisor.rules.spec import RuleId
from advisor.saving import replace_file

TEMPLATE = Path(__file__).with_name("new-rule.toml")
NAMED = "new-rule"  # the topic of the rules in it


def new_rule(id: str, kind: str, rules: Sequence[Path], facts: Sequence[Path], into: Path) -> Path:
    """Write a rule of that kind to the file of its topic in a folder, and give back the file.

    A file that is there already keeps what it says. Raises InputError for an id that is none, and RulesError
    for one that some rule in effect has, or where what is there cannot be read.
    """
    _check_id(id)
    path = into / f"{id.partition('.')[0]}.toml"
    kinds = load_library(facts).kinds
    before = read(path) if path.exists() else None
    reading = read_rulebook(once([*rules, path] if before else rules), kinds)
    if reading.problems:
        raise RulesError(reading.problems)
    _check_new(id, [*((each.id, each.file, each.line) for each in reading.rules), *_left_out(reading)])
    text = _added(before, rule_text(id, kind))
    _read_back(text, before, id, path, kinds)
    _make(into)
    replace_file(path, text)
    return path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"cannot write to {folder}: {error.strerror}"
        raise InputError([Problem("file-unwritable", text, None, str(folder))]) from None


def rule_text(id: str, kind: str) -> str:
    """The text of one rule of the template, under this id."""
    template = read(TEMPLATE, TEMPLATE.name)
    position = [rule["id"] for rule in template.data["rule"]].index(f"{NAMED}.{kind}")
    starts = [*template.headers("rule"), len(template.lines) + 1]
    text = "\n".join(template.lines[starts[position] - 1 : starts[position + 1] - 1]).strip() + "\n"
    return text.replace(f"{NAMED}.{kind}", id).replace(f"{NAMED}-{kind}", id.replace(".", "-"))


def _added(before: Document | None, text: str) -> str:
    """The whole file: what stands in it, or what the template begins with, and the rule."""
    if before is None:
        template = read(TEMPLATE, TEMPLATE.name)
        head = "\n".join(template.lines[: template.headers("rule")[0] - 1])
    else:
        head = before.text
    return f"{head.rstrip()}\n\n{text}"


def _check_id(id: str) -> None:
    if not _is_id(id):
        near = ".".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in id.split(".", 1))
        shape = "Write topic.name: small letters, digits and hyphens, such as memory.our-buffer."
        hint = f"Did you mean {near}?" if _is_id(near) else shape
        raise InputError([Problem("rule-id", f"{id!r} is no id of a rule", hint)])


def _is_id(text: str) -> bool:
    try:
        return bool(TypeAdapter(RuleId).validate_python(text))
    except ValidationError:
        return False


def _left_out(reading: Reading) -> Iterator[tuple[str, str, int | None]]:
    """Rules that a folder disables have their ids still."""
    return ((each.rule, each.file, each.line) for each in reading.disabled)


def _check_new(id: str, rules: Iterable[tuple[str, str, int | None]]) -> None:
    for other, file, line in rules:
        if other == id:
            text = f"the id {id} stands already"
            raise RulesError([Problem("rule-twice", text, "Choose another one.", file, line)])


def _read_back(text: str, before: Document | None, id: str, path: Path, kinds: Kinds) -> None:
    """What would be written must say what was there, and one rule more that is sound."""
    document = parse(text, str(path))
    old = before.data if before else {"schema": 1}
    expected = {**old, "rule": [*old.get("rule", []), document.data.get("rule", [{}])[-1]]}
    rules, problems = read_rules(document, kinds)
    if problems:
        raise RulesError(problems)
    if document.data != expected or rules[-1].id != id:
        raise InputError([Problem("save", f"{id} cannot be added to {path} without loss", None, str(path))])

"""The command that runs what fits: arguments that rules derived, put in order and quoted for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from advisor.answer.text.figures import UNKNOWN
from advisor.expressions import Unknown, Value
from advisor.facts.plain import plain, read
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing

Explained = Callable[[Fact], Firing | None]


def launch(derivation: Derivation, explained: Explained) -> dict[str, Any] | None:
    """What to type and what to know about it; no command where no rule knows one, None where none is due.

    `explained` gives the firing by which a fact is explained.
    """
    started = next((fact for fact in derivation.store.of("launch") if fact.certain), None)
    notes = [firing for fact in _certain(derivation, "launch_note") if (firing := explained(fact))]
    arguments = _certain(derivation, "launch_argument")
    if started is None:
        return None
    program = str(read(started, "program")).split()
    lines = [program, *(_words(each, explained(each)) for each in arguments)] if program else []
    derived = [firing for fact in (started, *arguments) if (firing := explained(fact))]
    return {
        "runtime": read(started, "runtime"),
        "command": shlex.join(word for line in lines for word in line) or None,
        "arguments": lines,
        "notes": [firing.text for firing in notes],
        "rules": sorted({rule for firing in (*derived, *notes) for rule in _rules(firing, explained)}),
    }


def _certain(derivation: Derivation, kind: str) -> list[Fact]:
    """In the order of their keys: arguments by position, then by option."""
    found = [fact for fact in derivation.store.of(kind) if fact.certain]
    return sorted(found, key=lambda fact: tuple((isinstance(part, str), part) for part in fact.key))


def _words(argument: Fact, firing: Firing | None) -> list[str]:
    """The option, if it has a name, and its value, if it takes one."""
    option, value = read(argument, "option"), _value(argument, firing)
    return [*([option] if option else []), *([] if value is None else [value])]


def _value(argument: Fact, firing: Firing | None) -> str | None:
    if firing and read(argument, "said"):
        return firing.text
    value = argument.values.get("text", argument.values.get("number"))
    return None if value is None else _written(value)


def _written(value: Value) -> str:
    """As a command takes it: 65536, 0.9, fp8."""
    return f"<{UNKNOWN}>" if isinstance(value, Unknown) else str(plain(value))


def _rules(firing: Firing, explained: Explained) -> list[str]:
    """The rule, and those that derived what it says is to be set."""
    before = [explained(fact) for fact in firing.premises if fact.kind == "launch_setting"]
    return [firing.rule.id, *(each.rule.id for each in before if each)]

"""What a rule asks for and what it does, whatever its aliases and names are called.

A shape is made of texts: two rules with the same ask for the same, and a rule that has all of another's
asks for more. Names stand for what defines them, by a digest, so that no text grows without bound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

from advisor.authoring.checks.atoms import Atom, atom, conjuncts
from advisor.authoring.checks.form import Naming, comparison, constant, form
from advisor.expressions.templates import Slot
from advisor.facts.kinds import Kinds
from advisor.rules.model import (
    FOUND,
    Conclusion,
    Definition,
    Formula,
    Pattern,
    Proposal,
    Rule,
    Sentence,
    Test,
)

_OWN = "it"  # the fact that a search looks at
Named = tuple[str, tuple[str, ...]]  # a kind, and the forms of the fields of its key
_HOLDING = ("min", "max", "best")  # over nothing they hold the rule back


class Shape:
    """`asks`: all that must hold for the rule to fire. `does`: what it writes, proposes and says.

    `atoms` are those of what it asks that are simple conditions, `fixed` what must have one value; `writes`
    are the facts that it writes, but for defaults, with the forms of their fields.
    """

    def __init__(self, rule: Rule, kinds: Kinds, position: int = 0) -> None:
        self.rule, self.position = rule, position
        self._kinds = kinds
        self._aliases = _called(rule.match)
        self._names: dict[str, str] = {}
        self._naming = Naming(partial(self._path, None), lambda name: self._names[name])
        self.atoms: dict[str, Atom] = {}
        self.asks = frozenset(self._asks(rule))
        self.does = tuple(sorted(self._does(rule)))
        self.fixed = {each.subject: each.value for each in self.atoms.values() if each.sign == "=="}
        self.writes = {self._named(each): self._values(each) for each in rule.conclude if not each.default}

    def _asks(self, rule: Rule) -> Iterator[str]:
        yield f"over {rule.over}"
        for pattern in rule.match:
            called = self._aliases[pattern.alias]
            yield from self._pattern(pattern, called, self._naming)
            self._note(pattern, called)
        if rule.each:
            ends = [self._form(end) for end in (rule.each.first, rule.each.last)]
            self._names[rule.each.name] = _digest("each", *ends)
            yield f"each {ends[0]} to {ends[1]}"
        for step in rule.steps:
            yield from self._step(step)
        for pattern in rule.unless:
            yield f"unless {self._search(pattern)}"

    def _note(self, pattern: Pattern, called: str) -> None:
        for field, value in pattern.equals:
            asked = comparison(f"{called}.{field}", "==", constant(value))
            self.atoms[asked] = Atom(f"{called}.{field}", "==", value)

    def _step(self, step: Definition | Test) -> Iterator[str]:
        if isinstance(step, Test):
            yield from self._conditions(step)
            return
        inner = self._inside(step.pattern) if step.pattern else self._naming
        what = form(step.formula.parsed.tree, inner) if step.formula else ""
        search = self._search(step.pattern) if step.pattern else ""
        name = self._names[step.name] = _digest(step.how, what, search, str(step.descending))
        if step.how == "let":
            return
        self._aliases[step.name] = name
        if step.how in _HOLDING:
            yield f"some {name}"

    def _conditions(self, test: Test) -> Iterator[str]:
        for node in conjuncts(test.formula.parsed.tree):
            asked, simple = form(node, self._naming), atom(node, self._naming)
            if simple:
                self.atoms[asked] = simple
            yield asked

    def _pattern(self, pattern: Pattern, called: str, naming: Naming) -> Iterator[str]:
        yield f"{pattern.kind} as {called}"
        for field, value in pattern.equals:
            yield comparison(f"{called}.{field}", "==", constant(value))
        for field, other, theirs in pattern.on:
            joined = naming.path(other, theirs) if theirs else naming.name(other)
            yield comparison(f"{called}.{field}", "==", joined)
        for test in pattern.where:
            yield from (form(each, naming) for each in conjuncts(test.formula.parsed.tree))

    def _search(self, pattern: Pattern) -> str:
        return _digest(*sorted(self._pattern(pattern, _OWN, self._inside(pattern))))

    def _inside(self, pattern: Pattern) -> Naming:
        return self._naming._replace(path=partial(self._path, pattern.alias))

    def _path(self, own: str | None, alias: str, field: str) -> str:
        return f"{_OWN if alias == own else self._aliases[alias]}.{field}"

    def _form(self, formula: Formula) -> str:
        return form(formula.parsed.tree, self._naming)

    def _does(self, rule: Rule) -> Iterator[str]:
        for each in rule.conclude:
            yield f"writes {each.kind} {each.default} {sorted(self._values(each).items())}"
        if rule.propose:
            yield self._proposes(rule.propose)
        if rule.severity and rule.because:
            yield f"says {rule.severity} {self._text(rule.because)}"

    def _proposes(self, proposal: Proposal) -> str:
        vary = proposal.vary
        search = [vary.path, vary.largest, *map(self._form, vary.formulas)] if vary else []
        self._names[FOUND] = FOUND
        changes = [
            (path, self._form(change) if isinstance(change, Formula) else repr(change))
            for path, change in sorted(proposal.changes.items())
        ]
        return f"proposes {proposal.kind} {changes} {search} {self._text(proposal.title)}"

    def _named(self, conclusion: Conclusion) -> Named:
        kind = self._kinds[conclusion.kind]
        names = () if kind.single else kind.key or tuple(kind.fields)
        return kind.id, tuple(self._values(conclusion).get(name, "") for name in names)

    def _values(self, conclusion: Conclusion) -> dict[str, str]:
        return {name: self._form(formula) for name, formula in conclusion.fields.items()}

    def _text(self, sentence: Sentence) -> str:
        return "".join(map(self._piece, sentence.template.pieces))

    def _piece(self, piece: str | Slot) -> str:
        return f"{{{form(piece.node, self._naming)}:{piece.unit}}}" if isinstance(piece, Slot) else piece


def _called(match: tuple[Pattern, ...]) -> dict[str, str]:
    """Each alias by its kind; where a rule matches a kind twice, those with other constants by these."""
    called: dict[str, str] = {}
    for pattern in sorted(match, key=lambda each: (each.kind, repr(each.equals))):
        number = sum(kind.startswith(f"{pattern.kind}#") for kind in called.values())
        called[pattern.alias] = f"{pattern.kind}#{number}"
    return called


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=12).hexdigest()

"""From a rule as written to a rule that can be used: every name bound, every unit checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.documents import Document
from advisor.errors import Problem
from advisor.facts.kinds import Kinds
from advisor.rules.definitions import DefinitionBinder
from advisor.rules.effects import EffectBinder
from advisor.rules.model import Example, Rule
from advisor.rules.patterns import PatternBinder
from advisor.rules.spec import RuleSpec
from advisor.rules.workbench import Workbench


def bind(
    spec: RuleSpec, kinds: Kinds, document: Document, line: int | None, lost: Iterable[str] = ()
) -> tuple[Rule | None, list[Problem]]:
    """The rule, or None and all that is wrong with it. `lost` are names that it had, and nobody can read."""
    bench = Workbench(spec, kinds, document, line)
    bench.failed.update(lost)
    rule = _rule(bench)
    return (None if bench.problems else rule), bench.problems


def _rule(bench: Workbench) -> Rule:
    """In the order in which names come into being: aliases, definitions, then what reads them."""
    spec, patterns, effects = bench.spec, PatternBinder(bench), EffectBinder(bench)
    definitions = DefinitionBinder(bench, patterns)
    match, each, steps = patterns.match(), definitions.each(), definitions.steps()
    unless = [patterns.search(one, one.alias or one.fact, "unless") for one in spec.unless]
    conclude = [effects.conclusion(entry) for entry in spec.conclude]
    propose = effects.proposal() if spec.propose else None
    because = bench.sentence("because", spec.because) if spec.because else None
    effects.says_something()
    return Rule(
        spec.id, spec.summary, spec.severity, spec.status, tuple(match), each, tuple(steps), tuple(unless),
        tuple(conclude), propose, because, tuple(spec.sources), tuple(_examples(bench)), bench.scope,
        bench.document.name, bench.line, spec.over, spec.prose,
    )  # fmt: skip


def _examples(bench: Workbench) -> Iterator[Example]:
    lines = bench.document.headers_inside("rule.test", bench.line)
    if len(lines) != len(bench.spec.test):  # written as a list, or in another file
        lines = [bench.line] * len(bench.spec.test)
    for spec, line in zip(bench.spec.test, lines, strict=True):
        yield Example(
            spec.name, tuple(spec.given), tuple(spec.expect), tuple(spec.reject), spec.says,
            bench.document.name, line,
        )  # fmt: skip

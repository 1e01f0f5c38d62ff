"""What rules read and nothing provides, and what they derive and nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.answer.figures import ANSWERED
from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.workspace import Workspace, patterns
from advisor.errors import did_you_mean
from advisor.expressions import Value
from advisor.facts.kinds import Kind
from advisor.question_reader import INLINE
from advisor.rules.model import Conclusion, Pattern, Rule
from advisor.rules.strata import node_name, overlap


@check("never-provided", "a rule reads what no rule writes, no fact holds and no question can give")
def never_provided(rule: Rule, space: Workspace) -> Iterator[Said]:
    for key, pattern in patterns(rule):
        if pattern.kind not in space.gaps and not _provided(key, pattern, rule, space):
            yield Said(key, f"it reads {_node(pattern)}, which nothing provides", _nearest(pattern, space))


def _provided(key: str, pattern: Pattern, rule: Rule, space: Workspace) -> bool:
    constants, kind = dict(pattern.equals), space.library.kinds[pattern.kind]
    writers = space.writers.get(kind.id, ())
    for other, each in writers:
        begins = other is not rule or key != "match"  # it cannot wait for itself
        if begins and overlap(constants, each.constants):
            return True
    facts = space.library.of(kind.id)
    if any(all(fact.values.get(name) == value for name, value in pattern.equals) for fact in facts):
        return True
    # A list of exceptions may still be without the one that `unless` looks for.
    return _given(kind, space) or not (writers or (facts and key != "unless"))


def _given(kind: Kind, space: Workspace) -> bool:
    """Whether a question describes such things itself: a model, its blocks, what it asks for."""
    if kind.parent:
        return _given(space.library.kinds[kind.parent], space)
    return kind.id in INLINE.values() or (kind.single and kind.id not in space.writers)


def _node(pattern: Pattern) -> str:
    shown = {name: str(value).lower() if isinstance(value, bool) else value for name, value in pattern.equals}
    return node_name(pattern.kind, shown)


def _nearest(pattern: Pattern, space: Workspace) -> str | None:
    """What is provided instead of a text that comes near."""
    for name, value in pattern.equals:
        near = _known(pattern.kind, name, space) - {value}
        if isinstance(value, str) and (hint := did_you_mean(value, near)):
            return hint
    return None


def _known(kind: str, field: str, space: Workspace) -> set[str]:
    held: list[Value | None] = [fact.values.get(field) for fact in space.library.of(kind)]
    held += [conclusion.constants.get(field) for _, conclusion in space.writers.get(kind, ())]
    return {value for value in held if isinstance(value, str)}


@check("never-read", "a rule derives what no rule reads and no answer shows")
def never_read(rule: Rule, space: Workspace) -> Iterator[Said]:
    if rule.severity or rule.propose:
        return
    for conclusion in rule.conclude:
        if conclusion.kind not in {*ANSWERED, *space.gaps} and not _read(conclusion, rule, space):
            node = node_name(conclusion.kind, conclusion.naming)
            hint = "Read it in a rule, or give this rule a severity, so that its `because` is shown."
            yield Said("conclude", f"it derives {node}, which no rule reads and no answer shows", hint)


def _read(conclusion: Conclusion, rule: Rule, space: Workspace) -> bool:
    readers = space.readers.get(conclusion.kind, ())
    pairs = (each for other, each in readers if other is not rule)
    return any(overlap(dict(each.equals), conclusion.constants) for each in pairs)

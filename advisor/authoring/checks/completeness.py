"""What a rule should come with: tests, sources, figures in its sentence."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.authoring.checks.registry import Said, check
from advisor.authoring.checks.workspace import Part, Workspace, names_read, parts
from advisor.errors import did_you_mean
from advisor.expressions.nodes import Compare, Literal, walk
from advisor.rules.model import Example, Rule

_PLAIN = (0, 1, 2)
_CHOOSING = ("min", "max", "best")  # over nothing they hold the rule back, which may be what they are for
_ORDERED = ("<", "<=", ">", ">=")


@check("no-test", "a rule has no test")
def no_test(rule: Rule, space: Workspace) -> Iterator[Said]:
    if not rule.examples:
        yield Said("id", "it has no test", "Write [[rule.test]] with `given` and `expect`.")


@check("no-negative-test", "no test of a rule says when it must not fire")
def no_negative_test(rule: Rule, space: Workspace) -> Iterator[Said]:
    if rule.examples and _may_fail(rule) and not any(map(_is_negative, rule.examples)):
        text = "none of its tests says when it must not fire"
        yield Said("test", text, "Write one more [[rule.test]], with reject = [{ fires = true }].")


def _may_fail(rule: Rule) -> bool:
    default = any(conclusion.default for conclusion in rule.conclude)
    return bool(rule.match or rule.each or rule.steps or rule.unless or default)


def _is_negative(example: Example) -> bool:
    return any(row.get("fires") is True and "unknown" not in row for row in example.reject)


@check("no-source", "a rule brings in a figure of its own and names no source")
def no_source(rule: Rule, space: Workspace) -> Iterator[Said]:
    found = None if rule.sources else next(_figures(rule, space), None)
    if found:
        part, figure = found
        text = f"it brings in the figure {figure} and names no source"
        yield Said(part.key, text, "Say where it comes from: sources = [ … ].", part.formula.source)


def _figures(rule: Rule, space: Workspace) -> Iterator[tuple[Part, str]]:
    """Numbers that stand in the rule; the default of a field stands in its kind."""
    defaults = _defaults(rule, space)
    for part in parts(rule):
        for node in walk(part.formula.parsed.tree) if id(part.formula) not in defaults else ():
            number = isinstance(node, Literal) and not isinstance(node.value, bool | str)
            if number and node.text[0] in "0123456789." and node.value not in _PLAIN:
                yield part, node.text


def _defaults(rule: Rule, space: Workspace) -> set[int]:
    return {
        id(formula)
        for conclusion in rule.conclude
        for name, formula in conclusion.fields.items()
        if name in conclusion.constants
        and conclusion.constants[name] == space.library.kinds[conclusion.kind].fields[name].spec.default
    }


@check("unused-name", "a rule defines a name that nothing in it reads")
def unused_name(rule: Rule, space: Workspace) -> Iterator[Said]:
    read = names_read(rule)
    for each in rule.definitions:
        if each.name not in read and each.how not in _CHOOSING:
            text, hint = f"nothing reads {each.name}", "Take it out, or mend its name: another may be meant."
            yield Said(each.name, text, did_you_mean(each.name, read) or hint)


@check("because-without-value", "a rule computes or compares, and its `because` names no value")
def because_without_value(rule: Rule, space: Workspace) -> Iterator[Said]:
    template = rule.because.template if rule.because else None
    if template and not (template.names or template.paths) and _has_figures(rule):
        hint = "Name what decides: {name}, {alias.field} or {name:unit}."
        yield Said("because", "`because` names no value", hint)


def _has_figures(rule: Rule) -> bool:
    """Whether there is a value that its reader could want to see."""
    computed = any(each.fields.keys() - each.constants.keys() for each in rule.conclude)
    return computed or bool(rule.definitions) or any(map(_compares, parts(rule)))


def _compares(part: Part) -> bool:
    nodes = walk(part.formula.parsed.tree) if part.condition else ()
    return any(isinstance(node, Compare) and set(node.operators) & set(_ORDERED) for node in nodes)

"""Strata: which rules must be finished before which, from what they read and write.

A node is a kind with constant fields: `component[role=weights]` and `component[role=kv]` are different.
A rule waits for every writer of what its `unless`, aggregates and defaults look at; a cycle through one
of these has no meaning and does not load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from advisor.errors import Problem, RulesError
from advisor.expressions import Value
from advisor.rules.model import Rule

Constants = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Edge:
    """`reader` reads what `writer` writes; `waits` when it needs all of it."""

    writer: int
    reader: int
    waits: bool
    node: str


def strata(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules in layers, each complete before the next begins. Raises RulesError with the cycle."""
    rules = sorted(rules, key=lambda rule: rule.id)  # so that messages do not depend on the order of files
    edges = list(edges_of(rules))
    groups = _components(len(rules), edges)
    _refuse_cycles(rules, edges, groups)
    level = _levels(len(rules), edges, groups)
    layers: list[list[Rule]] = [[] for _ in range(max(level, default=-1) + 1)]
    for position, rule in enumerate(rules):
        layers[level[position]].append(rule)
    return [layer for layer in layers if layer]


def edges_of(rules: Sequence[Rule]) -> Iterator[Edge]:
    """Who reads what whom writes, by the positions of the rules."""
    writers: dict[str, list[tuple[int, Constants, bool]]] = {}
    for position, rule in enumerate(rules):
        for conclusion in rule.conclude:
            writers.setdefault(conclusion.kind, []).append(
                (position, conclusion.constants, conclusion.default)
            )
    for reader, rule in enumerate(rules):
        for kind, constants, waits, for_default in reads(rule):
            for writer, written, is_default in writers.get(kind, ()):
                if overlap(constants, written) and not (for_default and is_default):
                    yield Edge(writer, reader, waits, node_name(kind, constants))


def reads(rule: Rule) -> Iterator[tuple[str, Constants, bool, bool]]:
    """Each kind that a rule reads: with which constants, whether it needs all of it, and for a default."""
    for pattern in rule.match:
        yield pattern.kind, dict(pattern.equals), False, False
    for pattern in rule.searches:
        yield pattern.kind, dict(pattern.equals), True, False
    for conclusion in rule.conclude:
        if conclusion.default:
            yield conclusion.kind, conclusion.naming, True, True


def overlap(one: Constants, other: Constants) -> bool:
    """Whether a fact may satisfy both sets of constants."""
    return all(other[name] == value for name, value in one.items() if name in other)


def node_name(kind: str, constants: Constants) -> str:
    inner = ", ".join(f"{name}={value}" for name, value in sorted(constants.items()))
    return f"{kind}[{inner}]" if inner else kind


def _components(count: int, edges: Sequence[Edge]) -> list[int]:
    """Strongly connected components (Tarjan 1972, without recursion): a group number for each rule."""
    after: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        after[edge.writer].append(edge.reader)
    index, low, group = [-1] * count, [0] * count, [-1] * count
    stack: list[int] = []
    counter = 0
    for root in range(count):
        work = [(root, iter(after[root]))] if index[root] < 0 else []
        while work:
            node, successors = work[-1]
            if index[node] < 0:
                index[node] = low[node] = counter
                counter += 1
                stack.append(node)
            step = next((s for s in successors if index[s] < 0 or group[s] < 0), None)
            if step is not None:
                if index[step] < 0:
                    work.append((step, iter(after[step])))
                else:
                    low[node] = min(low[node], index[step])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                while group[node] < 0:
                    group[stack.pop()] = index[node]
    return group


def _refuse_cycles(rules: Sequence[Rule], edges: Sequence[Edge], groups: Sequence[int]) -> None:
    problems = {}
    for edge in edges:
        if edge.waits and groups[edge.writer] == groups[edge.reader]:
            problems.setdefault(groups[edge.writer], _cycle_problem(rules, edges, groups, edge))
    if problems:
        raise RulesError(problems.values())


def _cycle_problem(
    rules: Sequence[Rule], edges: Sequence[Edge], groups: Sequence[int], edge: Edge
) -> Problem:
    path = _path(edges, groups, edge.reader, edge.writer)
    names = " → ".join(rules[position].id for position in [*path, edge.reader])
    rule = rules[edge.reader]
    text = f"{rule.id} waits for all of {edge.node}, which depends on its own result: {names}"
    return Problem(
        "cycle", text, "Split the kind by a constant field, or write another kind.", rule.file, rule.line
    )


def _path(edges: Sequence[Edge], groups: Sequence[int], start: int, goal: int) -> list[int]:
    """A shortest way from start to goal along edges of one group."""
    before = {start: start}
    queue = [start]
    for node in queue:
        for edge in edges:
            if edge.writer == node and groups[edge.reader] == groups[start] and edge.reader not in before:
                before[edge.reader] = node
                queue.append(edge.reader)
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _levels(count: int, edges: Sequence[Edge], groups: Sequence[int]) -> list[int]:
    """Longest way through waiting edges; rules of one group share a level."""
    level = dict.fromkeys(groups, 0)
    changed = True
    while changed:
        changed = False
        for edge in edges:
            least = level[groups[edge.writer]] + edge.waits
            if groups[edge.writer] != groups[edge.reader] and level[groups[edge.reader]] < least:
                level[groups[edge.reader]] = least
                changed = True
    return [level[groups[position]] for position in range(count)]

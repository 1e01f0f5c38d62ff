"""Strata: which rules must be finished before which, from what they read and write.

A node is a kind with constant fields: `component[role=weights]` and `component[role=kv]` are different.
A rule comes after every writer of what it reads; rules that lead back to themselves stand in one layer. Of
what its `unless`, aggregates and defaults look at a rule needs all: a cycle through one of these has no
meaning and does not load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from advisor.errors import Problem, RulesError
from advisor.expressions import Value
from advisor.rules.model import Rule

Constants = Mapping[str, Value]
LONGEST_PATH = 12  # rules of a cycle that a message names
Written = tuple[int, Constants, bool]  # by which rule, with which constants, whether as a default
MAX_EDGES = 500_000  # of all rules; those that ship have 4,000


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
    """Who reads what whom writes, by the positions of the rules. Raises RulesError where that is too much."""
    writers = _Writers(rules)
    edges = 0
    for reader, rule in enumerate(rules):
        for kind, constants, waits, for_default in reads(rule):
            name = node_name(kind, constants)
            for writer, written, is_default in writers.of(kind, constants):
                if overlap(constants, written) and not (for_default and is_default):
                    edges += 1
                    yield Edge(writer, reader, waits, name)
            if edges > MAX_EDGES:
                raise RulesError([_tangled(rule, name)])


def _tangled(rule: Rule, node: str) -> Problem:
    text = f"rules depend on one another in more than {MAX_EDGES:,} ways; {rule.id} reads {node} of very many"
    hint = "Split the kind by a constant field, or write another kind."
    return Problem("too-many-dependencies", text, hint, rule.file, rule.line)


class _Writers:
    """Conclusions by kind, and among those by one constant."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._all: dict[str, list[Written]] = {}
        self._with: dict[tuple[str, str, Value], list[Written]] = {}
        self._without: dict[tuple[str, str], list[Written]] = {}
        self._names: dict[str, set[str]] = {}
        for position, rule in enumerate(rules):
            for each in rule.conclude:
                self._all.setdefault(each.kind, []).append((position, each.constants, each.default))
                self._names.setdefault(each.kind, set()).update(each.constants)
        for kind, found in self._all.items():
            for each in found:
                self._note(kind, each)

    def _note(self, kind: str, written: Written) -> None:
        for name in self._names[kind]:
            if name in written[1]:
                self._with.setdefault((kind, name, written[1][name]), []).append(written)
            else:
                self._without.setdefault((kind, name), []).append(written)

    def of(self, kind: str, constants: Constants) -> list[Written]:
        """Those of a kind that may agree with these constants, and some others."""
        told = [name for name in constants if name in self._names.get(kind, ())]
        if not told:
            return self._all.get(kind, [])
        found = [
            sorted(
                [
                    *self._with.get((kind, name, constants[name]), ()),
                    *self._without.get((kind, name), ()),
                ],
                key=_position,
            )
            for name in told
        ]
        return min(found, key=len)


def _position(written: Written) -> int:
    return written[0]


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
    """Strongly connected components (Tarjan 1972, without recursion): a group number for each rule.

    What a group leads to has a smaller number than the group.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        after[edge.writer].append(edge.reader)
    index, low, group = [-1] * count, [0] * count, [-1] * count
    stack: list[int] = []
    counter = done = 0
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
                    group[stack.pop()] = done
                done += 1
    return group


def _refuse_cycles(rules: Sequence[Rule], edges: Sequence[Edge], groups: Sequence[int]) -> None:
    problems = {}
    for edge in edges:
        group = groups[edge.writer]
        if edge.waits and group == groups[edge.reader] and group not in problems:
            problems[group] = _cycle_problem(rules, edges, groups, edge)
    if problems:
        raise RulesError(problems.values())


def _cycle_problem(
    rules: Sequence[Rule], edges: Sequence[Edge], groups: Sequence[int], edge: Edge
) -> Problem:
    path = [rules[position].id for position in _path(edges, groups, edge.reader, edge.writer)]
    if len(path) > LONGEST_PATH:
        path = [*path[: LONGEST_PATH - 1], f"… ({len(path) - LONGEST_PATH:,} more)", path[-1]]
    names = " → ".join([*path, rules[edge.reader].id])
    rule = rules[edge.reader]
    text = f"{rule.id} waits for all of {edge.node}, which depends on its own result: {names}"
    return Problem(
        "cycle", text, "Split the kind by a constant field, or write another kind.", rule.file, rule.line
    )


def _path(edges: Sequence[Edge], groups: Sequence[int], start: int, goal: int) -> list[int]:
    """A shortest way from start to goal along edges of one group."""
    after: dict[int, list[int]] = {}
    for edge in edges:
        if groups[edge.reader] == groups[edge.writer] == groups[start]:
            after.setdefault(edge.writer, []).append(edge.reader)
    before = {start: start}
    queue = [start]
    for node in queue:
        for reader in after.get(node, ()):
            if reader not in before:
                before[reader] = node
                queue.append(reader)
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _levels(count: int, edges: Sequence[Edge], groups: Sequence[int]) -> list[int]:
    """The longest way to each rule; rules of one group share a level."""
    level = dict.fromkeys(groups, 0)
    # All ways to a group come before those that lead on from it.
    for edge in sorted(edges, key=lambda edge: -groups[edge.writer]):
        least = level[groups[edge.writer]] + 1
        if groups[edge.writer] != groups[edge.reader] and level[groups[edge.reader]] < least:
            level[groups[edge.reader]] = least
    return [level[groups[position]] for position in range(count)]

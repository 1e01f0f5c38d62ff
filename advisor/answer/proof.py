"""Proofs as trees: a firing, what it rests on, the smallest proof of each of that, down to what is given.

Whatever stands somewhere in full is only referred to everywhere else. It stands where it is nearest to what
is proved, so that trees are no deeper than they must be, and a tree that is cut shows all that is near.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from advisor.answer.smallest import Smallest, smallest
from advisor.answer.text.figures import Table
from advisor.answer.text.trace import Trace

MOST_LOOKED = 48  # of the facts that an aggregate went through; the trace has them all
FIRING, FACT = "firing", "fact"
Node = tuple[str, str]  # which of the two, and its id


class Below(NamedTuple):
    """What is left out below a place where a tree is cut."""

    firings: int
    facts: int


class Line(NamedTuple):
    """A line of a tree, in reading order.

    `level` counts derivations from the root: a firing stands on the level of the fact that it concludes.
    `role` is subject, by (the firing of the fact above), matched, or looked: sums, counts and choices went
    through it. With `again` it stands in full elsewhere. `more` facts were looked at and are not listed.
    """

    level: int
    node: Node
    role: str
    again: bool = False
    below: Below | None = None
    more: int = 0


class Proofs:
    """Trees over one trace, cut after `depth` derivations; what stands in one is referred to in the next."""

    def __init__(self, trace: Trace, depth: int | None = None) -> None:
        self.trace, self.depth = trace, depth
        self._proved = _smallest(trace)
        self._homes: dict[Node, Node | None] = {}  # under which node it stands in full

    def by(self, fact: str) -> str | None:
        """The firing that ends the smallest proof of a fact; None for what is given."""
        return self._proved.by.get(fact)

    def tree(self, root: Node) -> list[Line]:
        again = root in self._homes
        if again:
            return [Line(0, root, "subject", True)]
        self._place(root)
        return list(self._lines(root))

    def _place(self, root: Node) -> None:
        """Give everything that stands nowhere yet a place below the root, nearest first."""
        self._homes[root] = None
        queue = deque([(root, 0)])
        while queue:
            node, level = queue.popleft()
            for child, _ in self._shown(node, level):
                if child not in self._homes:
                    self._homes[child] = node
                    queue.append((child, level + (child[0] == FACT)))

    def _shown(self, node: Node, level: int) -> Sequence[tuple[Node, str]]:
        cut = node[0] == FACT and self.depth is not None and level >= self.depth
        return [] if cut else self._children(node)

    def _children(self, node: Node) -> list[tuple[Node, str]]:
        what, name = node
        if what == FACT:
            by = self.by(name)
            return [((FIRING, by), "by")] if by is not None else []
        matched, looked = self.trace.matched(name), self.trace.looked(name)
        return [
            *(((FACT, each), "matched") for each in matched),
            *(((FACT, each), "looked") for each in looked[:MOST_LOOKED]),
        ]

    def _lines(self, root: Node) -> Iterator[Line]:
        """In reading order; a stack and no recursion, for it may be deep."""
        stack: list[tuple[Node, Node | None, int, str]] = [(root, None, 0, "subject")]
        while stack:
            node, parent, level, role = stack.pop()
            if self._homes.get(node, node) != parent:
                yield Line(level, node, role, True)
                continue
            children = self._children(node)
            placed = [each for each in children if each[0] in self._homes]
            below = self._below(node) if len(placed) < len(children) else None
            yield Line(level, node, role, False, below, self._more(node))
            inner = [(child, node, level + (child[0] == FACT), as_) for child, as_ in placed]
            stack += reversed(inner)

    def _more(self, node: Node) -> int:
        return max(len(self.trace.looked(node[1])) - MOST_LOOKED, 0) if node[0] == FIRING else 0

    def _below(self, node: Node) -> Below | None:
        """What the node rests on and stands nowhere in full."""
        found = {node}
        for each in (queue := [node]):
            new = [child for child, _ in self._children(each) if child not in found]
            found.update(new)
            queue += new
        hidden = [what for what, name in found if (what, name) not in self._homes]
        return Below(hidden.count(FIRING), hidden.count(FACT)) if hidden else None


def _smallest(trace: Trace) -> Smallest:
    concludes: dict[str, list[str]] = {}
    given = []
    for name, fact in trace.facts.items():
        known = trace.derivations(name)
        for firing in known:
            concludes.setdefault(firing, []).append(name)
        if fact.get("given") or not known:
            given.append(name)
    edges = {name: (trace.premises(name), concludes.get(name, [])) for name in trace.firings}
    return smallest(edges, given)


def told(line: Line) -> dict[str, Any]:
    """A line as JSON has it."""
    below = line.below._asdict() if line.below else None
    return {
        "level": line.level,
        "is": line.node[0],
        "id": line.node[1],
        "as": line.role,
        "again": line.again,
        "below": below,
        "more": line.more,
    }


def entries(proofs: Proofs, lines: Sequence[Line]) -> dict[str, list[Table]]:
    """The facts and firings of some lines, each once, in reading order; facts with the firing shown `by`."""
    facts = dict.fromkeys(line.node[1] for line in lines if line.node[0] == FACT)
    firings = dict.fromkeys(line.node[1] for line in lines if line.node[0] == FIRING)
    return {
        "facts": [{**proofs.trace.facts[name], "by": proofs.by(name)} for name in facts],
        "firings": [proofs.trace.firings[name] for name in firings],
    }

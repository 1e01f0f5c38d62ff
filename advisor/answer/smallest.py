"""The smallest proof of each fact, of all its derivations: Knuth's generalisation of Dijkstra's algorithm.

D. E. Knuth, A generalization of Dijkstra's algorithm, Information Processing Letters 6 (1977).
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

Edges = Mapping[str, tuple[Sequence[str], Sequence[str]]]  # by firing: what it rests on, what it concludes


class Smallest(NamedTuple):
    """Of each fact that can be proved: the firing that ends its smallest proof, None where it is given."""

    by: dict[str, str | None]
    size: dict[str, int]  # facts and firings of the proof, written as a tree without references


def smallest(firings: Edges, given: Collection[str]) -> Smallest:
    """Ties go to the firing with the lower number."""
    found = Smallest(dict.fromkeys(given), dict.fromkeys(given, 1))
    waiting = {name: len(set(rests_on)) for name, (rests_on, _) in firings.items()}
    needed_by = _needed_by(firings)
    heap = [(1, number(name), name) for name, count in waiting.items() if count == 0]
    heapq.heapify(heap)
    new = list(found.by)
    while new or heap:
        for name in (each for fact in new for each in needed_by.get(fact, ())):
            waiting[name] -= 1
            if waiting[name] == 0:
                size = 1 + sum(found.size[each] for each in set(firings[name][0]))
                heapq.heappush(heap, (size, number(name), name))
        new = _settle(heapq.heappop(heap), firings, found) if heap else []
    return found


def _settle(best: tuple[int, int, str], firings: Edges, found: Smallest) -> list[str]:
    """What the cheapest firing concludes and nothing cheaper did."""
    size, _, name = best
    new = [fact for fact in dict.fromkeys(firings[name][1]) if fact not in found.by]
    found.by.update(dict.fromkeys(new, name))
    found.size.update(dict.fromkeys(new, size + 1))
    return new


def _needed_by(firings: Edges) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, (rests_on, _) in firings.items():
        for fact in set(rests_on):
            found.setdefault(fact, []).append(name)
    return found


def number(name: str) -> int:
    """That of an id such as r12, by which ids are put in order."""
    return int("".join(filter(str.isdecimal, name)) or 0)

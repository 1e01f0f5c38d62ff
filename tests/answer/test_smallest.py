"""The smallest proof is the smallest: against a reckoning that knows no order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from advisor.answer.smallest import Edges, number, smallest

FACTS = [f"f{n}" for n in range(8)]
SETS = st.lists(st.sampled_from(FACTS), max_size=3)
GRAPHS = st.lists(st.tuples(SETS, SETS), max_size=14).map(
    lambda edges: {f"r{n}": edge for n, edge in enumerate(edges)}
)


def sizes(firings: Edges, leaves: set[str]) -> dict[str, int]:
    """By trying every firing until nothing gets smaller."""
    found, before = dict.fromkeys(leaves, 1), None
    while found != before:
        before = dict(found)
        for rests_on, concludes in firings.values():
            if all(fact in found for fact in rests_on):
                size = 2 + sum(found[fact] for fact in set(rests_on))
                found |= {fact: min(size, found.get(fact, size)) for fact in concludes}
    return found


@given(GRAPHS, st.sets(st.sampled_from(FACTS)))
def test_sizes_are_the_least_and_ties_go_to_the_lowest_number(firings: Edges, leaves: set[str]):
    found, expected = smallest(firings, leaves), sizes(firings, leaves)
    assert found.size == expected
    for fact, by in found.by.items():
        equal = [
            name
            for name, (rests_on, concludes) in firings.items()
            if fact in concludes
            and all(each in expected for each in rests_on)
            and 2 + sum(expected[each] for each in set(rests_on)) == expected[fact]
        ]
        assert by == (None if fact in leaves else min(equal, key=number))


@given(GRAPHS, st.sets(st.sampled_from(FACTS)))
def test_the_proof_ends_and_has_that_size(firings: Edges, leaves: set[str]):
    found = smallest(firings, leaves)

    def size(fact: str, above: tuple[str, ...] = ()) -> int:
        assert fact not in above
        by = found.by[fact]
        rests_on = set(firings[by][0]) if by else ()
        return 1 + bool(by) + sum(size(each, (*above, fact)) for each in rests_on)

    assert all(size(fact) == found.size[fact] for fact in found.by)

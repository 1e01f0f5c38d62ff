"""The search: what it finds works, nothing of it can be dropped, and one lever alone is as mild as can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.remedies.outcome import Outcome
from advisor.remedies.search import Limits, Proved, Search

NEED = 100


@dataclass(eq=False)
class Lever:
    """Settings that save so much each, the mildest first; `paths` are the fields it changes."""

    name: str
    saves: list[int]
    combines: bool = True
    numbers: tuple[int, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        return frozenset({f"t.{self.name}"})

    def __len__(self) -> int:
        return len(self.saves)

    def __getitem__(self, number: int) -> Setting:
        return Setting(self, range(len(self.saves))[number])

    def told(self, name: str, otherwise: Any) -> Any:
        return self.combines


@dataclass(frozen=True)
class Setting:
    lever: Lever
    number: int

    @property
    def saves(self) -> int:
        return self.lever.saves[self.number]


@dataclass
class World:
    """Something fits where all that is saved reaches what is needed. Counts what is asked."""

    most: int = 10_000
    asked: dict[frozenset[tuple[str, int]], Outcome] = field(default_factory=dict)

    def ask(self, chosen: Iterable[Setting]) -> Outcome | None:
        name = frozenset((each.lever.name, each.number) for each in chosen)
        if name not in self.asked and len(self.asked) >= self.most:
            return None
        return self.asked.setdefault(name, came_of(chosen))

    def known(self, chosen: Iterable[Setting]) -> Outcome | None:
        return self.asked.get(frozenset((each.lever.name, each.number) for each in chosen))


def came_of(chosen: Iterable[Setting]) -> Outcome:
    short = NEED - sum(each.saves for each in chosen)
    return Outcome("fits" if short <= 0 else "does-not-fit", short <= 0, shortfall=max(short, 0))


def searched(levers: list[Lever], most: int = 10_000, together: int = 3) -> tuple[list[Proved], World]:
    world = World(most)
    return Search(world, levers, Limits(together, 3), came_of(())).run(), world  # type: ignore[arg-type]


@st.composite
def some_levers(draw: st.DrawFn) -> list[Lever]:
    """Levers whose stronger settings save more."""
    saves = st.lists(st.integers(0, 120), min_size=1, max_size=12).map(sorted)
    return [Lever(f"l{n}", draw(saves), draw(st.booleans())) for n in range(draw(st.integers(1, 5)))]


def works(chosen: Iterable[Setting]) -> bool:
    return came_of(list(chosen)).works


@settings(max_examples=300)
@given(some_levers())
def test_what_is_found_works_and_nothing_of_it_can_be_dropped(levers: list[Lever]) -> None:
    found, _ = searched(levers)
    for proved in found:
        assert proved.outcome.works and works(proved.settings)
        for size in range(len(proved.settings)):
            assert not any(works(part) for part in combinations(proved.settings, size))


@settings(max_examples=300)
@given(some_levers())
def test_a_lever_alone_is_set_as_mildly_as_it_works(levers: list[Lever]) -> None:
    found = {each.settings[0].lever.name: each for each in searched(levers)[0] if len(each.settings) == 1}
    for lever in levers:
        mildest = next((n for n, saved in enumerate(lever.saves) if saved >= NEED), None)
        assert (lever.name in found) == (mildest is not None)
        if mildest is not None:
            assert found[lever.name].settings[0].number == mildest


@settings(max_examples=300)
@given(some_levers())
def test_each_lever_of_several_is_as_mild_as_the_others_allow(levers: list[Lever]) -> None:
    for proved in searched(levers)[0]:
        for at, setting in enumerate(proved.settings if len(proved.settings) > 1 else ()):
            others = [each for n, each in enumerate(proved.settings) if n != at]
            assert setting.number == 0 or not works([*others, setting.lever[setting.number - 1]])


@settings(max_examples=200)
@given(some_levers())
def test_two_are_found_wherever_two_work(levers: list[Lever]) -> None:
    """Of those that may be combined; where the mildest setting of one works by itself, two are no better."""
    found = {frozenset(s.lever.name for s in each.settings) for each in searched(levers)[0]}
    for one, other in combinations([each for each in levers if each.combines], 2):
        alone = [works([each[0]]) for each in (one, other)]
        rooms = [[n for n in range(len(each)) if not works([each[n]])] for each in (one, other)]
        possible = any(works([one[n], other[m]]) for n, m in product(*rooms))
        if not any(alone):
            assert (frozenset({one.name, other.name}) in found) == possible


@given(some_levers(), st.integers(0, 12))
def test_no_more_is_asked_than_is_allowed(levers: list[Lever], most: int) -> None:
    found, world = searched(levers, most)
    assert len(world.asked) <= most
    assert all(works(proved.settings) for proved in found)


def test_three_are_tried_only_where_no_two_work() -> None:
    three = [Lever(name, [40]) for name in "abc"]
    assert [len(each.settings) for each in searched(three)[0]] == [3]
    assert {len(each.settings) for each in searched([*three, Lever("d", [60])])[0]} == {2}
    assert searched(three, together=2)[0] == []


def test_a_lever_that_may_not_be_combined_is_not() -> None:
    assert searched([Lever("a", [50]), Lever("b", [50], combines=False)])[0] == []


def test_the_step_before_is_told_and_does_not_work() -> None:
    (proved,) = searched([Lever("a", [10, 50, 99, 100, 120])])[0]
    assert proved.before is not None
    assert (proved.before[0].number, proved.before[1].shortfall) == (2, 1)


def test_a_long_range_is_bisected() -> None:
    found, world = searched([Lever("a", list(range(100_000)))])
    assert found[0].settings[0].number == 100 and len(world.asked) < 25


def test_where_the_strongest_fails_some_between_are_tried() -> None:
    (proved,) = searched([Lever("a", [0, 0, 0, 110, 0])])[0]
    assert proved.settings[0].number == 3


def test_what_does_not_work_alone_is_told_by_what_came_nearest() -> None:
    levers = [Lever("a", [10, 60]), Lever("b", [100])]
    search = Search(World(), levers, Limits(1, 3), came_of(()))  # type: ignore[arg-type]
    search.run()
    ((setting, outcome),) = search.nearest()
    assert (setting.lever.name, setting.number, outcome.shortfall) == ("a", 1, 40)  # type: ignore[attr-defined]

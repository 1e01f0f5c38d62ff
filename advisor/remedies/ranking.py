"""Which remedy is best: an order of figures that policies give, and what no other beats in every respect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.remedies.search import Proved

Figure = tuple[Any, ...]


@dataclass(frozen=True)
class Judge:
    """Puts remedies in order. Without a policy, the levers' own order stands.

    `published`: of every model and format that is compared a loss of quality is published; else bits per
    weight stand in for it.
    """

    rankings: Sequence[Fact]
    levers: Sequence[Fact]
    published: bool
    work: int | None = None  # tokens that were asked for: the context, times the sequences

    def share(self, proved: Proved) -> float | None:
        """Of the tokens that were asked for, how many it holds."""
        if not self.work or proved.outcome.work is None:
            return None
        return min(proved.outcome.work / self.work, 1)

    def best_first(self, found: Iterable[Proved]) -> list[Proved]:
        return sorted(found, key=lambda proved: (self.figures(proved), _milder(proved)))

    def front(self, found: Sequence[Proved]) -> list[Proved]:
        """Those that no other one equals or beats in every figure, and beats in one."""
        figures = [self.figures(proved) for proved in found]
        return [
            one
            for one, mine in zip(found, figures, strict=True)
            if not any(map(partial(_beats, mine), figures))
        ]

    def figures(self, proved: Proved) -> tuple[Figure, ...]:
        """For each figure of the policy what to sort by: less is better, the unknown comes last."""
        return tuple(
            tuple(
                _sortable(part, ranking.values["prefer"] == "most") for part in _FIGURES[name](self, proved)
            )
            for ranking in self.rankings
            if (name := str(ranking.values["figure"])) in _FIGURES
        )

    def changes(self, proved: Proved) -> int:
        """How many levers it moves: a change of several fields of one lever is one change."""
        paths = {path for setting in proved.settings for path in setting.values}
        moved = [paths & set(lever.values.get("fields", ())) for lever in self.levers]
        return sum(map(bool, moved)) + len(paths - set().union(*moved))

    def quality(self, proved: Proved) -> list[Any]:
        said = proved.outcome.quality or {}
        comparable = all(setting.lever.told("comparable", True) for setting in proved.settings)
        loss = said.get("delta") if self.published else _negative(said.get("bits"))
        return [not comparable, loss, _negative(said.get("kv_bits"))]


_FIGURES: dict[str, Callable[[Judge, Proved], list[Any]]] = {
    "goals": lambda judge, proved: [int(proved.outcome.works), judge.share(proved)],
    "changes": lambda judge, proved: [judge.changes(proved)],
    "quality": Judge.quality,
    "speed": lambda judge, proved: [(proved.outcome.decode or {}).get("typical")],
    "cost": lambda judge, proved: _cost(proved),
}


def _cost(proved: Proved) -> list[Any]:
    """Nothing, where the hardware stays; a price where one is known; else the size of what is to be got."""
    if not any(setting.lever.told("buys", False) for setting in proved.settings):
        return [0, 0, 0]
    price = (proved.outcome.price or {}).get("usd_per_hour")
    return [1, price, proved.outcome.usable if price is None else 0]


def judge_of(store: Store, found: Iterable[Proved], work: int | None) -> Judge:
    """By the policies and levers of a question."""
    rankings = sorted(store.of("ranking"), key=lambda fact: (fact.values["order"], fact.label))
    told = [proved.outcome.quality or {} for proved in found]
    return Judge(rankings, store.of("lever"), all(said.get("delta") is not None for said in told), work)


def _beats(mine: Sequence[Figure], other: Sequence[Figure]) -> bool:
    return other != mine and all(theirs <= own for theirs, own in zip(other, mine, strict=True))


def _milder(proved: Proved) -> tuple[Any, ...]:
    return tuple((setting.lever.order, setting.number) for setting in proved.settings)


def _sortable(value: Any, most: bool) -> tuple[bool, Any]:
    return (value is None, 0 if value is None else _negative(value) if most else value)


def _negative(value: Any) -> Any:
    return None if value is None else -value

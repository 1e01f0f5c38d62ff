"""Which remedy is best: the policy's order, and what no other equals or beats in every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.values import Fact
from advisor.remedies.outcome import Outcome
from advisor.remedies.ranking import Judge
from advisor.remedies.search import Proved

ORDER = (("goals", "most"), ("changes", "least"), ("quality", "least"), ("speed", "most"), ("cost", "least"))
LEVERS = [
    Fact("lever", ("gpus",), {"kind": "gpus", "fields": ("hardware.count", "deployment.split")}),
    Fact("lever", ("weights",), {"kind": "weights", "fields": ("deployment.weights",)}),
]


@dataclass(eq=False)
class Lever:
    order: tuple[Any, ...] = (0,)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def told(self, name: str, otherwise: Any) -> Any:
        return self.facts.get(name, otherwise)


@dataclass(frozen=True)
class Setting:
    values: Mapping[str, Any]
    lever: Lever = field(default_factory=Lever)
    number: int = 0


def proved(
    *paths: str, place: int = 0, comparable: bool = True, buys: bool = False, **outcome: Any
) -> Proved:
    setting = Setting(dict.fromkeys(paths, 1), Lever((place,), {"comparable": comparable, "buys": buys}))
    return Proved((setting,), Outcome("fits", True, **outcome))  # type: ignore[arg-type]


def quality(bits: float | None = None, delta: float | None = None) -> dict[str, Any]:
    return {"bits": bits, "delta": delta}


def speed(typical: float) -> dict[str, Any]:
    return {"typical": typical}


def judge(*order: tuple[str, str], published: bool = False) -> Judge:
    rankings = [
        Fact("ranking", (figure,), {"figure": figure, "order": n, "prefer": prefer, "meaning": "…"})
        for n, (figure, prefer) in enumerate(order or ORDER)
    ]
    return Judge(rankings, LEVERS, published)


def test_several_fields_of_one_lever_are_one_change() -> None:
    assert judge().changes(proved("hardware.count", "deployment.split")) == 1
    assert judge().changes(proved("hardware.count", "deployment.weights")) == 2
    assert judge().changes(proved("hardware.count", "of.nobody", "of.nobody_else")) == 3


ONE, TWO = ("deployment.weights",), ("deployment.weights", "hardware.count")


def bought(**outcome: Any) -> Proved:
    return proved(*ONE, buys=True, **outcome)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (proved(*ONE), proved(*TWO, decode=speed(90))),
        (proved(*ONE, quality=quality(8)), proved(*ONE, quality=quality(4), decode=speed(90))),
        (proved(*ONE, quality=quality(4)), proved(*ONE, quality=quality(16), comparable=False)),
        (proved(*ONE, quality=quality(4)), proved(*ONE)),
        (proved(*ONE, decode=speed(20)), proved(*ONE, decode=speed(10))),
        (proved(*ONE, decode=speed(1)), proved(*ONE)),
        (proved(*ONE), proved(*ONE, buys=True, price={"usd_per_hour": 1})),
        (bought(price={"usd_per_hour": 9}), bought(usable=1)),
        (bought(price={"usd_per_hour": 1}), bought(price={"usd_per_hour": 2})),
        (bought(usable=1), bought(usable=2)),
        (proved(*ONE, place=1), proved(*ONE, place=2)),
    ],
)
def test_the_order_of_the_policy(better: Proved, worse: Proved) -> None:
    assert judge().best_first([worse, better]) == [better, worse] == judge().best_first([better, worse])


def test_another_policy_is_another_order() -> None:
    slow, fast = proved(*ONE, decode=speed(1)), proved(*TWO, decode=speed(2))
    assert judge().best_first([fast, slow]) == [slow, fast]
    assert judge(("speed", "most"), ("changes", "least")).best_first([slow, fast]) == [fast, slow]


def test_a_published_loss_counts_before_bits() -> None:
    few_bits, much_loss = proved(*ONE, quality=quality(3, 0.1)), proved(*ONE, quality=quality(4, 0.5))
    assert judge(published=True).best_first([much_loss, few_bits]) == [few_bits, much_loss]
    assert judge().best_first([much_loss, few_bits]) == [much_loss, few_bits]


@st.composite
def some(draw: st.DrawFn) -> list[Proved]:
    small = st.integers(0, 2)
    return [
        proved(
            *draw(st.sampled_from([ONE, TWO])),
            buys=True,
            quality=quality(draw(small)),
            decode=speed(draw(small)),
            price=draw(st.none() | st.builds(lambda usd: {"usd_per_hour": usd}, small)),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]


def no_worse(one: Proved, other: Proved) -> bool:
    def less_is_better(each: Proved) -> list[float]:
        price = (each.outcome.price or {}).get("usd_per_hour", 99)
        bits, rate = (each.outcome.quality or {})["bits"], (each.outcome.decode or {})["typical"]
        return [judge().changes(each), -bits, -rate, price]

    return all(
        mine <= theirs for mine, theirs in zip(less_is_better(one), less_is_better(other), strict=True)
    )


@given(some())
def test_the_front_is_what_nothing_outdoes(found: list[Proved]) -> None:
    front = judge().front(found)
    for one in found:
        outdone = any(no_worse(other, one) and not no_worse(one, other) for other in found)
        assert (one in front) == (not outdone)

"""Scores: the error of each prediction, and of each quantity over the groups that measured it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from advisor.accuracy.keys import KEYS, Key
from advisor.accuracy.predict import Prediction

SMALLEST_GROUP = 3  # answers; smaller groups count together as one


@dataclass(frozen=True)
class Scored:
    """A prediction with its error, a share of what was measured; of yes or no 0 where right, 1 where not."""

    prediction: Prediction
    error: float | None
    in_band: list[bool]  # for each point that has a band

    @property
    def answered(self) -> bool:
        return self.error is not None


@dataclass(frozen=True)
class Group:
    """Answers of one source, or of several with too few each."""

    names: tuple[str, ...]
    cases: int
    errors: tuple[float, ...]

    @property
    def right(self) -> int:
        return self.errors.count(0)


@dataclass(frozen=True)
class Score:
    """All predictions of one quantity."""

    key: Key
    scored: tuple[Scored, ...]
    groups: tuple[Group, ...]

    @property
    def errors(self) -> list[float]:
        return [each.error for each in self.scored if each.error is not None]

    @property
    def bands(self) -> list[bool]:
        return [point for each in self.scored for point in each.in_band]

    def over_groups(self, figure: Callable[[Sequence[float]], float]) -> float | None:
        """The mean over groups of a figure of each, None where nothing was answered."""
        found = [figure(group.errors) for group in self.groups if group.errors]
        return fmean(found) if found else None

    def pooled(self, figure: Callable[[Sequence[float]], float]) -> float | None:
        return figure(self.errors) if self.errors else None

    def count(self, status: str) -> int:
        return sum(each.prediction.status == status for each in self.scored)

    def worst(self, number: int) -> list[Scored]:
        """Those with an error, largest first."""
        wrong = [each for each in self.scored if each.error]
        return sorted(wrong, key=lambda each: (-(each.error or 0), each.prediction.case.id))[:number]


def score(predictions: Iterable[Prediction]) -> list[Score]:
    """A score for each quantity that was measured, in the order of the keys."""
    by_key: dict[str, list[Scored]] = {name: [] for name in KEYS}
    for each in predictions:
        by_key[each.key].append(scored(each))
    return [Score(KEYS[name], tuple(found), tuple(groups(found))) for name, found in by_key.items() if found]


def scored(prediction: Prediction) -> Scored:
    if prediction.status != "answered":
        return Scored(prediction, None, [])
    measured, predicted = _points(prediction.measured), _points(prediction.predicted)
    precision = prediction.case.precision.get(prediction.key, 0)
    errors = [error(p, m, precision) for p, m in zip(predicted, measured, strict=True)]
    return Scored(prediction, fmean(errors), list(_in_band(prediction, measured, precision)))


def error(predicted: float | bool, measured: float | bool, precision: float = 0) -> float:
    """The share of the measured value by which a prediction is off; yes or no: 0 right, 1 wrong.

    Of what was measured as nothing, anything else is off by the whole.
    """
    if isinstance(measured, bool):
        return float(predicted != measured)
    off = abs(predicted - measured)
    if off <= precision:
        return 0.0
    return off / measured if measured else 1.0


def _points(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _in_band(prediction: Prediction, measured: Sequence[float], precision: float) -> Iterator[bool]:
    if prediction.low is not None and prediction.high is not None:
        ends = zip(_points(prediction.low), measured, _points(prediction.high), strict=True)
        yield from (low - precision <= value <= high + precision for low, value, high in ends)


def groups(found: Iterable[Scored]) -> Iterator[Group]:
    """Groups by name; those with fewer than three answers together, last."""
    by_name: dict[str, list[Scored]] = {}
    for each in found:
        by_name.setdefault(each.prediction.case.group, []).append(each)
    small = [name for name, each in by_name.items() if len(_errors(each)) < SMALLEST_GROUP]
    for name in sorted(by_name.keys() - set(small)):
        yield Group((name,), len(by_name[name]), tuple(_errors(by_name[name])))
    together = [each for name in sorted(small) for each in by_name[name]]
    if together:
        yield Group(tuple(sorted(small)), len(together), tuple(_errors(together)))


def _errors(found: Iterable[Scored]) -> list[float]:
    return [each.error for each in found if each.error is not None]


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def p90(values: Sequence[float]) -> float:
    return percentile(values, 0.9)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies, between two of them in proportion.

    >>> percentile([0, 1, 2, 10], 0.9)
    7.6
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))

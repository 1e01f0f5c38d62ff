"""Errors, medians and means over groups, against figures worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.accuracy.cases import Case
from advisor.accuracy.predict import Prediction
from advisor.accuracy.score import Score, error, median, p90, percentile, score, scored


def case(group: str = "g", key: str = "weights_bytes", precision: float = 0) -> Case:
    return Case("id", group, {}, {key: 1}, {key: precision})


def prediction(
    measured: Any, predicted: Any, group: str = "g", key: str = "weights_bytes", **rest: Any
) -> Prediction:
    status = "unknown" if predicted is None else "answered"
    low, high = rest.get("low"), rest.get("high")
    one = case(group, key, rest.get("precision", 0))
    return Prediction(one, key, measured, predicted, low, high, "some.rule", status, None)


def weights(group: str, *errors: float) -> list[Prediction]:
    """Predictions of 100 bytes that are off by these per cents."""
    return [prediction(100, 100 + each, group) for each in errors]


def one(predictions: list[Prediction]) -> Score:
    (found,) = score(predictions)
    return found


@pytest.mark.parametrize(
    ("predicted", "measured", "precision", "wanted"),
    [
        (110, 100, 0, 0.1),
        (90, 100, 0, 0.1),
        (104, 100, 5, 0),
        (105, 100, 5, 0),
        (106, 100, 5, 0.06),
        (0, 0, 0, 0),
        (7, 0, 0, 1),
        (True, True, 0, 0),
        (True, False, 0, 1),
        (False, True, 0, 1),
    ],
)
def test_error(predicted: float, measured: float, precision: float, wanted: float):
    assert error(predicted, measured, precision) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [
        ([3], 0.9, 3),
        ([4, 1], 0.5, 2.5),
        ([3, 1, 2], 0.5, 2),
        ([0.016, 0.091, 0.205, 0.742, 1.301], 0.9, 1.0774),
        (list(range(11)), 0.9, 9),
    ],
)
def test_percentile(values: list[float], share: float, wanted: float):
    assert percentile(values, share) == pytest.approx(wanted)


def test_a_list_is_one_error_the_mean_over_its_points():
    found = scored(prediction([100, 50], [110, 55.5], key="decode_at_depth", precision=5))
    assert found.error == pytest.approx((0.1 + 0.11) / 2)
    assert scored(prediction([100, 50], [105, 55], key="decode_at_depth", precision=5)).error == 0


def test_a_band_holds_to_its_ends_and_within_the_precision():
    holds = [
        scored(prediction(100, 90, low=low, high=high, precision=1)).in_band
        for low, high in ((100, 110), (90, 100), (101, 110), (102, 110), (80, 98))
    ]
    assert holds == [[True], [True], [True], [False], [False]]
    depths = prediction([10, 20], [9, 9], key="decode_at_depth", low=[8, 8], high=[12, 12])
    assert scored(depths).in_band == [True, False]
    assert scored(prediction(100, 100)).in_band == []


def test_each_group_counts_once():
    found = one([*weights("long", 1, 2, 3, 4, 5, 6, 7, 8, 9), *weights("short", 20, 30, 40)])
    assert [group.names for group in found.groups] == [("long",), ("short",)]
    assert found.over_groups(median) == pytest.approx((0.05 + 0.30) / 2)
    assert found.over_groups(p90) == pytest.approx((0.082 + 0.38) / 2)
    assert found.pooled(median) == pytest.approx(0.065)


def test_groups_with_fewer_than_three_answers_count_together():
    silent = [prediction(100, None, "c"), prediction(100, None, "c"), prediction(100, None, "d")]
    found = one([*weights("b", 10, 30), *weights("a", 1, 2, 3), *weights("c", 50), *silent])
    assert [group.names for group in found.groups] == [("a",), ("b", "c", "d")]
    assert [group.cases for group in found.groups] == [3, 6]
    assert [len(group.errors) for group in found.groups] == [3, 3]
    assert found.over_groups(median) == pytest.approx((0.02 + 0.30) / 2)
    assert found.count("unknown") == 3 and found.count("answered") == 6


def test_nothing_answered_has_no_error():
    found = one([prediction(100, None), prediction(100, None, "h")])
    assert found.over_groups(median) is None and found.pooled(median) is None


def test_yes_and_no_are_right_or_wrong():
    said = [(True, True), (True, True), (True, False), (False, False), (False, None)]
    found = one([prediction(m, p, key="fits") for m, p in said])
    assert found.errors == [0, 0, 1, 0] and found.groups[0].right == 3 and found.count("unknown") == 1


def test_quantities_are_told_in_the_order_of_the_keys():
    found = score([prediction(True, True, key="fits"), *weights("g", 1)])
    assert [each.key.name for each in found] == ["weights_bytes", "fits"]


@pytest.mark.parametrize("function", [median, p90])
def test_a_figure_of_one_error_is_that_error(function: Any):
    assert function([0.25]) == 0.25

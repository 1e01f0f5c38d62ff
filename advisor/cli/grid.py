"""Grids: what `--over` says, as the changes of each variant.

--over hardware.gpu=a100-sxm4-80,h100-sxm5-80     values, split at commas outside brackets and quotes
--over deployment.context=4096..65536*2           a range, ends included: each the double of the one before
--over hardware.count=1..8                        by one; +STEP by another step
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from advisor.errors import InputError, Problem

MOST = 500  # variants
_RANGE = re.compile(r"(\d{1,15})\.\.(\d{1,15})(?:([+*])(\d{1,15}))?")
_OPEN, _CLOSED = "[{", "]}"


class Axis(NamedTuple):
    """A field of the question and the values that it takes, as texts."""

    path: str
    values: Sequence[str]


def axes_of(overs: Sequence[str]) -> list[Axis]:
    """What each `--over` says. Raises InputError with all that is wrong."""
    problems: list[Problem] = []
    axes = [_axis(over, problems) for over in overs]
    paths = [axis.path for axis in axes]
    for path in sorted({path for path in paths if paths.count(path) > 1}):
        problems.append(Problem("over-twice", f"--over {path} is said twice: give all its values at once"))
    count = prod(len(axis.values) for axis in axes)
    if count > MOST and not problems:
        text = f"the grid has {count:,} variants, and at most {MOST:,} are asked"
        problems.append(Problem("grid-too-large", text, "Name fewer values, or larger steps."))
    if problems:
        raise InputError(problems)
    return axes


def variants(axes: Sequence[Axis]) -> Iterator[list[str]]:
    """The changes of each variant, in the order of the axes; the last one changes fastest."""
    for values in product(*(axis.values for axis in axes)):
        yield [f"{axis.path}={value}" for axis, value in zip(axes, values, strict=True)]


def _axis(over: str, problems: list[Problem]) -> Axis:
    path, equals, text = over.partition("=")
    path = path.strip()
    values = list(_pieces(text))
    if not equals or not all(path.partition(".")) or not all(values):
        hint = "Write --over table.field=value,value, for example --over deployment.context=4096..65536*2."
        problems.append(Problem("over-form", f"--over {over} names no field with its values", hint))
    return Axis(path, [one for value in values for one in _spread(path, value, problems)])


def _pieces(text: str) -> Iterator[str]:
    """The parts between commas that stand in no bracket and no quotes."""
    depth, quote, piece = 0, "", ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        depth += (not quote) * ((sign in _OPEN) - (sign in _CLOSED))
        if sign == "," and not quote and depth == 0:
            yield piece.strip()
            piece = ""
        else:
            piece += sign
    yield piece.strip()


def _spread(path: str, value: str, problems: list[Problem]) -> Sequence[str]:
    """The values of a range; any other value as it is."""
    found = _RANGE.fullmatch(value)
    if found is None:
        return [value]
    first, last, by = int(found[1]), int(found[2]), int(found[4] or 1)
    steps = list(_steps(first, last, found[3] or "+", by))
    if not steps:
        problems.append(Problem("range-empty", f"--over {path}: {value} holds no value or never ends"))
    elif len(steps) > MOST:
        problems.append(Problem("grid-too-large", f"--over {path}: {value} has more than {MOST:,} values"))
    return [str(step) for step in steps]


def _steps(first: int, last: int, sign: str, by: int) -> Iterator[int]:
    """Up to one more than are asked. None where a step leads nowhere."""
    onwards = by > 0 if sign == "+" else by > 1 and first > 0
    for _ in range(MOST + 1 if onwards else 0):
        if first > last:
            return
        yield first
        first = first + by if sign == "+" else first * by

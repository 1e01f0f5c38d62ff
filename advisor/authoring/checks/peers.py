"""Rules that are to be compared with one another, without comparing each with all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from advisor.authoring.checks.shape import Shape
from advisor.expressions import Value

MOST = 200  # with which one is compared, so that checking grows with the number of rules and no faster


class Peers:
    """Rules apart by what most of them want of one thing: those that want something else never meet."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        told = Counter(subject for shape in shapes for subject in shape.fixed)
        self._subject = max(told, key=told.__getitem__, default="")
        self._all = list(shapes)
        self._with: dict[Value | None, list[Shape]] = {}
        for shape in shapes:
            self._with.setdefault(shape.fixed.get(self._subject), []).append(shape)

    def of(self, shape: Shape) -> list[Shape]:
        """Those that may fire together with it, in the order of the rules."""
        wanted = shape.fixed.get(self._subject)
        near = self._all if wanted is None else [*self._with[wanted], *self._with.get(None, ())]
        return list(islice((other for other in near if other is not shape), MOST))

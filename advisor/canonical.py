"""One text for one value, whatever the order in which it was made: what digests are taken of."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces; fractions as numerator and denominator."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_exact)


def _exact(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value)

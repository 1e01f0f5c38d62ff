"""Tables written again are the same tables."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from advisor.documents import parse
from advisor.rules.tables import written

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DECIMALS = st.decimals(-(10**12), 10**12, places=9, allow_nan=False).map(Fraction)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**62), 2**62) | DECIMALS | TEXTS | st.dates(date(1900, 1, 1)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_reads_back_as_the_same(value: Any):
    assert parse(f"value = {written(value)}", "page").data["value"] == value

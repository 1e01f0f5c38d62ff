"""What expressions read out of texts: words, months, versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.expressions.texts import contains, month_of, version_of

MONTHS = {
    "May 2024 (builds 2824 to 2843)": (2024, 5),
    "b21e4de, CUDA, August 2026": (2026, 8),
    "2025-01-27": (2025, 1),
    "early 2025": (2025, 2),
    "fork, 2025": (2025, 6),
    "Sept. 2025": (2025, 9),
}
VERSIONS = {
    "about 0.6.3.post1": 6_003,
    "0.30": 30_000,
    "4.46.0 with flash-attention 2.5.8": 4_046_000,
    "build about 9187, ROCm 7.2.3": 9_187_000_000,
    "b6325": 6_325_000_000,
}


@pytest.mark.parametrize("text", MONTHS)
def test_the_month_that_a_version_names(text: str) -> None:
    year, month = MONTHS[text]
    assert month_of(text) == year * 12 + month


@pytest.mark.parametrize("text", ["", "0.6.3", "build 9187", "Ascend plugin"])
def test_months_that_are_none(text: str) -> None:
    assert month_of(text) == 0


@pytest.mark.parametrize("text", VERSIONS)
def test_the_version_that_a_text_names(text: str) -> None:
    assert version_of(text) == VERSIONS[text]


@given(st.integers(0, 9999), st.integers(0, 999), st.integers(0, 999))
def test_versions_are_ordered_as_their_parts(major: int, minor: int, patch: int) -> None:
    here = version_of(f"{major}.{minor}.{patch}")
    assert here == major * 1_000_000 + minor * 1_000 + patch
    assert here < version_of(f"{major}.{minor + 1}.{patch}") or minor == 999


@given(st.text(max_size=50))
def test_any_text_is_read(text: str) -> None:
    assert month_of(text) >= 0
    assert version_of(text) >= 0
    assert contains(text, "")


def test_capitals_do_not_count() -> None:
    assert contains("LM Studio, August 2025", "lm studio")
    assert not contains("vLLM", "llama")

"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No test is timed: a slow machine is no defect. Where CI is set, the same examples are tried every time.
settings.register_profile(
    "advisor",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("advisor")

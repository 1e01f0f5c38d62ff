"""Settings that every test shares."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

# No test is timed: a slow machine is no defect. Where CI is set, the same examples are tried every time.
settings.register_profile(
    "advisor",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("advisor")

# What a user keeps does not count here.
os.environ["ADVISOR_HOME"] = "off"
for variable in ("ADVISOR_RULES", "ADVISOR_FACTS"):
    os.environ.pop(variable, None)

# A snapshot folder of the tests' own: neither what a user keeps nor what a user has counts here.
if "ADVISOR_CACHE" not in os.environ:
    os.environ["ADVISOR_CACHE"] = tempfile.mkdtemp(prefix="advisor-tests-")
    atexit.register(shutil.rmtree, os.environ["ADVISOR_CACHE"], ignore_errors=True)

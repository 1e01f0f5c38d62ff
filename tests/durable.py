"""Whether durable-rules can be used by this Python: from 3.13 on it cannot be imported."""

from __future__ import annotations

import importlib.util

import pytest

HAS_DURABLE = importlib.util.find_spec("durable_rules_engine") is not None
NEEDS_DURABLE = pytest.mark.skipif(not HAS_DURABLE, reason="durable-rules cannot be imported here")

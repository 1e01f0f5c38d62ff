"""The records of the reference questions: what is asked today leads to the same bytes, on every engine.

A change of rules or facts changes them: `make records` writes them anew, and what differs is to be looked at.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.audit.records.again import differences
from advisor.audit.records.form import spread
from advisor.audit.records.reading import Record, examined
from advisor.audit.records.record import body_today
from advisor.audit.records.verify import verified
from advisor.installation import installation
from tests.commandline import EXAMPLES
from tests.durable import HAS_DURABLE

RECORDS = Path(__file__).parent / "records"
NAMES = ("mixtral-8x22b-a100", "mixtral-8x22b-h100", "home-rtx-4090")
ENGINES = ["durable", "clips"] if HAS_DURABLE else ["clips"]


def golden(name: str) -> Record:
    record, checks = examined((RECORDS / f"{name}.json").read_bytes())
    assert record and all(check.holds for check in checks)
    return record


@pytest.mark.parametrize("name", NAMES)
def test_today_leads_to_what_is_recorded(name: str):
    made = installation()
    body = body_today(made.ask(EXAMPLES / f"{name}.toml", "clips", ()), made)
    recorded = golden(name).body
    assert spread(body, 2) == spread(recorded, 2), [
        "make records, and look at what differs:",
        *differences(recorded, body),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_recorded_follows_from_itself(name: str):
    """By every engine here; and what ships today still says the same."""
    found = verified((RECORDS / f"{name}.json").read_bytes(), ENGINES, installation())
    assert found["intact"] and found["current"], [check["text"] for check in found["checks"]]


def test_there_is_no_record_of_something_else():
    assert {path.stem for path in RECORDS.glob("*.json")} == set(NAMES)

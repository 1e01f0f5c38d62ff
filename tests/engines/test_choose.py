"""Which engine is used, by name and by what is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from advisor.engines import ENGINES, choose
from advisor.errors import EngineError, InputError
from tests.engines.naive import NaiveEngine


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)  # an import of it then fails


def test_clips_where_durable_rules_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "durable_rules_engine")
    assert [engine.name for engine in choose()] == ["clips"]


def test_durable_where_it_can() -> None:
    pytest.importorskip("durable_rules_engine", exc_type=ImportError)
    assert [engine.name for engine in choose()] == ["durable"]
    assert [engine.name for engine in choose("durable, clips")] == ["durable", "clips"]


def test_a_name_twice_is_one_engine() -> None:
    assert [engine.name for engine in choose("clips,clips")] == ["clips"]


def test_versions_are_known() -> None:
    assert all(engine.version for engine in choose("clips"))


@pytest.mark.parametrize("names", ["drools", "", "clips,", "Clips"])
def test_unknown_names(names: str) -> None:
    with pytest.raises(InputError, match="no engine is called") as caught:
        choose(names)
    assert "durable, clips" in str(caught.value)


def test_a_named_engine_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "durable_rules_engine")
    with pytest.raises(EngineError, match="--engine clips"):
        choose("clips,durable")


def test_no_engine_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "durable_rules_engine", "clips")
    with pytest.raises(EngineError) as caught:
        choose()
    assert len(caught.value.problems) == 2


def test_an_engine_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "naive", NaiveEngine)
    assert [engine.name for engine in choose("naive,clips")] == ["naive", "clips"]


def test_no_library_is_imported_before_it_is_asked_for() -> None:
    code = "import sys, advisor.engines; sys.exit(bool({'clips', 'durable_rules_engine'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

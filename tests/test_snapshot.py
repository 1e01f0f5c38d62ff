"""The snapshot is a shortcut: used only where nothing changed and no one else could have written it."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import advisor
from advisor import installation, snapshot
from advisor.errors import FactsError
from tests.commandline import EXAMPLES

POISON = "what a poisoned snapshot holds"  # that it comes back shows that the snapshot was read
HAS_OWNERS = pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners and modes here")
KINDS = """
schema = 1
[[kind]]
id = "thing"
meaning = "…"
key = ["id"]
[kind.fields]
id = { type = "integer", required = true, meaning = "…" }
"""
FACTS = """
schema = 1
thing = [{ id = 1 }]
"""
RULES = """
schema = 1
[[rule]]
id = "things.seen"
summary = "…"
severity = "info"
match = [{ fact = "thing", as = "t" }]
because = "{t.id} is there."
[[rule.test]]
name = "one"
given = [{ fact = "thing", id = 1 }]
expect = []
says = "1 is there"
"""


class World:
    """Small folders of rules and facts, a package whose code can be changed, and a cache of their own."""

    def __init__(self, root: Path) -> None:
        self.cache, self.rules, self.facts, self.code = (
            root / n for n in ("cache", "rules", "facts", "code")
        )
        for folder in (self.rules, self.facts, self.code):
            folder.mkdir()
        (self.facts / "kinds.toml").write_text(KINDS, encoding="utf-8")
        (self.facts / "things.toml").write_text(FACTS, encoding="utf-8")
        (self.rules / "things.toml").write_text(RULES, encoding="utf-8")
        (self.code / "snapshot.py").write_text("", encoding="utf-8")

    def load(self) -> object:
        return snapshot.load([self.rules], [self.facts])

    def snapshots(self) -> list[Path]:
        return sorted(self.cache.glob("*.pickle"))

    def poison(self) -> Path:
        """Load once, and put something else in the place of what was kept."""
        self.load()
        (kept,) = self.snapshots()
        kept.write_bytes(pickle.dumps(POISON))
        return kept


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setenv("ADVISOR_CACHE", str(made.cache))
    monkeypatch.setattr(snapshot, "__file__", str(made.code / "snapshot.py"))
    return made


def test_it_is_used_the_second_time(world: World) -> None:
    world.poison()
    assert world.load() == POISON


def test_it_holds_what_reading_gives(world: World) -> None:
    library, rulebook = world.load()
    again, rulebook_again = world.load()
    assert len(world.snapshots()) == 1
    assert [fact.values for fact in again.facts] == [fact.values for fact in library.facts]
    assert again.digests == library.digests
    assert [(rule.id, rule.examples) for rule in rulebook_again] == [(rule.id, ()) for rule in rulebook]
    assert rulebook_again.digests == rulebook.digests


def test_errors_are_not_kept(world: World) -> None:
    (world.facts / "things.toml").write_text("schema = 1\nthing = [{ id = 'one' }]\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(FactsError):
            world.load()
    assert not world.snapshots()


# ---------------------------------------------------------------- what changes


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


CHANGES = {
    "a rule": lambda world: append(world.rules / "things.toml", "\n# changed\n"),
    "a fact": lambda world: append(world.facts / "things.toml", "\n# changed\n"),
    "a new file": lambda world: (world.facts / "more.toml").write_text("schema = 1\nthing = [{ id = 2 }]\n"),
    "a renamed file": lambda world: (world.facts / "things.toml").rename(world.facts / "other.toml"),
    "a file that is gone": lambda world: (world.facts / "things.toml").unlink(),
    "code": lambda world: append(world.code / "snapshot.py", "# changed\n"),
    "code that was saved again": lambda world: os.utime(world.code / "snapshot.py", (1, 1)),
    "new code": lambda world: (world.code / "more.py").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_not_used_after_a_change(world: World, change: str) -> None:
    world.poison()
    CHANGES[change](world)
    assert world.load() != POISON
    assert len(world.snapshots()) == 2


def test_one_byte_for_another_is_a_change(world: World) -> None:
    """Size and time of a file may stay; its content is what counts."""
    world.poison()
    facts = world.facts / "things.toml"
    before = facts.stat()
    facts.write_text(FACTS.replace("1 }", "2 }"), encoding="utf-8")
    os.utime(facts, ns=(before.st_atime_ns, before.st_mtime_ns))
    library, _ = world.load()
    assert [fact.key for fact in library.facts] == [(2,)]


def test_it_is_not_used_by_another_python(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.poison()
    monkeypatch.setattr(snapshot, "sys", SimpleNamespace(version=f"{sys.version} and another"))
    assert world.load() != POISON


@pytest.mark.parametrize("length", [0, 7, 8, 9, 20])
def test_no_more_of_a_file_is_told_than_is_ever_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(snapshot, "MAX_BYTES", 8)
    (tmp_path / "file").write_bytes(b"x" * length)
    assert snapshot._content(tmp_path / "file") == b"x" * min(length, 9)


# ---------------------------------------------------------------- whom it trusts


@HAS_OWNERS
@pytest.mark.parametrize("mode", [0o020, 0o002], ids=["group", "world"])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_it_is_not_used_where_others_may_write(world: World, what: str, mode: int) -> None:
    kept = world.poison()
    path = kept if what == "file" else world.cache
    path.chmod(path.stat().st_mode | mode)
    assert world.load() != POISON


@HAS_OWNERS
def test_it_is_not_used_where_another_owns_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.poison()
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    assert world.load() != POISON


@HAS_OWNERS
def test_what_it_writes_is_private(world: World) -> None:
    world.load()
    assert world.cache.stat().st_mode & 0o077 == 0
    assert [path.stat().st_mode & 0o077 for path in world.snapshots()] == [0]


# ---------------------------------------------------------------- what may go wrong


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x05", b"not a pickle", pickle.dumps(None), b"cno_such_module\nname\n."]
)
def test_a_corrupt_one_is_read_around_and_replaced(world: World, content: bytes) -> None:
    world.poison().write_bytes(content)
    library, _ = world.load()
    assert [fact.key for fact in library.facts] == [(1,)]
    (kept,) = world.snapshots()
    assert kept.read_bytes() != content


def test_off_reads_and_writes_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = world.poison()
    monkeypatch.setenv("ADVISOR_CACHE", "off")
    assert world.load() != POISON
    kept.unlink()
    world.load()
    assert not world.snapshots()


def test_a_folder_that_cannot_be_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_CACHE", str(world.code / "snapshot.py" / "cache"))
    library, _ = world.load()
    assert [fact.key for fact in library.facts] == [(1,)]


def test_a_disk_that_is_full_leaves_nothing_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(pickle, "dump", full)
    library, _ = world.load()
    assert [fact.key for fact in library.facts] == [(1,)]
    assert list(world.cache.iterdir()) == []


def test_only_the_newest_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "KEEP", 2)
    for number in range(4):
        append(world.facts / "things.toml", f"# {number}\n")
        world.load()
        for age, path in enumerate(sorted(world.snapshots(), key=lambda path: path.stat().st_mtime_ns)):
            os.utime(path, (100 * number + age, 100 * number + age))
    assert len(world.snapshots()) == 2
    newest = max(world.snapshots(), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(pickle.dumps(POISON))
    assert world.load() == POISON


# ---------------------------------------------------------------- answers


def test_answers_are_equal_with_and_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(cache: str) -> str:
        monkeypatch.setenv("ADVISOR_CACHE", cache)
        monkeypatch.setattr(installation, "_kept", {})
        return advisor.ask(EXAMPLES / "mixtral-8x22b-a100.toml", engine="clips").to_json()

    without, first, second = (answer(cache) for cache in ("off", str(tmp_path), str(tmp_path)))
    assert len(list(tmp_path.glob("*.pickle"))) == 1
    assert without == first == second


def test_a_question_keeps_no_rule_over_the_catalog_and_the_whole_is_kept_apart(world: World) -> None:
    rules = RULES + RULES.replace("schema = 1", "").replace("things.seen", "things.checked").replace(
        'severity = "info"', 'severity = "info"\nover = "catalog"'
    )
    (world.rules / "things.toml").write_text(rules, encoding="utf-8")
    for kept in (1, 2):  # as read, and as kept
        for whole, catalog in ((False, []), (True, ["things.checked"])):
            _, rulebook = snapshot.load([world.rules], [world.facts], whole=whole)
            assert [rule.id for rule in rulebook.catalog] == catalog
            assert [rule.id for rule in rulebook.of_questions] == ["things.seen"]
        assert len(world.snapshots()) == 2, kept

"""Which folders of rules and of facts are in effect, in which order, and who named them.

First what ships, then the user's own folder, then those of ADVISOR_RULES or ADVISOR_FACTS, then those of
the call. `ADVISOR_HOME` names another folder in place of the user's own, or is `off`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.errors import InputError, Problem
from advisor.paths import PACK, facts_folder, rules_folder

if TYPE_CHECKING:
    from advisor.packs import Pack

Paths = tuple[Path, ...]


class Folder(NamedTuple):
    """One folder after those that ship."""

    kind: str  # rules or facts
    path: Path
    named_by: str  # user folder, ADVISOR_RULES, ADVISOR_FACTS or call
    pack: Pack | None = None

    def to_dict(self) -> dict[str, Any]:
        pack = self.pack and {"name": self.pack.name, "version": self.pack.version}
        return {"kind": self.kind, "path": str(self.path), "named_by": self.named_by, "pack": pack}


def folders_in_effect(
    rules: Sequence[str | Path] = (), facts: Sequence[str | Path] = ()
) -> tuple[Paths, Paths]:
    """The folders of rules and those of facts, the shipped ones first. Raises what `own_folders` raises."""
    return all_paths((*own_folders("rules", rules), *own_folders("facts", facts)))


def all_paths(own: Sequence[Folder]) -> tuple[Paths, Paths]:
    """Where rules are and where facts are: what ships, then these."""
    rules, facts = ([each.path for each in own if each.kind == kind] for kind in ("rules", "facts"))
    return (rules_folder(), *rules), (facts_folder(), *facts)


def own_folders(kind: str, more: Sequence[str | Path] = ()) -> tuple[Folder, ...]:
    """Those after what ships, each once: a folder that is named again stands where it is named last.

    Raises InputError for one that is missing, or a pack that does not fit.
    """
    named = [*_of_user(kind), *_of_environment(f"ADVISOR_{kind.upper()}"), *(("call", Path(p)) for p in more)]
    missing = [_missing(kind, *each) for each in named if not each[1].is_dir()]
    if missing:
        raise InputError(missing)
    last = {path.resolve(): position for position, (_, path) in enumerate(named)}
    kept = [named[position] for position in sorted(last.values())]
    return tuple(Folder(kind, path.absolute(), by, _pack(kind, path.absolute())) for by, path in kept)


def user_folder() -> Path | None:
    """Where a user keeps rules/ and facts/ that hold for every question; None where that is off."""
    wish = os.environ.get("ADVISOR_HOME")
    if wish:
        return None if wish == "off" else Path(wish)
    from platformdirs import user_config_path

    return user_config_path("llm-fit-advisor", appauthor=False)


def _of_user(kind: str) -> Iterator[tuple[str, Path]]:
    place = user_folder()
    if place and (place / kind).is_dir():
        yield "user folder", place / kind


def _of_environment(variable: str) -> Iterator[tuple[str, Path]]:
    for path in filter(None, os.environ.get(variable, "").split(os.pathsep)):
        yield variable, Path(path)


def _missing(kind: str, named_by: str, path: Path) -> Problem:
    by = "" if named_by == "call" else f", which {named_by} names"
    return Problem("folder-missing", f"there is no {kind} folder {path}{by}")


def _pack(kind: str, folder: Path) -> Pack | None:
    """Of its pack.toml; or of the one above, where the folder is the half of a pack called rules or facts."""
    above = [folder.parent] if folder.name == kind else []
    place = next((place / PACK for place in (folder, *above) if (place / PACK).is_file()), None)
    if place is None:
        return None
    from advisor.packs import read_pack  # few folders are packs, and what reads them is slow to import

    return read_pack(place)

"""Rules and facts as they were read and bound last time, so that a question need not read them again.

A snapshot is only a shortcut. Its name is a digest of every file it was made from, of this package's
own code and of the Python that runs it: when any of them changes it is not found, and the files are read.
It is a pickle, and so as trusted as compiled Python is: it is used only if it lies where nobody but its
owner could have written it. `ADVISOR_CACHE` names another folder, or `off`.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from advisor.answer.figures import ANSWERED
from advisor.documents import MAX_BYTES
from advisor.facts.library import Library
from advisor.paths import files_below
from advisor.remedies.outcome import DECIDING
from advisor.rules.rulebook import Rulebook

KEEP = 8
Loaded = tuple[Library, Rulebook]


def load(rules: Sequence[Path], facts: Sequence[Path], whole: bool = False) -> Loaded:
    """Rules and facts of these folders: what a question needs of them, or the `whole`.

    Raises what reading them raises.
    """
    place = _place(rules, facts, whole)
    return (place and _read(place)) or _build(rules, facts, place, whole)


def _build(rules: Sequence[Path], facts: Sequence[Path], place: Path | None, whole: bool) -> Loaded:
    from advisor.facts.load import load_library  # reading and checking files costs more than all else
    from advisor.rules.load import load_rulebook

    library = load_library(facts)
    rulebook = load_rulebook(rules, library.kinds)
    loaded = (library, rulebook) if whole else _for_questions(library, rulebook)
    if place:
        with contextlib.suppress(OSError):
            _write(place, loaded)
    return loaded


def _for_questions(library: Library, rulebook: Rulebook) -> Loaded:
    """With what follows from the rules alone and every question needs."""
    book = rulebook.for_questions()
    book.prepare(DECIDING, ANSWERED)
    return library.with_kinds(rulebook.read), book


def _place(rules: Sequence[Path], facts: Sequence[Path], whole: bool) -> Path | None:
    """Where the snapshot of these folders would be; None where there can be none."""
    folder = _folder()
    if folder is None:
        return None
    digest = hashlib.sha256(sys.version.encode())
    for part in _parts(rules, facts):
        digest.update(hashlib.sha256(part).digest())
    return folder / f"{digest.hexdigest()}{'-whole' if whole else ''}.pickle"


def _folder() -> Path | None:
    wish = os.environ.get("ADVISOR_CACHE")
    if wish == "off":
        return None
    if wish:
        return Path(wish)
    from platformdirs import user_cache_path

    return user_cache_path("llm-fit-advisor", appauthor=False)


def _parts(rules: Sequence[Path], facts: Sequence[Path]) -> Iterator[bytes]:
    """Names and contents of all files; of the package's own code, names and times."""
    for group in (rules, facts):
        for folder in group:
            yield str(folder).encode()
            for path in files_below(folder, ".toml"):
                yield path.as_posix().encode()
                yield _content(path)
    for path in files_below(Path(__file__).parent, ".py"):
        stat = path.stat()
        yield f"{path} {stat.st_mtime_ns} {stat.st_size}".encode()


def _content(path: Path) -> bytes:
    """As much of a file as is ever read of it; what is no file, a pipe for example, is told by its name."""
    if not path.is_file():
        return b""
    with path.open("rb", buffering=0) as file:
        whole = os.fstat(file.fileno()).st_size <= MAX_BYTES
        return file.read() if whole else file.read(MAX_BYTES + 1)  # reading n bytes makes room for n


def _read(place: Path) -> Loaded | None:
    """The snapshot, if there is one and it can be trusted and used."""
    try:
        if not (_private(place) and _private(place.parent)):
            return None
        with contextlib.suppress(OSError):
            os.utime(place)  # those that are used are kept
        with place.open("rb") as file, _without_collecting():
            return pickle.load(file)
    except Exception:  # whatever is wrong with a shortcut, the long way is open
        return None


def _private(path: Path) -> bool:
    """Whether only this user can have written here. Elsewhere than on POSIX the user's folder is trusted."""
    stat = path.stat()
    return not hasattr(os, "getuid") or (stat.st_uid == os.getuid() and not stat.st_mode & 0o022)


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Thousands of objects come at once and all stay: looking for garbage among them is in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(place: Path, loaded: Any) -> None:
    import tempfile

    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            pickle.dump(loaded, file, protocol=5)
        os.replace(name, place)
    except BaseException:
        os.unlink(name)
        raise
    old = sorted(place.parent.glob("*.pickle"), key=lambda path: path.stat().st_mtime_ns)[:-KEEP]
    for path in old:
        path.unlink(missing_ok=True)

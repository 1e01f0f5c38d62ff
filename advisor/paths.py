"""Where the rules and facts that ship are: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

PACK = "pack.toml"  # in a folder of rules or facts: what the folder is, and no rule or fact

_HERE = Path(__file__).resolve().parent


def files_below(folder: Path, ending: str) -> list[Path]:
    """Everything below a folder that is called so and is no folder, in order. Links to folders stay shut."""
    found = ((place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(ending))
    return sorted(Path(place, name) for place, name in found)


def rules_folder() -> Path:
    return _folder("rules")


def facts_folder() -> Path:
    return _folder("facts")


def _folder(name: str) -> Path:
    shipped = _HERE / "data" / name
    return shipped if shipped.is_dir() else _HERE.parent / name

"""Where the rules and facts that ship are: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

PACK = "pack.toml"  # in a folder of rules or facts: what the folder is, and no rule or fact

_HERE = Path(__file__).resolve().parent


def rules_folder() -> Path:
    return _folder("rules")


def facts_folder() -> Path:
    return _folder("facts")


def _folder(name: str) -> Path:
    shipped = _HERE / "data" / name
    return shipped if shipped.is_dir() else _HERE.parent / name

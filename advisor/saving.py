"""Writing files: each is read back and compared before it replaces anything."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

from advisor.documents import parse
from advisor.errors import InputError, Problem
from advisor.question import Question
from advisor.rules.tables import decimal, quoted


def save_question(question: Question, path: Path) -> None:
    """Keep a question as a config file. Raises InputError if it would not read back as the same."""
    import toml

    encoder = toml.TomlEncoder()
    encoder.dump_funcs[str] = toml_value  # its own way with texts loses control characters
    text = toml.dumps(_writable(question.tables), encoder)
    if parse(text, str(path)).data != question.tables:
        raise InputError(
            [Problem("save", f"the question cannot be written to {path} without loss", None, str(path))]
        )
    replace_file(path, text)


def replace_file(path: Path, text: str) -> None:
    """Write a whole file or nothing; what is no file, such as /dev/null, is written to as it is."""
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_text(text, "utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise InputError(
            [Problem("file-unwritable", f"cannot write {path}: {error.strerror}", None, str(path))]
        ) from None


def _replace(path: Path, text: str) -> None:
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:  # digests count every byte
            file.write(text)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def toml_value(value: Any) -> str:
    """A text or a number as TOML has it."""
    if isinstance(value, str):
        return quoted(value)
    return str(value)


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _writable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_writable(each) for each in value]
    return decimal(value) if isinstance(value, Fraction) else value


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

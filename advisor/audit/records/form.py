"""The form of a record: one JSON document, written in one way only, that digests hold together.

    {"body": {…}, "header": {…}}

Keys are sorted, nothing stands between them but the line ends between the entries of a list, and numbers
that are no integers are told as fractions. `header.body_sha256` is the SHA-256 of the body as it stands in
the file, `header.sha256` that of the header without this last key.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import time
from collections.abc import Mapping
from typing import Any

from advisor import __version__
from advisor.canonical import canonical

SCHEMA = "advisor.record/1"
_SPREAD = 2  # levels of the body whose entries stand on lines of their own
Table = dict[str, Any]


def record_of(body: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The whole document. `answer` is `Answer.to_dict()`, of which the header tells how it was made."""
    header = {
        "schema": SCHEMA,
        "made": _now().isoformat(timespec="seconds"),
        "host": _host(),
        "advisor": __version__,
        "engine": answer["engine"],
        "folders": answer["folders"],
        "installed": {name: answer["digests"][name] for name in ("rules", "facts")},
    }
    return sealed(body, header)


def _now() -> datetime.datetime:
    """The time, or what SOURCE_DATE_EPOCH says it is."""
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(said) if said.isascii() and said.isdigit() else time.time()
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _host() -> dict[str, str]:
    """Where; who does not want to tell the name of a machine sets ADVISOR_HOST."""
    name = os.environ.get("ADVISOR_HOST") or platform.node()
    system = f"{platform.system()} {platform.machine()}"
    return {"name": name, "system": system, "python": platform.python_version()}


def sealed(body: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    """Body and header with their digests."""
    head = {**header, "body_sha256": body_digest(body)}
    return written(body, {**head, "sha256": header_digest(head)})[0]


def written(body: Any, header: Any) -> tuple[str, str]:
    """The one text that says this, and the digest of the body in it."""
    inner, head = (spread(part, _SPREAD) for part in (body, header))
    return f'{{\n"body":{inner},\n"header":{head}\n}}\n', _sha256(inner)


def body_digest(body: Any) -> str:
    return _sha256(spread(body, _SPREAD))


def header_digest(header: Mapping[str, Any]) -> str:
    return _sha256(canonical({name: value for name, value in header.items() if name != "sha256"}))


def spread(value: Any, levels: int) -> str:
    """Canonical JSON, with the entries of the outer levels on lines of their own: so that changes show."""
    if levels and value and isinstance(value, dict):
        inner = [f"{canonical(name)}:{spread(each, levels - 1)}" for name, each in sorted(value.items())]
        return "{\n" + ",\n".join(inner) + "\n}"
    if levels and value and isinstance(value, list):
        return "[\n" + ",\n".join(map(canonical, value)) + "\n]"
    return canonical(value)


def parsed(text: str) -> Any:
    """What JSON a text is. Raises ValueError, or RecursionError, where it is none that a record can hold."""
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

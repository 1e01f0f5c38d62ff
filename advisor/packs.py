"""Packs: a folder of rules or facts that says its name, its version and the advisor that it is made for.

`pack.toml` stands in the folder, or, for a pack that has both rules/ and facts/, in the folder above them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from advisor import __version__
from advisor.documents import Document, read
from advisor.errors import InputError, Problem
from advisor.facts.findings import explain, keys_of


class Pack(BaseModel):
    """What a pack says of itself."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    version: str
    advisor: str  # the versions of the advisor that it is made for
    summary: str = ""


def read_pack(place: Path) -> Pack:
    """Read pack.toml. Raises InputError where it is wrong, or made for another advisor."""
    document = read(place)
    try:
        pack = Pack.model_validate(document.data)
    except ValidationError as error:
        raise InputError(explain(error, document, keys_of(Pack))) from None
    _check_version(pack, document)
    _check_advisor(pack, document)
    return pack


def _check_version(pack: Pack, document: Document) -> None:
    try:
        Version(pack.version)
    except InvalidVersion:
        text = f"{pack.version!r} is no version"
        raise _wrong(document, "version", "wrong-form", text, 'Write version = "1.0.0".') from None


def _check_advisor(pack: Pack, document: Document) -> None:
    try:
        fits = SpecifierSet(pack.advisor).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        text = f"{pack.advisor!r} names no versions of the advisor"
        raise _wrong(document, "advisor", "wrong-form", text, 'Write advisor = ">=0.1,<1".') from None
    if not fits:
        text = f"the pack {pack.name} {pack.version} needs advisor {pack.advisor}, and this is {__version__}"
        hint = "Take another version of the pack, or of the advisor."
        raise _wrong(document, "advisor", "pack-version", text, hint)


def _wrong(document: Document, key: str, code: str, text: str, hint: str) -> InputError:
    return InputError([Problem(code, text, hint, document.name, document.line_of_key(key))])

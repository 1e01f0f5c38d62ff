"""Records to look at: real ones, and one that is small enough to be looked at thousands of times."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from advisor.answer.answer import Answer
from advisor.audit.records.again import side_of
from advisor.audit.records.body import body_of
from advisor.audit.records.form import parsed, record_of
from advisor.audit.records.reading import Record
from advisor.audit.records.texts import Texts, texts_of
from advisor.documents import parse
from advisor.folders import folders_in_effect
from advisor.installation import installation
from tests.commandline import EXAMPLES

HOME = EXAMPLES / "home-rtx-4090.toml"
MANY = 20
A100 = EXAMPLES / "mixtral-8x22b-a100.toml"


@cache
def shipped() -> Texts:
    """The texts of what ships, read once."""
    return texts_of(*folders_in_effect())


def body(answer: Answer) -> dict[str, Any]:
    """The body of the record of an answer that only what ships has a part in."""
    return body_of(answer, installation().library, shipped())


@cache
def text_of(name: str, remedies: bool = False) -> str:
    """The record of an example."""
    answer = installation().ask(EXAMPLES / name, "clips", (), remedies)
    return record_of(body(answer), answer.to_dict())


@cache
def small() -> str:
    """The record of the question at home, by an installation that has little more than it uses."""
    whole = parsed(text_of(HOME.name))
    side = side_of(Record(_lessened(whole["body"]), whole["header"]), "clips")
    assert side.answer.status == whole["body"]["answer"]["verdict"]["status"]
    return record_of(side.body, side.answer.to_dict())


def _lessened(body: dict[str, Any]) -> dict[str, Any]:
    """Without most rules that did not fire, and without the facts of long lists.

    A kind of which there is one and that no rule writes is one that questions hold.
    """
    used = {row["rule"] for row in body["firings"]}
    single = {entry["id"] for entry in body["kinds"] if "single = true" in entry["text"]}
    rules = [entry for entry in body["rules"] if entry["id"] in used or _writes(entry) & single]
    many = Counter(row["kind"] for row in body["other_facts"])
    others = [row for row in body["other_facts"] if many[row["kind"]] <= MANY]
    return {**body, "rules": rules, "other_facts": others}


def _writes(entry: dict[str, Any]) -> set[str]:
    conclude = parse(entry["text"], entry["file"]).data["rule"][0].get("conclude", [])
    return {each["fact"] for each in (conclude if isinstance(conclude, list) else [conclude])}

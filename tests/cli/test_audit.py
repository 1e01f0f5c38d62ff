"""`advisor audit`: the command line, its statuses, and what three kinds of reader see."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from advisor.audit.records.schema_audit import audit_schema
from tests.commandline import EXAMPLES, Said, advisor
from tests.durable import HAS_DURABLE

HOME, A100 = EXAMPLES / "home-rtx-4090.toml", EXAMPLES / "mixtral-8x22b-a100.toml"
OVERRIDE = """schema = 1
[[override]]
fact = "gpu"
id = "rtx-4090"
reason = "another driver"
set = { memory_mib_reported = 20000 }
"""


def kept(tmp_path: Path, question: Path = HOME, *more: object) -> Path:
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
    said = advisor("ask", question, "--engine", "clips", "--record", path, *more)
    assert said.status in (0, 1) and path.is_file(), said.err
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return kept(tmp_path_factory.mktemp("records"))


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "gpu.toml").write_text(OVERRIDE, "utf-8")
    return folder


def found(said: Said, what: str) -> dict:
    told = json.loads(said.out)
    Draft202012Validator(audit_schema(what)).validate(told)
    return told


def test_intact_and_current(home: Path):
    said = advisor("audit", "verify", home)
    assert said.status == 0 and said.out.startswith("INTACT AND CURRENT") and not said.err
    told = found(advisor("audit", "verify", home, "--format", "json"), "audit-verify")
    assert told["intact"] and told["current"] and all(check["holds"] for check in told["checks"])


@pytest.mark.skipif(not HAS_DURABLE, reason="durable-rules cannot be imported here")
def test_by_both_engines(home: Path):
    told = found(
        advisor("audit", "verify", home, "--engine", "durable,clips", "--format", "json"), "audit-verify"
    )
    assert [check["name"] for check in told["checks"]][-2:] == [
        "derivation by durable",
        "derivation by clips",
    ]


def test_no_longer_current(home: Path, facts: Path):
    said = advisor("audit", "verify", home, "--facts", facts)
    assert said.status == 1 and said.out.startswith("INTACT, NOT CURRENT")
    assert "another driver" in said.out and "gpu.toml:2" in said.out
    told = found(advisor("audit", "verify", home, "--facts", facts, "--format", "json"), "audit-verify")
    assert told["intact"] and told["current"] is False
    assert [change["fact"] for change in told["now"]["changes"]["facts"]] == ["gpu[rtx-4090]"]


def test_a_part_that_is_there_no_more(home: Path, tmp_path: Path):
    """A folder that a record had and today's installation has not: its GPU cannot be asked for."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "gpu.toml").write_text(
        'schema = 1\n[[gpu]]\nid = "our-card"\nname = "Our Card"\nvendor = "NVIDIA"\n'
        "memory_gb = 48\nbandwidth_gb_s = 900\nsources = ['us']\n",
        "utf-8",
    )
    record = kept(tmp_path, HOME, "--facts", folder, "--set", "hardware.gpu=our-card")
    assert advisor("audit", "verify", record, "--facts", folder).status == 0
    said = advisor("audit", "verify", record)
    assert said.status == 1 and "cannot be asked today" in said.out and "our-card" in said.out


@pytest.mark.parametrize("spoil", ["a byte", "a digest", "the form", "cut", "empty", "a config"])
def test_not_intact(home: Path, tmp_path: Path, spoil: str):
    text, record = home.read_text("utf-8"), tmp_path / "spoilt.json"
    spoilt = {
        "a byte": text.replace("GeForce", "Geforce", 1),
        "a digest": text.replace('"body_sha256":', '"body_sha255":'),
        "the form": text + " ",
        "cut": text[: len(text) // 2],
        "empty": "",
        "a config": HOME.read_text("utf-8"),
    }[spoil]
    assert spoilt != text
    record.write_text(spoilt, "utf-8")
    said = advisor("audit", "verify", record)
    assert said.status == 2 and said.out.startswith("NOT INTACT") and "Traceback" not in said.err
    assert max(map(len, said.out.splitlines())) <= 80
    for command in (("why",), ("why-not",), ("audit", "replay")):
        if spoil not in ("empty", "a config"):
            asked = advisor(*command, record, *(["verdict.fits"] if command == ("why-not",) else []))
            assert asked.status == 2 and "record-broken" in asked.err


def test_a_file_that_is_not_there():
    for command in (("verify", "none.json"), ("replay", "none.json"), ("diff", "none.json", "none.json")):
        said = advisor("audit", *command)
        assert said.status == 2 and "none.json" in said.err


def test_replay_answers_the_old_question_today(home: Path, facts: Path):
    plain = advisor("ask", HOME, "--engine", "clips", "--format", "json")
    again = advisor("audit", "replay", home, "--engine", "clips", "--format", "json")
    assert again.status == plain.status
    digests = [json.loads(said.out)["digests"] for said in (plain, again)]
    assert digests[0] == digests[1]
    changed = advisor("audit", "replay", home, "--facts", facts, "--set", "deployment.context=4096")
    words = " ".join(changed.out.split())
    assert "Context: 4,096 tokens" in words and "another driver" in words


def test_diff_says_what_made_the_difference(home: Path, facts: Path, tmp_path: Path):
    assert advisor("audit", "diff", home, home).status == 0
    other = kept(tmp_path, HOME, "--facts", facts, "--set", "deployment.context=4096")
    said = advisor("audit", "diff", home, other)
    assert said.status == 1 and said.out.startswith("NOT THE SAME")
    assert "another driver" in said.out and "deployment.context" in said.out
    told = found(advisor("audit", "diff", home, other, "--format", "json"), "audit-diff")
    assert not told["changes"]["same"] and told["changes"]["facts"][0]["decides"]


def test_why_and_why_not_speak_of_a_record(home: Path):
    """Of its own rules and facts, as of a question that is asked."""
    for command in (("why",), ("why", "memory"), ("why-not", "memory.insufficient-vram")):
        name, *rest = command
        asked, recorded = (
            advisor(name, source, *rest, "--engine", "clips", "--format", "json") for source in (HOME, home)
        )
        assert asked.status == recorded.status == 0
        told = [json.loads(said.out) for said in (asked, recorded)]
        assert told[0].keys() == told[1].keys()
    said = advisor("why", home, "--set", "deployment.context=1024")
    assert said.status == 2 and "record-fixed" in said.err and "replay" in said.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_question_may_come_through_a_pipe(tmp_path: Path):
    """Which can be read once: to see whether it is a record must not take its first bytes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(HOME.read_bytes(),))
    writer.start()
    said = advisor("why", pipe, "--depth", "1", "--engine", "clips")
    writer.join()
    assert said.status == 0 and said.out.startswith("Verdict")

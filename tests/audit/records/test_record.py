"""A record is the same bytes wherever it is made, and derives to itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.audit.records.again import differences, side_of
from advisor.audit.records.form import parsed, spread
from advisor.audit.records.reading import Record, examined
from advisor.audit.records.record import body_today, record
from advisor.audit.records.schema_record import record_schema
from advisor.installation import installation
from advisor.question import read_question
from tests.audit.records.samples import A100, HOME, body, text_of
from tests.commandline import EXAMPLES, ROOT, advisor
from tests.durable import NEEDS_DURABLE

QUESTIONS: dict[str, tuple[Any, list[str]]] = {
    "processor alone": (EXAMPLES / "cpu-only.toml", []),
    "llama.cpp on two cards": (EXAMPLES / "two-rtx-3090.toml", []),
    "sliding windows": (
        HOME,
        ["model.id=gemma-3-27b", "deployment.runtime=llama.cpp", "deployment.weights=q4_k_m"],
    ),
    "cannot run": (HOME, ["deployment.weights=nvfp4"]),
    "a runtime that is not listed": (HOME, ["deployment.runtime=unheard-of"]),
    "a goal": (HOME, ["goals.min_decode_tokens_per_second=500.5"]),
    "a GPU described": (
        {
            "hardware": {"gpu": {"name": "Mine", "memory_gb": 47.5, "bandwidth_gb_s": 333.3}},
            "model": {"id": "qwen3-8b"},
        },
        [],
    ),
    "a model described": (
        {
            "hardware": {"gpu": "rtx-4090"},
            "model": {"name": "Mine", "params_total": 7_000_000_000},
            "deployment": {"weights": "q4_k_m", "runtime": "llama.cpp"},
        },
        [],
    ),
}


def body_of_question(name: str, engine: str = "clips") -> dict[str, Any]:
    source, changes = QUESTIONS[name]
    return body(installation().ask(source, engine, changes, remedies=False))


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_derives_to_itself(name: str):
    read = parsed(spread(body_of_question(name), 2))
    assert differences(read, side_of(Record(read, {}), "clips").body) == []


@NEEDS_DURABLE
@pytest.mark.parametrize("name", QUESTIONS)
def test_engines_write_the_same_bytes(name: str):
    assert spread(body_of_question(name, "durable"), 2) == spread(body_of_question(name), 2)


def test_it_keeps_to_its_schema():
    validator = Draft202012Validator(record_schema())
    validator.check_schema(record_schema())
    validator.validate(json.loads(text_of(A100.name, True)))
    validator.validate(json.loads(text_of(HOME.name)))


def test_it_holds_everything_that_the_answer_rests_on():
    """Nothing has to be fetched from elsewhere to judge it."""
    body = parsed(text_of(A100.name, True))["body"]
    texts = {entry["id"]: entry["text"] for entry in body["rules"]}
    facts = {fact["id"]: fact for fact in body["facts"]}
    for firing in body["firings"]:
        assert f'id = "{firing["rule"]}"' in texts[firing["rule"]]
        assert {*firing["premises"], *firing["looked"], *firing["concludes"]} <= facts.keys()
    given = [fact for fact in facts.values() if fact["given"] and fact["given"]["file"]]
    assert given and all(fact["given"]["line"] for fact in given)
    for part in ("choices", "absent", "by_default", "let", "formulas", "sources"):
        assert any(firing[part] for firing in body["firings"]), part
    assert body["near_misses"] and body["assumptions"]
    assert body["answer"]["remedies"] and body["answer"]["search"]["asked"]


def test_the_rules_that_ship_are_recorded_as_they_stand():
    """Every rule and kind one by one, each with the text that its file has at that line."""
    body = parsed(text_of(HOME.name))["body"]
    made = installation()
    assert {entry["id"] for entry in body["rules"]} == {rule.id for rule in made.rulebook.of_questions} | {
        entry["id"] for entry in body["rules"] if 'over = "catalog"' in entry["text"]
    }
    for entry in (*body["rules"], *body["kinds"]):
        assert entry["table"] in ("rule", "kind")
        lines = (ROOT / entry["file"]).read_text("utf-8").split("\n")
        first = entry["text"].split("\n")[:2]
        assert lines[entry["line"] - 1 :][:2] == first and "[[rule.test]]" not in entry["text"]


OVERLAY = {
    "rules/note.toml": """schema = 1
[[rule]]
id = "note.mine"
summary = "A rule of this house."
severity = "note"
match = [{ fact = "memory", as = "m" }]
because = "Here stands:\\n[[rule]]\\n{m.required:GiB}."
[[rule.test]]
name = "said"
given = [{ fact = "memory", required = 3, usable = 9, shortfall = 0 }]
expect = [{ fires = true }]
[[override]]
rule = "bottleneck.compute-idle"
reason = "shorter"
set = { because = "It is not." }
[[disable]]
rule = "rule-of-thumb.too-large"
reason = "misleads"
""",
    "facts/mine.toml": """schema = 1
[[override]]
fact = "gpu"
id = "a100-sxm4-80"
reason = "measured here"
set = { memory_mib_reported = 81251 }
sources = ["nvidia-smi"]
""",
}


def overlaid(folder: Path) -> dict[str, str]:
    for name, text in OVERLAY.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return {kind: str(folder / kind) for kind in ("rules", "facts")}


def test_folders_are_recorded_with_their_reasons_and_without_their_paths(tmp_path: Path):
    places = overlaid(tmp_path / "a")
    made = installation((places["rules"],), (places["facts"],))
    body = body_today(made.ask(A100, "clips", (), remedies=False), made)
    own = {entry["table"]: entry for entry in body["rules"] if entry["folder"]}
    assert set(own) == {"rule", "override", "disable"} and str(tmp_path) not in spread(body, 2)
    assert 'reason = "shorter"' in own["override"]["text"] and 'reason = "misleads"' in own["disable"]["text"]
    gpu = next(fact for fact in body["facts"] if fact["label"] == "gpu[a100-sxm4-80]")
    (change,) = gpu["overrides"]
    assert (change["reason"], change["sources"]) == ("measured here", ["nvidia-smi"])
    read = parsed(spread(body, 2))
    assert differences(read, side_of(Record(read, {}), "clips").body) == []


def test_another_place_on_the_disk_makes_no_difference(tmp_path: Path):
    """Neither where the question stands nor where the folders do, nor what the process is like."""
    found = []
    for number, (name, seed) in enumerate((("here", "1"), ("some/where/else", "2"))):
        folder = tmp_path / name
        places = overlaid(folder)
        shutil.copy(A100, folder / f"{number}.toml")
        command = [
            *(
                sys.executable,
                "-m",
                "advisor",
                "ask",
                f"{number}.toml",
                "--record",
                "r.json",
                "--no-remedies",
            ),
            *("--rules", "rules", "--facts", places["facts"], "--engine", "clips"),
        ]
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        kept, checks = examined((folder / "r.json").read_bytes())
        assert kept and all(check.holds for check in checks)
        assert kept.header["body_sha256"] in done.stdout
        found.append(spread(kept.body, 2))
    assert found[0] == found[1]


def test_flags_and_a_file_that_ask_the_same_are_recorded_as_the_same():
    made = installation()
    tables = read_question(HOME, made.library, made.rulebook.derived).tables
    changes = [f"{t}.{f}={json.dumps(v)}" for t, row in tables.items() for f, v in row.items()]
    one = body(made.ask(HOME, "clips", (), remedies=False))
    other = body(made.ask({}, "clips", changes, remedies=False))
    assert spread(one, 2) == spread(other, 2)


def test_what_is_no_entry_by_entry_is_kept_whole(tmp_path: Path):
    """A file whose rules stand in an array, or whose texts look like headers: what it says is what counts."""
    folder = tmp_path / "rules"
    folder.mkdir()
    rule = 'id = "odd.{0}", summary = "Odd.", severity = "note", match = [{{ fact = "memory", as = "m" }}], '
    rows = [f'  {{ {rule.format(name)}because = "{{m.required:GiB}} {name}." }},' for name in ("one", "two")]
    (folder / "odd.toml").write_text("\n".join(["schema = 1", "rule = [", *rows, "]", ""]), "utf-8")
    made = installation((folder,))
    body = body_today(made.ask(HOME, "clips", (), remedies=False), made)
    (entry,) = (entry for entry in body["rules"] if entry["folder"])
    assert entry["table"] == "file" and entry["text"] == (folder / "odd.toml").read_text("utf-8")
    read = parsed(spread(body, 2))
    assert {"odd.one", "odd.two"} <= {row["rule"] for row in read["firings"]}
    assert differences(read, side_of(Record(read, {}), "clips").body) == []


def test_a_record_is_written_whole_or_not_at_all(tmp_path: Path):
    said = advisor("ask", HOME, "--engine", "clips", "--record", tmp_path / "none" / "r.json")
    assert said.status == 2 and "[file-unwritable]" in said.err
    said = advisor("ask", HOME, "--engine", "clips", "--record", tmp_path / "r.json", "--format", "json")
    kept = json.loads(said.out)["record"]
    assert kept["sha256"] == json.loads((tmp_path / "r.json").read_text("utf-8"))["header"]["body_sha256"]
    assert record(installation().ask(HOME, "clips", ()), installation())[1] == kept["sha256"]

"""`advisor facts`: what is there can be looked up, what is planted is found, on any terminal or in a pipe."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.console import Console

from advisor.authoring.catalog import Catalog
from advisor.facts.values import Fact
from advisor.lookup import text, text_card
from advisor.lookup.addresses import address
from advisor.lookup.card import card
from advisor.lookup.listing import columns_of, facts_listed
from advisor.lookup.schema import lookup_schema
from advisor.lookup.search import ALIAS, searched
from tests.commandline import ROOT, Said, advisor
from tests.shipped import library, rulebook

POSIX = pytest.mark.skipif(os.name != "posix", reason="of POSIX")
WIDTHS = (20, 40, 80, 200)


@cache
def looked_at() -> Catalog:
    return Catalog(library(), rulebook())


def things() -> list[Fact]:
    return [fact for fact in library().facts if fact.kind != ALIAS]


def facts(*arguments: object) -> Said:
    return advisor("facts", *arguments)


def found(*arguments: object) -> dict[str, Any]:
    said = facts(*arguments, "--format", "json")
    assert said.err == ""
    return valid(json.loads(said.out))


@cache
def shipped(*arguments: str) -> dict[str, Any]:
    """What is found in the shipped catalog, which no test changes."""
    return found(*arguments)


def valid(made: dict[str, Any]) -> dict[str, Any]:
    Draft202012Validator(lookup_schema(made["schema"].removeprefix("advisor.").removesuffix("/1"))).validate(
        made
    )
    return made


def in_a_pipe(write: Callable[..., None], made: dict[str, Any], **rest: bool) -> str:
    file = io.StringIO()
    write(Console(file=file, width=80), made, **rest)
    return file.getvalue()


def on_a_terminal(write: Callable[..., None], made: dict[str, Any], width: int) -> list[str]:
    file = io.StringIO()
    write(Console(file=file, width=width, force_terminal=True, color_system=None, legacy_windows=False), made)
    return file.getvalue().split("\n")


def write(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content, "utf-8")
    return folder / name


# ---------------------------------------------------------------- list


@pytest.mark.parametrize("kind", sorted({fact.kind for fact in library().facts}))
def test_a_list_has_every_fact_of_its_kind_on_a_line_of_its_own(kind: str):
    made = valid(facts_listed(library(), library().kinds[kind]))
    header, *lines = in_a_pipe(text.write_list, made).splitlines()
    rows = made["facts"]
    assert [row["id"] for row in rows] == [address(fact) for fact in library().of(kind)]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row["id"]) and line.endswith(f"{row['file']}:{row['line']}")
        assert all((value["shown"] or "-") in re.sub(r"\s+", " ", line) or "  " in (value["shown"] or "")
                   for value in row["values"].values())  # fmt: skip
    assert header.split() == ["id", *(field.name for field in columns_of(library().kinds[kind])), "file"]


def test_the_kinds_there_are():
    counts = {row["kind"]: row["facts"] for row in found("list")["kinds"]}
    assert counts == {kind: len(library().of(kind)) for kind in {fact.kind for fact in library().facts}}
    assert len(facts("list").out.splitlines()) == len(counts) + 1


def test_a_kind_without_facts_and_a_kind_that_is_none():
    assert found("list", "waived")["facts"] == []
    assert facts("list", "waived").out.startswith("There are no facts of the kind waived")
    said = facts("list", "gpo")
    assert said.status == 2 and "Did you mean gpu" in said.err


def test_memory_is_told_with_its_unit_and_in_bytes():
    (row,) = [row for row in found("list", "gpu")["facts"] if row["id"] == "rtx-4090"]
    assert row["values"]["memory"] == {"value": 24 * 10**9, "shown": "24.0 GB"}


COLUMNS = """schema = 1
[[kind]]
id = "shelf"
meaning = "A shelf."
key = ["id"]
columns = [{columns}]
[kind.fields]
id     = {{ type = "text", required = true, meaning = "…" }}
height = {{ type = "integer", required = true, meaning = "…" }}
weight = {{ type = "integer", meaning = "…" }}
"""


def test_a_kind_declares_its_columns(tmp_path: Path):
    write(tmp_path, "shelves.toml", 'schema = 1\n[[shelf]]\nid = "s"\nheight = 7\nsources = ["me"]\n')
    for declared, shown in (('"weight"', ["weight"]), ("", ["height"])):
        write(tmp_path, "kinds.toml", COLUMNS.format(columns=declared))
        columns = found("list", "shelf", "--facts", tmp_path)["columns"]
        assert [column["name"] for column in columns] == shown
    write(tmp_path, "kinds.toml", COLUMNS.format(columns='"width"'))
    assert "the columns name no field width" in facts("list", "shelf", "--facts", tmp_path).err


# ---------------------------------------------------------------- show


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        (("rtx-4090",), "gpu", "rtx-4090"),
        (("gpu", "rtx-4090"), "gpu", "rtx-4090"),
        (("RTX", "4090"), "gpu", "rtx-4090"),
        (("model", "mixtral", "8x22b"), "model", "mixtral-8x22b"),
        (("p5.48xlarge",), "cloud_instance", "aws/p5.48xlarge"),
        (("gemma-3-27b/1",), "block", "gemma-3-27b/1"),
        (("q8_0",), "kv_format", "q8_0"),
        (("weight_format", "nf4"), "weight_format", "bnb-nf4"),
    ],
)
def test_names_of_facts(words: tuple[str, ...], kind: str, name: str):
    card = found("show", *words)
    assert (card["kind"], card["id"]) == (kind, name)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("gemma-3-27b/9",), "Did you mean"),
        (("nothing at all",), 'nothing is called "nothing at all"'),
        (("gpu", "mixtral-8x22b"), "no gpu is called"),
        (("weight_format", "int8"), "may be any of weight_format"),
        (("int4",), "weight_format awq-4-g128"),
        (("4xlarge",), "nothing is called"),
        (("a100 160gb",), "no A100 with 160 GB"),
        (("x" * 5000,), "…"),
    ],
)
def test_names_that_are_not_one_fact(words: tuple[str, ...], told: str):
    said = facts("show", *words)
    assert said.status == 2 and told in said.err and said.out == "" and len(said.err) < 2000


@pytest.mark.parametrize("fact", [fact for kind in library().kinds for fact in library().of(kind)[:2]],
                         ids=lambda fact: fact.label)  # fmt: skip
def test_a_card_says_all_that_the_file_says(fact: Fact):
    made = card(looked_at(), fact)
    kind = library().kinds[fact.kind]
    assert {field["name"] for field in made["fields"]} == fact.values.keys()
    assert {field["name"] for field in made["absent"]} == kind.fields.keys() - fact.values.keys()
    assert {field["name"] for field in made["fields"] if field["assumed"]} == set(fact.given.assumed)
    assert (made["file"], made["line"], len(made["sources"])) == (
        fact.given.file, fact.given.line, len(fact.given.sources)
    )  # fmt: skip
    page = in_a_pipe(text_card.write_card, valid(made))
    for field in kind.fields:
        assert field in page
    assert len(in_a_pipe(text_card.write_card, made, meanings=True)) > len(page)


def test_blocks_and_what_follows_from_a_model():
    card = found("show", "mixtral-8x22b")
    assert [block["id"] for block in card["nested"]["block"]] == ["mixtral-8x22b/0"]
    derived = {one["rule"]: one for one in card["derived"]}
    assert derived["model-card.kv-cache-per-token"]["figures"]["per_token"] == {
        "value": 229376,
        "shown": "224 KiB",
    }
    formats = {
        one["text"].split(":")[0].removeprefix("Weights in ")
        for one in card["derived"]
        if "weights" in one["rule"]
    }
    every = {str(fact.key[0]) for fact in library().of("weight_format")}
    assert formats == every - {"exl2", "exl3"}  # formats of no fixed size
    page = facts("show", "mixtral-8x22b", "--explain").out
    assert "by layers.parameters (rules/layers.toml" in page and len(page) > 2 * len(
        facts("show", "mixtral-8x22b").out
    )
    explained = found("show", "mixtral-8x22b", "--explain")
    for one in explained["derived"]:
        assert one["firing"] in {firing["id"] for firing in explained["traces"][one["trace"]]["firings"]}


def test_what_cannot_be_derived_is_unknown_and_the_reason_is_told(tmp_path: Path):
    write(tmp_path, "new.toml", MODEL.replace("heads = 4", "").replace('"attention"', '"new"'))
    derived = {one["rule"]: one for one in found("show", "mine-1b", "--facts", tmp_path)["derived"]}
    parameters = derived["model-card.parameters"]
    assert not parameters["known"]
    assert {"fact": "block[mine-1b, 0]", "field": "mixer_parameters"} in parameters["missing"]
    page = re.sub(r"\s+", " ", facts("show", "mine-1b", "--facts", tmp_path).out)
    assert (
        "It needs mixer_parameters of block[mine-1b, 0], which is not stated. [model-card.parameters]" in page
    )


# ---------------------------------------------------------------- search


@settings(max_examples=25)
@given(st.data())
def test_every_fact_is_found_by_its_own_id_first_of_all(data: st.DataObject):
    fact = data.draw(st.sampled_from(library().facts))
    hits = searched(library(), data.draw(st.sampled_from([str.upper, str.lower]))(address(fact)))["facts"]
    first = {(hit["kind"], hit["id"]) for hit in hits if hit["id"].casefold() == address(fact).casefold()}
    assert (fact.kind, address(fact)) in first
    assert {(hit["kind"], hit["id"]) for hit in hits[: len(first)]} == first


@settings(max_examples=25)
@given(st.data())
def test_every_thing_is_found_by_any_words_of_its_name_in_any_order(data: st.DataObject):
    fact = data.draw(st.sampled_from([fact for fact in things() if isinstance(fact.values.get("name"), str)]))
    words = st.lists(st.sampled_from(str(fact.values["name"]).split()), min_size=1)
    hits = searched(library(), " ".join(data.draw(words)))["facts"]
    assert (fact.kind, address(fact)) in {(hit["kind"], hit["id"]) for hit in hits}


def test_ids_and_names_come_before_other_texts():
    hits = found("search", "h100")["facts"]
    ranks = [hit["field"] in ("id", "name") for hit in hits]
    assert ranks == sorted(ranks, reverse=True) and True in ranks and False in ranks
    assert found("search", "rtx 4090")["facts"][0]["id"] == "rtx-4090"


def test_an_alias_is_told_with_what_it_names():
    alias = next(fact for fact in library().of(ALIAS) if fact.values["of"] == "gpu")
    hits = found("search", alias.values["name"])["facts"]
    assert ("gpu", alias.values["id"]) in {(hit["kind"], hit["id"]) for hit in hits}
    assert ALIAS not in {hit["kind"] for hit in hits}


def test_nothing_found_is_told_with_what_comes_near():
    said = facts("search", "mixtrul")
    assert said.status == 0 and "Did you mean mixtral" in said.out
    assert found("search", "mixtrul")["facts"] == []
    assert found("search", " ")["facts"] == []


# ---------------------------------------------------------------- check

MODEL = """schema = 1

[[model]]
id = "mine-1b"
name = "Mine 1B"
vocab_size = 100
hidden_size = 64
sources = ["me"]

[[model.block]]
count = 2
mixer = "attention"
heads = 4
kv_heads = 2
k_dim = 8
v_dim = 8
ffn = "moe"
intermediate = 10
experts = 4
experts_per_token = 2
"""


def test_clean_is_0():
    said = facts("check")
    assert said.status == 0 and said.err == ""
    assert re.match(r"No errors, no warnings\. Checked: .*\d+\s+gpu,", said.out, re.S)


def test_what_is_planted_is_found_with_file_and_line(tmp_path: Path):
    write(
        tmp_path,
        "a.toml",
        MODEL.replace("experts_per_token = 2", "experts_per_token = 5").replace(
            "kv_heads = 2", "kv_heads = 3"
        ),
    )
    write(tmp_path, "b.toml", 'schema = 1\n[[gpu]]\nid = "x"\nname = "X"\nmemory_gb = -1\nsources = ["me"]\n')
    write(
        tmp_path,
        "c.toml",
        "schema = 1\n\n[[cloud_instance]]\n"
        'provider = "aws"\ninstance = "y"\ngpu_id = "rtx-4091"\ngpu_count = 1\n',
    )
    write(tmp_path, "d.toml", "schema = 1\nno TOML\n")
    write(tmp_path, "e.toml", 'schema = 1\n[[gpu]]\nid = "rtx-4090"\nname = "Mine"\nsources = ["me"]\n')
    write(tmp_path, "f.toml", "schema = 1\n[[gpi]]\n")
    report = found("check", tmp_path)
    name = tmp_path.name
    assert {(one["file"], one["line"], one["code"], one["severity"]) for one in report["findings"]} == {
        (f"{name}/a.toml", 10, "catalog-models.experts-per-token", "error"),
        (f"{name}/a.toml", 10, "catalog-models.heads", "error"),
        (f"{name}/a.toml", 3, "catalog-models.active", "error"),
        (f"{name}/b.toml", 5, "out-of-range", "error"),
        (f"{name}/c.toml", 3, "no-sources", "warning"),
        (f"{name}/d.toml", 2, "toml-syntax", "error"),
        (f"{name}/e.toml", 2, "fact-twice", "error"),
    }
    assert (report["errors"], report["warnings"]) == (6, 1)
    said = facts("check", tmp_path)
    assert said.status == 1 and said.err == ""
    assert f"{name}/a.toml:10: error: mine-1b: 4 heads cannot be shared evenly by 3 heads" in said.out
    assert "6 errors, 1 warning." in re.sub(r"\s+", " ", said.out)


def test_what_a_file_that_cannot_be_read_may_hold_is_missed_once_it_is_mended(tmp_path: Path):
    instance = 'provider = "aws"\ninstance = "y"\ngpu_id = "rtx-4091"\ngpu_count = 1\nsources = ["me"]\n'
    write(tmp_path, "a.toml", f"schema = 1\n\n[[cloud_instance]]\n{instance}")
    write(tmp_path, "b.toml", "schema = 1\n[[gpi]]\n")
    broken = write(tmp_path, "c.toml", "schema = 1\nno TOML\n")
    assert [one["code"] for one in found("check", tmp_path)["findings"]] == ["toml-syntax"]
    broken.unlink()
    findings = {one["code"]: one for one in found("check", tmp_path)["findings"]}
    name = tmp_path.name
    assert {code: (one["file"], one["line"]) for code, one in findings.items()} == {
        "unknown-reference": (f"{name}/a.toml", 6), "unknown-kind": (f"{name}/b.toml", 2),
    }  # fmt: skip
    assert "rtx-4090" in findings["unknown-reference"]["hint"]


def test_a_folder_by_flag_and_a_file_by_path(tmp_path: Path):
    path = write(tmp_path, "a.toml", MODEL.replace("experts_per_token = 2", "experts_per_token = 5"))
    other = write(tmp_path, "b.toml", "not TOML")
    both = {one["code"]: (one["file"], one["line"]) for one in found("check", path, other)["findings"]}
    assert both == {
        "catalog-models.active": (path.as_posix(), 3),
        "catalog-models.experts-per-token": (path.as_posix(), 10),
        "toml-syntax": (other.as_posix(), 1),
    }
    assert {one["code"] for one in found("check", "--facts", tmp_path)["findings"]} == {
        "catalog-models.active", "catalog-models.experts-per-token", "toml-syntax"
    }  # fmt: skip


def test_what_lies_in_a_folder_that_is_read_anyway_is_read_once(tmp_path: Path):
    inside = write(tmp_path, "a.toml", MODEL)
    assert (
        found("check", ROOT / "facts", ROOT / "facts" / "gpus", "--facts", tmp_path, inside)["findings"] == []
    )


def test_warnings_alone_are_no_failure(tmp_path: Path):
    write(tmp_path, "a.toml", MODEL.replace('sources = ["me"]\n', ""))
    said = facts("check", tmp_path)
    assert said.status == 0 and "warning: model[mine-1b] names no sources" in said.out


def test_kinds_that_cannot_be_read(tmp_path: Path):
    write(tmp_path, "kinds.toml", 'schema = 1\n[[kind]]\nid = "x"\nkey = ["y"]\nmeaning = "…"\n')
    write(tmp_path, "other.toml", "not TOML")
    assert {one["code"] for one in found("check", tmp_path)["findings"]} == {"kind-reference", "toml-syntax"}


def test_rules_that_do_not_load_are_findings_too(tmp_path: Path):
    write(tmp_path, "mine.toml", 'schema = 1\n[[rule]]\nid = "mine.rule"\nsummary = "…"\n')
    (tmp_path / "facts").mkdir()
    write(tmp_path / "facts", "a.toml", MODEL.replace("experts_per_token = 2", "experts_per_token = 5"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "mine.toml").rename(tmp_path / "rules" / "mine.toml")
    report = found("check", tmp_path / "facts", "--rules", tmp_path / "rules")
    assert [(one["code"], one["line"]) for one in report["findings"]] == [
        ("catalog-models.active", 3), ("catalog-models.experts-per-token", 10), ("no-effect", 3)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [("check", "nowhere"), ("check", "--facts", "nowhere"), ("check", "--rules", "nowhere"), ("show",),
     ("search",), ("list", "gpu", "model"), ("list", "--format", "xml"), ("tell",), ()],
)  # fmt: skip
def test_what_cannot_be_understood_is_2(arguments: tuple[str, ...]):
    said = facts(*arguments)
    assert said.status == 2 and said.err and not said.out


@pytest.mark.parametrize("name", ["facts-kinds", "facts-list", "facts-show", "facts-search", "facts-check"])
def test_schemas(name: str):
    made = json.loads(advisor("schema", name).out)
    Draft202012Validator.check_schema(made)
    assert made == lookup_schema(name)


# ---------------------------------------------------------------- terminals and pipes


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("write", "arguments"),
    [
        (text.write_kinds, ("list",)),
        (text.write_list, ("list", "gpu")),
        (text.write_list, ("list", "model")),
        (text.write_list, ("list", "block")),
        (text.write_list, ("list", "trap")),
        (text.write_search, ("search", "a100")),
        (text_card.write_card, ("show", "gemma-3-27b", "--explain")),
        (text_card.write_card, ("show", "rtx-4090")),
    ],
)
def test_no_line_is_wider_than_the_terminal(
    write: Callable[..., None], arguments: tuple[str, ...], width: int
):
    lines = on_a_terminal(write, shipped(*arguments), width)
    assert len(lines) > 3 and max(map(len, lines)) <= max(width, 30)


def test_findings_on_a_terminal(tmp_path: Path):
    write(tmp_path, "a.toml", MODEL.replace("experts_per_token = 2", "experts_per_token = 5"))
    report = found("check", tmp_path)
    for width in WIDTHS:
        lines = on_a_terminal(text.write_check, report, width)
        assert max(map(len, lines)) <= max(width, 30)
        assert "a.toml:10" in "".join(lines)


@POSIX
@pytest.mark.parametrize(
    "arguments", ["list alias", "show mixtral-8x22b --explain", "list gpu --format json"]
)
def test_a_reader_that_stops_reading(arguments: str):
    command = f'"{sys.executable}" -m advisor facts {arguments}; echo "status $?" >&2'
    done = subprocess.run(
        ["bash", "-c", f"({command}) | head -1"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout.count("\n") == 1 and done.stderr == "status 0\n"


@POSIX
def test_an_output_that_is_not_utf8():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "40"}
    for arguments in (("show", "gemma-3-27b"), ("list",)):
        command = [sys.executable, "-m", "advisor", "facts", *arguments]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False)
        assert done.returncode == 0 and done.stderr == b"" and done.stdout.isascii()


def test_what_moves_a_cursor_is_shown_and_not_obeyed(tmp_path: Path):
    write(
        tmp_path,
        "a.toml",
        MODEL.replace("Mine 1B", "Mine \\u001b[2J 1B").replace("per_token = 2", "per_token = 5"),
    )
    for arguments in (("show", "mine-1b"), ("list", "model"), ("search", "mine-1b"), ("check",)):
        assert "\x1b" not in facts(*arguments, "--facts", tmp_path).out

"""`advisor accuracy` from end to end, on cases made for it and on those that ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import advisor as package
from advisor.accuracy.cases import read_cases
from advisor.accuracy.notes import read_notes
from advisor.accuracy.schema import accuracy_schema
from tests.commandline import ROOT, Said, advisor

MEASURED = ROOT / "tests" / "data" / "measured"
DEPLOYMENT = {"runtime": "vllm", "weights": "fp16", "context": 4096, "concurrency": 1}
QUESTION = {
    "hardware": {"gpu": "rtx-4090", "count": 1},
    "model": {"id": "llama-3.1-8b"},
    "deployment": DEPLOYMENT,
}
BLANK = {"hardware": {"gpu": "rtx-4090"}, "model": {"name": "of which nothing is known"}}
REFUSED = {**QUESTION, "model": {"id": "no-such-model"}}
WEIGHTS = 16060522496  # 8,030,261,248 parameters of two bytes
CACHE = 2 * 32 * 8 * 128 * 2 * 4096


def cases(folder: Path, *made: dict[str, Any]) -> Path:
    """A file of these cases, which need not name what says nothing here."""
    path = folder / "cases.jsonl"
    whole = ({"id": f"c{n}", "group": "g", "question": QUESTION, **each} for n, each in enumerate(made))
    path.write_text("".join(json.dumps(each) + "\n" for each in whole), encoding="utf-8")
    return path


def run(path: Path, *more: object) -> Said:
    return advisor("accuracy", path, "--engine", "clips", *more)


def report(path: Path, *more: object, status: int = 0) -> dict[str, Any]:
    said = run(path, "--format", "json", *more)
    assert (said.status, said.err) == (status, "")
    found = json.loads(said.out)
    Draft202012Validator(accuracy_schema()).validate(found)
    return found


def test_figures_errors_and_rules(tmp_path: Path):
    measured = {
        "weights_bytes": 2 * WEIGHTS,
        "kv_cache_bytes": CACHE + 9,
        "fits": True,
        "params_total": 8030261248,
    }
    found = report(cases(tmp_path, {"measured": measured, "precision": {"kv_cache_bytes": 9}}))
    results = {one["key"]: one for one in found["results"]}
    assert results["weights_bytes"]["predicted"] == WEIGHTS and results["weights_bytes"]["error"] == 0.5
    assert results["kv_cache_bytes"]["predicted"] == CACHE and results["kv_cache_bytes"]["error"] == 0
    assert results["fits"]["predicted"] is True and results["fits"]["rule"] == "verdict.fits"
    assert results["weights_bytes"]["rule"] == "weights.tensor"
    assert results["params_total"]["shown"]["measured"] == "8,030,261,248 parameters"
    assert (found["cases"], found["questions"]) == (1, 1)


def test_depths_and_prompts_are_asked_as_contexts(tmp_path: Path):
    speeds = [{"depth": depth, "tokens_per_second": 40} for depth in (512, 8192)]
    measured = {"decode_at_depth": speeds, "prefill_tokens_per_second": 1000, "prefill_tokens": 512}
    found = report(cases(tmp_path, {"measured": measured}))
    assert found["questions"] == 2
    (one,) = [each for each in found["results"] if each["key"] == "decode_at_depth"]
    asked = [
        package.ask(QUESTION, engine="clips", changes=[f"deployment.context={depth}"]).to_dict()["speed"]
        for depth in (512, 8192)
    ]
    assert one["predicted"] == [each["decode_tokens_per_second"]["typical"] for each in asked]
    assert one["low"] == [each["decode_tokens_per_second"]["low"] for each in asked]
    assert len(one["in_band"]) == 2 and one["error"] > 0


def test_what_cannot_be_told_is_not_answered(tmp_path: Path):
    made = [{"question": BLANK, "measured": {"weights_bytes": 1, "fits": True}}, {"measured": {"fits": True}}]
    found = report(cases(tmp_path, *made))
    weights, fits, other = found["results"]
    assert [one["status"] for one in found["results"]] == ["unknown", "unknown", "answered"]
    assert weights["predicted"] is None and weights["error"] is None and "does not say" in weights["why"]
    assert fits["key"] == "fits" and other["error"] == 0
    keys = {key["key"]: key for key in found["keys"]}
    assert keys["weights_bytes"]["median"] is None and keys["weights_bytes"]["unknown"] == 1
    assert (keys["fits"]["right"], keys["fits"]["wrong"], keys["fits"]["right_share"]) == (1, 0, 1)


def test_a_question_that_is_refused_is_not_answered(tmp_path: Path):
    speeds = [{"depth": 512, "tokens_per_second": 40}]
    made = {"question": REFUSED, "measured": {"weights_bytes": 1, "decode_at_depth": speeds}}
    found = report(cases(tmp_path, made, {"measured": {"weights_bytes": WEIGHTS}}))
    errors = [one for one in found["results"] if one["id"] == "c0"]
    assert [one["status"] for one in errors] == ["error", "error"]
    assert all("no-such-model" in one["why"] and one["error"] is None for one in errors)
    assert found["keys"][0]["error"] == 1 and found["keys"][0]["median"] == 0


def test_a_group_whose_figures_leave_something_out(tmp_path: Path):
    total = {"measured": {"total_bytes": 1}}
    folder = tmp_path / "facts"
    folder.mkdir()
    rest = 'quantity = "total_bytes"\nwithout = ["context"]\nsources = ["…"]\nconfidence = "high"\n'
    (folder / "mine.toml").write_text(
        f'schema = 1\n[[measurement]]\ngroup = "mine"\n{rest}', encoding="utf-8"
    )
    path = cases(tmp_path, total, {**total, "group": "mine"})
    whole, mine = (one["predicted"] for one in report(path, "--facts", folder)["results"])
    memory = package.ask(QUESTION, engine="clips").to_dict()["memory"]
    (context,) = [part["bytes"] for part in memory["components"] if part["id"] == "context"]
    assert whole == memory["required_bytes"] and mine == whole - context and context > 0


def test_the_page_has_80_columns_and_names_the_worst_with_its_rule(tmp_path: Path):
    made = [{"measured": {"weights_bytes": WEIGHTS * n, "fits": n < 2}} for n in (1, 2, 3)]
    said = run(cases(tmp_path, *made, {"question": BLANK, "measured": {"fits": True}}))
    assert said.status == 0 and all(len(line) <= 80 for line in said.out.splitlines())
    page = " ".join(said.out.split())
    assert "weights_bytes 3/3 50.0 % 63.3 % 50.0 % 63.3 % -" in page
    assert "fits 3/4 1 2 1 33.3 % 33.3 %" in page
    assert "c2: 15.0 GiB predicted, 44.9 GiB measured, 66.7 % off [weights.tensor]" in page
    assert "c1, c2: yes predicted, no measured [verdict.fits]" in page
    assert "Not answered" in page and "(c3)" in page


def test_the_number_of_worst_cases_and_the_file_for_the_page(tmp_path: Path):
    path = cases(tmp_path, *({"measured": {"weights_bytes": WEIGHTS * n}} for n in (2, 3)))
    assert "c0:" not in run(path, "--worst", 1).out and "Worst" not in run(path, "--worst", 0).out
    for form in ("text", "json", "markdown"):
        printed = run(path, "--format", form)
        written = run(path, "--format", form, "--output", tmp_path / "page")
        assert written.out == "" and (tmp_path / "page").read_text("utf-8") == printed.out


def test_targets(tmp_path: Path):
    targets = tmp_path / "targets.toml"
    targets.write_text(
        '[every]\nanswered_percent = 90\n[[target]]\nkey = "weights_bytes"\nmedian_percent = 9\n'
    )
    path = cases(tmp_path, {"measured": {"weights_bytes": 2 * WEIGHTS}})
    found = report(path, "--targets", targets, status=1)
    assert found["targets_missed"] == 1
    assert [(each["figure"], each["met"]) for each in found["keys"][0]["targets"]] == [
        ("answered", True),
        ("median", False),
    ]
    assert "weights_bytes: median 50.0 %, at most 9.0 % wanted" in run(path, "--targets", targets).out


def test_reasons_stand_beside_the_misses(tmp_path: Path):
    notes = tmp_path / "notes.toml"
    reason = '[[reason]]\nkey = "weights_bytes"\ncases = ["c0"]\ntext = "It | was\\nanother file."\n'
    notes.write_text(f'title = "Mine"\n{reason}', encoding="utf-8")
    path = cases(tmp_path, {"measured": {"weights_bytes": 2 * WEIGHTS}})
    page = run(path, "--format", "markdown", "--notes", notes).out
    row = "| c0 (g) | 15.0 GiB | 29.9 GiB | 50.0 % | `weights.tensor` | It \\| was another file. |"
    assert page.startswith("# Mine\n") and row in page.splitlines()


def test_what_is_wrong_is_said_in_words(tmp_path: Path):
    path = tmp_path / "cases.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    said = run(path)
    assert said.status == 2 and f"advisor: {path}:1: the case has no id [missing-key]" in said.err
    assert run(tmp_path / "missing.jsonl").status == 2


def test_help_and_schema():
    said = advisor("accuracy", "--help")
    assert said.status == 0 and "median and 90th percentile" in " ".join(said.out.split())
    assert "accuracy" in advisor("--help").out
    schema = json.loads(advisor("schema", "accuracy").out)
    Draft202012Validator.check_schema(schema)
    assert schema == accuracy_schema()


# ---------------------------------------------------------------- the cases that ship


def test_the_page_of_the_measured_cases_is_fresh():
    """Else: `make accuracy`."""
    options = ("--targets", MEASURED / "targets.toml", "--notes", MEASURED / "notes.toml", "--worst", 5)
    said = run(MEASURED / "cases.jsonl", "--format", "markdown", *options)
    assert said.err == "" and said.status in (0, 1)
    assert said.out == (ROOT / "docs" / "accuracy.md").read_text("utf-8")


def test_notes_are_of_cases_that_there_are():
    measured = {(case.id, key) for case in read_cases(MEASURED / "cases.jsonl") for key in case.measured}
    assert read_notes(MEASURED / "notes.toml").reasons.keys() <= measured


@pytest.mark.parametrize("name", ["cases.jsonl", "targets.toml", "notes.toml"])
def test_the_page_beside_the_cases_names_every_file(name: str):
    assert f"`{name}`" in (MEASURED / "README.md").read_text("utf-8")


def test_a_question_that_is_wrong_is_told_first_with_its_line_and_once(tmp_path: Path):
    measured = {"weights_bytes": 4_920_000_000, "fits": True}
    question = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "llama-3.1-8b"}}
    wrong = {**question, "deployment": {"weigths": "q4_k_m"}}
    cases = [
        {"id": each, "group": "me", "question": one, "measured": measured}
        for each, one in (("right", question), ("wrong", wrong))
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
    said = advisor("accuracy", str(tmp_path / "cases.jsonl")).out
    assert "Refused: 1" in said and said.count("weigths") == 1
    assert "wrong, line 2: there is no key weigths here. Did you mean weights" in " ".join(said.split())

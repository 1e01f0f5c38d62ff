"""`advisor compare`: each row is what `ask` answers, in the order given, on any terminal and in a pipe."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from rich.console import Console

import advisor as package
from advisor.answer.text.comparison import write_comparison
from advisor.cli.grid import MOST, axes_of, variants
from advisor.errors import InputError
from tests.commandline import EXAMPLES, advisor

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"
GPUS = ("h100-sxm5-80", "rtx-4090", "none")
WEIGHTS = ("int8", "awq-4-g128")
OVER = ("--over", f"hardware.gpu={','.join(GPUS)}", "--over", f"deployment.weights={','.join(WEIGHTS)}")
FOUR = ("--set", "hardware.count=4", "--engine", "clips")


@cache
def compared(*arguments: object) -> dict[str, Any]:
    said = advisor("compare", A100, *arguments, "--format", "json")
    assert said.err == ""
    return json.loads(said.out)


def rows(*arguments: object) -> list[dict[str, Any]]:
    return compared(*(arguments or (*OVER, *FOUR)))["rows"]


# ---------------------------------------------------------------- what stands in it


def test_rows_come_in_the_order_given():
    asked = [tuple(row["set"].values()) for row in rows()]
    assert asked == list(product(GPUS, WEIGHTS))


def test_each_row_is_what_ask_answers():
    for row in rows()[::3]:
        changes = ["hardware.count=4", *(f"{path}={value}" for path, value in row["set"].items())]
        answer = package.ask(A100, engine="clips", changes=changes).to_dict()
        told = {
            **answer["memory"],
            **answer["speed"],
            **answer["model"],
            "status": answer["verdict"]["status"],
        }
        apart = ("set", "summary", "spare_bytes", "digests")
        assert all(told[name] == value for name, value in row.items() if name not in apart)
        assert row["summary"] == answer["verdict"]["summary"]
        assert row["digests"].items() <= answer["digests"].items()


def test_a_variant_that_cannot_run_is_a_row():
    found = rows(
        "--over", "deployment.tensor_parallel=1,3", "--over", "hardware.count=3", "--engine", "clips"
    )
    assert [row["status"] for row in found][1] == "cannot-run"


def test_names_are_understood_and_flags_give_way():
    over = ("--over", "hardware.gpu=RTX 4090,A100 80GB SXM")
    found = rows("--gpu", "none", *over, "--engine", "clips")
    assert [row["set"]["hardware.gpu"] for row in found] == ["rtx-4090", "a100-sxm4-80"]


def test_it_keeps_to_its_schema():
    schema = json.loads(advisor("schema", "compare").out)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(compared(*OVER, *FOUR))


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--over", "hardware.count=1,4"), 0),
        (("--over", "hardware.count=1..2"), 1),
        (("--over", "deployment.tensor_parallel=3,5"), 1),
        (("--over", "hardware.gpu=no-such"), 2),
        ((), 2),
    ],
)
def test_the_status_tells_whether_some_variant_fits(arguments: tuple[str, ...], status: int):
    assert advisor("compare", A100, *arguments, "--engine", "clips").status == status


def test_the_status_where_nothing_can_be_told():
    model = ("--gpu", "rtx-4090", "--set", "model.hidden_size=64", "--engine", "clips")
    assert advisor("compare", *model, "--over", "deployment.context=64").status == 4


# ---------------------------------------------------------------- order


COLUMNS = ("required", "usable", "spare", "decode", "bits_per_weight", "deployment.weights", "status")


@pytest.mark.parametrize("column", COLUMNS)
def test_rows_are_sorted(column: str):
    names = {"decode": "decode_tokens_per_second", "bits_per_weight": "bits_per_weight"}

    def value(row: dict[str, Any]) -> Any:
        if column == "status":
            return ("fits", "tight", "unknown", "does-not-fit", "cannot-run").index(row["status"])
        found = {**row, **row["set"]}[column if "." in column else names.get(column, f"{column}_bytes")]
        return found["typical"] if isinstance(found, dict) else found

    for sort, downwards in ((column, False), (f"-{column}", True)):
        found = rows(*OVER, *FOUR, "--sort", sort)
        known = [value(row) for row in found if value(row) is not None]
        assert known == sorted(known, reverse=downwards)
        assert [value(row) for row in found] == [*known, *[None] * (len(found) - len(known))]
        assert {row["digests"]["question"] for row in found} == {r["digests"]["question"] for r in rows()}


def test_there_is_no_such_column():
    said = advisor("compare", A100, "--over", "hardware.count=1,2", "--sort", "beauty")
    assert said.status == 2 and "there is no column beauty" in said.err and "hardware.count" in said.err


# ---------------------------------------------------------------- the grid


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1..4", ["1", "2", "3", "4"]),
        ("0..32+8", ["0", "8", "16", "24", "32"]),
        ("4096..65536*2", ["4096", "8192", "16384", "32768", "65536"]),
        ("1..10*3", ["1", "3", "9"]),
        ("5", ["5"]),
        ("7..7", ["7"]),
        ("1..2,8,a", ["1", "2", "8", "a"]),
        ('"a,b", c', ['"a,b"', "c"]),
        ("{gpu = 'x', memory_gb = 1},[1,2]", ["{gpu = 'x', memory_gb = 1}", "[1,2]"]),
        ("'it, \"is', b", ["'it, \"is'", "b"]),
        ("null,3", ["null", "3"]),
        ("0.6..0.8", ["0.6..0.8"]),
    ],
)
def test_values(text: str, values: list[str]):
    assert list(axes_of([f"deployment.context={text}"])[0].values) == values


WORDS = st.text(st.characters(codec="ascii", exclude_characters=",\"'[]{}."), min_size=1).map(str.strip)


@given(st.lists(WORDS.filter(bool), min_size=1, max_size=6))
def test_plain_values_are_split_at_commas(words: list[str]):
    assert list(axes_of([f"a.b={','.join(words)}"])[0].values) == words


@given(st.integers(0, 10**6), st.integers(0, 400), st.integers(1, 9))
def test_ranges_hold_both_ends(first: int, steps: int, by: int):
    values = [int(value) for value in axes_of([f"a.b={first}..{first + steps * by}+{by}"])[0].values]
    assert values == list(range(first, first + steps * by + 1, by))


def test_the_last_axis_changes_fastest():
    axes = axes_of(["a.b=1,2", "c.d=x,y"])
    assert list(variants(axes)) == [[f"a.b={b}", f"c.d={d}"] for b in "12" for d in "xy"]


@pytest.mark.parametrize(
    ("overs", "codes"),
    [
        (["context"], ["over-form"]),
        (["deployment.context"], ["over-form"]),
        (["deployment.context="], ["over-form"]),
        (["deployment.context=1,,2"], ["over-form"]),
        (["deployment.context=8..4"], ["range-empty"]),
        (["deployment.context=1..4+0", "hardware.count=1..4*1"], ["range-empty", "range-empty"]),
        (["hardware.count=0..4*2"], ["range-empty"]),
        (["hardware.count=1,2", "hardware.count=3"], ["over-twice"]),
        ([f"hardware.count=1..{MOST + 1}"], ["grid-too-large"]),
        (["hardware.count=1..999999999999999"], ["grid-too-large"]),
        (["hardware.count=1..30", "deployment.context=1..20"], ["grid-too-large"]),
    ],
)
def test_what_is_no_grid(overs: list[str], codes: list[str]):
    with pytest.raises(InputError) as error:
        axes_of(overs)
    assert [problem.code for problem in error.value.problems] == codes


def test_a_grid_that_is_too_large_is_told_its_number():
    said = advisor("compare", A100, "--over", "hardware.count=1..30", "--over", "deployment.context=1..20")
    assert said.status == 2 and "600 variants" in said.err and f"{MOST}" in said.err
    assert len(axes_of([f"hardware.count=1..{MOST}"])[0].values) == MOST


def test_all_that_is_wrong_is_told_at_once_and_of_which_axis():
    over = ("--over", "hardware.gpu=rtx-4090,no-such,worse", "--over", "deployment.weights=int8,nope")
    said = advisor("compare", A100, "--runtime", "vllm", "--kv-cache", "bad", *over, "--engine", "clips")
    lines = [line for line in said.err.split("\n") if line.startswith("advisor: ")]
    assert said.status == 2 and said.out == ""
    told = [re.match(r'advisor: (--[\w-]+(?: [\w.]+)?): [^"]*"([\w-]+)"', line).groups() for line in lines]
    assert told == [
        ("--kv-cache", "bad"),
        ("--over deployment.weights", "nope"),
        ("--over hardware.gpu", "no-such"),
        ("--over hardware.gpu", "worse"),
    ]


# ---------------------------------------------------------------- forms


def test_csv_holds_what_the_json_holds():
    said = advisor("compare", A100, *OVER, *FOUR, "--format", "csv")
    read = list(csv.DictReader(io.StringIO(said.out)))
    assert len(read) == len(rows())
    for line, row in zip(read, rows(), strict=True):
        assert [line[path] for path in row["set"]] == list(row["set"].values())
        assert line["status"] == row["status"] and int(line["required_bytes"]) == row["required_bytes"]
        typical = line["decode_tokens_per_second_typical"]
        assert (float(typical) if typical else None) == (row["decode_tokens_per_second"] or {}).get("typical")


def test_csv_holds_tables_as_json():
    gpu = "{name = 'Mine', memory_gb = 48, memory_mib_reported = 49152}"
    over = ("--over", f"hardware.gpu=none,{gpu}", "--engine", "clips", "--format", "csv")
    read = list(csv.DictReader(io.StringIO(advisor("compare", A100, *over).out)))
    assert read[0]["hardware.gpu"] == "none"
    assert json.loads(read[1]["hardware.gpu"])["memory_gb"] == 48


def test_markdown_has_a_line_for_each_row():
    lines = advisor("compare", A100, *OVER, *FOUR, "--format", "markdown").out.splitlines()
    assert len(lines) == 2 + len(rows()) and len({line.count(" | ") for line in lines}) == 1
    assert "required (GiB)" in lines[0]


def test_in_a_pipe_a_line_is_a_row_and_columns_stand_below_each_other():
    head, *lines = advisor("compare", A100, *OVER, *FOUR).out.splitlines()
    assert len(lines) == len(rows())
    names = re.split(r"\s{2,}", head)
    starts = [head.index(name) for name in names]
    for line, row in zip(lines, rows(), strict=True):
        cells = [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        assert cells[:2] == list(row["set"].values()) and cells[2] == row["status"].replace("-", " ")
        assert cells[3] == f"{row['required_bytes'] / 2**30:,.1f}"


def test_output_goes_to_a_file(tmp_path):
    for form in ("csv", "text", "json", "markdown"):
        asked = ("compare", A100, "--over", "hardware.count=1,4", "--engine", "clips", "--format", form)
        assert advisor(*asked, "--output", tmp_path / form) == (0, "", "")
        assert (tmp_path / form).read_text("utf-8") == advisor(*asked).out


# ---------------------------------------------------------------- on a terminal


def shown(found: dict[str, Any], width: int) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    write_comparison(console, found)
    return file.getvalue().split("\n")


def renamed(found: dict[str, Any], gpu: str) -> dict[str, Any]:
    """With other names for the GPUs."""
    made = [
        {**row, "set": {**row["set"], "hardware.gpu": f"{gpu}{n}"}} for n, row in enumerate(found["rows"])
    ]
    return {**found, "rows": made}


@pytest.mark.parametrize(
    "gpu", ["", "a-name-that-is-so-long-that-it-has-to-be-cut-somewhere-", "漢字" * 20, "\x1b[2J"]
)
@pytest.mark.parametrize("width", [30, 50, 80, 120])
def test_no_line_is_longer_and_no_figure_is_cut(width: int, gpu: str):
    found = renamed(compared(*OVER, *FOUR), gpu)
    lines = shown(found, width)
    text = "\n".join(lines)
    for line in lines:
        assert cell_len(line) <= width and line == line.rstrip() and "\x1b" not in line, line
    for row in found["rows"]:
        assert f"{row['required_bytes'] / 2**30:,.1f}" in text


def test_at_80_columns_a_grid_of_two_axes_is_a_table():
    lines = shown(compared(*OVER, *FOUR), 80)
    heads = [line.split() for line in lines if line.startswith("gpu ")]
    assert [head[:2] for head in heads] == [["gpu", "weights"]] * 2
    assert {"status", "required", "usable", "spare", "decode"} <= set(heads[0])
    assert sum(line.startswith("rtx-4090 ") for line in lines) == 2 * len(WEIGHTS)


def test_names_that_are_cut_stay_apart():
    found = renamed(compared(*OVER, *FOUR), "a-name-that-is-so-long-that-it-has-to-be-cut-")
    lines = [line for line in shown(found, 80) if line.startswith("a-name")]
    assert lines and all("…" in line.split()[0] for line in lines)
    assert len({line.split()[0] for line in lines}) == len(found["rows"])


def test_two_fields_of_one_name_are_told_apart():
    found = compared(*OVER, *FOUR)
    made = [{**row, "set": {"a.gpu": 1, "hardware.gpu": "x"}} for row in found["rows"]]
    head = shown({**found, "over": ["a.gpu", "hardware.gpu"], "rows": made}, 120)[2]
    assert head.split()[:2] == ["a.gpu", "hardware.gpu"]

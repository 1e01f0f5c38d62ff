"""Questions: everything that can be wrong with one is said, all at once, in words and with its place."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import advisor as package
from advisor.errors import InputError
from advisor.installation import installation
from advisor.question import Question, read_question
from tests.commandline import EXAMPLES, advisor

BASE = """\
[hardware]
gpu = "a100-sxm4-80"

[model]
id = "mixtral-8x22b"

[deployment]
runtime = "vllm"
weights = "int8"
context = 4096
"""


def read(source: Path | dict[str, Any], *changes: str) -> Question:
    return read_question(source, installation().library, installation().rulebook.derived, changes)


def question(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "q.toml"
    path.write_text(text, "utf-8")
    return path


def problems(source: Path | dict[str, Any], *changes: str) -> list[tuple[str, int | None]]:
    """Codes and lines of all that is wrong."""
    with pytest.raises(InputError) as caught:
        read(source, *changes)
    assert all(problem.text and problem.file for problem in caught.value.problems)
    return [(problem.code, problem.line) for problem in caught.value.problems]


def with_context(value: str) -> str:
    return BASE.replace("4096", value)


def with_line(line: str) -> str:
    return BASE + line + "\n"


def one_gpu(value: str) -> str:
    return BASE.replace('"a100-sxm4-80"', value)


# Each has one mistake: the code of the problem, and its line.
MISTAKES: dict[str, tuple[str, str, int | None]] = {
    "unknown GPU": (one_gpu('"a100-sxm4-8"'), "unknown-gpu", 2),
    "empty GPU": (one_gpu('""'), "unknown-gpu", 2),
    "ambiguous GPU": (one_gpu('"a100"'), "name-ambiguous", 2),
    "GPU that does not exist": (one_gpu('"A100 160GB"'), "no-such-thing", 2),
    "pair of GPUs": (one_gpu('"H100 NVL 188GB"'), "no-such-thing", 2),
    "GPU as number": (one_gpu("80"), "wrong-type", 2),
    "GPU as list": (one_gpu('["a100-sxm4-80"]'), "wrong-type", 2),
    "unknown model": (BASE.replace("mixtral-8x22b", "mixtrl-8x22b"), "unknown-model", 5),
    "a model of the catalog with fields": (
        BASE.replace('"mixtral-8x22b"', '"mixtral-8x22b"\nlayers = 40'),
        "given-twice",
        5,
    ),
    "a GPU of the catalog with fields": (
        one_gpu('{ id = "a100-sxm4-80", memory_gb = 40 }'),
        "given-twice",
        2,
    ),
    "a model that is only named": (BASE.replace("id =", "name ="), "name-alone", 5),
    "a GPU that is only named": (one_gpu('{ name = "a100-sxm4-80" }'), "name-alone", 2),
    "unknown format": (BASE.replace("int8", "int9"), "unknown-weight-format", 9),
    "unknown KV format": (with_line('kv_cache = "f17"'), "unknown-kv-format", 11),
    "unknown table": (with_line("[harware]\ncount = 1"), "unknown-table", 11),
    "derived kind": (with_line("[[card]]\nindex = 0"), "unknown-table", 11),
    "unknown key": (with_line("contxt = 1"), "unknown-key", 11),
    "text for a count": (with_context('"4096"'), "wrong-type", 10),
    "fraction for a count": (with_context("4096.5"), "wrong-type", 10),
    "truth for a count": (with_context("true"), "wrong-type", 10),
    "list for a count": (with_context("[4096]"), "wrong-type", 10),
    "table for a count": (with_context("{ tokens = 4096 }"), "wrong-type", 10),
    "date for a count": (with_context("1979-05-27"), "wrong-type", 10),
    "number for a text": (BASE.replace('"vllm"', "1"), "wrong-type", 8),
    "number for a truth": (with_line("enforce_eager = 1"), "wrong-type", 11),
    "text for a number": (with_line('gpu_memory_utilization = "0.9"'), "wrong-type", 11),
    "text for a list": (with_line('[goals]\nkeep = "model"'), "wrong-type", 12),
    "list in a list": (with_line('[goals]\nkeep = [["model"]]'), "wrong-type", 12),
    "not a choice": (with_line('split = "vertical"'), "wrong-choice", 11),
    "no context": (with_context("0"), "out-of-range", 10),
    "negative context": (with_context("-1"), "out-of-range", 10),
    "context of 10**30": (with_context("1" + "0" * 30), "out-of-range", 10),
    "no sequences": (with_line("concurrency = 0"), "out-of-range", 11),
    "negative sequences": (with_line("concurrency = -1"), "out-of-range", 11),
    "10**9 GPUs": (one_gpu('"a100-sxm4-80"\ncount = 1_000_000_000'), "out-of-range", 3),
    "negative GPUs": (one_gpu('"a100-sxm4-80"\ncount = -1'), "out-of-range", 3),
    "negative host memory": (one_gpu('"a100-sxm4-80"\nsystem_memory_gib = -1'), "out-of-range", 3),
    "context of part of a token": (with_context("0.5"), "wrong-type", 10),
    "share above one": (with_line("gpu_memory_utilization = 1.5"), "out-of-range", 11),
    "nan": (with_line("gpu_memory_utilization = nan"), "toml-number", 11),
    "inf": (with_line("gpu_memory_utilization = -inf"), "toml-number", 11),
    "too large for a double": (with_line("gpu_memory_utilization = 1e999"), "toml-number", 11),
    "absurd exponent": (with_line("gpu_memory_utilization = 1e999999999"), "toml-number", 11),
    "integer of 400 digits": (with_context("9" * 400), "toml-number", 10),
    "integer of 5,000 digits": (with_context("9" * 5000), "toml-number", 10),
    "deep list": ("a = " + "[" * 5000 + "]" * 5000, "toml-depth", None),
    "deep tables": ("[" + "a." * 500 + "b]\n", "toml-depth", None),
    "long text": (BASE.replace("vllm", "v" * 5000), "too-long", 8),
    "hardware twice": (BASE.replace("[hardware]", "[[hardware]]"), "wrong-type", 1),
    "deployment twice": (BASE.replace("[deployment]", "[[deployment]]\n[[deployment]]"), "wrong-type", 7),
    "table as text": ('deployment = "vllm"\n' + BASE[: BASE.index("[deployment]")], "wrong-type", 1),
    "another schema": ("schema = 2\n" + BASE, "schema", 1),
    "schema as table": ("[schema]\nversion = 1\n" + BASE, "schema", 1),
    "no GPU": ("[model]\nid = 'mixtral-8x22b'\n", "missing-key", None),
    "no GPU in the table": ("[hardware]\ncount = 1\n[model]\nid = 'mixtral-8x22b'\n", "missing-key", 1),
    "no devices": ("[hardware]\ndevice = []\n[model]\nid = 'mixtral-8x22b'\n", "missing-key", 1),
    "no model": ("[hardware]\ngpu = 'none'\n", "missing-key", None),
    "devices as text": ("[hardware]\ndevice = 'x'\n[model]\nid = 'mixtral-8x22b'\n", "wrong-type", 2),
    "devices as numbers": ("[hardware]\ndevice = [1]\n[model]\nid = 'mixtral-8x22b'\n", "wrong-type", 2),
    "one device without brackets": (
        "[hardware.device]\ngpu = 'a10'\n[model]\nid = 'mixtral-8x22b'\n",
        "wrong-type",
        1,
    ),
    "unknown key in an inline GPU": (one_gpu("{ memory_gb = 24, momory = 1 }"), "unknown-key", 2),
    "wrong type in an inline GPU": (one_gpu('{ memory_gb = "24" }'), "wrong-type", 2),
    "negative memory in an inline GPU": (one_gpu("{ memory_gb = -24 }"), "out-of-range", 2),
    "blocks as text": ("[hardware]\ngpu = 'a10'\n[model]\nhidden_size = 64\nblock = 'x'\n", "wrong-type", 5),
    "a GPU of the catalog, otherwise": (with_line("[[gpu]]\nid = 'a10'\nname = 'mine'"), "fact-twice", 11),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_one_problem_in_words(name: str, tmp_path: Path):
    text, code, line = MISTAKES[name]
    path = question(tmp_path, text)
    said = advisor("ask", path)
    place = f"{path}:{line}" if line else str(path)
    assert said.status == 2 and said.out == ""
    assert re.match(rf"advisor: {re.escape(place)}(:\d+)?: .*\[{code}\]", said.err), said.err
    assert said.err.count("advisor: ") == 1 and len(said.err) < 1500 and "Traceback" not in said.err


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("unknown GPU", "a100-sxm4-80"),
        ("unknown model", "mixtral-8x22b"),
        ("unknown format", "int8"),
        ("unknown KV format", "f16"),
        ("unknown table", "hardware"),
        ("unknown key", "context"),
        ("ambiguous GPU", "a100-pcie-40, a100-pcie-80, a100-sxm4-40, a100-sxm4-80"),
        ("GPU that does not exist", "a100-sxm4-80"),
        ("pair of GPUs", "h100-nvl-94"),
    ],
)
def test_the_nearest_names_are_told(name: str, nearest: str, tmp_path: Path):
    assert nearest in advisor("ask", question(tmp_path, MISTAKES[name][0])).err


def test_five_mistakes_are_five_problems(tmp_path: Path):
    text = """\
[hardware]
gpu = "a101"
count = -1

[model]
id = "nothing-7b"

[deployment]
context = "long"
concurrency = 0
wieghts = "int8"
"""
    codes = ["unknown-gpu", "out-of-range", "unknown-model", "wrong-type", "out-of-range", "unknown-key"]
    assert problems(question(tmp_path, text)) == list(zip(codes, [2, 3, 6, 9, 10, 11], strict=True))


def test_mistakes_in_several_devices_and_blocks(tmp_path: Path):
    text = """\
[[hardware.device]]
gpu = "h100-sxm5-80"
count = 0
[[hardware.device]]
gpu = "nope"
[[hardware.device]]
cout = 1

[model]
hidden_size = "64"
[[model.block]]
count = 1
[[model.block]]
count = -2
mixer = "attention"
ffn = "dens"
"""
    expected = [
        ("out-of-range", 3),
        ("unknown-gpu", 5),
        ("missing-key", 6),
        ("unknown-key", 7),
        ("wrong-type", 10),
        ("missing-key", 11),
        ("out-of-range", 14),
        ("wrong-choice", 16),
    ]
    assert problems(question(tmp_path, text)) == expected


def test_an_empty_file_lacks_gpu_and_model(tmp_path: Path):
    for text in ("", "\n# nothing\n", "schema = 1\n"):
        assert problems(question(tmp_path, text)) == [("missing-key", None)] * 2


def test_a_comment_is_no_place(tmp_path: Path):
    text = BASE.replace("[deployment]", "# context = 1\n[deployment]").replace("4096", "0")
    assert problems(question(tmp_path, text)) == [("out-of-range", 11)]


# ---------------------------------------------------------------- changes


def test_changes_are_toml_where_they_can_be(tmp_path: Path):
    path = question(tmp_path, BASE)
    tables = read(
        path,
        "deployment.context=8192",
        "deployment.runtime=llama.cpp",
        'deployment.weights="q4_k_m"',
        "deployment.gpu_memory_utilization=0.5",
        "deployment.flash_attention=true",
        "goals.keep=['model']",
    ).tables
    assert tables["deployment"]["context"] == 8192
    assert tables["deployment"]["runtime"] == "llama.cpp"
    assert tables["deployment"]["weights"] == "q4_k_m"
    assert tables["deployment"]["gpu_memory_utilization"] == Fraction(1, 2)
    assert tables["deployment"]["flash_attention"] is True
    assert tables["goals"] == {"keep": ["model"]}


@pytest.mark.parametrize(
    "change", ["context", "context=1", "=1", ".x=1", "deployment.=1", "deployment=1", ""]
)
def test_a_change_must_name_a_field(change: str, tmp_path: Path):
    assert ("set-form", None) in [
        (code, line) for code, line in wrong_changes(question(tmp_path, BASE), change)
    ]


def wrong_changes(path: Path, *changes: str) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as caught:
        read(path, *changes)
    return [(problem.code, problem.line) for problem in caught.value.problems]


def test_a_wrong_change_stands_in_no_file(tmp_path: Path):
    """The file says something else there, and is not to blame."""
    for change, code in (
        ("deployment.context=0", "out-of-range"),
        ("deployment.context=long", "wrong-type"),
        ("deployment.weights=int9", "unknown-weight-format"),
        ("deployment.contxt=1", "unknown-key"),
        ("hardware.gpu=a100", "name-ambiguous"),
        ("deployment.runtime=\udcff", "not-text"),
    ):
        said = advisor("ask", question(tmp_path, BASE), "--set", change)
        assert said.status == 2
        assert said.err.startswith(f"advisor: --set {change.partition('=')[0]}: "), said.err
        assert f"[{code}]" in said.err


# ---------------------------------------------------------------- names, inline tables, mappings


def test_names_become_ids_and_stay_out_of_the_facts():
    tables = read({"hardware": {"gpu": "RTX  4090"}, "model": {"id": "Mixtral 8x7B"}}).tables
    assert tables == {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "mixtral-8x7b"}}


def test_the_mapping_given_is_left_alone():
    given_tables = {"hardware": {"gpu": "RTX 4090"}, "model": {"id": "Mixtral 8x7B"}}
    read(given_tables, "deployment.context=1")
    assert given_tables == {"hardware": {"gpu": "RTX 4090"}, "model": {"id": "Mixtral 8x7B"}}


def test_a_mapping_and_a_file_ask_the_same():
    tables = {
        "hardware": {"gpu": "a100-sxm4-80", "count": 1},
        "model": {"id": "mixtral-8x22b"},
        "deployment": {
            "runtime": "vllm",
            "weights": "int8",
            "kv_cache": "f16",
            "context": 65536,
            "concurrency": 1,
        },
    }
    assert read(tables).digest == read(EXAMPLES / "mixtral-8x22b-a100.toml").digest


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**400, None, object(), b"bytes", {1, 2}, "\ud800", -float("inf")]
)
def test_what_no_file_can_hold(value: Any):
    tables = {"hardware": {"gpu": "a10"}, "model": {"id": "mixtral-8x7b"}, "deployment": {"runtime": value}}
    assert problems(tables)


def test_a_mapping_that_holds_itself():
    tables: dict[str, Any] = {"hardware": {"gpu": "a10"}}
    tables["model"] = tables
    assert problems(tables) == [("toml-depth", None)]


def test_an_inline_gpu_and_model_are_facts_of_their_content(tmp_path: Path):
    text = one_gpu("{ memory_gb = 24, bandwidth_gb_s = 936.5 }")
    first, second = read(question(tmp_path, text)), read(question(tmp_path, text.replace("24", "25")))
    ids = [next(fact.values["id"] for fact in each.facts if fact.kind == "gpu") for each in (first, second)]
    assert len(set(ids)) == 2 and all(str(each).startswith("inline-") for each in ids)
    assert first.tables["hardware"]["gpu"] == {"memory_gb": 24, "bandwidth_gb_s": Fraction(1873, 2)}


def test_two_devices_may_be_one_inline_gpu():
    device = {"gpu": {"memory_gb": 24}}
    assert read({"hardware": {"device": [device, device]}, "model": {"id": "mixtral-8x7b"}})


@pytest.mark.parametrize(
    ("hardware", "model"),
    [
        ({"gpu": {}}, {"id": "mistral-7b-v0.3"}),
        ({"gpu": {"bandwidth_gb_s": 900}}, {"id": "mistral-7b-v0.3"}),
        ({"gpu": "rtx-4090"}, {"name": "mine"}),
        ({"gpu": "rtx-4090"}, {"params_total": 7_000_000_000}),
        ({"gpu": "rtx-4090"}, {"layers": 32, "hidden_size": 4096, "vocab_size": 32000}),
        (
            {"gpu": "rtx-4090"},
            {"hidden_size": 64, "block": [{"count": 1, "mixer": "attention", "ffn": "none"}]},
        ),
    ],
)
def test_an_inline_table_that_says_too_little_is_unknown(hardware: Any, model: Any):
    answer = package.ask({"hardware": hardware, "model": model}, engine="clips")
    assert answer.status == "unknown"
    assert "does not say" in answer.to_dict()["verdict"]["summary"]


def test_an_inline_model_that_says_enough_is_answered():
    block = {"count": 2, "mixer": "attention", "heads": 4, "kv_heads": 2, "k_dim": 16, "v_dim": 16}
    block |= {"ffn": "dense", "intermediate": 128}
    model = {"hidden_size": 64, "vocab_size": 100, "tie_word_embeddings": False, "block": [block]}
    answer = package.ask(
        {"hardware": {"gpu": "rtx-4090"}, "model": model, "deployment": {"weights": "fp16"}}, engine="clips"
    )
    attention, network, norms = 64 * 16 * (4 + 2 + 2 + 4), 3 * 64 * 128, 2 * 64
    assert answer.to_dict()["model"]["params_total"] == 2 * (attention + network + norms) + 2 * 100 * 64 + 64
    assert answer.status == "fits"


def test_an_inline_gpu_may_cite_its_sources():
    """As one in a catalog may: by a text or by a table, which the proof shows."""
    source = {"title": "A datasheet", "url": "https://example.org", "quote": "48 GB"}
    gpu = {"name": "Mine", "memory_gb": 48, "memory_mib_reported": 49152, "sources": ["me", source]}
    question = {"hardware": {"gpu": gpu}, "model": {"id": "mistral-7b-v0.3"}}
    answer = package.ask(question, engine="clips")
    (fact,) = [each for each in answer.to_dict()["trace"]["facts"] if each["kind"] == "gpu"]
    assert answer.status == "fits" and fact["given"]["sources"] == ["me", source]


# ---------------------------------------------------------------- whatever stands in the file

EXAMPLE = (EXAMPLES / "mixtral-8x22b-a100.toml").read_bytes()
SNIPPETS = [
    b'"',
    b"'",
    b"[",
    b"]",
    b"[[",
    b"{",
    b"}",
    b"=",
    b"\n",
    b"-",
    b"1e9",
    b"nan",
    b"true",
    b"\xff",
    b"\x00",
    b"#",
    b".",
    b"0",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The example with a few bytes cut out, put in, doubled or changed."""
    text = EXAMPLE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 30)))
        new = draw(st.sampled_from(SNIPPETS) | st.binary(max_size=6) | st.just(text[start:end] * 2))
        text = text[:start] + new + text[end:]
    return text


@settings(max_examples=120)
@given(damaged())
@example(EXAMPLE[:200])
@example(b"\xef\xbb\xbf" + EXAMPLE)
@example(EXAMPLE.replace(b"\n", b"\r\n"))
def test_damage_is_answered_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, text: bytes):
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_bytes(text)
    said = advisor("ask", path, "--engine", "clips", "--format", "json", "--no-remedies")
    assert said.status in (0, 1, 2, 4), said.err
    assert (said.status == 2) == (said.out == "") == said.err.startswith("advisor: "), said.err


VALUES = st.one_of(
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.booleans(),
    st.text(max_size=8),
    st.none(),
    st.lists(st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)
FIELDS = {
    (kind.name_in_config, name)
    for kind in installation().library.kinds.values()
    if kind.id in ("hardware", "deployment", "goals", "asked_model")
    for field in kind.fields.values()
    for name in field.written
}


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), VALUES, min_size=1, max_size=4))
def test_any_value_in_any_field_is_answered_or_refused(values: dict[tuple[str, str], Any]):
    tables: dict[str, dict[str, Any]] = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "mistral-7b-v0.3"}}
    for (table, name), value in values.items():
        tables.setdefault(table, {})[name] = value
    try:
        answer = package.ask(tables, engine="clips")
    except InputError as error:
        assert error.problems
    else:
        assert answer.to_json()


def test_a_version_is_a_text_even_where_it_looks_like_a_number():
    base = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "llama-3.1-8b"}}
    asked = read_question(base, installation().library, set(), ["deployment.runtime_version=0.10"])
    assert asked.tables["deployment"] == {"runtime_version": "0.10"}
    with pytest.raises(InputError) as error:
        read_question({**base, "deployment": {"runtime_version": 0.10}}, installation().library, set())
    (problem,) = error.value.problems
    assert problem.text == "runtime_version must be a text, not 0.1" and problem.hint == "Put it in quotes."

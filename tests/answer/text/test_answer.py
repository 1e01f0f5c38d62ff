"""The text of an answer: what stands where, at every width, and that no data breaks it."""

from __future__ import annotations

import copy
import io
import re
import shlex
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from advisor.answer.schema.answer import SEVERITIES, STATUSES
from advisor.answer.text.answer import render, to_text
from tests.answer.schema.test_answer import VALIDATOR, load

UNITS = "(GiB|KiB per token|tok/s|USD/h|billion|bits? per weight|bits|s)"
NAMES = ("does-not-fit", "fits", "unknown")
GIB = 2**30
HOSTILE = [
    "[red]x[/red]",
    "[/]",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe",
    "w" * 500,
    "👩‍👩‍👧 🚀 漢字" * 20,
    "a\nb\r\nc\td",
    ":smile: [link=https://example.org]y[/link]",
    "\ud800",
    "",
    " ",
]


def lines_of(text: str) -> list[str]:
    return text.split("\n")


def assert_sound(text: str, width: int) -> None:
    """Nothing wider than the page, no spaces at the end, nothing that moves a cursor."""
    for line in lines_of(text):
        assert cell_len(line) <= width, line
        assert line == line.rstrip(), line
        assert line.isprintable(), line


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("width", [30, 60, 80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_every_line_fits(name: str, width: int, explain: bool):
    assert_sound(to_text(load(name), width, explain=explain), width)


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_comes_first(name: str):
    answer = load(name)
    status = answer["verdict"]["status"].replace("-", " ").upper()
    assert flat(to_text(answer)).startswith(f"{status}: {answer['verdict']['summary']}")


def test_sections_stand_in_order():
    text = to_text(load("does-not-fit"))
    titles = ["DOES NOT FIT", "\nMemory", "\nAsked", "\nFindings", "\nWhat you can do", "\nWhy", "\nquestion"]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert text.index("error:") < text.index("warning:") < text.index("info:")


@pytest.mark.parametrize("name", NAMES)
def test_everything_said_is_shown(name: str):
    answer, text = load(name), flat(to_text(load(name)))
    for one in answer["remedies"] + answer["conclusions"] + answer["assumptions"]:
        assert one["text"] in text
    for remedy in answer["remedies"]:
        number = f"{remedy['rank']}. " if remedy["verified"] else ""
        assert f"{number}{remedy['title']}" in text
        assert not remedy["verified"] or all(cost in text for cost in remedy["costs"])
    for one in (*answer["search"]["not_enough"], *answer["search"]["more"]):
        assert one["title"] in text
    for digest in answer["digests"].values():
        assert digest[:12] in text and digest[:13] not in text
    assert "--explain" in text and "--format json" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_its_unit(name: str):
    """A figure with decimals outside names, versions and options is followed by its unit."""
    text = re.sub(r"--[\w-]+ \S+", "", flat(to_text(load(name))))
    for found in re.finditer(r"(?<![\w.-])\d[\d,]*\.\d+(?![\w.])", text):
        after = text[found.end() :]
        assert re.match(rf"( {UNITS}|\u2013[\d,.]+ tok/s)(?!\w)", after), found.group() + after[:20]


def test_what_is_proved_is_told_from_what_is_not_enough_and_from_advice():
    answer = load("does-not-fit")
    text = flat(to_text(answer))
    proved = [one for one in answer["remedies"] if one["verified"]]
    assert "proved: fits, 87.7 GiB of 144.0 GiB usable, 56.3 GiB to spare on the fullest device" in text
    assert text.count("proved: ") == len(proved) > 1
    assert "4-bit AWQ weights on the one GPU: does not fit, short by 14.3 GiB" in text
    assert text.count("(advice)") == len(answer["remedies"]) - len(proved) == 2
    assert "3 change what the goals keep, and were not asked" in text


def test_the_step_before_the_price_and_the_quality_are_told():
    text = flat(to_text(load("does-not-fit")))
    assert "One step milder: runtime llama.cpp, weights iq4-xs, context 20736: does not fit" in text
    assert "Price: 3.58 USD/h (a cloud, 2026-11-01)" in text
    assert "Quality: 4.19 bits per weight; no loss is published" in text


def test_the_order_is_told_and_explained_on_request():
    answer = load("does-not-fit")
    assert "In order of: changes, then speed." in flat(to_text(answer))
    assert "changes: How many levers are moved." in flat(to_text(answer, explain=True))


def test_settings_can_be_copied_into_a_shell():
    answer = load("does-not-fit")
    text = to_text(answer, 120)
    device = next(line for line in lines_of(text) if "hardware.device=" in line)
    path, _, value = shlex.split(device)[1].partition("=")
    assert path == "hardware.device"
    assert tomllib.loads(f"v = {value}")["v"] == [{"gpu": "a100-sxm4-80", "count": 8}]
    assert " --set deployment.tensor_parallel=2 \\\n     --set deployment.weights=awq-4-g128\n" in to_text(
        answer
    )


@pytest.mark.parametrize("value", ["4", "true", "1e3", "'x'", "null", "", "x y", "$HOME; rm", 3, 1.5, False])
def test_a_setting_keeps_its_type(value: Any):
    answer = load("does-not-fit")
    answer["remedies"][0]["set"] = {"a.b": value}
    line = next(line for line in lines_of(to_text(answer)) if "--set" in line)
    raw = shlex.split(line)[1].partition("=")[2]
    try:
        read = tomllib.loads(f"v = {raw}")["v"]
    except tomllib.TOMLDecodeError:
        read = raw
    assert read == value and type(read) is type(value)


def test_the_bar_shows_the_overflow():
    bar = lines_of(to_text(load("does-not-fit")))[3].strip()
    inside, beyond = bar.split("┃")
    assert set(inside) == {"█"} and set(beyond) == {"█", "▓", "▒"}
    assert len(inside) / (len(bar) - 1) == pytest.approx(72.0 / 146.4, abs=0.02)


def test_the_bar_shows_what_is_free_and_what_is_not_known():
    assert "·┃\n" in to_text(load("fits"))
    assert "?┃\n" in to_text(load("unknown"))
    assert "Required at least 17.0 GiB" in to_text(load("unknown"))


def test_a_total_that_its_parts_do_not_explain_is_one_block():
    answer = load("does-not-fit")
    answer["memory"]["overhead_bytes"] = answer["memory"]["per_gpu"][0]["overhead_bytes"] = None
    text = to_text(answer)
    assert "▆┃▆" in text and "▆ Required 146.4 GiB" in text and "Overhead not known" in text


def test_gpus_that_differ_have_a_bar_each():
    answer = load("fits")
    second = answer["memory"]["per_gpu"][1]
    second["usable_bytes"] = 40 * GIB
    second["shortfall_bytes"] = second["required_bytes"] - 40 * GIB
    text = to_text(answer)
    assert "GPU 0: 43.9 GiB of 72.0 GiB usable" in text
    assert "GPU 1: 43.9 GiB of 40.0 GiB usable, short by 3.9 GiB" in text
    assert text.count("┃") == 3


def test_weights_off_the_gpus_are_told_apart():
    answer = load("does-not-fit")
    gpu = answer["memory"]["per_gpu"][0]
    gpu["weights_bytes"] -= 80 * GIB
    for table in (gpu, answer["memory"]):
        table["required_bytes"] -= 80 * GIB
        table["shortfall_bytes"] = 0
    text = flat(to_text(answer))
    assert "Weights 51.0 GiB and 80.0 GiB off the GPUs" in text and "Free 5.6 GiB" in text


def test_an_unknown_verdict_names_field_fact_and_rule():
    text = to_text(load("unknown"))
    assert "? kv_heads of block[house-14b, 0] [memory.kv-cache, memory.required]" in text


def test_why_starts_at_the_verdict_and_repeats_nothing():
    why = to_text(load("does-not-fit")).split("\nWhy\n")[1]
    assert why.startswith("  • memory.does-not-fit, memory.insufficient-vram: as said above\n")
    assert "hardware.usable-memory: The runtime may use 90 % of 80.0 GiB: 72.0 GiB." in why


def test_explain_shows_every_firing_once_with_its_numbers():
    answer = load("does-not-fit")
    text = flat(to_text(answer, explain=True))
    for firing in answer["trace"]["firings"]:
        assert text.count(f"[{firing['id']}]") == 1
        assert f"{firing['rule']} ({firing['file']}:{firing['line']})" in text
        assert all(formula in text for formula in firing["formulas"])
    for fact in answer["trace"]["facts"][:12]:
        assert text.count(f"[{fact['id']}]") == 1
    assert "model[mixtral-8x22b] [f3, see above]" in text
    assert "given in facts/gpus/nvidia-ampere.toml:12; confidence high source: NVIDIA A100" in text
    assert "memory.tight \u00d7 3" in text


def test_a_trace_with_a_cycle_ends():
    answer = load("does-not-fit")
    answer["trace"]["facts"][0]["derived_by"] = ["r7", "gone"]
    assert "see above" in to_text(answer, explain=True)


def test_a_deep_trace_is_no_recursion():
    answer = load("fits")
    depth = 3000
    fact, firing = answer["trace"]["facts"][0], answer["trace"]["firings"][0]
    for n in range(depth):
        answer["trace"]["facts"].append({**fact, "id": f"g{n}", "given": None, "derived_by": [f"s{n + 1}"]})
        answer["trace"]["firings"].append({**firing, "id": f"s{n}", "premises": [f"g{n}"]})
    answer["verdict"]["firing"] = "s0"
    assert "[g2999]" in to_text(answer, explain=True)


@pytest.mark.parametrize("explain", [False, True])
def test_without_a_terminal_there_are_no_escape_sequences(explain: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in to_text(load("does-not-fit"), explain=explain)
    monkeypatch.delenv("FORCE_COLOR")
    file = io.StringIO()
    render(load("does-not-fit"), Console(file=file, width=80), explain)
    assert file.getvalue() == to_text(load("does-not-fit"), explain=explain)


def test_colour_adds_nothing_but_colour(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    coloured = to_text(load("does-not-fit"), color=True)
    assert "\x1b[1;31mDOES NOT FIT\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == to_text(load("does-not-fit"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_another_encoding_gets_letters(encoding: str):
    answer = load("does-not-fit")
    answer["conclusions"][0]["text"] = "≥ 漢 µs"
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    render(answer, Console(file=file, width=80), explain=True)
    file.flush()
    text = raw.getvalue().decode(encoding)
    assert re.search(r"^  W+\|W+K+O\n", text, re.MULTILINE)
    assert "W Weights 131.0 GiB   K KV cache 14.0 GiB   O Overhead 1.4 GiB" in text
    assert ">= \\u6f22" in text
    assert_sound(text.replace("\r", ""), 80)


def poisoned(value: Any, poison: str) -> Any:
    """The same with every text replaced; names and enumerations keep their meaning to us."""
    if isinstance(value, dict):
        return {key: poisoned(inner, poison) for key, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, poison) for inner in value]
    return poison if isinstance(value, str) else value


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("poison", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(poison: str, color: bool):
    for name in NAMES:
        text = to_text(poisoned(load(name), poison), 60, color=color, explain=True)
        assert_sound(re.sub(r"\x1b\[\d+(;\d+)*m", "", text), 60)


def test_markup_is_shown_and_escapes_are_spelt_out():
    answer = load("fits")
    answer["conclusions"][0]["text"] = "[red]x[/red] :smile: \x1b[2J"
    assert "[red]x[/red] :smile: \\x1b[2J" in to_text(answer)


def test_an_answer_that_lacks_nearly_everything_still_speaks():
    assert to_text({}).startswith("UNKNOWN\n")
    empty = copy.deepcopy(load("does-not-fit"))
    empty |= {"conclusions": [], "assumptions": [], "remedies": [], "search": {}}
    empty["trace"] = {"facts": [], "firings": [], "near_misses": []}
    assert "No rule proposes a change." in to_text(empty, explain=True)


def either(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


WORDS = st.text(max_size=40) | st.sampled_from(HOSTILE)
BYTES = either(st.integers(0, 2**50))
IDS = st.sampled_from(["1", "2", "3"])
SIZES = {
    f"{name}_bytes": BYTES for name in ("weights", "kv_cache", "overhead", "required", "usable", "shortfall")
}
RATE = st.floats(0, 1e9)
BAND = either(st.fixed_dictionaries({name: either(RATE) for name in ("low", "typical", "high")}))
VALUE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
TABLES = st.dictionaries(WORDS, VALUE | st.lists(VALUE, max_size=2), max_size=3)
PLACE = {"file": either(WORDS), "line": either(st.integers(1, 999))}


def table(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=3)


CAME = dict(
    required_bytes=BYTES, usable_bytes=BYTES, shortfall_bytes=BYTES,
    spare_bytes=st.none() | st.integers(-(2**40), 2**40), decode_tokens_per_second=either(RATE),
    decode_band=BAND, prefill_tokens_per_second=either(RATE), quality=either(table(text=WORDS)),
    price=either(table(text=WORDS, as_of=WORDS, usd_per_hour=RATE)), refused=either(WORDS),
)  # fmt: skip
ASKED = dict(CAME, status=st.sampled_from(STATUSES), set=TABLES)
OUTCOME = table(**CAME, status=st.sampled_from(["fits", "tight"]), digest=WORDS)
REMEDY = table(
    rank=st.integers(1, 99), kind=WORDS, title=WORDS, set=TABLES, rule=WORDS, text=WORDS,
    verified=st.sampled_from([True, None]), outcome=either(OUTCOME), costs=some(WORDS), firing=either(IDS),
    one_step_milder=either(table(**ASKED)),
)  # fmt: skip
NAMED = table(title=WORDS, set=TABLES, status=st.sampled_from(STATUSES))
SEARCH = table(
    asked=st.integers(0, 100), cut_short=st.booleans(), more=some(NAMED), outdone=some(NAMED),
    ranking=some(table(figure=WORDS, prefer=st.sampled_from(["least", "most"]), meaning=WORDS)),
    considered=some(table(kind=WORDS, rule=WORDS, settings=some(WORDS), text=WORDS, firing=IDS)),
    not_enough=some(table(**ASKED, kind=WORDS, title=WORDS, rule=WORDS)),
)  # fmt: skip
GIVEN = table(**PLACE, sources=some(WORDS | st.just({"title": "t", "quote": "q"})), assumed=some(WORDS))
FACT = table(
    id=IDS, kind=st.just("verdict") | WORDS, label=WORDS, values=st.dictionaries(WORDS, WORDS, max_size=3),
    given=either(GIVEN), derived_by=some(IDS), certain=st.booleans(),
)  # fmt: skip
FIRING = table(
    id=IDS, rule=WORDS, **PLACE, premises=some(IDS), looked=some(IDS), formulas=some(WORDS), text=WORDS,
    concludes=some(IDS), severity=either(st.sampled_from(SEVERITIES)), sources=some(WORDS),
    undetermined=some(table(fact=WORDS, field=WORDS)),
)  # fmt: skip
NEAREST = some(table(premises=some(IDS), text=WORDS, passed=st.integers(0, 9)))
COMPONENT = table(
    id=WORDS, role=WORDS, gpu=st.none() | st.integers(0, 7) | WORDS, bytes=BYTES, text=WORDS,
    band=either(table(low=BYTES, high=BYTES)),
)  # fmt: skip
RUN = table(
    runtime=WORDS, command=either(WORDS), arguments=some(some(WORDS)), notes=some(WORDS), rules=some(WORDS)
)
ANSWERS = table(
    schema=st.just("advisor.answer/1"),
    engine=table(name=WORDS, version=WORDS),
    question=st.dictionaries(st.sampled_from(["hardware", "model", "deployment", "goals"]), TABLES),
    verdict=table(status=st.sampled_from(STATUSES), summary=WORDS),
    memory=table(
        **SIZES,
        required_at_least_bytes=BYTES,
        kv_capacity_tokens=BYTES,
        per_gpu=some(table(gpu=st.integers(0, 7), **SIZES)),
        components=some(COMPONENT),
    ),
    model=table(params_total=BYTES, bits_per_weight=either(st.floats(0, 64))),
    parallel=table(
        tensor_parallel_valid=either(st.booleans()), tensor_parallel_sizes=some(st.integers(1, 64))
    ),
    speed=table(
        decode_tokens_per_second=BAND, prefill_tokens_per_second=BAND, time_to_first_token_s=either(RATE)
    ),
    run=either(RUN),
    conclusions=some(table(id=WORDS, rule=WORDS, severity=st.sampled_from(SEVERITIES), text=WORDS)),
    assumptions=some(table(field=WORDS, value=VALUE, text=WORDS)),
    remedies=some(REMEDY),
    search=either(SEARCH),
    trace=table(
        facts=some(FACT),
        firings=some(FIRING),
        near_misses=some(table(rule=WORDS, count=st.integers(0, 9), nearest=NEAREST)),
    ),
    digests=table(question=WORDS, rules=WORDS, facts=WORDS, answer=WORDS),
)


@given(answer=ANSWERS, width=st.integers(30, 130), explain=st.booleans())
def test_any_answer_renders_within_the_width(answer: dict[str, Any], width: int, explain: bool):
    assert VALIDATOR.is_valid(answer)
    assert_sound(to_text(answer, width, explain=explain), width)

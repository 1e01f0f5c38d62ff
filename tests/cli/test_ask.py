"""`advisor ask`: exit statuses, what beats what, what is written where; and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from advisor.answer.schema.answer import answer_schema
from tests.commandline import EXAMPLES, ROOT, Said, advisor
from tests.durable import NEEDS_DURABLE

A100 = EXAMPLES / "mixtral-8x22b-a100.toml"
FITS = ("--gpu", "rtx-4090", "--model", "mistral-7b-v0.3", "--weights", "awq", "--engine", "clips")
POSIX = pytest.mark.skipif(os.name != "posix", reason="of POSIX")


def process(*arguments: str | bytes | Path, **rest: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **rest.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "advisor", *arguments]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False, **rest)


def answered(said: Said) -> dict:
    return json.loads(said.out)


# ---------------------------------------------------------------- exit statuses


@pytest.mark.parametrize(
    ("arguments", "verdict", "status"),
    [
        (FITS, "fits", 0),
        (
            (
                *FITS,
                "--model",
                "qwen2.5-32b",
                "--weights",
                "q4_k_m",
                "--runtime",
                "vllm",
                "--context",
                "6144",
            ),
            "tight",
            0,
        ),
        ((A100,), "does-not-fit", 1),
        ((*FITS, "--tensor-parallel", "3", "--count", "3"), "cannot-run", 1),
        ((*FITS, "--set", "model={hidden_size=64}"), None, 2),
        (("--gpu", "rtx-4090", "--set", "model.hidden_size=64"), "unknown", 4),
    ],
)
def test_the_status_tells_the_verdict(arguments: tuple[str, ...], verdict: str | None, status: int):
    said = advisor("ask", *arguments, "--format", "json", "--no-remedies")
    assert said.status == status
    if verdict:
        assert answered(said)["verdict"]["status"] == verdict and said.err == ""
    text = advisor("ask", *arguments, "--no-remedies")
    assert text.status == status
    assert text.out.startswith((verdict or "").upper().replace("-", " "))


def test_an_unknown_engine_is_told_the_names():
    assert "durable, clips" in advisor("ask", A100, "--engine", "prolog").err


# ---------------------------------------------------------------- flags and changes


def test_a_flag_for_each_field_that_it_names():
    question = answered(
        advisor(
            "ask",
            *(
                "--gpu",
                "RTX 4090",
                "--count",
                "2",
                "--model",
                "Mistral 7B v0.3",
                "--runtime",
                "vllm",
                "--weights",
                "awq",
            ),
            *("--kv-cache", "fp8", "--context", "1024", "--concurrency", "3", "--tensor-parallel", "2"),
            *("--format", "json", "--engine", "clips", "--no-remedies"),
        )
    )["question"]
    assert question == {
        "hardware": {"gpu": "rtx-4090", "count": 2},
        "model": {"id": "mistral-7b-v0.3"},
        "deployment": {
            "runtime": "vllm",
            "weights": "awq",
            "kv_cache": question["deployment"]["kv_cache"],
            "context": 1024,
            "concurrency": 3,
            "tensor_parallel": 2,
        },
    }


def test_changes_beat_flags_and_flags_beat_the_file():
    def context(*arguments: str) -> int:
        said = advisor("ask", A100, *arguments, "--format", "json", "--engine", "clips", "--no-remedies")
        return answered(said)["question"]["deployment"]["context"]

    assert context() == 65536
    assert context("--context", "2048") == 2048
    assert context("--set", "deployment.context=1024", "--context", "2048") == 1024
    assert context("--set", "deployment.context=1024", "--set", "deployment.context=512") == 512


@pytest.mark.parametrize(
    "name", ['a"b', "it's", "[x]", "1", "true", "a\\b", "é", "a\x7fb", "x # y", "2024-01-01"]
)
def test_a_text_flag_stays_the_text(name: str):
    said = advisor("ask", A100, "--runtime", name, "--format", "json", "--engine", "clips", "--no-remedies")
    assert answered(said)["question"]["deployment"]["runtime"] == name


@NEEDS_DURABLE
@pytest.mark.parametrize(
    ("engine", "name"),
    [(None, "durable"), ("durable", "durable"), ("clips", "clips"), ("durable,clips", "durable,clips")],
)
def test_engines(engine: str | None, name: str):
    chosen = ("--engine", engine) if engine else ()
    said = advisor("ask", A100, *chosen, "--format", "json", "--no-remedies")
    assert answered(said)["engine"]["name"] == name


def test_without_durable_rules(monkeypatch: pytest.MonkeyPatch):
    """Where its library cannot be imported, CLIPS is the choice, and asking for it is refused in words."""
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    monkeypatch.setattr("advisor.installation._kept", {})
    said = advisor("ask", A100, "--format", "json", "--no-remedies")
    assert answered(said)["engine"]["name"] == "clips"
    said = advisor("ask", A100, "--engine", "durable")
    assert said.status == 3 and "Traceback" not in said.err


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (b"[hardware\ngpu = 1\n", "toml-syntax", 1, 10),
        (b'[hardware]\ngpu = "a100', "toml-syntax", 2, 12),
        (b"[hardware]\ngpu = \n", "toml-syntax", 2, 7),
        (b"# one\n# two\n# three\nnot TOML at all\n", "toml-syntax", 4, 5),
        (b'{"hardware": {}}', "toml-syntax", 1, 1),
        (b"[a]\n[a]\n", "toml-syntax", 2, 3),
        (b"a = 1\na = 2\n", "toml-syntax", 2, 6),
        ('[hardware]\n# é\ngpu = "x"\n'.encode("latin-1"), "file-encoding", 2, 3),
        (b"\xff\xfe[\x00h\x00]\x00", "file-encoding", 1, 1),
        (b"\x7fELF\x02\x01", "toml-syntax", 1, 1),
    ],
)
def test_what_is_not_toml(content: bytes, code: str, line: int | None, column: int | None, tmp_path: Path):
    path = tmp_path / "q.toml"
    path.write_bytes(content)
    said = advisor("ask", path)
    place = f"{path}:{line}:{column}" if line else f"{path}"
    assert said.status == 2
    assert said.err.startswith(f"advisor: {place}: ") and f"[{code}]" in said.err, said.err


def test_a_file_that_was_cut_off(tmp_path: Path):
    whole = A100.read_bytes()
    path = tmp_path / "q.toml"
    path.write_bytes(whole[: whole.index(b"a100-sxm4") + 4])
    said = advisor("ask", path)
    assert said.status == 2 and "cut off" in said.err


def test_missing_file_and_directory(tmp_path: Path):
    assert "there is no file" in advisor("ask", tmp_path / "none.toml").err
    for place, code in ((tmp_path / "none.toml", "file-missing"), (tmp_path, "file-unreadable")):
        said = advisor("ask", place)
        assert said.status == 2 and f"[{code}]" in said.err


@POSIX
def test_a_file_without_end_is_not_read_to_its_end():
    said = advisor("ask", "/dev/zero")
    assert said.status == 2 and "[file-too-long]" in said.err


@pytest.mark.parametrize(
    "change", [lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"\n", b"\r\n")]
)
def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(change, tmp_path: Path):
    path = tmp_path / "q.toml"
    path.write_bytes(change(A100.read_bytes()))
    assert advisor("ask", path, "--engine", "clips", "--no-remedies").status == 1


def test_a_name_that_moves_the_cursor_is_shown_and_not_obeyed():
    said = advisor("ask", A100, "--gpu", "\x1b[2J")
    assert said.status == 2 and "\\x1b[2J" in said.err and "\x1b" not in said.err


def test_output(tmp_path: Path):
    path = tmp_path / "answer.json"
    quick = ("--engine", "clips", "--no-remedies", "--output", path)
    said = advisor("ask", A100, "--format", "json", *quick)
    assert said == (1, "", "")
    Draft202012Validator(answer_schema()).validate(json.loads(path.read_text("utf-8")))
    said = advisor("ask", A100, "--explain", *quick)
    assert said == (1, "", "") and path.read_text("utf-8").startswith("DOES NOT FIT")
    assert list(tmp_path.iterdir()) == [path]


def test_output_that_cannot_be_written(tmp_path: Path):
    for place in (tmp_path, tmp_path / "none" / "answer.txt", A100 / "answer.txt"):
        said = advisor("ask", A100, "--output", place, "--engine", "clips", "--no-remedies")
        assert said.status == 2 and "[file-unwritable]" in said.err
    assert not list(tmp_path.iterdir())


@POSIX
def test_a_device_is_written_to_and_not_replaced(tmp_path: Path):
    assert advisor("ask", A100, "--output", "/dev/null", "--engine", "clips", "--no-remedies").status == 1
    assert not Path("/dev/null").is_file()


def test_explain_shows_every_rule():
    short = advisor("ask", A100, "--engine", "clips", "--no-remedies")
    long = advisor("ask", A100, "--engine", "clips", "--no-remedies", "--explain")
    assert len(long.out) > 2 * len(short.out)
    assert "rules/memory.toml" in long.out


@pytest.mark.parametrize(("form", "begins"), [("markdown", "## DOES NOT FIT: "), ("prose", "Mixtral 8x22B")])
def test_pages_for_people_elsewhere(form: str, begins: str, tmp_path: Path):
    page = tmp_path / "page"
    assert advisor("ask", A100, "--format", form, "--engine", "clips", "--output", page) == (1, "", "")
    text = page.read_text("utf-8")
    assert text.startswith(begins) and "What to do" in text
    quick = ("ask", A100, "--format", form, "--engine", "clips", "--no-remedies")
    said = advisor(*quick)
    assert advisor(*quick, "--output", page) == (1, "", "") == (said.status, "", said.err)
    assert page.read_text("utf-8") == said.out


def test_folders_of_rules_and_facts(tmp_path: Path):
    for name in ("rules", "facts"):
        (tmp_path / name).mkdir()
    (tmp_path / "facts" / "mine.toml").write_text(
        'schema = 1\n[[gpu]]\nid = "mine-48"\nname = "Mine"\nmemory_gb = 48\n'
        'memory_mib_reported = 49152\nsources = ["me"]\n'
    )
    (tmp_path / "rules" / "mine.toml").write_text(
        'schema = 1\n[[rule]]\nid = "mine.greeting"\nsummary = "It says so."\nseverity = "info"\n'
        'match = [{ fact = "hardware", as = "h" }]\nwhere = ["has(h.gpu)"]\nbecause = "Asked for {h.gpu}."\n'
    )
    more = ("--rules", tmp_path / "rules", "--facts", tmp_path / "facts")
    said = advisor("ask", *FITS, "--gpu", "mine-48", *more, "--format", "json")
    assert said.status == 0
    assert any(one["text"] == "Asked for mine-48." for one in answered(said)["conclusions"])
    (tmp_path / "facts" / "mine.toml").write_text("schema = 1\n[[gpu]]\nid = 7\n[[gpo]]\n")
    (tmp_path / "facts" / "other.toml").write_text("schema = 1\nnot TOML")
    said = advisor("ask", *FITS, *more)
    assert said.status == 2
    for part in (
        "facts/mine.toml:2: name is missing",
        "facts/mine.toml:3: id must be a text",
        "facts/other.toml:2:5",
    ):
        assert part in said.err


# ---------------------------------------------------------------- as a process of its own


def test_as_a_process():
    done = process("ask", A100)
    assert done.returncode == 1 and done.stdout.startswith(b"DOES NOT FIT") and done.stderr == b""
    assert process("ask", "none.toml").returncode == 2


def test_json_for_an_output_that_is_not_utf8():
    asked = ("ask", A100, "--runtime", "é€漢", "--format", "json", "--engine", "clips", "--no-remedies")
    plain = json.loads(advisor(*asked).out)
    for encoding in ("ascii", "latin-1"):
        done = process(*asked, env={"PYTHONIOENCODING": encoding})
        assert json.loads(done.stdout.decode(encoding))["question"] == plain["question"]
        done = process("ask", A100, "--engine", "clips", env={"PYTHONIOENCODING": encoding})
        assert done.returncode == 1 and done.stderr == b""


@POSIX
def test_a_reader_that_stops_reading_changes_nothing():
    for arguments in ("--format json", "--explain"):
        command = (
            f'"{sys.executable}" -m advisor ask "{A100}" --engine clips {arguments}; echo "status $?" >&2'
        )
        done = subprocess.run(
            ["bash", "-c", f"({command}) | head -1"], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert done.stdout.count("\n") == 1 and done.stderr == "status 1\n"


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_said():
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "advisor", "ask", str(A100), "--format", "json", "--no-remedies"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert done.returncode == 3 and "cannot be written" in done.stderr and "Traceback" not in done.stderr


@POSIX
def test_arguments_that_are_no_text():
    done = process("ask", b"/tmp/\xff.toml")
    assert done.returncode == 2 and b"[file-missing]" in done.stderr
    done = process("ask", A100, "--runtime", b"\xff")
    assert done.returncode == 2 and b"[not-text]" in done.stderr


@POSIX
def test_a_file_whose_name_is_no_text(tmp_path: Path):
    path = os.fsencode(tmp_path) + b"/\xff.toml"
    try:
        with open(path, "wb") as file:
            file.write(A100.read_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    done = process("ask", path, "--format", "json", "--engine", "clips", "--no-remedies")
    assert done.returncode == 1 and json.loads(done.stdout)


def test_saving_from_the_command_line(tmp_path: Path):
    path = tmp_path / "kept.toml"
    first = advisor(
        "ask", *FITS, "--set", "deployment.gpu_memory_utilization=0.85", "--save", path, "--format", "json"
    )
    again = advisor("ask", path, "--engine", "clips", "--format", "json")
    assert first.status == again.status == 0
    assert tomllib.loads(path.read_text("utf-8")) == answered(first)["question"]
    same = ("question", "verdict", "memory", "conclusions", "remedies")
    assert all(answered(first)[key] == answered(again)[key] for key in same)
    assert answered(first)["digests"]["question"] == answered(again)["digests"]["question"]


def test_a_wrong_question_is_not_saved(tmp_path: Path):
    assert advisor("ask", *FITS, "--context", "0", "--save", tmp_path / "kept.toml").status == 2
    assert not list(tmp_path.iterdir())

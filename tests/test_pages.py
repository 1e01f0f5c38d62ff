"""What the pages show is true: their files load, their commands print what stands below them, and what they
quote of the files that ship stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest

from advisor.documents import Document, parse
from advisor.facts.load import load_library
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import read_rulebook, read_rules
from tests.commandline import EXAMPLES, ROOT, advisor
from tests.durable import HAS_DURABLE

Row = dict[str, Any]
HEAD = "schema = 1\n"
README, FACTS, LANGUAGE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "facts/README.md", "docs/language.md")
)
KINDS = load_library([facts_folder()]).kinds


def blocks(page: str, language: str) -> list[tuple[str, str]]:
    """Each block in this language: the line that introduces it, and what stands in it."""
    found = re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", page, re.S | re.M)
    return [
        (page[: each.start()].split("\n")[-3], textwrap.dedent(each[3]))
        for each in found
        if each[2] == language
    ]


def shown(page: str, begins: str) -> str:
    """The one block of printed text that begins so."""
    (text,) = [text for _, text in blocks(page, "") if text.startswith(begins)]
    return text


def is_clean(checked: str) -> bool:
    """Whether `advisor facts check` found nothing."""
    return " ".join(checked.split()).startswith("No errors, no warnings. Checked: ")


def is_printed(sample: str, printed: str) -> None:
    """The lines of the sample are printed in this order; `…` stands for what is left out.

    Blanks do not count: where a line is broken hangs on the length of the folder's path.
    """
    printed = "".join(printed.split())
    for line in sample.splitlines():
        text = ".*?".join(re.escape(part) for part in "".join(line.split()).split("…"))
        found = re.search(text, printed)
        assert found, f"not printed, or not here: {line}"
        printed = printed[found.end() :]


# ---------------------------------------------------------------- README


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the examples and a measured case in it, and the files that the README names."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    with (ROOT / "tests" / "data" / "measured" / "cases.jsonl").open(encoding="utf-8") as measured:
        (tmp_path / "cases.jsonl").write_text(measured.readline(), encoding="utf-8")
    for before, text in blocks(README, "toml"):
        if names := re.findall(r"`(\S+\.toml)`", before):
            (tmp_path / names[-1]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / names[-1]).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        ("ask examples/mixtral-8x22b-a100.toml", "DOES NOT FIT"),
        ("facts show mixtral-8x22b", "Mixtral 8x22B"),
        ("ask examples/home-rtx-4090.toml --rules mine/rules", "FITS"),
    ],
)
def test_the_readme_shows_what_is_printed(folder: Path, command: str, begins: str) -> None:
    is_printed(shown(README, begins), advisor(*command.split()).out)


def test_each_command_of_the_readme_runs_and_its_folder_is_clean(folder: Path) -> None:
    lines = [line for _, text in blocks(README, "") for line in text.splitlines()]
    # where durable-rules cannot be imported, the one command that asks both engines asks the other
    lines = [line if HAS_DURABLE else line.replace("durable,clips", "clips") for line in lines]
    commands = [line.partition("#")[0].partition(" > ")[0] for line in lines if line.startswith("advisor ")]
    (folder / "mine" / "facts").mkdir()
    said = {
        command: advisor(*shlex.split(command.replace(" mine/ ", " mine/facts "))[1:]) for command in commands
    }
    assert {command: each.err for command, each in said.items() if each.status not in (0, 1)} == {}
    checked = [each.out for command, each in said.items() if " check " in command]
    assert len(checked) == 3 and all(map(is_clean, checked)), checked
    tested = {command: each.status for command, each in said.items() if " test " in command}
    assert len(tested) == 2 and set(tested.values()) == {0}


def test_the_readme_shows_what_a_check_of_rules_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert advisor("rules", "new", "house.limit").status == 0
    page = Path("house.toml").read_text("utf-8")
    (line,) = [line for line in page.splitlines() if "w.context > most" in line]
    wrong = line.replace("w.context", "w.contxt") + '\n  { test = "w.context > 32 * GiB" },'
    Path("house.toml").write_text(page.replace(line, wrong), "utf-8")
    found = advisor("rules", "check", "house.toml")
    assert found.status == 1
    is_printed(shown(README, "house.toml:13"), found.out)


def test_the_readme_shows_what_a_check_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = '[[gpu]]\nid = "desk"\nname = "Desk"\n\n[[gpu]]\nid = "attic"\nname = "Attic"\nmemory_gib = 24\n'
    block = (
        'count = 2\nmixer = "attention"\nheads = 4\nkv_heads = 3\nk_dim = 128\nv_dim = 128\nffn = "none"\n'
    )
    model = (
        '[[model]]\nid = "mine-1b"\nname = "Mine 1B"\nvocab_size = 9\nhidden_size = 512\nsources = ["…"]\n\n'
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "gpus.toml").write_text(f"{HEAD}\n{gpus}", encoding="utf-8")
    (tmp_path / "mine" / "models.toml").write_text(
        f"{HEAD}\n{model}[[model.block]]\n{block}", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    found = advisor("facts", "check", "mine/")
    assert found.status == 1
    is_printed(shown(README, "mine/gpus.toml:3"), found.out)


def test_the_questions_of_the_readme_are_understood(folder: Path) -> None:
    questions = [
        text for _, text in blocks(README, "toml") if text.startswith(("[hardware]\ngpu", "#:schema"))
    ]
    assert len(questions) == 2
    (folder / "ask.toml").write_text(questions[0], encoding="utf-8")
    assert advisor("ask", "ask.toml").status == 0


# ---------------------------------------------------------------- facts/README


def test_the_facts_of_the_page_of_facts_are_clean(tmp_path: Path) -> None:
    for number, (_, text) in enumerate(blocks(FACTS, "toml")):
        (tmp_path / f"{number}.toml").write_text(text, encoding="utf-8")
    found = advisor("facts", "check", "--facts", tmp_path)
    assert found.status == 0 and is_clean(found.out), found.out


def test_the_page_of_facts_names_what_there_is() -> None:
    table = FACTS.partition("| --- |")[2].partition("\n\n")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("| `")]
    paths = {name for row in rows for name in re.findall(r"`(.+?)`", row[1])}
    assert {path.name for path in facts_folder().iterdir()} == {Path(p).parts[0] for p in paths} | {
        "README.md"
    }
    assert all((facts_folder() / name).exists() for name in paths)
    kinds = {name for row in rows for name in re.findall(r"`(.+?)`", row[3])}
    assert kinds - set(KINDS) == {"kind"}


# ---------------------------------------------------------------- the language


SHIPPED = [
    parse(path.read_text(encoding="utf-8"), path.name).data
    for folder in (facts_folder(), rules_folder())
    for path in sorted(folder.rglob("*.toml"))
]
QUOTED = [
    (table, row)
    for _, text in blocks(LANGUAGE, "toml")
    if re.match(r"\[\[(?!override)|alias|name_word", text)
    for table, rows in parse(text, "page").data.items()
    for row in (rows if isinstance(rows, list) else [rows])
]
FRAGMENTS = [
    fragment
    for _, text in blocks(LANGUAGE, "toml")
    if re.match(r"sum|propose|match|conclude|\[rule\.propose", text)
    for fragment in (text.splitlines() if text.startswith("propose") else [text])
]


def stands_in(shown: Any, whole: Any) -> bool:
    """Whether all that is shown stands in the whole, in its order; what is not shown may stand there too."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(key in whole and stands_in(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(whole, list):
        rest = iter(whole)
        return all(any(stands_in(each, other) for other in rest) for each in shown)
    return shown == whole


@pytest.mark.parametrize(("table", "row"), QUOTED, ids=[table for table, _ in QUOTED])
def test_what_the_language_page_quotes_ships(table: str, row: Row) -> None:
    rows = [each for data in SHIPPED for each in data.get(table, [])]
    assert any(stands_in(row, each) for each in rows), row


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_what_the_language_page_shows_of_a_rule_loads(fragment: str) -> None:
    reads = 'fact = "workload", as = "w"' if "w.context" in fragment else 'fact = "card_memory", as = "m"'
    match = "" if fragment.startswith(("match", "conclude")) else f"match = [{{ {reads} }}]\n"
    says = "" if "conclude" in fragment else 'severity = "info"\nbecause = "…"\n'
    text = f'{HEAD}[[rule]]\nid = "page.shown"\nsummary = "…"\n{match}{says}{fragment}'
    rules, problems = read_rules(Document("page.toml", parse(text, "page.toml").data, text), KINDS)
    assert len(rules) == 1 and not problems, [str(problem) for problem in problems]


def overlays(begins: str) -> str:
    found = [text for _, text in blocks(LANGUAGE, "toml") if text.startswith(f"[[override]]\n{begins}")]
    assert len(found) == 1
    return HEAD + found[0]


def test_the_overrides_of_facts_of_the_language_page_load(tmp_path: Path) -> None:
    (tmp_path / "fix.toml").write_text(overlays("fact"), encoding="utf-8")
    assert load_library([facts_folder(), tmp_path]).kinds == KINDS


def test_the_overrides_of_rules_of_the_language_page_are_those_of_rules_that_ship(tmp_path: Path) -> None:
    (tmp_path / "fix.toml").write_text(overlays("rule"), encoding="utf-8")
    reading = read_rulebook([rules_folder(), tmp_path], KINDS)
    assert not reading.problems, [str(each) for each in reading.problems]
    assert {each.field for rule in reading.rules for each in rule.changes} == {
        "let.share",
        "severity",
        "sources",
    }
    assert [each.rule for each in reading.disabled] == ["cloud.cheapest"]


def test_nothing_of_the_language_page_is_left_unread() -> None:
    assert len(blocks(LANGUAGE, "toml")) == 14
    assert (len(QUOTED), len(FRAGMENTS)) == (8, 7)

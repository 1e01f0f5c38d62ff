"""Pages of rules: whatever a rule says, its page holds; and a folder holds what was written and no more."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given

from advisor.answer.text.page import neutral
from advisor.documents import parse
from advisor.errors import InputError
from advisor.facts.kinds import Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.lookup.pages import INDEX, Stale, pages, stale, write
from advisor.lookup.rule_card import Cards
from advisor.lookup.rule_page import MARK, page
from advisor.markdown import code
from advisor.paths import rules_folder
from advisor.rules.load import read_rules
from advisor.rules.rulebook import Rulebook
from advisor.rules.tables import quoted
from tests.commandline import Said, advisor
from tests.test_markdown import SHOWN, seen

KIND = """schema = 1
[[kind]]
id = "shelf"
meaning = {meaning}
key = ["id"]
[kind.fields]
id     = {{ type = "text", required = true, meaning = {meaning} }}
height = {{ type = "integer", required = true, unit = "GiB", meaning = {meaning} }}
note_of = {{ type = "text", meaning = {meaning} }}
[[kind]]
id = "load"
meaning = {meaning}
single = true
[kind.fields]
bytes = {{ type = "integer", required = true, unit = "GiB", meaning = {meaning} }}
"""
RULE = """schema = 1
[[rule]]
id = "shelves.load"
summary = {text}
severity = "note"
match = [{{ fact = "shelf", as = "s" }}]
where = [{{ test = "s.height > 2 * GiB", say = {other} }}]
unless = [{{ fact = "shelf", as = "t", is = {{ id = {text} }}, where = ["t.height > s.height"] }}]
let = {{ double = "s.height * 2" }}
sum = {{ all = {{ of = "u.height", fact = "shelf", as = "u" }} }}
because = {said}
conclude = {{ fact = "load", bytes = "double + all" }}
sources = [{text}, {{ title = {text}, quote = {text} }}]
[[rule.test]]
name = {text}
given = [{{ fact = "shelf", id = {text}, height = 3 }}, {{ fact = "shelf", id = "b", height = 1 }}]
expect = [{{ fact = "load", bytes = 10 }}]
says = {text}
[[rule.test]]
name = {text}
given = []
reject = [{{ fires = true }}]
"""


def kinds(meaning: str) -> Kinds:
    return load_kinds([parse(KIND.format(meaning=quoted(meaning)), "kinds.toml")])


@cache
def plain_kinds() -> Kinds:
    return kinds("A shelf.")


def page_of(text: str, known: Kinds, said: str = "It holds {double:GiB}, {s.id}{s.height}.") -> str:
    other = said.replace("{double:GiB}", "{s.height:MiB}")
    written = RULE.format(text=quoted(text), said=quoted(said), other=quoted(other))
    found, problems = read_rules(parse(written, "mine/shelves.toml"), known)
    assert not problems
    (rule,) = found
    card = Cards(Rulebook(((rule,),), {}), known).of(rule)
    return page(rule, card, code)


def without_links(tags: list[str]) -> list[str]:
    return [tag for tag in tags if tag != "a"]


@given(SHOWN)
def test_no_text_of_a_rule_or_a_kind_changes_the_shape_of_its_page(nasty: str):
    escaped = nasty.replace("{", "{{").replace("}", "}}")
    made = page_of(nasty, kinds(nasty), f"{escaped}{{double:GiB}}{escaped}{{s.id}}{{s.height}}")
    plain = page_of("plain", plain_kinds(), "x{double:GiB}x{s.id}{s.height}")
    assert without_links(seen(made).tags) == without_links(seen(plain).tags)
    assert len(made.split("\n")) == len(plain.split("\n"))


@given(SHOWN)
def test_a_reader_sees_the_texts_as_they_are(nasty: str):
    told = "".join(seen(page_of(nasty, kinds(nasty))).told)
    assert told.count(neutral(nasty)) >= 8  # the summary, two sources, two tests, and what the kinds mean


def test_a_sentence_is_told_with_its_units():
    told = page_of("plain", plain_kinds())
    assert "> It holds `double` GiB, `s.id` `s.height` GiB." in told
    assert "- `s.height > 2 * GiB`, else: It holds `s.height` MiB, `s.id` `s.height` GiB" in told


def test_what_a_page_tells():
    made = page_of("Shelves | hold.", plain_kinds())
    assert made.startswith(MARK + "\n\n# shelves.load\n\nShelves | hold.\n\nNote, stable.")
    assert "| `s` | `shelf` |  | A shelf. |" in made
    assert '- `shelf` as `t` with `id = "Shelves | hold."`' not in made  # a pipe in code ends no cell
    assert "| `bytes` | `double + all` | bytes |" in made
    assert "| `double` | `s.height * 2` | bytes |" in made
    assert "| `all` | the sum of `u.height` over `shelf` as `u` | bytes |" in made
    assert 'expect = [{ fact = "load", bytes = 10 }]\nsays = "Shelves | hold."' in made
    assert [line for line in made.split("\n") if line.startswith("## ")] == [
        f"## {title}" for title in ("Why", "Reads", "Derives", "Examples", "Sources", "Other rules")
    ]


# ---------------------------------------------------------------- folders

OWN = """# What the house allows.
schema = 1
[[rule]]
id = "house.one"
summary = "One."
severity = "info"
because = "One."
[[rule]]
id = "house.two"
summary = "Two."
severity = "info"
match = [{ fact = "verdict", as = "v" }]
because = "It is {v.status}."

[[override]]
rule = "verdict.fits"
reason = "Ours is stricter."
set = { let = { sure = "worst <= 0.9" } }

[[disable]]
rule = "services.hosted"
reason = "No data leaves the house."
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "mine" / "rules"
    folder.mkdir(parents=True)
    (folder / "house.toml").write_text(OWN, encoding="utf-8")
    return folder


def doc(*arguments: object) -> Said:
    return advisor("rules", "doc", *arguments)


def read(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.md")}


def test_rules_of_later_folders_have_pages_with_links_that_lead_somewhere(own: Path):
    output = own.parent / "pages"
    assert doc("--rules", own, "--output", output, "--check").status == 1 and not output.exists()
    said = doc("--rules", own, "--output", output)
    made = read(output)
    assert (said.status, said.out) == (0, f"{len(made)} pages: {len(made)} new, 0 changed, 0 removed.\n")
    assert {"house/one.md", "house/two.md", "verdict/fits.md", INDEX} <= made.keys()
    assert "services/hosted.md" not in made
    assert "`services.hosted`" in made[INDEX] and "Left out: No data leaves the house." in made[INDEX]
    assert "## house\n\nWhat the house allows.\n\n- [one](house/one.md) (info): One." in made[INDEX]
    assert 'let.sure = "worst' in made["verdict/fits.md"] and "Ours is stricter." in made["verdict/fits.md"]
    assert "[verdict.fits](../verdict/fits.md)" in made["house/two.md"]
    assert "[`rules/house.toml`](../../rules/house.toml)" in made["house/two.md"]
    assert "Stands in `rules/verdict.toml`." in made["verdict/fits.md"]  # it lies elsewhere
    assert not [path for path, text in made.items() if str(own.parent.parent) in text]


def test_what_is_stale_is_named_and_mended(own: Path):
    output = own.parent / "pages"
    doc("--rules", own, "--output", output)
    (own / "house.toml").write_text(OWN.replace("Two.", "Zwei.").replace("house.one", "house.three"), "utf-8")
    found = doc("--rules", own, "--output", output, "--check")
    lines = {tuple(line.rsplit(": ", 1)) for line in found.out.splitlines()[:-1]}
    assert found.status == 1 and lines == {
        (str(output / "house" / "three.md"), "missing"),
        (str(output / "house" / "two.md"), "stale"),
        (str(output / "README.md"), "stale"),
        (str(output / "house" / "one.md"), "of no rule"),
    }
    assert "1 new, 2 changed, 1 removed" in doc("--rules", own, "--output", output).out
    assert doc("--rules", own, "--output", output, "--check").status == 0


MADE = {INDEX: f"{MARK}\nindex\n", "house/one.md": f"{MARK}\none\n", "house/two.md": f"{MARK}\ntwo\n"}


def brought_up_to_date(folder: Path) -> Stale:
    found = stale(MADE, folder)
    write(MADE, found, folder)
    return found


def test_only_what_is_stale_is_written(tmp_path: Path):
    assert brought_up_to_date(tmp_path) == Stale(tuple(sorted(MADE)), (), ())
    (tmp_path / "house" / "two.md").write_text(f"{MARK}\nold\n", "utf-8")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    assert brought_up_to_date(tmp_path) == Stale((), ("house/two.md",), ())
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    assert {path for path in after if after[path] != before[path]} == {tmp_path / "house" / "two.md"}
    assert read(tmp_path) == MADE


def test_pages_of_rules_that_are_gone_are_removed_and_nothing_else(tmp_path: Path):
    for name, content in (("old/rule.md", f"{MARK}\n"), ("house/notes.md", "mine"), ("old.md", f"{MARK}\n")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "house" / "picture.md").write_bytes(b"\xff")
    assert brought_up_to_date(tmp_path).surplus == ("old/rule.md",)
    assert not (tmp_path / "old").exists()
    assert {path.name for path in tmp_path.rglob("*.*")} == {
        *("README.md", "one.md", "two.md", "notes.md", "old.md", "picture.md")
    }


@pytest.mark.parametrize("name", [INDEX, "house/two.md"])
@pytest.mark.parametrize("content", ["# Mine\n", ""])
def test_nothing_is_written_where_one_file_is_of_somebody_else(tmp_path: Path, name: str, content: str):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputError, match="--output"):
        brought_up_to_date(tmp_path)
    assert read(tmp_path) == {name: content}


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path):
    (tmp_path / "pages").write_text("a file", "utf-8")
    with pytest.raises(InputError, match="pages"):
        brought_up_to_date(tmp_path / "pages")


def test_no_page_tells_where_a_folder_lies(own: Path, tmp_path: Path):
    """The shipped folder is called rules too: then messages have the whole path, and pages do not."""
    (rule,), _ = read_rules(
        parse(OWN.split('[[rule]]\nid = "house.two')[0], str(own / "house.toml")), plain_kinds()
    )
    made = pages(Rulebook(((rule,),), {}), plain_kinds(), [rules_folder(), own], tmp_path.parent / "pages")
    assert "Stands in `rules/house.toml`." in made["house/one.md"]

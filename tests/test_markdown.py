"""Texts of strangers in Markdown: a reader sees them as they are, wherever they stand."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # rich reads Markdown with it

from advisor.answer.text.page import neutral
from advisor.markdown import block, code, link, linked, table, text

MARKS = "|`<>\\*_[]()#+-.!~&$\n\r\t {}01a:/\"'=^;%@\x1b\u202e\u2028é"
PIECES = [
    *("](x)", "<b>", "</code>", "```", "~~~", "&lt;", "&#124;", "1. ", "- ", "# ", "| --- |", "![a](b)"),
    *("<!--", "-->", "__a__", "[a]: b", "***", "===", "http://a.example/b_c?d=e&f", "a|b", "\\|", "$$"),
]
NASTY = st.lists(st.sampled_from([*PIECES, *MARKS]) | st.text(max_size=3), max_size=12).map("".join)
SHOWN = NASTY.filter(neutral)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.told: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [str(value) for name, value in attrs if name == "href"]

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_data(self, data: str) -> None:
        self.told.append(data)


def seen(markdown: str) -> _Reader:
    """The page as a browser has it."""
    reader = _Reader()
    reader.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
    reader.close()
    return reader


def words(markdown: str) -> str:
    return "".join(seen(markdown).told).strip()


@settings(max_examples=300)
@given(SHOWN)
@example("_a_ __b__ *c* **d** ~~e~~ `f` $g$")
@example("<b>bold</b> &lt; [a](b) ![a](b) <http://a.example>")
@example("a #")
@example("# a ##")
@example("---")
@example("12) a")
@example("[a]: b")
@example("\\*a\\*")
def test_a_text_is_a_text_wherever_it_stands(nasty: str):
    made, plain = text(nasty), neutral(nasty)
    for before, tags in (("", ["p"]), ("# ", ["h1"]), ("- ", ["ul", "li"]), ("> ", ["blockquote", "p"])):
        page = seen(before + made)
        assert (page.tags, "".join(page.told).strip()) == (tags, plain)
    assert words(f"above\n\n{made}\n\nbelow").split("\n") == ["above", plain, "below"]


@settings(max_examples=300)
@given(SHOWN)
@example("` a `")
@example("\\")
@example("_`_ *a*")
def test_code_is_code(nasty: str):
    page = seen(code(nasty))
    assert (page.tags, "".join(page.told).strip()) == (["p", "code"], neutral(nasty))


@given(SHOWN)
def test_nothing_but_addresses_of_the_web_becomes_a_link(nasty: str):
    page = seen(linked(nasty))
    assert set(page.tags) <= {"p", "a"} and "".join(page.told).strip() == neutral(nasty)
    assert all(target.startswith(("http://", "https://")) for target in page.targets)


def test_an_address_can_be_followed():
    page = seen(linked("see https://a.example/b_c_d?e=*f*, and (https://b.example)."))
    assert page.targets == ["https://a.example/b_c_d?e=*f*", "https://b.example"]


@given(st.lists(st.tuples(NASTY, NASTY), max_size=4))
@example([("a|b", "c|d"), ("\\|", "\\|"), ("\\", "\\"), ("", "")])
def test_a_table_keeps_its_rows_and_cells(rows: list[tuple[str, str]]):
    page = seen(table(("one", "two"), [(text(one), code(other)) for one, other in rows]))
    assert page.tags.count("tr") == len(rows) + 1 and page.tags.count("td") == 2 * len(rows)
    assert {"td", "th", "tr", "table", "thead", "tbody", "code"} >= set(page.tags)
    told = [each for each in map(str.strip, page.told) if each]
    cells = ["one", "two", *(neutral(cell) for row in rows for cell in row)]
    assert "".join(told).replace(" ", "") == "".join(cells).replace(" ", "")


@given(st.lists(NASTY.map(neutral), min_size=1, max_size=4))
@example(["```"])
@example(["a = 1", "`````"])
def test_a_block_ends_where_it_ends(lines: list[str]):
    page = seen(f"{block('toml', lines)}\n\nbelow")
    assert page.tags == ["pre", "code", "p"]
    assert "".join(page.told) == "\n".join([*lines, "\nbelow\n"])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_a_block_shows_what_cannot_be_seen(nasty: str):
    (_, line, _) = block("toml", [nasty.replace("\n", "")]).split("\n")
    assert line.isprintable()


@given(NASTY.filter(bool))
def test_a_link_leads_where_it_says(nasty: str):
    page = seen(link("words", f"a/{nasty}"))
    assert page.tags == ["p", "a"] and "".join(page.told).strip() == "words"

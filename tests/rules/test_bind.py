"""What is wrong with a rule is said when it loads: what it is, in which file, at which line."""

from __future__ import annotations

import pytest

from advisor.documents import parse
from advisor.errors import Problem
from advisor.facts.kinds import Kinds
from advisor.facts.kinds_file import load_kinds
from advisor.rules.load import read_rules

KINDS = """
schema = 1
[[kind]]
id = "gpu"
meaning = "A part."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
memory = { type = "integer", unit = "GB", meaning = "…" }
bandwidth = { type = "number", unit = "GB/s", meaning = "…" }
unified = { type = "boolean", default = false, meaning = "…" }
[[kind]]
id = "need"
meaning = "What is needed."
key = ["card"]
[kind.fields]
card = { type = "integer", required = true, meaning = "…" }
bytes = { type = "integer", unit = "GiB", required = true, meaning = "…" }
share = { type = "number", meaning = "…" }
"""


def kinds() -> Kinds:
    return load_kinds([parse(KINDS, "kinds.toml")])


def problems(*lines: str, name: str = "t.toml") -> list[Problem]:
    """What is wrong with one rule; its first line, the header, is line 3 of the file."""
    text = "\n".join(["schema = 1", "", "[[rule]]", 'id = "t.rule"', 'summary = "…"', *lines])
    return read_rules(parse(text, name), kinds())[1]


MATCH = 'match = [{ fact = "gpu", as = "g" }, { fact = "need", as = "n" }]'
SAYS = 'conclude = { fact = "need", card = 1, bytes = 1 }'
BYTES = 'conclude = { fact = "need", card = 1, bytes = "2 * GiB" }'

WRONG = [
    ("unknown-kind", 6, "there is no kind gqu", "gpu", ['match = [{ fact = "gqu" }]', BYTES]),
    ("unknown-kind", 7, "there is no kind ned", "need", [MATCH, 'conclude = { fact = "ned", card = 1 }']),
    ("unknown-kind", 7, "there is no kind gpus", "gpu", [MATCH, 'unless = [{ fact = "gpus" }]', BYTES]),
    ("unknown-kind", 6, "there is no kind ned", "need", ['count = { k = { fact = "ned" } }', BYTES]),
    ("unknown-field", 7, "no field byte", "bytes",
     [MATCH, 'conclude = { fact = "need", card = 1, bytes = "GiB", byte = 1 }']),
    ("missing-field", 7, "need.bytes is required", None, [MATCH, 'conclude = { fact = "need", card = 1 }']),
    ("unit-mismatch", 6, "bytes = `1`: this is plain number, wanted is byte", None, [SAYS]),
    ("field-type", 7, "may be a fraction", None,
     [MATCH, 'conclude = { fact = "need", card = "1 / 2", bytes = "GiB" }']),
    ("unit-mismatch", 7, "left is bytes, right is bytes per second", None,
     [MATCH, 'where = ["n.bytes > g.bandwidth"]', BYTES]),
    ("unknown-field", 7, "no field 'memry'", "memory", [MATCH, 'where = ["g.memry > 1"]', BYTES]),
    ("unbound", 7, "'gg'", "g", [MATCH, 'where = ["gg.memory > GiB"]', BYTES]),
    ("unbound", 7, "'shrt'", "short", [MATCH, 'let = { short = "n.bytes", y = "shrt" }', BYTES]),
    ("expression", 6, "division by zero", None,
     ['conclude = { fact = "need", card = "1 // 0", bytes = "GiB" }']),
    ("unknown-field", 6, "no field 'crd'", "card", ['match = [{ fact = "need", is = { crd = 1 } }]', BYTES]),
    ("not-a-condition", 7, "`n.card` is integer", None, [MATCH, 'where = ["n.card"]', BYTES]),
    ("not-a-number", 6, "`g.id` is text", None,
     ['sum = { k = { of = "g.id", fact = "gpu", as = "g" } }', BYTES]),
    ("not-joinable", 6, "g.memory may be absent", None,
     ['match = [{ fact = "gpu", as = "g", is = { memory = 1 } }]', BYTES]),
    ("wrong-type", 6, "need.card is integer; 'x' is not", None,
     ['match = [{ fact = "need", is = { card = "x" } }]', BYTES]),
    ("wrong-type", 6, "need.card is integer; True is not", None,
     ['match = [{ fact = "need", is = { card = true } }]', BYTES]),
    ("join-types", 6, "text, n.card is integer", None,
     ['match = [{ fact = "need", as = "n" }, { fact = "gpu", as = "g", on = { id = "n.card" } }]', BYTES]),
    ("join-types", 7, "g.id is text, x is integer", None,
     ['let = { x = "2" }', 'count = { k = { fact = "gpu", as = "g", on = { id = "x" } } }', BYTES]),
    ("self-join", 6, "g is joined with itself", None,
     ['match = [{ fact = "gpu", as = "g", on = { id = "g.id" } }]', BYTES]),
    ("self-join", 6, "g is joined with itself", None,
     ['count = { k = { fact = "gpu", as = "g", on = { id = "g.id" } } }', BYTES]),
    ("alias-twice", 6, "g is bound twice", None,
     ['match = [{ fact = "gpu", as = "g" }, { fact = "need", as = "g" }]', BYTES]),
    ("name-twice", 7, "n is defined twice", None, [MATCH, 'let = { n = "1" }', BYTES]),
    ("name-twice", 7, "x is defined twice", None,
     ['let = { x = "1" }', 'count = { x = { fact = "gpu" } }', BYTES]),
    ("name-twice", 7, "n is defined twice", None, [MATCH, 'each = { n = "1..2" }', BYTES]),
    ("name-reserved", 6, "s means something already", None, ['let = { s = "1" }', BYTES]),
    ("let-order", 6, "x, y", None, ['let = { x = "y", y = "x" }', BYTES]),
    ("let-order", 6, "x", None, ['let = { x = "x + 1" }', BYTES]),
    ("each-range", 6, "`5` is no range", "1..64", ['each = { k = "5" }', BYTES]),
    ("each-range", 6, "must be integers", None, ['each = { k = "1..3/2" }', BYTES]),
    ("best", 6, "either minimize or maximize", None, ['best = { g = { fact = "gpu" } }', BYTES]),
    ("wrong-type", 6, "`default` is either true or false", None,
     ['conclude = { fact = "need", card = 1, bytes = "GiB", default = "true" }']),
    ("no-effect", 4, "concludes nothing", None, [MATCH]),
    ("no-because", 7, "needs a `because`", None, [BYTES, 'severity = "note"']),
    ("no-because", 8, "stands in the prose needs a `because`", None,
     [BYTES, 'propose = { kind = "k", title = "…", advice = true }', 'prose = "otherwise"']),
    ("prose-unheard", 8, "only a conclusion or advice", "severity",
     [BYTES, 'because = "So."', 'prose = "reason"']),
    ("prose-unheard", 9, "only a conclusion or advice", "severity",
     [MATCH, 'propose = { kind = "k", title = "…", set = { "need.card" = 1 } }', 'because = "So."',
      'prose = "otherwise"', 'severity = "note"']),
    ("empty-proposal", 6, "sets something", None, ['propose = { kind = "k", title = "…" }']),
    ("unknown-path", 6, "the question has no gpu.idd", "gpu.id",
     ['propose = { kind = "k", title = "…", set = { "gpu.idd" = "1" } }']),
    ("incomplete-search", 6, "missing: from, seek", None,
     ['propose = { kind = "k", title = "…", vary = "need.card", to = 9 }']),
    ("incomplete-search", 6, "missing: vary, from, to, seek", None,
     ['propose = { kind = "k", title = "…", set = { "need.card" = 1 }, step = 2 }']),
    ("unbound", 7, "'nn'", "n", [MATCH, 'because = "{nn.bytes}"', BYTES]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line", "text", "hint", "lines"), WRONG)
def test_what_is_wrong_is_said_with_its_place(
    code: str, line: int, text: str, hint: str | None, lines: list[str]
) -> None:
    found = problems(*lines)
    wanted = [problem for problem in found if problem.code == code]
    assert wanted, [str(problem) for problem in found]
    assert (wanted[0].file, wanted[0].line) == ("t.toml", line)
    assert text in wanted[0].text and "t.rule" in wanted[0].text
    assert hint is None or hint in (wanted[0].hint or "")
    assert len(found) == 1, [str(problem) for problem in found]


def test_a_name_whose_definition_is_wrong_blames_nobody_else() -> None:
    found = problems(MATCH, 'let = { a = "g.memry", b = "a * 2" }', 'where = ["b > 3"]', BYTES)
    assert [problem.code for problem in found] == ["unknown-field"]


def test_all_that_is_wrong_with_a_rule_is_said_at_once() -> None:
    found = problems(MATCH, 'where = ["g.memry > 1", "n.card"]', 'conclude = { fact = "ned" }')
    assert sorted(problem.code for problem in found) == ["not-a-condition", "unknown-field", "unknown-kind"]


def test_an_alias_of_the_rule_may_be_joined_to_from_a_search_that_reuses_its_name() -> None:
    assert not problems(
        'match = [{ fact = "gpu" }]', 'unless = [{ fact = "gpu", on = { id = "gpu.id" } }]', BYTES
    )


def test_best_may_be_called_as_a_unit_is() -> None:
    assert not problems(
        'best = { s = { minimize = "s.memory", fact = "gpu" } }', 'where = ["s.unified"]', BYTES
    )

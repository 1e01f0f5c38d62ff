"""Sentences with values: only the substitution that is documented, and every figure with its unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.expressions import Cause, ExpressionError, TableScope, Template, Type, Unknown
from advisor.units import BYTE, NONE, SECOND, UNITS, divide
from tests.expressions.expression_trees import Fact

SCOPE = TableScope(
    {
        "need": {"bytes": Type("integer", BYTE, "GiB"), "name": Type("text"), "gone": Type("integer", BYTE)},
        "g": {"bandwidth": Type("number", divide(BYTE, SECOND), "GB/s"), "unified": Type("boolean")},
    },
    {"n": Type("integer", NONE, "token"), "plain": Type("integer"), "sizes": Type("list")},
)
ENV = {
    "need": Fact("need", bytes=131 * 2**30, name="{plain} {{x}}"),
    "g": Fact("g", bandwidth=2039 * 10**9, unified=True),
    "n": 65536,
    "plain": 65536,
    "sizes": (1, 2, 4, 8),
}


def render(text: str, **names: object) -> str:
    template = Template(text)
    return template.render(ENV | names, template.check(SCOPE))


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("no places", "no places"),
        ("{need.bytes} are needed.", "131.0 GiB are needed."),
        ("{need.bytes:GB}, {need.bytes : GiB}, {need.bytes:B}", "140.7 GB, 131.0 GiB, 140,660,178,944 B"),
        ("{g.bandwidth} or {g.bandwidth:TB/s}", "2,039 GB/s or 2.04 TB/s"),
        (
            "{n}; {plain}; {plain:GPU}; {plain:billion}",
            "65,536 tokens; 65,536; 65,536 GPUs; 0.000066 billion",
        ),
        ("{sizes} cards: {g.unified}", "1, 2, 4 and 8 cards: yes"),
        ("{{{plain}}} {{}} {{x}}", "{65,536} {} {x}"),
        ("{need.gone} is missing", "unknown is missing"),
        ("values are never read again: {need.name}", "values are never read again: {plain} {{x}}"),
        ("{ n }", "65,536 tokens"),
    ],
)
def test_templates(text, rendered):
    assert render(text) == rendered


def test_what_is_not_known_is_shown_as_far_as_it_is():
    assert render("{n} needed", n=Unknown(12, frozenset({Cause("a", "b")}))) == "at least 12 tokens needed"
    assert render("{n:million} needed", n=Unknown(12_000_000)) == "at least 12.0 million needed"


def test_names_and_paths_are_what_is_read():
    template = Template("{n} of {need.bytes:GiB} and {need.bytes:GB} {{x}}")
    assert template.names == {"n"}
    assert template.paths == {("need", "bytes")}
    assert template.check(SCOPE) == {"n": SCOPE.names["n"], "need.bytes": SCOPE.aliases["need"]["bytes"]}


@pytest.mark.parametrize(
    ("text", "say", "at"),
    [
        ("a {", "opened", 2),
        ("a {n", "opened", 2),
        ("a } b", "not opened", 2),
        ("{n}}", "not opened", 3),
        ("{{n}", "not opened", 3),
        ("{}", "nothing between", 1),
        ("{ }", "nothing between", 1),
        ("{:GiB}", "neither a name nor", 1),
        ("{n:}", "no unit", 3),
        ("{need.bytes:Gib}", "Did you mean GiB", 12),
        ("{need.bytes.x}", "neither a name nor", 1),
        ("{n!r}", "neither a name nor", 1),
        ("{n[0]}", "neither a name nor", 1),
        ("{0}", "neither a name nor", 1),
        ("{n + 1}", "neither a name nor", 1),
        ("{__class__}", "neither a name nor", 1),
        ("{n.__class__}", "neither a name nor", 1),
        ("{\uff4e}", "neither a name nor", 1),
        ("{n:{plain}}", "opened", 0),
        ("x" * 2001, "longer", 2000),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(text, say, at):
    with pytest.raises(ExpressionError, match=say) as caught:
        Template(text)
    assert caught.value.offset == at


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("{need.bytes:s}", "need.bytes is bytes, s is seconds"),
        ("{need.bytes:GB/s}", "need.bytes is bytes, GB/s is bytes per second"),
        ("{n:GiB}", "n is plain number, GiB is bytes"),
        ("{need.name:GiB}", "need.name is text, which has no unit"),
        ("{g.unified:percent}", "g.unified is boolean, which has no unit"),
        ("{sizes:GiB}", "sizes is plain number, GiB is bytes"),
        ("{nn}", "there is no name 'nn'"),
        ("{need.byte}", "need has no field 'byte'"),
        ("{GiB}", "there is no name 'GiB'"),
    ],
)
def test_units_and_names_are_checked(text, say):
    with pytest.raises(ExpressionError) as caught:
        Template(text).check(SCOPE)
    assert (caught.value.text, caught.value.offset) == (say, 1)


@given(st.text(max_size=200))
def test_escaped_text_comes_out_as_it_was(text):
    assert render(text.replace("{", "{{").replace("}", "}}")) == text


@given(st.integers(0, 10**15), st.sampled_from(sorted(s for s, u in UNITS.items() if u.dimension == BYTE)))
def test_a_figure_never_stands_without_its_unit(value, symbol):
    scope = TableScope({}, {"x": Type("integer", BYTE)})
    template = Template(f"{{x}}|{{x:{symbol}}}")
    fitting, asked = template.render({"x": value}, template.check(scope)).split("|")
    assert fitting.endswith("B")
    assert asked.endswith(f" {UNITS[symbol].shown}")

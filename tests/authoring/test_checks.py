"""The checks of rules: each code has an example that is found and one that is not; what ships is clean."""

from __future__ import annotations

import ast
import re
import shutil
import tomllib
from fractions import Fraction
from functools import cache
from itertools import combinations
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.accuracy.figures import Said
from advisor.authoring.check_rules import check_rules
from advisor.authoring.checks import CODES
from advisor.authoring.checks.atoms import Atom, clashes, compatible
from advisor.authoring.checks.flow import ANSWERED
from advisor.authoring.checks.loading import BOUNDS
from advisor.authoring.checks.ranges import Place, Range, values
from advisor.authoring.checks.shape import Shape
from advisor.authoring.findings import Report
from advisor.documents import Document
from advisor.errors import Problem
from advisor.expressions import compile_expression, parse
from advisor.facts.findings import _TEXTS
from advisor.facts.kinds_file import load_kinds
from advisor.facts.library import Library
from advisor.facts.load import load_library
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.installation import installation
from advisor.paths import facts_folder, rules_folder
from advisor.remedies.outcome import outcome_of
from advisor.rules.load import read_rulebook, read_rules
from advisor.rules.model import Rule
from advisor.rules.scope import RuleScope
from advisor.rules.spec import RuleSpec
from tests.commandline import EXAMPLES as QUESTIONS
from tests.commandline import ROOT
from tests.shipped import library

HERE = Path(__file__).resolve().parent / "checks"
FACTS, RULES = HERE / "facts", HERE / "rules"
TESTS = 'test = [{ name = "fires", expect = [] }, { name = "does not", reject = [{ fires = true }] }]'
CONCLUDE = 'conclude = { fact = "part", box = "b.id", role = "\'lid\'", size = "b.size" }'
RULE = f"""schema = 1
[[rule]]
id = "t.a"
summary = "An example."
match = [{{ fact = "box", as = "b" }}]
{CONCLUDE}
{TESTS}
"""
EXAMPLES = {path.stem: path for path in sorted(HERE.glob("*.toml"))}


def checked(folder: Path, text: str, before: str | None = None) -> Report:
    """What is found in a file t.toml, and one before it, over the kinds and rules of the examples."""
    write(folder, text)
    if before is not None:
        write(folder, before, "before.toml")
    return check_rules([RULES], [FACTS], [folder])


def write(folder: Path, text: str, name: str = "t.toml") -> None:
    (folder / name).write_text(text, "utf-8")


def problems(report: Report) -> list[Problem]:
    return [finding.problem for finding in report.findings]


def codes(report: Report) -> set[str]:
    return {problem.code for problem in problems(report)}


def places(report: Report) -> set[tuple[str, str | None]]:
    return {(problem.code, problem.file) for problem in problems(report)}


@cache
def examples() -> Library:
    return load_library([FACTS])


# ---------------------------------------------------------------- each code


def test_every_code_has_an_example_and_every_example_a_code():
    assert EXAMPLES.keys() == CODES.keys() - BOUNDS.keys()


@pytest.mark.parametrize("code", EXAMPLES)
def test_it_is_found_and_nothing_else(code: str, tmp_path: Path):
    wanted: dict[str, Any] = tomllib.loads(EXAMPLES[code].read_text("utf-8"))["finds"]
    report = checked(tmp_path, wanted["file"], wanted.get("before"))
    assert [(each.severity, each.problem.code) for each in report.findings] == [(CODES[code].severity, code)]
    (found,) = problems(report)
    assert found.file == f"{tmp_path.name}/t.toml" and found.line == wanted.get("line")
    assert wanted["text"] in found.text
    assert wanted.get("hint", "") in (found.hint or "")


@pytest.mark.parametrize("code", EXAMPLES)
def test_its_counterpart_is_clean(code: str, tmp_path: Path):
    example = tomllib.loads(EXAMPLES[code].read_text("utf-8"))
    assert example["silent"]["file"] != example["finds"]["file"]
    assert problems(checked(tmp_path, example["silent"]["file"])) == []


def test_what_surrounds_the_examples_is_clean():
    assert problems(check_rules([RULES], [FACTS])) == []


def test_what_ships_is_clean():
    assert problems(check_rules([rules_folder()], [facts_folder()])) == []


def test_the_list_of_codes_is_whole():
    """Every code that stands in the rooms where rules are loaded, and those of a shape that does not fit."""
    made = {code for code, _ in _TEXTS.values()} - {"out-of-range", "wrong-value"}  # of facts alone
    rooms = ROOT / "advisor"
    for path in (*(rooms / "rules").glob("*.py"), rooms / "facts" / "findings.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2]
            first = node.args[0] if named in ("problem", "Problem", "_wrong") else None
            made |= {first.value} if isinstance(first, ast.Constant) else set()
    assert made <= CODES.keys()


@settings(max_examples=60)
@given(st.data())
def test_whatever_stands_under_a_key_is_told_by_a_code_of_the_list(data: st.DataObject):
    key = data.draw(st.sampled_from(sorted(RuleSpec.model_fields)))
    junk = data.draw(
        st.sampled_from([5, True, "x", "b.size >", [], [5], [[]], {}, {"b": 5}, {"b": {"fact": 5}}])
    )
    row = {"id": "t.a", "summary": "…", "match": [{"fact": "box", "as": "b"}], "because": "{b.id}", key: junk}
    _, wrong = read_rules(Document("t.toml", {"schema": 1, "rule": [row]}, ""), examples().kinds)
    assert {problem.code for problem in wrong} <= CODES.keys()


# ---------------------------------------------------------------- what is looked at


def test_warnings_are_told_of_what_is_asked_for_and_errors_of_all(tmp_path: Path):
    bare = RULE.replace(TESTS, "")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, bare.replace("t.a", f"{name}.a").replace("lid", name), f"{name}.toml")
    one, two = tmp_path / "one", tmp_path / "two"
    write(two, "no TOML", "wrong.toml")
    whole = {("no-test", "one/one.toml"), ("no-test", "two/two.toml"), ("toml-syntax", "two/wrong.toml")}
    assert places(check_rules([RULES, one, two], [FACTS])) == whole
    assert places(check_rules([RULES], [FACTS], [tmp_path])) == {
        (code, f"{tmp_path.name}/{file}") for code, file in whole
    }
    asked = check_rules([RULES, one, two], [FACTS], [one])
    assert places(asked) == {("no-test", "one/one.toml"), ("toml-syntax", "two/wrong.toml")}
    assert asked.checked == {"rules": 1}
    assert places(check_rules([RULES, one], [FACTS], [RULES / "base.toml"])) == set()
    assert check_rules([RULES, one], [FACTS], [RULES / "base.toml"]).checked == {"rules": 3}


def test_a_rule_that_is_changed_is_checked_where_the_change_is_asked_for(tmp_path: Path):
    change = 'schema = 1\n[[override]]\nrule = "base.body"\nreason = "…"\nset = { where = ["b.size < 0"] }\n'
    (found,) = problems(checked(tmp_path, change))
    assert (found.code, found.file) == ("constant-condition", f"{tmp_path.name}/t.toml")


BROKEN = "\nwhere = 5"


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ("", {"never-provided"}),
        (BROKEN, {"wrong-type"}),
        ('\nwhere = ["b.nothing"]', {"unknown-field"}),
        ("\nno TOML", {"toml-syntax"}),
    ],
)
def test_what_could_not_be_read_is_not_missed(provider: str, told: set[str], tmp_path: Path):
    """A rule reads what another writes, as long as that one is there."""
    writes = 'conclude = { fact = "part", box = "b.id", role = "\'lid\'", size = "b.size" }'
    reads = writes.replace("lid", "knob") + '\nunless = { fact = "part", is = { role = "lid" } }'
    reading = RULE.replace(CONCLUDE, reads)
    writing = RULE.replace("t.a", "before.a").replace(CONCLUDE, writes + provider)
    assert codes(checked(tmp_path, reading, writing if provider else None)) == told
    assert codes(checked(tmp_path, reading, writing.replace(provider, ""))) <= {"may-write-one-key"}


def test_facts_that_do_not_load_are_findings(tmp_path: Path):
    facts = tmp_path / "facts"
    shutil.copytree(FACTS, facts)
    write(facts, "schema = 1\n[[box]]\nid = 5\n", "wrong.toml")
    (tmp_path / "rules").mkdir()
    write(tmp_path / "rules", RULE.replace(TESTS, ""))
    assert {"wrong-type", "no-test"} <= codes(check_rules([RULES], [facts], [tmp_path / "rules"]))
    write(facts, "schema = 1\n[[kind]]\nid = 5\n", "wrong.toml")
    assert codes(check_rules([RULES], [facts], [tmp_path / "rules"])) == {
        "wrong-type",
        "missing-key",
    } & codes(check_rules([RULES], [facts]))


def test_the_place_is_that_of_the_text(tmp_path: Path):
    lines = RULE.replace(CONCLUDE, 'where = [\n  "b.count > 0",\n  "b.size > b.speed",\n]\n' + CONCLUDE)
    (found,) = problems(checked(tmp_path, lines))
    line = lines.split("\n")[found.line - 1]
    assert (found.code, line[found.column - 1 :]) == ("unit-mismatch", '> b.speed",')


# ---------------------------------------------------------------- single checks


MARK = 'conclude = { fact = "mark", box = "b.id", text = "\'x\'" }'


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        # always true, or never
        ("where = ['true']", "constant-condition"),
        ("where = ['1 > 2']", "constant-condition"),
        ("where = ['b.size >= 0']", "constant-condition"),
        ("where = ['b.weight >= 0']", None),  # it may be absent: then the rule is undetermined
        ("where = ['b.weight < 0']", "constant-condition"),
        ("where = ['has(b.size)']", "constant-condition"),
        ("where = ['has(b.weight)']", None),
        ("where = ['b.count * 2 >= 2']", "constant-condition"),
        ("where = ['b.count * 2 > 2']", None),
        ("where = ['b.count > 1 or b.colour == \\'blue\\'']".replace("\\'", '"'), "constant-condition"),
        ("let = { n = 'b.count + 1' }\nwhere = ['n > 1']", "constant-condition"),
        ("let = { n = 'b.count - 1' }\nwhere = ['n > 1']", None),
        ("count = { n = { fact = 'shelf' } }\nwhere = ['n >= 0']", "constant-condition"),
        ("count = { n = { fact = 'shelf' } }\nwhere = ['n > 0']", None),
        ("count = { n = { fact = 'box', where = 'box.size < 0' } }\nwhere = ['n > 0']", "constant-condition"),
        ("let = { n = '1 if b.count < 1 else 2' }\nwhere = ['n > 1']", "constant-condition"),
        ("each = { n = '1..2' }\nwhere = ['n < 1']", "constant-condition"),
        # never together
        ("where = ['b.count > 2 and b.count <= 2']", "contradictory-conditions"),
        ("where = ['b.count == 2', '1 > b.count / 2', 'b.count != 2']", "contradictory-conditions"),
        ("where = ['b.colour == \"red\"', 'b.colour == \"green\"']", "contradictory-conditions"),
        ("where = ['b.open', 'not b.open']", "contradictory-conditions"),
        ("where = ['b.open', 'b.open == false']", "contradictory-conditions"),
        ("where = ['has(b.weight)', 'not has(b.weight)']", "contradictory-conditions"),
        ("where = ['b.size > b.count * GiB', 'b.count * GiB > b.size']", "contradictory-conditions"),
        ("where = ['b.size >= b.count * GiB', 'b.count * GiB >= b.size']", None),
        ("where = ['not b.count > 1', 'b.count > 2']", "contradictory-conditions"),
        ("unless = [{ fact = 'shelf', as = 's', where = ['s.width > 2', 's.width < 2'] }]",
         "contradictory-conditions"),
        ("unless = [{ fact = 'box', on = { id = 'b.id' } }]", "contradictory-conditions"),
        ("unless = [{ fact = 'box', on = { id = 'b.id' }, where = ['box.count > b.count'] }]", None),
        ("unless = [{ fact = 'box', on = { id = 'b.id' }, is = { open = true } }]", None),
        # reads what nothing provides
        ("unless = [{ fact = 'part', is = { role = 'nothing' } }]", "never-provided"),
        ("unless = [{ fact = 'part', is = { role = 'body' } }]", None),
        ("unless = [{ fact = 'box', is = { id = 'gone' } }]", None),  # an exception that may come
        ("count = { n = { fact = 'box', is = { id = 'gone' } } }\nwhere = ['n > 0']", "never-provided"),
        ("count = { n = { fact = 'box', is = { id = 'large' } } }\nwhere = ['n > 0']", None),
        ("count = { n = { fact = 'gap' } }\nwhere = ['n > 0']", None),  # the question may hold it
        # figures
        ("where = ['b.size > 10 * GiB']", "no-source"),
        ("where = ['b.size > 2 * GiB']", None),
        ("because = 'It has a mark.'", "because-without-value"),
        ("because = '{b.id} has a mark.'", None),
        ("where = ['b.open']\nbecause = 'One is open.'\nseverity = 'note'\n#", None),
        ("where = ['b.count > 1']\nbecause = 'One is wide.'\nseverity = 'note'\n#", "because-without-value"),
    ],
)  # fmt: skip
def test_one_rule(lines: str, told: str | None, tmp_path: Path):
    report = checked(tmp_path, RULE.replace(CONCLUDE, f"{lines}\n{MARK}".replace("#\n", "# ")))
    assert codes(report) == ({told} if told else set()), problems(report)


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ("{ fact = 'box', as = 'b', is = { open = true } }, { fact = 'box', as = 'c', on = { id = 'b.id' }, "
         "is = { open = false } }", None),
        ("{ fact = 'box', as = 'b', is = { open = true } }, "
         "{ fact = 'box', as = 'c', on = { open = 'b.open' }, is = { open = false } }",
         "contradictory-conditions"),
        ("{ fact = 'box', as = 'b', is = { colour = 'blue' } }", "wrong-choice"),
        ("{ fact = 'box', as = 'b' }, { fact = 'part', as = 'p', is = { role = 'lid' } }", "never-provided"),
        ("{ fact = 'box', as = 'b' }, { fact = 'mark', as = 'm', on = { box = 'b.id' } }", "never-provided"),
        ("{ fact = 'box', as = 'b' }, { fact = 'shelf', as = 's', on = { width = 'b.count' } }", None),
        ("{ fact = 'box', as = 'b' }, { fact = 'shelf', as = 's' }", "catalog-product"),
        ("{ fact = 'box', as = 'b' }, { fact = 'order', as = 'o' }", None),
        ("{ fact = 'box', as = 'b', is = { open = true } }, { fact = 'shelf', as = 's' }", None),
    ],
)  # fmt: skip
def test_what_is_matched(match: str, told: str | None, tmp_path: Path):
    text = RULE.replace('match = [{ fact = "box", as = "b" }]', f"match = [{match}]").replace(CONCLUDE, MARK)
    assert codes(checked(tmp_path, text)) == ({told} if told else set())


# ---------------------------------------------------------------- several rules


@cache
def shipped() -> tuple[Library, list[Document], list[Rule]]:
    reading = read_rulebook([rules_folder()], library().kinds)
    return library(), list(reading.documents), list(reading.rules)


def test_a_rule_is_known_again_whatever_its_aliases_are_called():
    """Each rule that ships, with other aliases and its match in another order, has the same shape."""
    library, documents, rules = shipped()
    original = {rule.id: Shape(rule, library.kinds) for rule in rules}
    compared = 0
    for document in documents:
        data = {**document.data, "rule": [_renamed(row) for row in document.data["rule"]]}
        copies, wrong = read_rules(Document(document.name, data, document.text), library.kinds)
        assert not wrong
        for copy in copies:
            shape = Shape(copy, library.kinds)
            assert (shape.asks, shape.does) == (original[copy.id].asks, original[copy.id].does), copy.id
            compared += len(copy.match) > 0
    assert compared > 250
    whole = {(shape.asks, shape.does) for shape in original.values()}
    assert len(whole) == len(rules)  # and no two that ship are alike


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    aliases = [each.get("as", each["fact"]) for each in row.get("match", [])]
    new = {alias: f"{alias}_x" for alias in aliases}
    kinds = [each["fact"] for each in row.get("match", [])]
    match = [{**each, "as": new[alias]} for each, alias in zip(row.get("match", []), aliases, strict=True)]
    # Of a kind that is matched twice the order tells which is which.
    turned = match[::-1] if len(set(kinds)) == len(kinds) else match
    rest = {key: value for key, value in row.items() if key != "test"}
    return _with({**rest, "match": turned} if match else rest, new)


def _with(value: Any, new: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _with(each, new) for key, each in value.items()}
    if isinstance(value, list):
        return [_with(each, new) for each in value]
    names = "|".join(map(re.escape, new))
    paths = rf"(?<![\w'-])(?<!\w\.)({names})(?=\.\w)"
    return re.sub(paths, lambda found: new[found[1]], value) if isinstance(value, str) and new else value


SUM = "{ of = 'p.size', fact = 'part', as = 'p', is = { box = '%s' } }"
SUMS = f"sum = {{ x = {SUM % 'low'}, y = {SUM % 'high'} }}\n"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        # what each asks for, beside a box, and whether both may write its mark
        ("", "", "may-write-one-key"),
        ("", "where = ['b.open']", "may-write-one-key"),
        ("", "unless = [{ fact = 'part', is = { role = 'body' } }]", "may-write-one-key"),
        ("where = ['b.open']", "where = ['b.count > 1']", "may-write-one-key"),
        ("where = ['b.open']", "where = ['not b.open']", None),
        ("where = ['b.colour == \"red\"']", "where = ['b.colour == \"green\"']", None),
        ("where = ['b.count > b.size / GiB']", "where = ['b.count <= b.size / GiB']", None),
        ("where = ['b.count > b.size / GiB']", "where = ['b.count < 2']", "may-write-one-key"),
        (SUMS + "where = ['b.open']", "where = ['b.count > 1']", "may-write-one-key"),
        # one of them may be held back by something else: that is not shown
        ("where = ['b.open']", "unless = [{ fact = 'part', is = { role = 'body' } }]", None),
        ("where = ['b.open']", "where = ['b.count > 1 or b.colour == \"red\"']", None),
    ],
)
def test_two_rules_that_write_one_mark(one: str, other: str, told: str | None, tmp_path: Path):
    first = RULE.replace(CONCLUDE, f"{one}\n{MARK}")
    second = RULE.replace("t.a", "t.b").replace("schema = 1", "").replace(CONCLUDE, f"{other}\n{MARK}")
    found = codes(checked(tmp_path, first + second.replace("'x'", "'y'"))) - {"unused-name"}
    assert found == ({told} if told else set())
    default = MARK.replace(" }", ", default = true }").replace("'x'", "'y'")
    assert "may-write-one-key" not in codes(checked(tmp_path, first + second.replace(MARK, default)))


# ---------------------------------------------------------------- what checks rely on


signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
HOLDS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


@given(st.lists(st.tuples(signs, st.integers(-3, 3)), min_size=2, max_size=2))
def test_two_conditions_clash_exactly_when_no_number_satisfies_both(asked: list[tuple[str, int]]):
    atoms = [(Atom("x", sign, value), sign) for sign, value in asked]
    tried = [Fraction(half, 2) for half in range(-10, 11)]
    possible = any(all(HOLDS[sign](number, value) for sign, value in asked) for number in tried)
    assert (not any(clashes(atoms))) == possible


@given(st.lists(st.tuples(signs, st.integers(-3, 3)), max_size=8))
def test_what_clashes_among_many_are_two_that_do(asked: list[tuple[str, int]]):
    found = next(clashes((Atom("x", *each), Atom("x", *each)) for each in asked), None)
    pairs = [(Atom("x", *one), Atom("x", *two)) for one, two in combinations(asked, 2)]
    assert (found is None) == all(compatible(*pair) for pair in pairs)
    assert found is None or not compatible(*found)


FIELDS = {"a.count": (1, 5), "a.size": (0, 9), "n": (0, 4)}
numbers = st.recursive(
    st.sampled_from([*FIELDS, "0", "1", "2", "0.5"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner)
        | st.builds("{}({})".format, st.sampled_from(["abs", "ceil", "floor", "-"]), inner)
        | st.builds("({} if {} > 1 else {})".format, inner, inner, inner)
    ),
    max_leaves=6,
)
compared = st.builds("{} {} {}".format, numbers, signs, numbers)
conditions = compared | st.builds("({}) {} not {}".format, compared, st.sampled_from(["and", "or"]), compared)


@given(numbers | conditions, st.data())
def test_a_value_lies_among_those_that_are_thought_possible(source: str, data: st.DataObject):
    kinds = load_kinds([Document("k.toml", tomllib.loads(KIND), KIND)])
    scope = RuleScope(kinds)
    scope.bind("a", "thing")
    drawn = {name: data.draw(st.integers(*ends)) for name, ends in FIELDS.items()}
    place = Place(scope, {"n": Range(*FIELDS["n"])})
    fact = Fact("thing", (), {"count": drawn["a.count"], "size": drawn["a.size"]})
    value = compile_expression(parse(source))({"a": fact, "n": drawn["n"]})
    among = values(parse(source).tree, place)
    if isinstance(among, Range):
        assert (among.low is None or among.low <= value) and (among.high is None or value <= among.high)
    else:
        assert among is None or value in among


KIND = """
schema = 1
[[kind]]
id = "thing"
meaning = "…"
[kind.fields]
count = { type = "integer", required = true, min = 1, max = 5, meaning = "…" }
size = { type = "integer", required = true, min = 0, max = 9, meaning = "…" }
"""


def test_what_an_answer_looks_up_is_known():
    """Every kind that the answer, its remedies or its figures ask the store for, and that rules derive."""
    rules = shipped()[2]
    asked: set[str] = set()

    def spy(store: Store, kind: str) -> Any:
        asked.add(kind)
        return of(store, kind)

    of = Store.of
    made = installation().ask(QUESTIONS / "mixtral-8x22b-a100.toml", "clips", ())
    with mock.patch.object(Store, "of", spy):
        made.to_dict(figures=False)
        outcome_of(made.derivation.store)
        Said(made)
    derived = {conclusion.kind for rule in rules for conclusion in rule.conclude}
    assert asked & derived == set(ANSWERED)

"""Rules over the catalog: which rules they need, what they find, and that no question pays for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisor.authoring.catalog import Catalog
from advisor.authoring.check_facts import check_facts
from advisor.authoring.findings import Finding
from advisor.authoring.plans import Planner
from advisor.engines import choose
from advisor.engines.network import Engine
from advisor.errors import EngineError, RulesError
from advisor.expressions import Unknown
from advisor.facts.load import load_library
from advisor.facts.values import Fact
from advisor.installation import installation
from advisor.paths import facts_folder, rules_folder
from advisor.rules.load import load_rulebook
from tests.commandline import EXAMPLES
from tests.shipped import library, rulebook

KINDS = """
schema = 1
[[kind]]
id = "drive"
meaning = "A disk."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
size = { type = "integer", meaning = "…" }
spare = { type = "text", refers = "drive", meaning = "…" }
[[kind]]
id = "asked_drive"
meaning = "The disk of the question."
single = true
[kind.fields]
id = { type = "text", required = true, refers = "drive", meaning = "…" }
[[kind]]
id = "asked_spare"
meaning = "Another disk of the question."
single = true
[kind.fields]
id = { type = "text", required = true, refers = "drive", meaning = "…" }
[[kind]]
id = "desk"
meaning = "What else the question says."
single = true
[kind.fields]
height = { type = "integer", default = 70, why = "…", meaning = "…" }
[[kind]]
id = "plate"
meaning = "Derived from the disk of the question."
key = ["number"]
[kind.fields]
number = { type = "integer", required = true, meaning = "…" }
size   = { type = "integer", required = true, meaning = "…" }
[[kind]]
id = "shelf"
meaning = "Derived from the desk."
single = true
[kind.fields]
height = { type = "integer", required = true, meaning = "…" }
[[kind]]
id = "total"
meaning = "Derived over the catalog."
single = true
[kind.fields]
size = { type = "integer", required = true, meaning = "…" }
"""
FACTS = """
schema = 1
[[drive]]
id = "small"
size = 10
sources = ["…"]
[[drive]]
id = "large"
size = 40
sources = ["…"]
[[drive]]
id = "blank"
sources = ["…"]
"""
PLATES = """
[[rule]]
id = "mine.plates"
summary = "Two plates to a disk."
match = [{ fact = "asked_drive", as = "q" }, { fact = "drive", as = "d", on = { id = "q.id" } }]
each = { n = "0..1" }
conclude = { fact = "plate", number = "n", size = "d.size // 2" }
[[rule]]
id = "mine.shelf"
summary = "The shelf is as high as the desk."
match = [{ fact = "desk", as = "d" }]
conclude = { fact = "shelf", height = "d.height" }
"""


def rule(name: str, body: str, severity: str | None = "error") -> str:
    """A rule over the catalog."""
    shown = f'severity = "{severity}"\n' if severity else ""
    return f'[[rule]]\nid = "mine.{name}"\nsummary = "…"\nover = "catalog"\n{shown}{body}\n'


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of rules and of facts, with the kinds and facts above."""
    for name in ("rules", "facts"):
        (tmp_path / name).mkdir()
    (tmp_path / "facts" / "kinds.toml").write_text(KINDS, "utf-8")
    (tmp_path / "facts" / "drives.toml").write_text(FACTS, "utf-8")
    return tmp_path / "rules", tmp_path / "facts"


def catalog(folders: tuple[Path, Path], *rules: str, engine: Engine | None = None) -> Catalog:
    (folders[0] / "mine.toml").write_text("\n".join(["schema = 1", PLATES, *rules]), "utf-8")
    library = load_library([folders[1]])
    return Catalog(library, load_rulebook([folders[0]], library.kinds), engine)


def said(found: list[Finding]) -> list[tuple[str, str, str | None, int | None]]:
    return [(f.severity, f.problem.text, f.problem.file, f.problem.line) for f in found]


def refused(folders: tuple[Path, Path], *rules: str) -> list[str]:
    with pytest.raises(RulesError) as caught:
        catalog(folders, *rules)
    return [problem.code for problem in caught.value.problems]


def of(made: Catalog, name: str) -> Fact:
    return next(fact for fact in made.library.facts if fact.key == (name,))


# ---------------------------------------------------------------- what they find

TOO_LARGE = rule(
    "too-large",
    'match = [{ fact = "drive", as = "d" }]\nwhere = ["d.size > 20"]\nbecause = "{d.id} holds {d.size}."',
)
PLATE = 'match = [{ fact = "asked_drive", as = "q" }, { fact = "plate", as = "p", is = { number = 1 } }]\n'
BY_PLATE = rule(
    "by-plate", PLATE + 'where = ["p.size > 8"]\nbecause = "{q.id}: {p.size} a plate."', "warning"
)


def test_a_rule_over_facts_as_they_stand(folders):
    assert said(catalog(folders, TOO_LARGE).findings()) == [
        ("error", "large holds 40.", "facts/drives.toml", 7)
    ]


def test_a_rule_over_what_a_question_derives_is_asked_of_each_fact(folders):
    """Nothing in what matched stands in a file, so the place is the rule's."""
    (found,) = catalog(folders, BY_PLATE).findings()
    assert (found.severity, found.problem.text) == ("warning", "large: 20 a plate.")
    assert found.problem.file == "rules/mine.toml"


def test_the_place_is_that_of_the_first_fact_that_stands_in_a_file(folders):
    joined = BY_PLATE.replace('"q" },', '"q" }, { fact = "drive", as = "d", on = { id = "q.id" } },')
    assert said(catalog(folders, joined).findings())[0][2:] == ("facts/drives.toml", 7)


def test_what_is_not_stated_is_no_finding(folders):
    everything = rule("all", PLATE + 'where = ["p.size > 0"]\nbecause = "{q.id}"')
    assert {text for _, text, *_ in said(catalog(folders, everything).findings())} == {"large", "small"}


def test_rules_over_the_catalog_read_one_another(folders):
    summing = rule("total", 'sum = { all = { of = "default(d.size, 0)", fact = "drive", as = "d" } }\n'
                   'conclude = { fact = "total", size = "all" }', None)  # fmt: skip
    reading = rule("reading", 'match = [{ fact = "total", as = "t" }]\nbecause = "{t.size} in all."')
    assert [text for _, text, *_ in said(catalog(folders, summing, reading).findings())] == ["50 in all."]


def test_what_is_found_for_several_facts_alike_is_told_once(folders):
    alike = rule("alike", 'match = [{ fact = "asked_drive", as = "q" }]\nbecause = "The same."')
    assert len(catalog(folders, alike).findings()) == 1


def test_a_rule_that_cannot_be_computed_is_a_finding(folders):
    matched = (
        'match = [{ fact = "asked_drive", as = "q" }, { fact = "drive", as = "d", on = { id = "q.id" } }]'
    )
    dividing = rule("dividing", matched + '\nwhere = ["100 / (d.size - 10) > 0"]\nbecause = "…"')
    (zero,) = [f for f in catalog(folders, dividing).findings() if f.problem.code != "mine.dividing"]
    assert zero.severity == "error" and "drive[small]" in zero.problem.text and "zero" in zero.problem.text


@pytest.mark.parametrize(
    "body",
    [
        'match = [{ fact = "desk", as = "d" }]',
        'match = [{ fact = "drive", as = "d" }]\nunless = [{ fact = "desk" }]',
        'count = { n = { fact = "shelf" } }\nwhere = ["n == 0"]',
        'match = [{ fact = "asked_drive", as = "q" }, { fact = "shelf", as = "s" }]',
    ],
)
def test_a_rule_that_needs_more_of_a_question_never_fires_and_that_is_told(folders, body: str):
    """Above all none fires because a fact is missing that only a question would have."""
    (found,) = catalog(folders, rule("desk", body + '\nbecause = "…"')).findings()
    assert (found.severity, found.problem.code) == ("warning", "never-fires")
    assert "mine.desk can never fire: it needs desk" in found.problem.text
    assert found.problem.file == "rules/mine.toml" and found.problem.line


def test_a_rule_that_needs_two_things_named_never_fires(folders):
    both = 'match = [{ fact = "asked_spare", as = "s" }, { fact = "plate", as = "p" }]\nbecause = "…"'
    (found,) = catalog(folders, rule("both", both)).findings()
    assert "it needs asked_drive and asked_spare" in found.problem.text


def test_what_stands_in_a_file_does_not_lack_a_question(folders):
    """Rules that derive more of it from a question take nothing away from what the file says."""
    (folders[1] / "shelves.toml").write_text('schema = 1\n[[shelf]]\nheight = 3\nsources = ["…"]\n', "utf-8")
    high = rule("high", 'match = [{ fact = "shelf", as = "s" }]\nbecause = "{s.height} high."')
    assert said(catalog(folders, high).findings()) == [("error", "3 high.", "facts/shelves.toml", 2)]
    summing = rule("summing", 'count = { n = { fact = "shelf" } }\nwhere = ["n > 0"]\nbecause = "{n}"')
    assert [f.problem.code for f in catalog(folders, summing).findings()] == ["never-fires"]


def test_only_the_rules_that_are_needed_are_derived(folders):
    made = catalog(folders, BY_PLATE, TOO_LARGE)
    plans = Planner(made.rulebook, made.library, made.rulebook.catalog).plans()
    assert {plan.subject and plan.subject[0].id: {rule.id for rule in plan.rules} for plan in plans} == {
        "asked_drive": {"mine.plates", "mine.by-plate"},
        None: {"mine.too-large"},
    }


# ---------------------------------------------------------------- what they tell of one fact


def test_what_is_told_of_one_fact(folders):
    about = rule("about", PLATE + 'because = "{q.id}: two plates of {p.size}."', "info")
    size = rule("size", 'match = [{ fact = "drive", as = "d" }]\nbecause = "{d.id}: {d.size}."', "note")
    made = catalog(folders, about, size)
    for name, texts in (
        ("small", {"small: two plates of 5.", "small: 10."}),
        ("large", {"large: two plates of 20.", "large: 40."}),
    ):
        told = made.about(of(made, name))
        assert {firing.text for each in told for firing in each.firings} == texts
    assert made.findings() == []


# ---------------------------------------------------------------- what does not load


def test_a_question_must_not_read_what_only_the_catalog_writes(folders):
    writing = rule("writing", 'conclude = { fact = "total", size = 1 }', None)
    reading = rule("reading", 'match = [{ fact = "total", as = "t" }]\nbecause = "…"').replace(
        "catalog", "question"
    )
    assert refused(folders, writing, reading) == ["catalog-only"]
    catalog(folders, writing, reading.replace("question", "catalog"))


def test_it_has_nothing_to_propose(folders):
    proposing = 'propose = { kind = "x", title = "…", set = { "desk.height" = 1 } }\nbecause = "…"'
    assert refused(folders, rule("proposing", proposing)) == ["no-question"]


def test_over_is_question_or_catalog(folders):
    assert refused(folders, TOO_LARGE.replace("catalog", "desk")) == ["wrong-choice"]


def test_a_cycle_among_them_does_not_load(folders):
    cycle = rule("cycle", 'sum = { all = { of = "t.size", fact = "total", as = "t" } }\n'
                 'conclude = { fact = "total", size = "all + 1" }', None)  # fmt: skip
    assert refused(folders, cycle) == ["cycle"]


# ---------------------------------------------------------------- no question pays


def test_a_question_never_meets_them(folders, monkeypatch: pytest.MonkeyPatch):
    """Neither in the strata nor among the facts, and the answer is the same."""
    mine, _ = folders
    (mine / "mine.toml").write_text(
        "schema = 1\n" + rule("model", 'match = [{ fact = "asked_model", as = "q" }, { fact = "policy" }]\n'
        'conclude = { fact = "kv_elements", per_token = 1, growing = 1, windows = 1 }\nbecause = "…"'),
        "utf-8",
    )  # fmt: skip
    plain, more = installation(), installation(rules=[mine])
    for one in (plain, more):
        assert {each.over for each in one.rulebook} == {"question"} and one.rulebook.catalog == ()
    assert [[r.id for r in s] for s in plain.rulebook.strata] == [
        [r.id for r in s] for s in more.rulebook.strata
    ]
    assert [fact.label for fact in plain.catalog] == [fact.label for fact in more.catalog]
    answers = [one.ask(EXAMPLES / "mixtral-8x22b-a100.toml", "clips", ()).to_dict() for one in (plain, more)]
    assert answers[0]["digests"]["rules"] != answers[1]["digests"]["rules"]
    assert without_origin(answers[0]) == without_origin(answers[1])


def without_origin(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("digests", "folders")}


# ---------------------------------------------------------------- those that ship


def test_the_shipped_catalog_is_clean():
    report = check_facts([rules_folder()], [facts_folder()])
    assert [str(finding.problem) for finding in report.findings] == []
    assert report.checked["model"] > 10 and report.checked["gpu"] > 10


def test_both_engines_find_the_same(tmp_path: Path):
    try:
        engines = choose("durable,clips")
    except EngineError:
        pytest.skip("durable-rules cannot be imported here")
    (tmp_path / "wrong.toml").write_text(WRONG_MODEL, "utf-8")
    reports = [check_facts([rules_folder()], [facts_folder(), tmp_path], engine) for engine in engines]
    assert reports[0] == reports[1]
    assert {finding.problem.code for finding in reports[0].findings} == {
        "catalog-models.experts-per-token", "catalog-models.heads", "catalog-models.active-stated",
        "catalog-models.kv-elements", "catalog-models.active", "catalog-models.active-official",
        "catalog-models.published-total",
    }  # fmt: skip


WRONG_MODEL = """
schema = 1
[[model]]
id = "wrong"
name = "Wrong 1B"
vocab_size = 100
hidden_size = 64
params_total = 1000
params_active_official = 2000
kv_elems_per_token = 7
sources = ["nowhere"]
[[model.block]]
count = 1
mixer = "attention"
heads = 5
kv_heads = 2
k_dim = 8
v_dim = 8
ffn = "moe"
intermediate = 10
experts = 2
experts_per_token = 3
"""


def test_no_shipped_rule_over_the_catalog_can_never_fire():
    assert list(Planner(rulebook(), library(), rulebook().catalog).never()) == []


# ---------------------------------------------------------------- the model card


def figures(made: Catalog, model: Fact) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for told in made.about(model):
        for firing in told.firings:
            found.setdefault(firing.rule.id, []).append(dict(firing.env))
    return found


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return Catalog(library(), rulebook(), choose("clips")[0])


@pytest.mark.parametrize("name", ["mixtral-8x22b", "gemma-3-27b", "deepseek-v2-lite", "gpt-oss-20b"])
def test_a_card_counts_as_an_answer_does(shipped: Catalog, name: str):
    """The same figures by other rules: those of a question. One format of each family; GGUF is estimated."""
    model = of(shipped, name)
    card = figures(shipped, model)
    (cache,) = card["model-card.kv-cache-per-token"]
    for row in {row["f"].values["family"]: row for row in card["model-card.weights"]}.values():
        deployment = {"weights": row["f"].values["id"], "kv_cache": "f16", "context": 4096}
        question = {"hardware": {"gpu": "h200-sxm-141"}, "model": {"id": name}, "deployment": deployment}
        store = installation().ask(question, "clips", ()).derivation.store
        (weights,) = store.of("weights")
        unknown = [isinstance(each, Unknown) for each in (row["bytes"], weights.values["bytes"])]
        loaded = [part.values for part in store.of("weights_part")]
        encoders = sum(part["bytes"] for part in loaded if part["role"] == "encoders")
        assert unknown == [True, True] or row["bytes"] + encoders == weights.values["bytes"], deployment
        (kv,) = store.of("kv_cache")
        assert cache["per_token"] == kv.values["per_token"]

"""Names: by whole words, in any order and spelling, and never a guess."""

from __future__ import annotations

import pickle
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from advisor.documents import Document
from advisor.errors import FactsError
from advisor.facts.called import Facts
from advisor.facts.kinds_file import load_kinds
from advisor.facts.names import LISTED, Names
from advisor.facts.values import Fact
from advisor.facts.words import words_of
from tests.shipped import library

TABLES = sorted((Path(__file__).parent.parent / "data").glob("names-*.toml"))


def ids(kind: str) -> list[str]:
    return [str(fact.key[0]) for fact in library().of(kind)]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("RTX4090", "rtx 4090"),
        ("qwen2.5-7b", "qwen 2.5 7b"),
        ("MI300X", "mi 300x"),
        ("a100 l40s 8x22b a3b m3", "a100 l40s 8x22b a3b m3"),
        ("80gb 4070Ti", "80 gb 4070 ti"),
        ("A100-SXM4-80GB", "a100 sxm 4 80 gb"),
        ("Command_R+ (104B)", "command r+ 104b"),
        ("gpt-oss:20b.", "gpt oss 20b"),
        ("  ,… ", ""),
    ],
)
def test_words(name: str, words: str):
    assert words_of(name) == set(words.split())


# ---------------------------------------------------------------- small libraries


def names(
    things: dict[str, list[str]],
    omit: set[str] | None = None,
    add: set[str] | None = None,
    **more: list[dict[str, Any]],
) -> Names:
    """Names of models: id, and other names. `more` are facts of other kinds."""
    facts: dict[str, list[dict[str, Any]]] = {
        "model": [{"id": thing, "name": thing} for thing in things],
        "alias": [{"of": "model", "name": n, "id": i} for i, others in things.items() for n in others],
        "name_word": [
            {"of": "model", "word": word, "omit": word in (omit or ()), "add": word in (add or ())}
            for word in (omit or set()) | (add or set())
        ],
        **more,
    }
    kinds = library().kinds
    made = {kind: [Fact(kind, kinds[kind].key_of(row), row) for row in rows] for kind, rows in facts.items()}
    return Names(kinds, made)


def resolved(known: Names, name: str) -> str | None:
    return known.resolve("model", name)[0]


def said(known: Names, name: str) -> tuple[str, str, str]:
    found, problem = known.resolve("model", name)
    assert found is None and problem
    return problem.code, problem.text, problem.hint or ""


def test_a_part_of_a_name_is_no_name():
    known = names({"mixtral-8x22b": []})
    assert said(known, "mixtral")[0] == "name-ambiguous"
    assert said(known, "mixtral 8x2")[0] == said(known, "xtral-8x22b")[0] == "unknown-model"


def test_words_of_several_names_of_a_thing_go_together():
    known = names({"a100-sxm4-80": ["nvidia a100", "a100 80gb"], "a100-pcie-80": []})
    assert resolved(known, "nvidia a100 sxm4 80gb") == "a100-sxm4-80"
    assert said(known, "nvidia a100 pcie")[0] == "unknown-model"


def test_an_exact_name_beats_one_with_words_to_spare():
    known = names({"llama-8b": ["llama instruct"], "llama-8b-instruct": []})
    assert resolved(known, "instruct 8b llama") == "llama-8b-instruct"


def test_an_id_beats_the_names_of_others():
    assert resolved(names({"qwen-4": ["4 b"], "b-4": []}), "B-4") == "b-4"
    assert said(names({"qwen-4": ["4 b"], "b-4": []}), "4 b")[0] == "name-ambiguous"


def test_words_that_may_be_left_out_and_added():
    known = names(
        {"gb-80": ["nvidia"], "a100-80-gb": [], "a100-40-gb": []}, omit={"gb", "nvidia"}, add={"it"}
    )
    assert resolved(known, "a100 80") == resolved(known, "a100 80 it") == "a100-80-gb"
    assert resolved(known, "nvidia") == "gb-80", "a name of which all may be left out is whole"
    assert said(known, "a100")[0] == "name-ambiguous"
    assert "a100-80-gb" in said(known, "nvidia a100 80")[2], "what may be left out may not be added"


def test_numbers_are_not_mixed_up():
    assert said(names({"qwen3-4b": []}), "qwen 4 3b")[0] == "unknown-model"


def test_a_repository_is_known_without_its_owner_and_other_slashes_are_not():
    known = names({"x": ["org/some-model-7b"], "y": ["V3 / V3.1"], "z": ["big (2407/2411)"]})
    assert resolved(known, "some model 7b") == resolved(known, "org/some-model-7b") == "x"
    assert said(known, "v3.1")[0] == said(known, "2411")[0] == "name-ambiguous", "words of a name, no name"


def test_a_trap_is_known_by_its_words():
    trap = {"of": "model", "name": "A100 160GB", "says": "There is none.", "nearest": ["a100-80"]}
    known = names({"a100-80": [], "a100-40": []}, omit={"nvidia", "gb"}, trap=[trap])
    for name in ("a100 160gb", "160-A100", "NVIDIA A100-160GB"):
        assert said(known, name) == ("no-such-thing", "There is none.", "Nearest that exist: a100-80.")
    assert said(known, "a100")[0] == "name-ambiguous"
    assert said(known, "a100 160gb pcie")[0] == "unknown-model"


def test_a_trap_does_not_hide_what_exists():
    trap = {"of": "model", "name": "a100", "says": "There is none.", "nearest": []}
    assert resolved(names({"a100": []}, trap=[trap]), "A100") == "a100"
    assert said(names({"a100-x": ["a100"], "a100-y": ["a100"]}, trap=[trap]), "A100")[0] == "name-ambiguous"


def test_words_of_no_name_are_explained():
    hint = {"of": "model", "words": ["awq", "vl"], "says": "AWQ is a format."}
    known = names({"mixtral-8x7b": [], "vl-7b": []}, name_hint=[hint])
    code, text, told = said(known, "TheBloke/Mixtral-8x7B-AWQ")
    assert code == "unknown-model" and text.endswith('nothing is called "thebloke" or "awq"')
    assert told == "AWQ is a format. Did you mean mixtral-8x7b?"
    assert "format" not in said(known, "vl-8b")[2], "what is part of a name needs no explanation"


def test_what_may_have_been_meant():
    known = names({"llama-3.1-8b": [], "llama-3.1-70b": [], "kimi-k2": [], "other-thinking": []})
    for name, meant in {
        "lama 3.1 8b": "llama-3.1-8b",
        "unsloth/Llama-3.1-8B": "llama-3.1-8b",
        "kimi-k2-thinking": "kimi-k2",
        "llama-3.1-80b": "llama-3.1-8b or llama-3.1-70b",
    }.items():
        assert said(known, name)[2] == f"Did you mean {meant}?", name


def test_many_candidates_are_counted_and_long_names_cut():
    known = names({f"llama-{size}b": [] for size in range(1, 41)})
    _, text, _ = said(known, "llama")
    assert text.endswith(f"llama-{LISTED}b and {40 - LISTED} more")
    known = names({"codellama-7b": ["code llama 7b"], "llama-70b": [], "llama-8b": []})
    assert said(known, "llama")[1].endswith("llama-8b, llama-70b, codellama-7b"), (
        "ids with the word come first"
    )
    assert len(said(known, "nothing of the sort " * 200)[1]) < 300
    assert said(known, "")[0] == said(known, "?!")[0] == "unknown-model"


def test_a_kind_of_which_there_is_nothing():
    assert said(names({}), "x")[0] == "unknown-model"
    assert Names(library().kinds, {}).resolve("no_kind", "x")[1]


# ---------------------------------------------------------------- properties

WORDS = ["llama", "qwen", "rtx", "ti", "3", "3.1", "4", "8b", "3b", "70b", "a100", "gb", "nvidia", "it", "r+"]
OMIT, ADD = {"gb", "nvidia", "it"}, {"it"}
TYPED = st.lists(st.sampled_from([*WORDS, "strange"]), min_size=1, max_size=5)
THINGS = st.dictionaries(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True).map("-".join),
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), max_size=2),
    max_size=6,
)


def by_definition(things: dict[str, list[str]], words: set[str]) -> tuple[set[str], set[str]]:
    """What words resolve to (several: ask), and the candidates: the definition, spelt out."""
    forms = {
        thing: [set(n.replace("-", " ").split()) for n in (thing, *more)] for thing, more in things.items()
    }
    candidates = {t for t, all_ in forms.items() if (words - ADD or words) <= set().union(*all_)}
    exact = {t for t in candidates if words in forms[t]}
    loose = {t for t in candidates if any((form - OMIT or form) <= words for form in forms[t])}
    return exact or loose, candidates


@given(THINGS, TYPED)
@example({"qwen-it": [], "llama-it": [], "qwen": []}, ["it"])
def test_names_resolve_as_defined(things: dict[str, list[str]], typed: list[str]):
    found, candidates = by_definition(things, set(typed))
    name = " ".join(typed)
    if name.replace(" ", "-") in things:
        return  # an id as written: before anything else
    known = names(things, OMIT, ADD)
    assert resolved(known, name) == (min(found) if len(found) == 1 else None)
    assert set(known.meanings("model", name)) == (found or candidates)


@given(THINGS, TYPED, st.randoms())
def test_order_case_and_separators_do_not_matter(things: dict[str, list[str]], typed: list[str], random: Any):
    known, name = names(things, OMIT, ADD), " ".join(typed)
    if any(words_of(name) == words_of(thing) for thing in things):
        return  # two ids may have the same words: then the one that is written exactly so is meant
    other = [random.choice([word, word.upper()]) for word in typed]
    random.shuffle(other)
    text = "".join(word + random.choice([" ", "-", "_", ":", " / ", "  ("]) for word in other)
    assert known.meanings("model", text) == known.meanings("model", name)
    assert resolved(known, text) == resolved(known, name)


@given(THINGS, TYPED, st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_a_thing_with_other_words_changes_nothing(
    things: dict[str, list[str]], typed: list[str], new: list[str]
):
    name, added = " ".join(typed), "-".join(new)
    found = resolved(names(things, OMIT, ADD), name)
    words = set(typed)
    if found and added not in things and not (words - ADD or words) <= set(new):
        assert resolved(names({**things, added: []}, OMIT, ADD), name) == found


# ---------------------------------------------------------------- kinds


def kinds_with(text: str) -> Any:
    return load_kinds([Document("kinds.toml", tomllib.loads(f"schema = 1\n[[kind]]\n{text}"), text)])


FIELDS = """
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
port = { type = "text", required = true, meaning = "…" }
title = { type = "text", meaning = "…" }
size = { type = "integer", meaning = "…" }
"""
HEAD = 'id = "ship"\nmeaning = "…"\n'


def test_what_names_a_thing_is_declared():
    assert kinds_with(f'{HEAD}key = ["id"]{FIELDS}')["ship"].named_by == ("id",)
    assert kinds_with(f'{HEAD}key = ["id", "port"]{FIELDS}')["ship"].named_by == ()
    kinds = kinds_with(f'{HEAD}key = ["id"]\nnamed_by = ["id", "title"]{FIELDS}')
    facts: Facts = {"ship": [Fact("ship", ("s1",), {"id": "s1", "title": "Fast Ship 3000", "size": 3})]}
    assert Names(kinds, facts).resolve("ship", "ship fast 3000") == ("s1", None)
    assert Names(kinds, facts).resolve("ship", "3")[0] is None


@pytest.mark.parametrize("named_by", ['["id", "nothing"]', '["id", "size"]', '["title"]'])
def test_what_cannot_name_a_thing(named_by: str):
    with pytest.raises(FactsError, match="named_by"):
        kinds_with(f'{HEAD}key = ["id"]\nnamed_by = {named_by}{FIELDS}')


# ---------------------------------------------------------------- formats, left to rules


def test_names_left_to_rules_resolve_to_the_name_as_written():
    known = library().names
    for name in ("Q4_K_M", "q4 k m", "q4-K-m"):
        assert known.resolve("weight_format", name) == ("q4_k_m", None)
    assert known.resolve("weight_format", "gguf Q4 K M") == ("gguf-q4_k_m", None)
    assert known.resolve("kv_format", "Q4-0") == ("q4_0", None)
    assert known.resolve("weight_format", "q4 k") == ("q4_k", None)
    for name in ("k m q4 x", "int 9", "k m"):
        assert known.resolve("weight_format", name)[0] is None


def test_a_name_as_written_is_itself_and_other_spellings_mean_the_same():
    for kind, of in (("format_name", "weight_format"), ("kv_format_name", "kv_format")):
        means: dict[str, set[Any]] = {}
        for fact in library().of(kind):
            rest = tuple(sorted((k, v) for k, v in fact.values.items() if k != "name"))
            means.setdefault(str(fact.values["name"]), set()).add(rest)
        for name in means:
            assert library().names.resolve(of, name) == (name, None)
            other = library().names.resolve(of, " ".join(sorted(words_of(name))))[0]
            assert other in ids(of) or means[str(other)] == means[name], (name, other)


def test_two_meanings_of_one_name_ask():
    rows = [
        {"name": n, "runtime": "any", "format": f} for n, f in (("x-4", "fp16"), ("x 4", "fp8"), ("y", "fp8"))
    ]
    facts = {"format_name": [Fact("format_name", (row["name"], "any"), row) for row in rows]}
    known = Names(library().kinds, facts)
    assert known.resolve("weight_format", "X-4") == ("x-4", None)
    assert known.meanings("weight_format", "4 X") == ["x 4", "x-4"]


# ---------------------------------------------------------------- the names that ship


def tables(section: str) -> list[Any]:
    found = []
    for path in TABLES:
        table = tomllib.loads(path.read_text("utf-8"))
        assert set(table) <= {"of", "resolves", "asks", "refused"}, path.name
        found += [pytest.param(table["of"], *item, id=item[0]) for item in table.get(section, {}).items()]
    return found


@pytest.mark.parametrize(("kind", "name", "expected"), tables("resolves"))
def test_names_that_mean_one_thing(kind: str, name: str, expected: str):
    assert library().names.resolve(kind, name) == (expected, None)


@pytest.mark.parametrize(("kind", "name", "expected"), [*tables("asks"), *tables("refused")])
def test_names_that_are_no_guess(kind: str, name: str, expected: list[str] | str):
    found, problem = library().names.resolve(kind, name)
    meant = set(library().names.meanings(kind, name))
    assert found is None and problem and problem.hint
    assert (problem.code, meant) == (
        (expected, set()) if isinstance(expected, str) else ("name-ambiguous", set(expected))
    )


@pytest.mark.parametrize("kind", ["gpu", "model", "weight_format", "kv_format"])
def test_every_id_names_itself(kind: str):
    assert {name: library().names.resolve(kind, name.upper()) for name in ids(kind)} == {
        name: (name, None) for name in ids(kind)
    }


@pytest.mark.parametrize("kind", ["gpu", "model"])
def test_what_a_thing_says_of_itself_names_it(kind: str):
    """Its name and repository, and each of its aliases: it alone, or it among what is asked about."""
    said_of = [
        (str(fact.key[0]), str(fact.values[field]))
        for fact in library().of(kind)
        for field in library().kinds[kind].named_by
        if field in fact.values
    ]
    said_of += [
        (str(f.values["id"]), str(f.values["name"])) for f in library().of("alias") if f.values["of"] == kind
    ]
    assert [each for each in said_of if each[0] not in library().names.meanings(kind, each[1])] == []


def test_models_are_not_told_apart_by_words_that_may_be_left_out_or_added():
    words = {f.values["word"] for f in library().of("name_word") if f.values["of"] == "model"}
    of = {
        str(fact.key[0]): {
            words_of(str(fact.values[field])) - words
            for field in ("id", "name", "hf_repo")
            if field in fact.values
        }
        for fact in library().of("model")
    }
    assert [(a, b) for a, b in product(of, of) if a < b and of[a] & of[b]] == []


def test_facts_about_names_are_of_words_and_of_what_exists():
    for fact in library().of("alias"):
        assert fact.values["id"] in ids(str(fact.values["of"])), fact.label
    for fact in library().of("trap"):
        assert set(fact.values["nearest"]) <= set(ids(str(fact.values["of"]))), fact.label
    words = [str(fact.values["word"]) for fact in library().of("name_word")]
    words += [str(word) for fact in library().of("name_hint") for word in fact.values["words"]]
    assert [word for word in words if words_of(word) != {word}] == []


def test_no_trap_is_also_a_name():
    for fact in library().of("trap"):
        found, problem = library().names.resolve(str(fact.values["of"]), str(fact.values["name"]))
        assert found is None and problem and problem.code == "no-such-thing", fact.label


def test_names_are_kept_with_the_library():
    again = pickle.loads(pickle.dumps(library()))
    assert again.names.resolve("gpu", "RTX 4090") == ("rtx-4090", None)

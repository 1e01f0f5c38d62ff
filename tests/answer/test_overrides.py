"""What an answer says of figures that the user's folders changed; and that it is else as if they stood so."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import advisor
from advisor import folders as folders_in_effect
from advisor import installation, snapshot
from advisor.answer.answer import Answer
from advisor.answer.text.answer import to_text
from advisor.engines import choose
from advisor.errors import AdvisorError
from advisor.facts.kinds import Kinds
from advisor.facts.library import Library
from advisor.facts.load import load_library
from advisor.facts.values import Fact
from advisor.paths import facts_folder, rules_folder
from advisor.question import read_question
from advisor.reasoning.reasoner import Reasoner
from advisor.rules.load import load_rulebook
from advisor.rules.rulebook import Rulebook
from tests.answer.schema.test_answer import VALIDATOR
from tests.durable import NEEDS_DURABLE

GPU, OTHER, MODEL = "rtx-4090", "rtx-3090", "llama-3.1-8b"
QUESTION = {
    "hardware": {"gpu": GPU, "system_memory_gib": 32, "system_memory_gb_s": 50},
    "model": {"id": MODEL},
    "deployment": {"runtime": "vllm", "weights": "bf16", "kv_cache": "f16", "context": 65536},
}


ASKED = re.compile(rf'^id = "({GPU}|{OTHER}|{MODEL})"', re.MULTILINE)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """The facts that ship but for most parts: to read them all for each test would take most of the time."""
    names = {path.relative_to(facts_folder()).as_posix(): path for path in facts_folder().rglob("*.toml")}
    texts = {name: path.read_text("utf-8") for name, path in sorted(names.items())}
    return {
        n: text for n, text in texts.items() if not re.match("cloud|gpus|models", n) or ASKED.search(text)
    }


@pytest.fixture(scope="module", autouse=True)
def few_parts(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rulebook]:
    """Only these facts ship, and the rules, which never change here, are bound once."""
    root = tmp_path_factory.mktemp("shipped") / "facts"
    write(root, files)
    rulebook = load_rulebook([rules_folder()], load_library([root]).kinds).for_questions()
    own = load_rulebook

    def load(folders: Sequence[Path], kinds: Kinds) -> Rulebook:
        return rulebook if list(folders) == [rules_folder()] else own(folders, kinds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folders_in_effect, "facts_folder", lambda: root)
        patch.setattr("advisor.rules.load.load_rulebook", load)
        yield rulebook


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def override(change: str, fact: str = f'fact = "gpu"\nid = "{GPU}"', reason: str = "Measured here.") -> str:
    return f'[[override]]\n{fact}\n{change}\nreason = "{reason}"\n'


def ask(folder: Path, *overrides: str, engine: str = "clips", **tables: Any) -> dict[str, Any]:
    """The answer with one folder `mine` that holds these overrides."""
    mine = folder / "mine"
    mine.mkdir(exist_ok=True)
    (mine / "fix.toml").write_text("schema = 1\n" + "".join(overrides), "utf-8")
    asked = advisor.ask({**QUESTION, **tables}, facts=[mine], engine=engine, remedies=False)
    answer = asked.to_dict()
    assert not [error.message for error in VALIDATOR.iter_errors(answer)]
    return answer


def fact(answer: dict[str, Any], label: str) -> dict[str, Any]:
    return next(each for each in answer["trace"]["facts"] if each["label"] == label)


def flat(answer: dict[str, Any], **how: Any) -> str:
    return " ".join(to_text(answer, 120, **how).split())


# ---------------------------------------------------------------- what is said


def test_a_changed_figure_that_was_read_is_told(tmp_path: Path):
    answer = ask(tmp_path, override('set = { bandwidth_gb_s = 960 }\nsources = ["a meter"]'))
    (told,) = answer["overrides"]
    assert (told["fact"], told["field"], told["before"], told["after"]) == (
        f"gpu[{GPU}]",
        "bandwidth",
        "1,008 GB/s",
        "960 GB/s",
    )
    assert (told["file"], told["line"], told["reason"]) == ("mine/fix.toml", 2, "Measured here.")
    assert told["sources"] == ["a meter"]
    readers = {one["rule"] for part in ("firings", "near_misses") for one in answer["trace"][part]}
    assert told["rules"] and set(told["rules"]) <= readers
    assert fact(answer, f"gpu[{GPU}]")["overrides"] == [
        {name: value for name, value in told.items() if name not in ("fact", "rules")}
    ]


def test_the_text_shows_it_and_the_proof_shows_it_at_the_fact(tmp_path: Path):
    answer = ask(tmp_path, override("set = { bandwidth_gb_s = 960 }"))
    said = f'gpu[{GPU}] bandwidth: 960 GB/s in place of 1,008 GB/s ("Measured here.")'
    assert f"Changed by your folders • {said} [mine/fix.toml:2]" in flat(answer)
    assert f"changed in mine/fix.toml:2: {said}" in flat(answer, explain=True)
    assert "Changed by your folders" not in to_text(
        advisor.ask(QUESTION, engine="clips", remedies=False).to_dict()
    )


def test_a_changed_figure_that_no_rule_read_is_not_told(tmp_path: Path):
    others = override("set = { tdp_w = 1 }", f'fact = "gpu"\nid = "{OTHER}"')
    answer = ask(tmp_path, others, override("set = { tdp_w = 300, bandwidth_gb_s = 960 }"))
    assert [each["field"] for each in answer["overrides"]] == ["bandwidth"]
    assert [each["field"] for each in fact(answer, f"gpu[{GPU}]")["overrides"]] == ["tdp_w", "bandwidth"]


def test_one_that_a_rule_read_and_then_did_not_fire_is_told(tmp_path: Path):
    """Which is how a changed figure can make an answer say less."""
    question = {"deployment": {**QUESTION["deployment"], "weights": "fp8"}}
    answer = ask(tmp_path, override("set = { sm = 90 }"), **question)
    firings = {one["rule"] for one in answer["trace"]["firings"]}
    (told,) = answer["overrides"]
    assert told["field"] == "sm" and set(told["rules"]) - firings


def test_a_choice_over_all_facts_tells_of_those_it_went_through(tmp_path: Path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mine.toml").write_text(
        'schema = 1\n[[rule]]\nid = "mine.hottest"\nsummary = "…"\nseverity = "info"\n'
        'best = { g = { maximize = "g.tdp_w", fact = "gpu", where = ["has(g.tdp_w)"] } }\n'
        'because = "The hottest is {g.name}."\n',
        "utf-8",
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "fix.toml").write_text(
        "schema = 1\n" + override("set = { tdp_w = 1 }", f'fact = "gpu"\nid = "{OTHER}"'), "utf-8"
    )
    answer = advisor.ask(
        QUESTION, rules=[rules], facts=[tmp_path / "mine"], engine="clips", remedies=False
    ).to_dict()
    assert [(each["fact"], each["rules"]) for each in answer["overrides"]] == [
        (f"gpu[{OTHER}]", ["mine.hottest"])
    ]


def test_both_reasons_show_where_two_folders_change_one_figure(tmp_path: Path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, rate in zip(folders, (960, 900), strict=True):
        folder.mkdir()
        text = override(f"set = {{ bandwidth_gb_s = {rate} }}", reason=f"By {folder.name}.")
        (folder / "fix.toml").write_text("schema = 1\n" + text, "utf-8")
    answer = advisor.ask(QUESTION, facts=folders, engine="clips", remedies=False).to_dict()
    assert [(each["reason"], each["before"], each["after"]) for each in answer["overrides"]] == [
        ("By one.", "1,008 GB/s", "960 GB/s"),
        ("By two.", "960 GB/s", "900 GB/s"),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('remove = ["bandwidth_gb_s"]', "withdrawn, was 1,008 GB/s"),
        ("set = { bandwidth_gb_s = 1008 }", "1,008 GB/s, as before"),
        ("set = { bandwidth_gb_s = 1008.0001 }", "1,008 GB/s, which differs by less than is shown"),
    ],
)
def test_the_change_in_words(change: str, says: str, tmp_path: Path):
    (told,) = ask(tmp_path, override(change))["overrides"]
    assert f"bandwidth: {says} (" in told["text"]


def test_more_than_a_page_holds_are_counted(tmp_path: Path):
    answer = ask(tmp_path, override("set = { bandwidth_gb_s = 960 }"))
    answer["overrides"] *= 20
    text, whole = flat(answer), flat(answer, explain=True)
    count = text.count("in place of 1,008 GB/s")
    assert f"and {20 - count} more, which --explain shows" in text
    assert "which --explain shows" not in whole


# ---------------------------------------------------------------- what follows


def test_what_depends_on_a_withdrawn_figure_is_unknown(tmp_path: Path):
    answer = ask(tmp_path, override('remove = ["hidden_size"]', f'fact = "model"\nid = "{MODEL}"'))
    assert answer["verdict"]["status"] == "unknown"
    assert f"model[{MODEL}] does not say hidden_size" in answer["verdict"]["summary"]
    assert [each["field"] for each in answer["overrides"]] == ["hidden_size"]


def test_where_a_withdrawn_figure_is_estimated_the_estimate_is_told(tmp_path: Path):
    answer = ask(tmp_path, override('remove = ["memory_mib_reported", "memory_bytes_usable"]'))
    assert any(one["text"].startswith("Estimate: no driver's figure") for one in answer["conclusions"])


@NEEDS_DURABLE
def test_the_engines_agree(tmp_path: Path):
    block = override("set = { kv_heads = 4 }", f'fact = "block"\nmodel = "{MODEL}"\nposition = 0')
    both = ask(tmp_path, override('remove = ["bandwidth_gb_s"]'), block, engine="durable,clips")
    assert {each["field"] for each in both["overrides"]} == {"bandwidth", "kv_heads"}


def test_a_snapshot_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    change = override("set = { bandwidth_gb_s = 960 }")
    monkeypatch.setattr(installation, "_kept", {})
    first = ask(tmp_path, change)
    monkeypatch.setattr(installation, "_kept", {})
    monkeypatch.setattr(snapshot, "_build", None)  # nothing is read again
    assert first["overrides"] and ask(tmp_path, change) == first


def test_an_override_changes_the_digest_of_the_facts_and_of_what_they_make(tmp_path: Path):
    plain = advisor.ask(QUESTION, engine="clips", remedies=False).to_dict()
    changed = ask(tmp_path, override("set = { bandwidth_gb_s = 960 }"))
    again = ask(tmp_path, override("set = { bandwidth_gb_s = 960 }", reason="Otherwise."))
    digests = [each["digests"] for each in (plain, changed, again)]
    assert len({each["facts"] for each in digests}) == 3
    assert len({each["rules"] for each in digests}) == len({each["question"] for each in digests}) == 1
    assert digests[0]["answer"] != digests[1]["answer"] == digests[2]["answer"]


# ---------------------------------------------------------------- the same as editing the fact in place


class Line(NamedTuple):
    """A figure in a file of facts: the fact, the file, the number of the line, and what stands there."""

    fact: Fact
    file: str
    number: int
    name: str
    value: int


class Shipped(NamedTuple):
    """The facts that ship, the rules, and the figures that can be edited."""

    facts: dict[str, str]
    kinds: Kinds
    rulebook: Rulebook
    lines: list[Line]

    def ask(self, **folders: dict[str, str]) -> Any:
        """What comes of the question with these folders of files; of an error, what is said."""
        with tempfile.TemporaryDirectory() as root:
            for folder, files in folders.items():
                write(Path(root) / folder, files)
            try:
                library = load_library([Path(root) / folder for folder in folders])
                reasoner = Reasoner(self.rulebook, library.kinds, choose("clips")[0], library.facts)
                question = read_question(QUESTION, library, self.rulebook.derived)
                derivation = reasoner.derive(question.facts)
            except AdvisorError as error:
                return [problem.text for problem in error.problems]
        return Answer(question, derivation, library.kinds, ("clips", ""), {}).to_dict()


@pytest.fixture(scope="module")
def shipped(files: dict[str, str], few_parts: Rulebook) -> Shipped:
    library = load_library([folders_in_effect.facts_folder()])
    lines = [line for name, text in files.items() for line in lines_of(name, text, library)]
    return Shipped(files, library.kinds, few_parts, lines)


def lines_of(file: str, text: str, library: Library) -> Iterator[Line]:
    """Each `name = integer` on a line of its own that belongs to a fact with a key."""
    starts = {
        fact.given.line: fact for fact in library.facts if fact.given and fact.given.file == f"facts/{file}"
    }
    holder = None
    for number, line in enumerate(text.split("\n"), 1):
        holder = starts.get(number) or (None if line.startswith("[") else holder)
        match = re.match(r"(\w+) = (\d+)\s*(#.*)?$", line)
        if holder and match and library.kinds[holder.kind].key:
            yield Line(holder, file, number, match[1], int(match[2]))


def edited(facts: dict[str, str], line: Line, value: int | None) -> dict[str, str]:
    """The files with another figure in that line, or with none."""
    text = facts[line.file].split("\n")
    text[line.number - 1] = "" if value is None else f"{line.name} = {value}"
    return {**facts, line.file: "\n".join(text)}


def changing(kinds: Kinds, line: Line, value: int | None) -> str:
    key = [
        f"{name} = {json.dumps(part)}"
        for name, part in zip(kinds[line.fact.kind].key, line.fact.key, strict=True)
    ]
    change = f'remove = ["{line.name}"]' if value is None else f"set = {{ {line.name} = {value} }}"
    return override(change, "\n".join([f'fact = "{line.fact.kind}"', *key]))


def without_origin(answer: Any) -> Any:
    """The answer but for what says where its figures stand."""
    if isinstance(answer, dict):
        del answer["overrides"]
        for each in answer["trace"]["facts"]:
            del each["overrides"]
    return answer


@settings(max_examples=8)
@given(data=st.data())
def test_it_is_the_same_as_editing_the_fact(data: st.DataObject, shipped: Shipped):
    relevant = [line for line in shipped.lines if ASKED.match(f'id = "{line.fact.key[0]}"')]
    either = st.sampled_from(relevant) | st.sampled_from(shipped.lines)
    # All in one draw, of which nothing hangs on what was drawn before: what follows only reckons with it.
    drawn = data.draw(
        st.lists(st.tuples(either, st.integers(0, 10**15), st.booleans()), min_size=1, max_size=3)
    )
    facts, mine = shipped.facts, ["schema = 1\n"]
    for line, (number, withdrawn) in {line: rest for line, *rest in drawn}.items():
        field, _ = shipped.kinds[line.fact.kind].written[line.name]
        least, most = max(1, line.value // 2), 2 * line.value + 1
        value = None if withdrawn and not field.present else least + number % (most - least + 1)
        facts = edited(facts, line, value)
        mine.append(changing(shipped.kinds, line, value))
    over = shipped.ask(facts=shipped.facts, mine={"fix.toml": "".join(mine)})
    assert without_origin(over) == without_origin(shipped.ask(facts=facts))

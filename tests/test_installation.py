"""Folders of one's own, files that change under a running process, and engines that are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import advisor
from advisor import installation
from advisor.answer.answer import Answer
from advisor.errors import EngineError, FactsError, InputError, RulesError
from advisor.facts.values import Fact
from advisor.paths import rules_folder
from advisor.reasoning.outcome import Derivation
from advisor.reasoning.reasoner import Reasoner, Session

QUESTION = {
    "hardware": {"gpu": "none", "system_memory_gib": 16, "system_memory_gb_s": 50},
    "model": {"id": "llama-3.1-8b"},
    "deployment": {"runtime": "llama.cpp", "weights": "q4_k_m", "kv_cache": "f16", "context": 4096},
}
GPU = """
schema = 1
[[gpu]]
id = "desk"
name = "the card on the desk"
memory_gb = {gb}
bandwidth_gb_s = 500
sources = ["its box"]
"""
RULE = """
schema = 1
[[rule]]
id = "mine.{name}"
summary = "…"
{body}
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of one's own; what is asked meanwhile is kept nowhere else."""
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(installation, "_kept", {})
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rule(folder: Path, name: str, body: str) -> None:
    """A file mine.toml that holds this one rule."""
    write(folder, "mine.toml", RULE.format(name=name, body=body))


def ask(mine: Path, **changes: dict[str, object]) -> Answer:
    """The question with some tables changed, with the folder's rules or facts: it holds either."""
    question = {
        table: {**QUESTION.get(table, {}), **changes.get(table, {})} for table in (*QUESTION, *changes)
    }
    has_rules = (mine / "mine.toml").exists()
    return advisor.ask(
        question, rules=[mine] if has_rules else [], facts=[] if has_rules else [mine], engine="clips"
    )


def texts(answer: Answer) -> list[str]:
    return [each["text"] for each in answer.to_dict()["conclusions"]]


# ---------------------------------------------------------------- folders


def test_facts_of_a_folder_are_facts_like_others(mine: Path) -> None:
    write(mine, "gpus.toml", GPU.format(gb=24))
    answer = ask(mine, hardware={"gpu": "desk"}).to_dict()
    (gpu,) = [fact for fact in answer["trace"]["facts"] if fact["label"] == "gpu[desk]"]
    assert answer["verdict"]["status"] == "fits"
    assert (gpu["given"]["file"], gpu["given"]["sources"]) == ("mine/gpus.toml", ["its box"])


def test_a_folder_adds_a_field_and_a_rule_reads_it(mine: Path) -> None:
    facts, rules = mine / "facts", mine / "rules"
    facts.mkdir()
    rules.mkdir()
    field = '{ type = "integer", default = 0, meaning = "…" }'
    write(
        facts, "kinds.toml", f'schema = 1\n[[kind]]\nid = "deployment"\n[kind.fields]\nlora_slots = {field}\n'
    )
    rule(
        rules,
        "lora",
        'severity = "info"\nmatch = [{ fact = "deployment", as = "d" }]\nbecause = "{d.lora_slots} slots."',
    )
    question = {**QUESTION, "deployment": {**QUESTION["deployment"], "lora_slots": 3}}
    assert "3 slots." in texts(advisor.ask(question, rules=[rules], facts=[facts], engine="clips"))


def test_folders_come_after_those_that_ship(mine: Path) -> None:
    """So what stands twice is told of the folder, which can be changed, and not of what ships."""
    write(mine, "gpus.toml", GPU.format(gb=1).replace("desk", "rtx-4090", 1))
    with pytest.raises(FactsError) as caught:
        ask(mine)
    assert [problem.file for problem in caught.value.problems] == ["mine/gpus.toml"]


def test_a_file_with_the_name_of_one_that_ships_has_a_digest_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    write(tmp_path / "rules", "memory.toml", "schema = 1\n")
    digests = installation.installation([tmp_path / "rules"]).rulebook.digests
    assert len(digests) == len(installation.installation().rulebook.digests) + 1


def test_missing_folders_are_told_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        advisor.ask(QUESTION, rules=[tmp_path / "no", tmp_path / "neither"])
    assert [problem.code for problem in caught.value.problems] == ["folder-missing"] * 2
    with pytest.raises(InputError, match="there is no facts folder"):
        advisor.ask(QUESTION, facts=[tmp_path / "no"])


def test_a_folder_by_a_relative_path(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folders that one relative path names from two places are two folders; `.` has a name too."""
    for place, gigabytes in (("one", 24), ("two", 4)):
        (mine / place).mkdir()
        write(mine / place, "gpus.toml", GPU.format(gb=gigabytes))
    found = {}
    for place in ("one", "two"):
        monkeypatch.chdir(mine / place)
        answer = ask(Path("."), hardware={"gpu": "desk"})
        (gpu,) = [fact for fact in answer.to_dict()["trace"]["facts"] if fact["label"] == "gpu[desk]"]
        found[gpu["given"]["file"]] = answer.status
    assert found == {"one/gpus.toml": "fits", "two/gpus.toml": "does-not-fit"}


# ---------------------------------------------------------------- what a folder of rules may do to a total


def overhead(mine: Path) -> int:
    return ask(mine).to_dict()["memory"]["overhead_bytes"]


SHARE_OF_ONE = """
match = [{ fact = "component", as = "w", is = { role = "weights" } }]
conclude = { fact = "component", card = "w.card", id = "'fragmentation'", role = "'overhead'", bytes = "ceil(w.bytes / 100)" }
"""  # noqa: E501 - the page has it on one line
SHARE_OF_ALL = """
conclude = { fact = "reserve", id = "'safety'", share = 0.02 }
"""
DEFAULT = """
match = [{ fact = "card", as = "k" }]
conclude = { fact = "component", card = "k.index", id = "'adapters'", role = "'overhead'", bytes = "2 * GiB", default = true }
"""  # noqa: E501 - the page has it on one line


def test_a_share_of_one_component(mine: Path) -> None:
    before = ask(mine).to_dict()["memory"]
    rule(mine, "share", SHARE_OF_ONE)
    assert overhead(mine) - before["overhead_bytes"] == -(-before["weights_bytes"] // 100)


def test_a_share_of_everything(mine: Path) -> None:
    before = ask(mine).to_dict()["memory"]
    rule(mine, "share", SHARE_OF_ALL)
    assert overhead(mine) - before["overhead_bytes"] == -(-before["required_bytes"] * 2 // 100)


def test_a_default_that_holds_unless_somebody_wrote_one(mine: Path) -> None:
    before = overhead(mine)
    rule(mine, "default", DEFAULT)
    assert overhead(mine) - before == 2 * 2**30
    other = DEFAULT.replace(", default = true", "").replace("2 * GiB", "1 * GiB")
    write(mine, "other.toml", RULE.format(name="other", body=other).replace("mine.", "other."))
    assert overhead(mine) - before == 2**30


def test_the_language_page_shows_these() -> None:
    page = (rules_folder().parent / "docs" / "language.md").read_text(encoding="utf-8")
    lines = {line.strip() for body in (SHARE_OF_ONE, SHARE_OF_ALL, DEFAULT) for line in body.splitlines()}
    assert not [line for line in lines if line not in page]


# ---------------------------------------------------------------- files that change


def test_a_changed_fact_is_seen_in_the_same_process(mine: Path) -> None:
    write(mine, "gpus.toml", GPU.format(gb=24))
    before = ask(mine, hardware={"gpu": "desk"})
    assert ask(mine, hardware={"gpu": "desk"}).to_dict() == before.to_dict()
    write(mine, "gpus.toml", GPU.format(gb=4))
    after = ask(mine, hardware={"gpu": "desk"})
    assert (before.status, after.status) == ("fits", "does-not-fit")
    assert before.to_dict()["digests"]["facts"] != after.to_dict()["digests"]["facts"]
    assert before.to_dict()["digests"]["rules"] == after.to_dict()["digests"]["rules"]


def test_a_changed_rule_is_seen_in_the_same_process(mine: Path) -> None:
    body = 'severity = "info"\nbecause = "It is {}."'
    for word in ("so", "otherwise"):
        rule(mine, "says", body.replace("{}", word))
        assert f"It is {word}." in texts(ask(mine))
    (mine / "mine.toml").unlink()
    assert not [text for text in texts(ask(mine)) if text.startswith("It is ")]


def test_a_rule_that_became_wrong_is_told_and_can_be_mended(mine: Path) -> None:
    rule(mine, "says", 'severity = "info"\nbecause = "Good."')
    ask(mine)
    rule(mine, "says", 'severity = "info"\nbecause = "{nothing.here}"')
    with pytest.raises(RulesError):
        ask(mine)
    rule(mine, "says", 'severity = "info"\nbecause = "Good again."')
    assert "Good again." in texts(ask(mine))


def test_unchanged_files_are_read_once(mine: Path) -> None:
    assert installation.installation() is installation.installation()
    assert installation.installation((), [mine]) is not installation.installation()


def test_those_used_last_are_kept(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "KEPT", 2)
    first, other = installation.installation(), installation.installation((), [mine])
    assert installation.installation() is first
    installation.installation([mine])
    assert installation.installation() is first
    assert installation.installation((), [mine]) is not other


# ---------------------------------------------------------------- engines


def drop_a_firing(found: Derivation) -> None:
    found.firings.remove(next(firing for firing in found.firings if not firing.concluded))


def drop_a_miss(found: Derivation) -> None:
    found.misses.pop()


def change_a_fact(found: Derivation) -> None:
    (verdict,) = found.store.of("verdict")
    verdict.values = {**verdict.values, "status": "unknown"}


@pytest.mark.parametrize("doctor", [drop_a_firing, drop_a_miss, change_a_fact])
def test_engines_that_differ_are_an_error(
    doctor: Callable[[Derivation], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = installation.installation()
    kinds, one = made.library.kinds, made.reasoners("clips")[0]
    other = Reasoner(made.rulebook, kinds, one.engine, made.catalog)
    monkeypatch.setitem(made._reasoners, "clips,other", [one, other])
    assert made.ask(QUESTION, "clips,other", ()).status == "fits"

    session = other.session

    @contextmanager
    def doctored() -> Iterator[Session]:
        with session() as opened:
            derive = opened.derive

            def wrong(facts: Iterable[Fact]) -> Derivation:
                found = derive(facts)
                doctor(found)
                return found

            monkeypatch.setattr(opened, "derive", wrong)
            yield opened

    monkeypatch.setattr(other, "session", doctored)
    with pytest.raises(EngineError, match="derive different things") as caught:
        made.ask(QUESTION, "clips,other", ())
    assert caught.value.exit_status == 3


def test_every_folder_in_effect_is_named_in_the_answer(mine: Path) -> None:
    rule(mine, "quiet", 'severity = "info"\nbecause = "Said."\n')
    answer = advisor.ask(QUESTION, rules=[mine]).to_dict()
    assert answer["folders"] == [{"kind": "rules", "path": str(mine), "named_by": "call", "pack": None}]
    assert advisor.ask(QUESTION).to_dict()["folders"] == []

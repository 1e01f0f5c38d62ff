"""A missing figure never makes a wrong verdict: each optional one is deleted in turn, and asked again."""

from __future__ import annotations

from functools import cache

import pytest

from advisor.answer.answer import Answer
from advisor.engines import choose
from advisor.facts.values import Fact
from advisor.installation import installation
from advisor.question import Question
from advisor.reasoning.reasoner import Reasoner
from tests.commandline import EXAMPLES
from tests.golden.working_memory import Verdicts, deletions, facts_used, lacking

SMALL = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "mistral-7b-v0.3"}}
FLAT = {
    "hardware": {"gpu": "rtx-4090"},
    "model": {
        "layers": 32,
        "hidden_size": 4096,
        "vocab_size": 32768,
        "attention_heads": 32,
        "kv_heads": 8,
        "intermediate_size": 14336,
        "max_context": 32768,
    },
}
QUESTIONS = {
    "does not fit, INT8": (EXAMPLES / "mixtral-8x22b-a100.toml", {}, "does-not-fit"),
    "does not fit, FP16": (EXAMPLES / "mixtral-8x22b-h100.toml", {}, "does-not-fit"),
    "fits": (SMALL, {"deployment.weights": "awq", "deployment.context": "8192"}, "fits"),
    "fits, written flat": (FLAT, {"deployment.weights": "awq", "deployment.context": "8192"}, "fits"),
    "fits, GGUF": (
        SMALL,
        {"model.id": "gemma-3-27b", "deployment.weights": "q4_k_m", "deployment.context": "32768"},
        "fits",
    ),
    "tight": (
        SMALL,
        {
            "model.id": "qwen2.5-32b",
            "deployment.weights": "q4_k_m",
            "deployment.context": "6144",
            "deployment.runtime": "vllm",
        },
        "tight",
    ),
    "cannot run": (SMALL, {"deployment.weights": "nvfp4", "deployment.tensor_parallel": "3"}, "cannot-run"),
    "latent cache": (SMALL, {"model.id": "deepseek-v2-lite", "deployment.weights": "fp8"}, "fits"),
    "sinks and windows": (SMALL, {"model.id": "gpt-oss-20b", "deployment.context": "16384"}, None),
    "a state and a cache": (SMALL, {"model.id": "granite-4.0-h-tiny", "deployment.weights": "fp8"}, "fits"),
    "shared caches, and more": (SMALL, {"model.id": "gemma-3n-e2b", "deployment.weights": "bf16"}, "fits"),
    "two GPUs": (
        EXAMPLES / "mixtral-8x22b-a100.toml",
        {"hardware.count": "4", "deployment.tensor_parallel": "4"},
        "fits",
    ),
    "no GPU": (SMALL, {"hardware.gpu": "none", "deployment.weights": "q4_k_m"}, "fits"),
    "unified memory": (SMALL, {"hardware.gpu": "apple-m2-ultra", "deployment.weights": "q4_k_m"}, "fits"),
}


@cache
def verdicts() -> Verdicts:
    return Verdicts(installation())


def asked(name: str) -> Question:
    source, changes, _ = QUESTIONS[name]
    return verdicts().question(source, [f"{path}={value}" for path, value in changes.items()])


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_deleted_figure_gives_the_same_verdict_or_unknown(name: str):
    question = asked(name)
    facts = verdicts().facts(question)
    answer = verdicts().ask(question, facts)
    assert QUESTIONS[name][2] in (answer.status, None)
    wrong, rosy, silent = [], [], []
    for fact, field in deletions(verdicts(), facts_used(answer.derivation)):
        came = verdicts().ask(question, lacking(facts, fact, field))
        if came.status not in (answer.status, "unknown"):
            wrong.append(f"{fact.label} without {field}: {answer.status} becomes {came.status}")
        elif came.status == "unknown" and answer.status != "unknown" and not names(came, fact.label, field):
            silent.append(f"{fact.label} without {field}: {came.to_dict()['verdict']['summary']}")
        elif more_hopeful(came, answer):
            rosy.append(f"{fact.label} without {field}: {came.to_dict()['verdict']['summary']}")
    assert (wrong, rosy, silent) == ([], [], [])


def more_hopeful(came: Answer, before: Answer) -> bool:
    """Whether less is needed, or more can be used, than with all figures: a wrong verdict elsewhere."""
    now, then = ({name: memory(answer, name) for name in ("required", "usable")} for answer in (came, before))
    if came.status == "unknown" or None in (*now.values(), *then.values()):
        return False
    return now["required"] < then["required"] or now["usable"] > then["usable"]


def memory(answer: Answer, name: str) -> int | None:
    total = next(iter(answer.derivation.store.of("memory")), None)
    value = total.values[name] if total and total.certain else None
    return value if isinstance(value, int) else None


def names(answer: Answer, label: str, field: str) -> bool:
    """Whether an unknown verdict names the fact, the field, and a rule that wanted it.

    What stands in the flat columns of a model is read as a block of it, and named as that.
    """
    summary = answer.to_dict(figures=False)["verdict"]["summary"]
    exactly = label in summary and field in summary
    as_block = (
        label.startswith("model[") and label.replace("model[", "block[").replace("]", ", 0]") in summary
    )
    return (exactly or as_block) and "wanted by" in summary


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_rules_behind_the_verdict_are_enough_for_it(name: str):
    """What the test above leaves out has no part in the verdict."""
    source, changes, _ = QUESTIONS[name]
    changed = [f"{path}={value}" for path, value in changes.items()]
    whole = installation().ask(source, "clips", changed, remedies=False)
    question = asked(name)
    assert verdicts().ask(question, verdicts().facts(question)).status == whole.status


def test_some_figures_are_needed():
    """The deletions reach what matters: without these the verdict is not known."""
    question = asked("fits, written flat")
    facts = verdicts().facts(question)
    used = facts_used(verdicts().ask(question, facts).derivation)
    unknown = {
        (fact.kind, field)
        for fact, field in deletions(verdicts(), used)
        if verdicts().ask(question, lacking(facts, fact, field)).status == "unknown"
    }
    flat = ("hidden_size", "vocab_size", "layers", "attention_heads", "intermediate_size")
    assert {("model", field) for field in flat} <= unknown
    assert {("weight_format", "payload_bits"), ("weight_format", "embedding_bits")} <= unknown


def test_a_lower_bound_is_enough_for_does_not_fit():
    """What is known exceeds the memory already: a blank elsewhere cannot help."""
    question = asked("does not fit, FP16")
    facts = verdicts().facts(question)
    model = next(fact for fact in facts if fact.label == "block[mixtral-8x22b, 0]")
    answer = verdicts().ask(question, lacking(facts, model, "k_dim"))
    assert answer.status == "does-not-fit"


@pytest.mark.parametrize("kind", ["gpu", "model", "block", "runtime"])
def test_with_all_rules_a_blank_leads_to_no_contradiction(kind: str):
    """The rules on speed and remedies see the same blanks, and none of them fails or claims more."""
    question = asked("fits")
    whole = installation()
    changes = [f"{path}={value}" for path, value in flat(question).items()]
    used = facts_used(whole.ask({}, "clips", changes, remedies=False).derivation)
    wrong = []
    for fact, field in deletions(verdicts(), [fact for fact in used if fact.kind == kind]):
        came = everything(question, lacking(whole.library.facts, fact, field))
        if came.status not in ("fits", "unknown"):
            wrong.append(f"{fact.label} without {field}")
    assert not wrong


def flat(question: Question) -> dict[str, object]:
    return {f"{table}.{name}": value for table, row in question.tables.items() for name, value in row.items()}


@cache
def reasoner_of_all() -> Reasoner:
    return Reasoner(installation().rulebook, installation().library.kinds, choose("clips")[0])


def everything(question: Question, catalog: list[Fact]) -> Answer:
    """The answer of all rules over another catalog."""
    wanted = installation().rulebook.read | {"lever"}
    facts = [fact for fact in (*catalog, *question.facts) if fact.kind in wanted]
    digests = {"question": "", "rules": "", "facts": ""}
    answer = Answer(
        question, reasoner_of_all().derive(facts), installation().library.kinds, ("clips", ""), digests
    )
    answer.to_dict()
    return answer

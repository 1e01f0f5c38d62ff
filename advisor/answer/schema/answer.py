"""The JSON Schema of an answer: what machines may rely on, field by field, with units."""

from __future__ import annotations

from advisor.answer.schema.remedies import OF_PROOF, STATUSES, remedy, search
from advisor.answer.schema.trace import CITED, SEVERITIES, read_override, rule_change, trace
from advisor.answer.summary import PARTS
from advisor.schema_parts import (
    DRAFT,
    Schema,
    anything,
    choice,
    either,
    maybe,
    number,
    record,
    records,
    size,
    text,
    texts,
    typed,
    whole,
)


def answer_schema() -> Schema:
    """Draft 2020-12. Optional is what the answer may leave out; null is what it does not know."""
    return {
        "$schema": DRAFT,
        "title": "Answer of the advisor, version 1",
        **record("One question, its verdict, and all that it was derived from.", _answer(), _OPTIONAL),
    }


_OPTIONAL = ("record", "summary", "folders", "not_asked", "search", "overrides", "rule_changes")
_ENGINE = {"name": text("Name of the engine."), "version": text("Its version.")}


def _answer() -> dict[str, Schema]:
    return {
        "schema": {"const": "advisor.answer/1", "description": "Name and version of this form."},
        "engine": record("The rule engine that matched the rules.", _ENGINE),
        "question": anything("The question as understood: tables hardware, model, deployment and goals."),
        "verdict": record("What came out.", _verdict(), ("rule", "firing")),
        "memory": record("What is needed and what can be used.", _memory(), _MEMORY_OPTIONAL),
        "model": record("The model's size.", _model()),
        "parallel": record("What tensor parallelism allows.", _parallel()),
        "speed": record("Predicted speed, per sequence for decode.", _speed()),
        "run": maybe(record("How to run it, where it fits; null: it does not, or that is unknown.", _run())),
        "conclusions": records("What was concluded, in no order of weight.", _conclusion(), ("firing",)),
        "assumptions": records("What was assumed where the question is silent.", _assumption(), ("rule",)),
        "remedies": records("Changes to the question, best first, then advice.", remedy(), OF_PROOF),
        "search": maybe(record("How remedies were looked for; null: they were not.", search())),
        "summary": records("The answer in prose, sentence by sentence.", _sentence()),
        "not_asked": whole("Proposals that were not asked because they touch what goals.keep names."),
        "folders": records("Folders in effect beside those that ship, in order.", _folder()),
        "overrides": records("Changed figures that a rule read, fired or nearly.", read_override(), CITED),
        "rule_changes": records("Rules left out, and changed fields of those applied.", rule_change()),
        "trace": record("How everything was derived.", trace()),
        "digests": record("SHA-256 in hex.", _digests()),
        "record": record("The record that was written.", _kept()),
    }


def _verdict() -> dict[str, Schema]:
    return {
        "status": choice("The verdict; a missed goal never changes it.", STATUSES),
        "summary": text("One sentence with the figure that matters and its unit."),
        "rule": maybe(text("Id of the rule that decided.")),
        "firing": maybe(text("Id of its firing in the trace.")),
    }


_ONCE = "on whatever device, copies on several GPUs counted once"
_MEMORY_OPTIONAL = ("required_at_least_bytes", "required_band", "kv_pool_bytes_per_gpu", "kv_capacity_tokens")


def _memory() -> dict[str, Schema]:
    return {
        **_sizes("all GPUs together", f"All weights, {_ONCE}", f"All of the KV cache, {_ONCE}"),
        "required_at_least_bytes": size("Lower bound of required_bytes where that is not known"),
        "required_band": maybe(record("required_bytes with every estimate at one end.", _estimate())),
        "per_gpu": records("The same for each GPU; empty where there is none.", _gpu(), ("name",)),
        "components": records("What the memory is made of.", _component(), ("text", "rule")),
        "kv_pool_bytes_per_gpu": size("What the runtime gives the KV cache on each GPU"),
        "kv_capacity_tokens": maybe(whole("Tokens for which that has room, all sequences together.")),
    }


def _sizes(where: str, weights: str = "Weights on it", cache: str = "KV cache on it") -> dict[str, Schema]:
    return {
        "weights_bytes": size(weights),
        "kv_cache_bytes": size(cache),
        "overhead_bytes": size(f"Everything else that is needed, recurrent state included, {where}"),
        "required_bytes": size(f"Weights, KV cache and overhead that lie on the GPUs, {where}"),
        "usable_bytes": size(f"Memory that the runtime may use, {where}"),
        "shortfall_bytes": size(f"What is missing, {where}: the sum of each GPU's own shortfall"),
    }


def _gpu() -> dict[str, Schema]:
    which = either("Its number, from 0, or its name.", "integer", "string")
    return {"gpu": which, "name": maybe(text("Name for reading.")), **_sizes("this GPU")}


def _estimate() -> dict[str, Schema]:
    return {"low": size("Low end"), "high": size("High end")}


def _component() -> dict[str, Schema]:
    return {
        "id": text("Name of the component, unique on its GPU."),
        "role": text("weights, kv_cache or overhead; outside: beside the runtime's share, in no sum."),
        "gpu": either("The GPU on which it lies; null: on the host.", "integer", "string", "null"),
        "bytes": size("Its size"),
        "band": maybe(record("Where the size is an estimate; null: it is arithmetic.", _estimate())),
        "text": maybe(text("How the size came about.")),
        "rule": maybe(text("Id of the rule that derived it.")),
    }


_SIZES = "Sizes that the runtime accepts for this model and format; empty too where its heads are not known."


def _parallel() -> dict[str, Schema]:
    valid = (
        "Whether the runtime accepts the size that the question asks for; null: none is asked, or unknown."
    )
    return {
        "tensor_parallel_valid": either(valid, "boolean", "null"),
        "tensor_parallel_sizes": typed("array", _SIZES, items={"type": "integer", "minimum": 1}),
    }


def _model() -> dict[str, Schema]:
    return {
        "params_total": maybe(whole("Parameters, all experts counted.")),
        "bits_per_weight": maybe(number("Bits per weight, averaged over all parameters.")),
    }


def _speed() -> dict[str, Schema]:
    return {
        "decode_tokens_per_second": _band("Tokens per second of one sequence, with a full context."),
        "prefill_tokens_per_second": _band("Prompt tokens per second, for a prompt of a full context."),
        "time_to_first_token_s": maybe(number("Seconds to the first token, for the same prompt.")),
    }


def _band(description: str) -> Schema:
    parts = {name: maybe(number(f"{name}, in tokens per second")) for name in ("low", "typical", "high")}
    return maybe(record(description, parts))


def _run() -> dict[str, Schema]:
    return {
        "runtime": text("The runtime that is started."),
        "command": maybe(text("The command for a shell, on one line; null: its options are not known.")),
        "arguments": typed("array", "Its words: program, then each option with its value.", items=texts("")),
        "notes": texts("What to know before running it, a sentence each."),
        "rules": texts("Ids of the rules that derived it."),
    }


def _conclusion() -> dict[str, Schema]:
    return {
        "id": text("Name of the conclusion, unique in the answer."),
        "rule": text("Id of the rule."),
        "severity": choice("How grave; it ranks display, never logic.", SEVERITIES),
        "text": text("The sentence, with its figures and their units."),
        "firing": maybe(text("Id of the firing in the trace.")),
    }


def _sentence() -> dict[str, Schema]:
    return {
        "part": choice("What it is about; parts stand in this order.", PARTS),
        "text": text("The sentence."),
        "conclusion": maybe(text("Id of the conclusion that says it.")),
        "remedy": maybe(whole("Rank of the remedy or advice that it tells of.", minimum=1)),
        "rule": maybe(text("Id of the rule that says or proposed it.")),
        "firing": maybe(text("Id of its firing in the trace.")),
    }


def _assumption() -> dict[str, Schema]:
    return {
        "field": text("Path in the question, such as deployment.runtime."),
        "value": {"description": "What was taken, in the unit of the field."},
        "text": text("The sentence."),
        "rule": maybe(text("Id of the rule that assumed it; null: a default.")),
    }


def _folder() -> dict[str, Schema]:
    return {
        "kind": choice("What it holds.", ("rules", "facts")),
        "path": text("Where it is."),
        "named_by": choice("Who named it.", ("user folder", "ADVISOR_RULES", "ADVISOR_FACTS", "call")),
        "pack": maybe(record("The pack that it belongs to.", _pack())),
    }


def _pack() -> dict[str, Schema]:
    return {"name": text("Its name."), "version": text("Its version.")}


def _kept() -> dict[str, Schema]:
    return {"file": text("Where it is."), "sha256": text("SHA-256 of its body, in hex.")}


def _digests() -> dict[str, Schema]:
    return {name: text(f"Digest of the {name}.") for name in ("question", "rules", "facts", "answer")}

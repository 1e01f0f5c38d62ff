"""The JSON Schema of an answer: what machines may rely on, field by field, with units."""

from __future__ import annotations

from functools import partial
from typing import Any

Schema = dict[str, Any]
STATUSES = ("cannot-run", "does-not-fit", "unknown", "tight", "fits")
SEVERITIES = ("error", "warning", "note", "info")


def _typed(type_name: str, description: str, **rest: Any) -> Schema:
    return {"type": type_name, **rest, "description": description}


_text = partial(_typed, "string")
_texts = partial(_typed, "array", items={"type": "string"})
_open = partial(_typed, "object")
_whole = partial(_typed, "integer", minimum=0)
_number = partial(_typed, "number", minimum=0)


def answer_schema() -> Schema:
    """Draft 2020-12. Optional is what the answer may leave out; null is what it does not know."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answer of the advisor, version 1",
        **_object("One question, its verdict, and all that it was derived from.", _answer(), _OPTIONAL),
    }


_OPTIONAL = ("folders", "not_asked", "overrides")
_ENGINE = {"name": _text("Name of the engine."), "version": _text("Its version.")}


def _answer() -> dict[str, Schema]:
    return {
        "schema": {"const": "advisor.answer/1", "description": "Name and version of this form."},
        "engine": _object("The rule engine that matched the rules.", _ENGINE),
        "question": _open("The question as understood: tables hardware, model, deployment and goals."),
        "verdict": _object("What came out.", _verdict(), ("rule", "firing")),
        "memory": _object("What is needed and what can be used.", _memory(), _MEMORY_OPTIONAL),
        "model": _object("The model's size.", _model()),
        "parallel": _object("What tensor parallelism allows.", _parallel()),
        "speed": _object("Predicted speed, per sequence for decode.", _speed()),
        "conclusions": _list("What was concluded, in no order of weight.", _conclusion(), ("firing",)),
        "assumptions": _list("What was assumed where the question is silent.", _assumption(), ("rule",)),
        "remedies": _list("Changes to the question, best first.", _remedy(), ("firing",)),
        "not_asked": _whole("Proposals that were not asked because they touch what goals.keep names."),
        "folders": _list("Folders in effect beside those that ship, in order.", _folder(), ("digest",)),
        "overrides": _list("Changed figures that a rule read, fired or nearly.", _read_override(), _CITED),
        "trace": _object("How everything was derived.", _trace()),
        "digests": _object("SHA-256 in hex, for records.", _digests()),
    }


def _verdict() -> dict[str, Schema]:
    return {
        "status": _choice("The verdict; a missed goal never changes it.", STATUSES),
        "summary": _text("One sentence with the figure that matters and its unit."),
        "rule": _maybe(_text("Id of the rule that decided.")),
        "firing": _maybe(_text("Id of its firing in the trace.")),
    }


_MEMORY_OPTIONAL = ("required_at_least_bytes", "required_band", "kv_pool_bytes_per_gpu", "kv_capacity_tokens")


def _memory() -> dict[str, Schema]:
    return {
        **_sizes("all GPUs together"),
        "required_at_least_bytes": _bytes("Lower bound of required_bytes where that is not known"),
        "required_band": _maybe(_object("required_bytes with every estimate at one end.", _estimate())),
        "per_gpu": _list("The same for each GPU; empty where there is none.", _gpu(), ("name",)),
        "components": _list("What the memory is made of.", _component(), ("text", "rule")),
        "kv_pool_bytes_per_gpu": _bytes("What the runtime gives the KV cache on each GPU"),
        "kv_capacity_tokens": _maybe(_whole("Tokens for which that has room, all sequences together.")),
    }


def _sizes(where: str) -> dict[str, Schema]:
    return {
        "weights_bytes": _bytes(f"Weights, {where}; of the whole, wherever they lie"),
        "kv_cache_bytes": _bytes(f"KV cache, {where}; of the whole, wherever it lies"),
        "overhead_bytes": _bytes(f"Everything else that is needed, recurrent state included, {where}"),
        "required_bytes": _bytes(f"Weights, KV cache and overhead that lie on the GPUs, {where}"),
        "usable_bytes": _bytes(f"Memory that the runtime may use, {where}"),
        "shortfall_bytes": _bytes(f"What is missing, {where}: the sum of each GPU's own shortfall"),
    }


def _gpu() -> dict[str, Schema]:
    number = _either("Its number, from 0, or its name.", "integer", "string")
    return {"gpu": number, "name": _maybe(_text("Name for reading.")), **_sizes("this GPU")}


def _estimate() -> dict[str, Schema]:
    return {"low": _bytes("Low end"), "high": _bytes("High end")}


def _component() -> dict[str, Schema]:
    return {
        "id": _text("Name of the component, unique on its GPU."),
        "role": _text("What it counts as, such as weights or kv."),
        "gpu": _either("The GPU on which it lies; null: on the host.", "integer", "string", "null"),
        "bytes": _bytes("Its size"),
        "band": _maybe(_object("Where the size is an estimate; null: it is arithmetic.", _estimate())),
        "text": _maybe(_text("How the size came about.")),
        "rule": _maybe(_text("Id of the rule that derived it.")),
    }


_SIZES = "Sizes that the runtime accepts for this model and format; empty too where its heads are not known."


def _parallel() -> dict[str, Schema]:
    valid = "Whether the runtime accepts the size that the question asks for; null: none is asked, or unknown."
    return {
        "tensor_parallel_valid": _either(valid, "boolean", "null"),
        "tensor_parallel_sizes": _typed("array", _SIZES, items={"type": "integer", "minimum": 1}),
    }


def _model() -> dict[str, Schema]:
    return {
        "params_total": _maybe(_whole("Parameters, all experts counted.")),
        "bits_per_weight": _maybe(_number("Bits per weight, averaged over all parameters.")),
    }


def _speed() -> dict[str, Schema]:
    return {
        "decode_tokens_per_second": _band("Tokens per second of one sequence, with a full context."),
        "prefill_tokens_per_second": _band("Prompt tokens per second, for a prompt of a full context."),
        "time_to_first_token_s": _maybe(_number("Seconds to the first token, for the same prompt.")),
    }


def _band(description: str) -> Schema:
    parts = {name: _maybe(_number(f"{name}, in tokens per second")) for name in ("low", "typical", "high")}
    return _maybe(_object(description, parts))


def _conclusion() -> dict[str, Schema]:
    return {
        "id": _text("Name of the conclusion, unique in the answer."),
        "rule": _text("Id of the rule."),
        "severity": _choice("How grave; it ranks display, never logic.", SEVERITIES),
        "text": _text("The sentence, with its figures and their units."),
        "firing": _maybe(_text("Id of the firing in the trace.")),
    }


def _assumption() -> dict[str, Schema]:
    return {
        "field": _text("Path in the question, such as deployment.runtime."),
        "value": {"description": "What was taken, in the unit of the field."},
        "text": _text("The sentence."),
        "rule": _maybe(_text("Id of the rule that assumed it; null: a default.")),
    }


def _remedy() -> dict[str, Schema]:
    proof = "true: asked and proved; false: proposed, not asked; null: advice, nothing to ask."
    return {
        "rank": _whole("1 is the best.", minimum=1),
        "kind": _text("What sort of change it is."),
        "title": _text("The change in a few words."),
        "set": _open("Path in the question to its new value; null removes it."),
        "rule": _text("Id of the rule that proposed it."),
        "verified": _either(proof, "boolean", "null"),
        "outcome": _maybe(_object("What came out when it was asked.", _outcome())),
        "costs": _texts("What it costs, a sentence each."),
        "text": _text("Why, and how."),
        "firing": _maybe(_text("Id of the firing in the trace.")),
    }


def _outcome() -> dict[str, Schema]:
    sizes = _sizes("all GPUs together")
    return {
        "status": _choice("The verdict with the change applied.", STATUSES),
        "required_bytes": sizes["required_bytes"],
        "usable_bytes": sizes["usable_bytes"],
        "decode_tokens_per_second": _maybe(_number("Typical tokens per second of one sequence.")),
        "digest": _maybe(_text("Digest of the answer with the change applied.")),
    }


def _folder() -> dict[str, Schema]:
    return {
        "kind": _choice("What it holds.", ("rules", "facts")),
        "path": _text("Where it is."),
        "digest": _maybe(_text("SHA-256 of its content, in hex.")),
    }


def _trace() -> dict[str, Schema]:
    return {
        "facts": _list("Facts that something rests on, and those derived.", _fact(), _FACT_OPTIONAL),
        "firings": _list("Each application of a rule.", _firing()),
        "near_misses": _list("Rules that nearly fired: how often, and the nearest few.", _miss()),
    }


_FACT_OPTIONAL = ("certain", "overrides")
_CITED = ("sources",)


def _fact() -> dict[str, Schema]:
    return {
        "id": _text("Id in this trace."),
        "kind": _text("Kind of fact."),
        "label": _text("Kind and key, for reading."),
        "values": _open("Field to value as text, with its unit."),
        "given": _maybe(_object("Where it stands, if it was not derived.", _given(), _GIVEN_OPTIONAL)),
        "overrides": _list("Figures of it that later folders changed, in order.", _override(), _CITED),
        "derived_by": _texts("Ids of the firings that concluded it."),
        "certain": {"type": "boolean", "description": "False: it may change once what is unknown is known."},
    }


_GIVEN_OPTIONAL = ("sources", "confidence", "assumed")


def _given() -> dict[str, Schema]:
    return {
        **_position(),
        "sources": _sources(),
        "confidence": _maybe(_text("How sure the file is of its figures.")),
        "assumed": _texts("Fields whose value is assumed."),
    }


def _override() -> dict[str, Schema]:
    return {
        "field": _text("The field."),
        "before": _maybe(_text("Its value before, with its unit; null: nothing was said.")),
        "after": _maybe(_text("Its value now, with its unit; null: withdrawn.")),
        "reason": _text("Why, as the folder says."),
        **_position(),
        "sources": _sources(),
        "text": _text("The change in words."),
    }


def _read_override() -> dict[str, Schema]:
    return {
        "fact": _text("Kind and key of the fact."),
        **_override(),
        "rules": _texts("Ids of the rules that read the field, those that nearly fired included."),
    }


def _position() -> dict[str, Schema]:
    return {"file": _maybe(_text("File.")), "line": _maybe(_whole("Line in the file, from 1.", minimum=1))}


def _firing() -> dict[str, Schema]:
    gap = {"fact": _text("Label of the fact."), "field": _text("Field that is not known.")}
    return {
        "id": _text("Id in this trace."),
        "rule": _text("Id of the rule."),
        **_position(),
        "premises": _texts("Ids of the facts that matched."),
        "looked": _texts("Ids of the facts that sums, counts and choices went through."),
        "formulas": _texts("Each definition and condition, with names and then with numbers."),
        "concludes": _texts("Ids of the facts that it concluded."),
        "text": _text("The rule's sentence; empty where it says nothing."),
        "severity": _maybe(_choice("Severity, if the rule has one.", SEVERITIES)),
        "undetermined": _list("What was not known and kept it from concluding.", gap),
        "sources": _sources(),
    }


def _miss() -> dict[str, Schema]:
    near = {
        "premises": _texts("Ids of the facts that matched; not all of them need be in the trace."),
        "text": _text("The condition that was false, with its numbers."),
        "passed": _whole("Conditions that held before it."),
    }
    return {
        "rule": _text("Id of the rule."),
        "count": _whole("How often it nearly fired."),
        "nearest": _list("The nearest.", near),
    }


def _digests() -> dict[str, Schema]:
    return {name: _text(f"Digest of the {name}.") for name in ("question", "rules", "facts", "answer")}


def _sources() -> Schema:
    keys = {"title": _text("Title."), "url": _text("Address."), "accessed": _text("Day, as YYYY-MM-DD.")}
    cited = {"type": "object", "properties": {**keys, "quote": _text("Words or figures quoted.")}}
    items = {"anyOf": [{"type": "string"}, cited]}
    return {"type": "array", "description": "What the figures or the reasoning rest on.", "items": items}


def _object(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    items = _object("One entry.", properties, optional)
    return {"type": "array", "description": description, "items": items}


def _choice(description: str, values: tuple[str, ...]) -> Schema:
    return {"enum": list(values), "description": description}


def _either(description: str, *types: str) -> Schema:
    return {"type": list(types), "description": description}


def _bytes(description: str) -> Schema:
    return _maybe(_whole(f"{description}, in bytes; null: not known."))


def _maybe(schema: Schema) -> Schema:
    """The same or null: not known, or there is none."""
    inner = {key: value for key, value in schema.items() if key != "description"}
    return {"description": schema["description"], "anyOf": [inner, {"type": "null"}]}

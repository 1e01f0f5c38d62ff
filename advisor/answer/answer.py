"""The answer: what the derivation says, under the names of the public interface."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from advisor.answer.launch import launch
from advisor.answer.overrides import overrides_read
from advisor.answer.plain import at_least, plain, read
from advisor.answer.rule_changes import rule_changes
from advisor.answer.trace import Trace
from advisor.canonical import canonical
from advisor.expressions import Unknown
from advisor.facts.kinds import Kinds
from advisor.facts.values import Fact
from advisor.question import Question
from advisor.reasoning.outcome import Derivation, Firing
from advisor.remedies import Remedy, remedies
from advisor.rules.model import Disabled

SCHEMA = "advisor.answer/1"
SIZES = ("weights", "kv_cache", "overhead", "required", "usable")


class Answer:
    """One question answered. `to_dict` is the JSON of the public interface."""

    def __init__(
        self,
        question: Question,
        derivation: Derivation,
        kinds: Kinds,
        engine: tuple[str, str],
        digests: Mapping[str, str],
        folders: Sequence[Mapping[str, Any]] = (),
        disabled: Sequence[Disabled] = (),
    ) -> None:
        self.question = question
        self.derivation = derivation
        self.kinds = kinds
        self.engine = engine
        self._digests = dict(digests)
        self._disabled = disabled
        self._folders = [dict(folder) for folder in folders]  # beside those that ship

    @cached_property
    def trace(self) -> Trace:
        """Made when first looked at: to sort and show every firing takes longer than to derive it."""
        return Trace(self.derivation, self.kinds)

    @property
    def status(self) -> str:
        """`fits`, `tight`, `unknown`, `does-not-fit` or `cannot-run`."""
        return read(self._one("verdict"), "status") or "unknown"

    @cached_property
    def _body(self) -> dict[str, Any]:
        """All but the trace, the engine and the digests."""
        keep = [
            str(path) for fact in self.derivation.store.of("goals") for path in fact.values.get("keep", ())
        ]
        proposed, left_out = remedies(self.derivation, keep)
        return {
            "schema": SCHEMA,
            "question": json.loads(json.dumps(self.question.tables, default=float)),
            "verdict": self._verdict(),
            "memory": self._memory(),
            "model": self._model(),
            "parallel": self._parallel(),
            "speed": self._speed(),
            "run": launch(self.derivation, self._shortest),
            "conclusions": self._conclusions(),
            "assumptions": self._assumptions(),
            "remedies": [self._remedy(rank, each) for rank, each in enumerate(proposed, 1)],
            "not_asked": left_out,
        }

    @cached_property
    def _overrides(self) -> list[dict[str, Any]]:
        """Apart from the body: an answer is the same, wherever its figures stand."""
        return overrides_read(self.derivation, self.kinds)

    def to_dict(self, figures: bool = True) -> dict[str, Any]:
        """The answer as JSON has it: bytes are integers, null is what is not known.

        Without `figures` the trace holds no formulas and no values: enough for a page, and much quicker.
        """
        digest = hashlib.sha256(canonical(self._body).encode()).hexdigest()
        return {
            **self._body,
            "overrides": self._overrides,
            "rule_changes": rule_changes(self.derivation, self._disabled),
            "trace": self.trace.to_dict(figures),
            "engine": {"name": self.engine[0], "version": self.engine[1]},
            "digests": {**self._digests, "answer": digest},
            "folders": self._folders,
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def _one(self, kind: str) -> Fact | None:
        """The certain fact of a kind of which a question has one."""
        return next((fact for fact in self.derivation.store.of(kind) if fact.certain), None)

    # verdict

    def _verdict(self) -> dict[str, Any]:
        fact = self._one("verdict")
        firing = self._shortest(fact) if fact and self.status != "unknown" else None
        if firing is None:
            return {"status": self.status, "summary": self._why_unknown(), "rule": None, "firing": None}
        return {
            "status": self.status,
            "summary": firing.text,
            "rule": firing.rule.id,
            "firing": self.trace.firing_id(firing),
        }

    def _shortest(self, fact: Fact) -> Firing | None:
        return min(self.derivation.derivations(fact), key=lambda firing: firing.sort_key, default=None)

    def _why_unknown(self) -> str:
        verdicts = self.derivation.store.of("verdict")
        values = [value for fact in verdicts for value in fact.values.values() if isinstance(value, Unknown)]
        causes = sorted({cause for each in (*verdicts, *values) for cause in each.causes})
        if not causes:
            causes = sorted({cause for firing in self.derivation.firings for cause in firing.causes})
        if not causes:
            return "It cannot be told: no rule reached a verdict."
        return "It cannot be told: " + "; ".join(self._missing(*cause) for cause in causes[:3]) + "."

    def _missing(self, owner: str, field: str) -> str:
        """What a file would have to say, under the name that files use, and which rule wants it."""
        reader = self.trace.reader_of(owner, field)
        known = self.kinds[owner.partition("[")[0]].fields.get(field)
        name = " or ".join(known.written) if known else field
        return f"{owner} does not say {name}" + (f" (wanted by {reader.rule.id})" if reader else "")

    # figures

    def _memory(self) -> dict[str, Any]:
        total = self._one("memory")
        bound = at_least(total, "required")
        return {
            **{f"{name}_bytes": read(total, name) for name in (*SIZES, "shortfall")},
            **({"required_at_least_bytes": bound} if bound is not None else {}),
            "required_band": {end: read(total, end) for end in ("low", "high")} if total else None,
            "per_gpu": [self._card(card) for card in self._sorted("card_memory") if not self._on_host(card)],
            "components": [self._component(part) for part in self._sorted("component")],
            "kv_pool_bytes_per_gpu": read(self._one("kv_pool"), "bytes"),
            "kv_capacity_tokens": read(self._one("kv_pool"), "tokens"),
        }

    def _card(self, memory: Fact) -> dict[str, Any]:
        index = read(memory, "card")
        lacks = [
            fact for fact in self.derivation.store.of("insufficient_vram") if read(fact, "card") == index
        ]
        known = None not in (read(memory, "required"), read(memory, "usable"))
        shortfall = read(lacks[0], "bytes") if lacks else 0 if known else None
        name = self._card_name(index)
        sizes = {f"{size}_bytes": read(memory, size) for size in SIZES}
        return {"gpu": index, "name": name, **sizes, "shortfall_bytes": shortfall}

    def _card_name(self, index: Any) -> str | None:
        card = next((fact for fact in self.derivation.store.of("card") if read(fact, "index") == index), None)
        part = next(
            (fact for fact in self.derivation.store.of("gpu") if read(fact, "id") == read(card, "gpu")), None
        )
        return read(part, "name") or read(card, "gpu")

    def _on_host(self, part: Fact) -> bool:
        """Whether it lies on the host, which stands for a GPU where there is none."""
        cards = self.derivation.store.of("card")
        return any(
            read(card, "index") == read(part, "card") and read(card, "gpu") == "host" for card in cards
        )

    def _component(self, part: Fact) -> dict[str, Any]:
        firing = self._shortest(part)
        return {
            "id": read(part, "id"),
            "role": read(part, "role"),
            "gpu": None if self._on_host(part) else read(part, "card"),
            "bytes": read(part, "bytes"),
            "band": {name: read(part, name) for name in ("low", "high")} if "low" in part.values else None,
            "text": firing.text if firing else None,
            "rule": firing.rule.id if firing else None,
        }

    def _sorted(self, kind: str) -> list[Fact]:
        found = [fact for fact in self.derivation.store.of(kind) if fact.certain]
        return sorted(found, key=lambda fact: tuple((isinstance(part, str), part) for part in fact.key))

    def _model(self) -> dict[str, Any]:
        return {
            "params_total": read(self._one("parameters"), "total"),
            "bits_per_weight": read(self._one("weights"), "bits"),
        }

    def _parallel(self) -> dict[str, Any]:
        check = self._one("tensor_parallel_check")
        return {
            "tensor_parallel_valid": read(check, "valid"),
            "tensor_parallel_sizes": [read(fact, "ways") for fact in self._sorted("valid_split")],
        }

    def _speed(self) -> dict[str, Any]:
        prefill, workload = self._band("prefill_speed"), self._one("workload")
        rate, prompt = prefill and prefill["typical"], read(workload, "context")
        return {
            "decode_tokens_per_second": self._band("decode_speed"),
            "prefill_tokens_per_second": prefill,
            "time_to_first_token_s": prompt / rate if rate and prompt else None,
        }

    def _band(self, kind: str) -> dict[str, Any] | None:
        fact = self._one(kind)
        return {name: read(fact, name) for name in ("low", "typical", "high")} if fact else None

    # sentences

    def _conclusions(self) -> list[dict[str, Any]]:
        order = ("error", "warning", "note", "info")
        shown = {}  # what is true of several GPUs alike is said once
        for firing in self.trace.firings:
            if firing.rule.severity and firing.certain and firing.speaks and firing.rule.propose is None:
                shown.setdefault((firing.rule.id, firing.text), firing)
        counts: dict[str, int] = {}
        ranked = sorted(shown.values(), key=lambda firing: order.index(firing.rule.severity))
        return [self._conclusion(firing, counts) for firing in ranked]

    def _conclusion(self, firing: Firing, counts: dict[str, int]) -> dict[str, Any]:
        number = counts[firing.rule.id] = counts.get(firing.rule.id, 0) + 1
        return {
            "id": firing.rule.id if number == 1 else f"{firing.rule.id}#{number}",
            "rule": firing.rule.id,
            "severity": firing.rule.severity,
            "text": firing.text,
            "firing": self.trace.firing_id(firing),
        }

    def _assumptions(self) -> list[dict[str, Any]]:
        derived = [self._assumed(fact) for fact in self._sorted("assumption")]
        return sorted([*derived, *self._defaults()], key=lambda each: each["field"])

    def _assumed(self, fact: Fact) -> dict[str, Any]:
        firing = self._shortest(fact)
        value = read(fact, "value") if "value" in fact.values else read(fact, "number")
        text = firing.text if firing else ""
        return {
            "field": read(fact, "field"),
            "value": value,
            "text": text,
            "rule": firing.rule.id if firing else None,
        }

    def _defaults(self) -> list[dict[str, Any]]:
        """Fields of the question that hold their kind's default, with the reason the kind gives."""
        found = []
        for fact in self.question.facts:
            kind = self.kinds[fact.kind]
            single = kind.single and fact.given is not None
            for name in fact.given.assumed if single else ():
                field = kind.fields[name]
                path = f"{kind.name_in_config}.{next(iter(field.written))}"
                value = plain(fact.values[name])
                text = f"{path} = {json.dumps(value)}: {field.spec.why or 'the default'}."
                found.append({"field": path, "value": value, "text": text, "rule": None})
        return found

    def _remedy(self, rank: int, remedy: Remedy) -> dict[str, Any]:
        return {
            "rank": rank,
            "kind": remedy.kind,
            "title": remedy.title,
            "set": {path: plain(value) for path, value in remedy.changes.items()},
            "rule": remedy.firing.rule.id,
            "verified": remedy.verified,
            "outcome": None,
            "costs": list(remedy.costs),
            "text": remedy.firing.text,
            "firing": self.trace.firing_id(remedy.firing),
        }

"""The figures of an answer: memory, the model's size, what can be split, speed."""

from __future__ import annotations

from typing import Any

from advisor.facts.plain import at_least, read
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing

#: Kinds that the answer and `advisor accuracy` show, beside the sentences of rules that have a severity.
ANSWERED = (
    *("verdict", "memory", "card_memory", "component", "kv_pool", "insufficient_vram", "card"),
    *("parameters", "weights", "weights_part", "kv_part", "tensor_parallel_check", "valid_split"),
    *("prefill_speed", "decode_speed", "workload", "assumption"),
    *("launch", "launch_argument", "launch_note"),
    *("quality", "price", "goal_missed"),
)
SIZES = ("weights", "kv_cache", "overhead", "required", "usable")


class Figures:
    """Reads them out of a derivation: bytes are integers, None is what is not known."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation

    def one(self, kind: str) -> Fact | None:
        """The certain fact of a kind of which a question has one."""
        return next((fact for fact in self.derivation.store.of(kind) if fact.certain), None)

    def all(self, kind: str) -> list[Fact]:
        """The certain facts of a kind, in the order of their keys."""
        found = [fact for fact in self.derivation.store.of(kind) if fact.certain]
        return sorted(found, key=lambda fact: tuple((isinstance(part, str), part) for part in fact.key))

    def told_by(self, fact: Fact) -> Firing | None:
        """The firing by which a fact is explained: of several, always the same."""
        return min(self.derivation.derivations(fact), key=lambda firing: firing.sort_key, default=None)

    def memory(self) -> dict[str, Any]:
        total = self.one("memory")
        bound = at_least(total, "required")
        return {
            **{f"{name}_bytes": read(total, name) for name in (*SIZES, "shortfall")},
            **({"required_at_least_bytes": bound} if bound is not None else {}),
            "required_band": {end: read(total, end) for end in ("low", "high")} if total else None,
            "per_gpu": [self._card(card) for card in self.all("card_memory") if not self._on_host(card)],
            "components": [self._component(part) for part in self.all("component")],
            "kv_pool_bytes_per_gpu": read(self.one("kv_pool"), "bytes"),
            "kv_capacity_tokens": read(self.one("kv_pool"), "tokens"),
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
        firing = self.told_by(part)
        return {
            "id": read(part, "id"),
            "role": read(part, "role"),
            "gpu": None if self._on_host(part) else read(part, "card"),
            "bytes": read(part, "bytes"),
            "band": {name: read(part, name) for name in ("low", "high")} if "low" in part.values else None,
            "text": firing.text if firing else None,
            "rule": firing.rule.id if firing else None,
        }

    def model(self) -> dict[str, Any]:
        return {
            "params_total": read(self.one("parameters"), "total"),
            "bits_per_weight": read(self.one("weights"), "bits"),
        }

    def parallel(self) -> dict[str, Any]:
        check = self.one("tensor_parallel_check")
        return {
            "tensor_parallel_valid": read(check, "valid"),
            "tensor_parallel_sizes": [read(fact, "ways") for fact in self.all("valid_split")],
        }

    def speed(self) -> dict[str, Any]:
        prefill, workload = self._band("prefill_speed"), self.one("workload")
        rate, prompt = prefill and prefill["typical"], read(workload, "context")
        return {
            "decode_tokens_per_second": self._band("decode_speed"),
            "prefill_tokens_per_second": prefill,
            "time_to_first_token_s": prompt / rate if rate and prompt else None,
        }

    def _band(self, kind: str) -> dict[str, Any] | None:
        fact = self.one(kind)
        return {name: read(fact, name) for name in ("low", "typical", "high")} if fact else None

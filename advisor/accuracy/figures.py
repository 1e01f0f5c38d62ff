"""What an answer says of each quantity that can be measured. It only looks up what rules derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from advisor.answer.answer import Answer
from advisor.facts.plain import read
from advisor.facts.values import Fact

_VERDICTS = {"fits": True, "tight": True, "does-not-fit": False, "cannot-run": False}
_NOTHING = "no rule concludes it"
_CAUSES = 3  # missing figures to name


class Figure(NamedTuple):
    """A predicted value in base units, None where it cannot be told; `why` says what is missing then."""

    value: float | bool | None
    low: float | None = None
    high: float | None = None
    rule: str | None = None
    why: str | None = None


class Part(NamedTuple):
    """A component of memory on one device, in bytes."""

    id: str
    card: int
    figure: Figure


class Said:
    """All figures of one answer, and the components behind its total. The answer itself is let go."""

    def __init__(self, answer: Answer) -> None:
        reader = _Reader(answer)
        self.figures = {key: reader.explained(look(reader)) for key, look in _LOOK.items()}
        self.parts = reader.parts

    def total_without(self, left_out: Iterable[str]) -> Figure:
        """The whole need less these components, for sources that do not count them."""
        total = self.figures["total_bytes"]
        out = [part.figure for part in self.parts if part.id in set(left_out)]
        if total.value is None or any(figure.value is None for figure in out):
            return total._replace(value=None, low=None, high=None, why=total.why or _NOTHING)
        low, high = total.low, total.high
        if low is not None and high is not None:
            low -= sum(_end(figure, "low") for figure in out)
            high -= sum(_end(figure, "high") for figure in out)
        rest = total.value - sum(figure.value or 0 for figure in out)
        return total._replace(value=rest, low=low, high=high)


class _Reader:
    def __init__(self, answer: Answer) -> None:
        self.answer, self.store = answer, answer.derivation.store
        self.hosts = {read(card, "index") for card in self.store.of("card") if read(card, "gpu") == "host"}
        self.parts = [self._part(fact) for fact in self.store.live("component")]

    def _part(self, fact: Fact) -> Part:
        figure = self.figure(fact, "bytes")
        if figure.value is not None and "low" in fact.values:
            figure = figure._replace(low=read(fact, "low"), high=read(fact, "high"))
        return Part(str(fact.values.get("id")), fact.values.get("card"), figure)  # type: ignore[arg-type]

    def one(self, kind: str, field: str) -> Figure:
        """A field of the fact of a kind of which a question has one."""
        facts = list(self.store.live(kind))
        return self.figure(facts[0], field) if facts else Figure(None, why=_NOTHING)

    def figure(self, fact: Fact, field: str) -> Figure:
        value, rule = read(fact, field), self.rule(fact)
        if value is not None:
            return Figure(value, rule=rule)
        causes = {*fact.causes, *getattr(fact.values.get(field), "causes", ())}
        said = [f"{owner} does not say {name}" for owner, name in sorted(map(tuple, causes))]
        more = [f"and {len(said) - _CAUSES} more"] if len(said) > _CAUSES else []
        return Figure(None, rule=rule, why="; ".join([*said[:_CAUSES], *more]) or _NOTHING)

    def explained(self, figure: Figure) -> Figure:
        """Of what cannot run nothing need be said."""
        if figure.value is None and self.answer.status == "cannot-run":
            return figure._replace(why="the verdict is cannot-run")
        return figure

    def rule(self, fact: Fact) -> str | None:
        firings = self.answer.derivation.derivations(fact)
        return min(firings, key=lambda each: each.sort_key).rule.id if firings else None

    def main_rule(self, kind: str, size: Callable[[Fact], float | None]) -> str | None:
        """The rule that made most of what a sum adds up."""
        made: dict[str | None, float] = {}
        for fact in self.store.of(kind):
            rule = self.rule(fact)
            made[rule] = made.get(rule, 0) + (size(fact) or 0)
        return max(sorted(made, key=str), key=made.__getitem__, default=None)

    def weights(self, kind: str, field: str) -> Figure:
        rule = self.main_rule("weights_part", lambda part: read(part, "bytes"))
        found = self.one(kind, field)
        return found._replace(rule=rule or found.rule)

    def cache(self) -> Figure:
        rule = self.main_rule("kv_part", _weight_of)
        found = self.one("memory", "kv_cache")
        return found._replace(rule=rule or found.rule)

    def weights_per_gpu(self) -> Figure:
        facts = [fact for fact in self.store.live("card_memory") if read(fact, "card") not in self.hosts]
        figures = [self.figure(fact, "weights") for fact in facts]
        rule = self.main_rule("weights_part", lambda part: read(part, "bytes"))
        return _largest(figures)._replace(rule=rule)

    def sum_of(self, name: str) -> Figure:
        return _sum([part.figure for part in self.parts if part.id == name])

    def most_of(self, *names: str) -> Figure:
        """These components together, on the device with most of them."""
        devices: dict[int, list[Figure]] = {}
        for part in self.parts:
            if part.id in names:
                devices.setdefault(part.card, []).append(part.figure)
        return _largest([_sum(figures) for figures in devices.values()])

    def total(self) -> Figure:
        found, every = self.one("memory", "required"), _sum([part.figure for part in self.parts])
        if found.value is None or every.value is None or every.low is None or every.high is None:
            return found
        below, above = every.value - every.low, every.high - every.value
        return found._replace(low=found.value - below, high=found.value + above)

    def fits(self) -> Figure:
        found = self.one("verdict", "status")
        return found._replace(value=_VERDICTS.get(self.answer.status))

    def speed(self, kind: str) -> Figure:
        low, typical, high = (self.one(kind, field) for field in ("low", "typical", "high"))
        return typical._replace(low=low.value, high=high.value)


def _weight_of(part: Fact) -> float:
    """By which parts of the cache are ranked; no figure is made of it."""
    return (read(part, "per_token") or 0) * (read(part, "cells") or 0)


def _sum(figures: Sequence[Figure]) -> Figure:
    """Their sum and the sum of their bands, with the rule of the largest; unknown if any of them is."""
    unknown = next((figure for figure in figures if figure.value is None), None)
    if unknown or not figures:
        return unknown or Figure(None, why=_NOTHING)
    rule = max(figures, key=lambda each: each.value or 0).rule
    total = sum(figure.value or 0 for figure in figures)
    if all(figure.low is None for figure in figures):
        return Figure(total, rule=rule)
    low, high = (sum(_end(figure, name) for figure in figures) for name in ("low", "high"))
    return Figure(total, low, high, rule)


def _end(figure: Figure, name: str) -> float:
    """An end of the band; what has none is exact."""
    end = getattr(figure, name)
    return figure.value or 0 if end is None else end


def _largest(figures: Sequence[Figure]) -> Figure:
    unknown = next((figure for figure in figures if figure.value is None), None)
    return unknown or max(figures, key=lambda each: each.value or 0, default=Figure(None, why=_NOTHING))


#: Where an answer says it, for each quantity.
_LOOK: dict[str, Callable[[_Reader], Figure]] = {
    "params_total": lambda reader: reader.one("parameters", "total"),
    "weights_bytes": lambda reader: reader.weights("memory", "weights"),
    "weights_bytes_per_gpu": _Reader.weights_per_gpu,
    "bits_per_weight": lambda reader: reader.weights("weights", "bits"),
    "kv_cache_bytes": _Reader.cache,
    "kv_cache_bytes_per_gpu": lambda reader: reader.one("kv_pool", "bytes"),
    "kv_tokens": lambda reader: reader.one("kv_pool", "tokens"),
    "recurrent_state_bytes": lambda reader: reader.sum_of("recurrent state"),
    "compute_buffer_bytes": lambda reader: reader.sum_of("compute buffer"),
    "activation_bytes": lambda reader: reader.most_of("activations"),
    "non_torch_bytes": lambda reader: reader.most_of("context", "communication"),
    "cuda_graph_bytes": lambda reader: reader.most_of("cuda graphs"),
    "total_bytes": _Reader.total,
    "fits": _Reader.fits,
    "tensor_parallel_valid": lambda reader: reader.one("tensor_parallel_check", "valid"),
    "decode_tokens_per_second": lambda reader: reader.speed("decode_speed"),
    "decode_at_depth": lambda reader: reader.speed("decode_speed"),
    "prefill_tokens_per_second": lambda reader: reader.speed("prefill_speed"),
}

"""The figures by which answers are compared: bytes, tokens per second, seconds; None is what is not known."""

from __future__ import annotations

from typing import Any, NamedTuple

from advisor.answer.answer import Answer
from advisor.remedies.outcome import outcome_of


class KeyFigure(NamedTuple):
    """`unit` is the unit in which it is shown; a `band` has the keys low, typical and high."""

    name: str
    column: str
    label: str
    unit: str
    meaning: str
    band: bool = False

    @property
    def whole(self) -> bool:
        return self.name.endswith("_bytes") or self.name == "params_total"


_ALL = "on whatever device, in bytes"
KEY_FIGURES = (
    KeyFigure("weights_bytes", "weights", "Weights", "GiB", f"All weights, {_ALL}."),
    KeyFigure("kv_cache_bytes", "kv_cache", "KV cache", "GiB", f"All of the KV cache, {_ALL}."),
    KeyFigure("overhead_bytes", "overhead", "Overhead", "GiB", "All else, in bytes."),
    KeyFigure("required_bytes", "required", "Required", "GiB", "Needed on all GPUs together, in bytes."),
    KeyFigure("usable_bytes", "usable", "Usable", "GiB", "Usable on all GPUs together, in bytes."),
    KeyFigure("shortfall_bytes", "short_by", "Short by", "GiB", "Missing, summed over the GPUs, in bytes."),
    KeyFigure(
        "spare_bytes", "spare", "Spare", "GiB", "Left on the fullest device, in bytes; below 0: lacking."
    ),
    KeyFigure("decode_tokens_per_second", "decode", "Decode", "tok/s", "Of one sequence.", True),
    KeyFigure("prefill_tokens_per_second", "prefill", "Prefill", "tok/s", "Of a full context.", True),
    KeyFigure("time_to_first_token_s", "first_token", "First token", "s", "Seconds, for a full context."),
    KeyFigure(
        "bits_per_weight", "bits_per_weight", "Bits per weight", "bit", "Averaged over all parameters."
    ),
    KeyFigure("params_total", "parameters", "Parameters", "billion", "All experts counted."),
)


def key_figures(answer: Answer) -> dict[str, Any]:
    """Each figure of an answer by its name."""
    told = {
        **answer.figures.memory(),
        **answer.figures.speed(),
        **answer.figures.model(),
        "spare_bytes": outcome_of(answer.derivation.store).spare,
    }
    return {figure.name: told[figure.name] for figure in KEY_FIGURES}

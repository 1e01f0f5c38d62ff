"""The quantities that a case may have measured: what each means and how it is shown. No figures."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from advisor.units import BYTE, show, unit

#: Said beside a prefill speed and not scored: the length of its prompt.
PROMPT = "prefill_tokens"
UNKNOWN = "-"


class Key(NamedTuple):
    """One quantity. `form` is number, truth, or depths: a list of speeds, each with its depth."""

    name: str
    meaning: str
    unit: str | None
    form: str = "number"


def _bytes(name: str, meaning: str) -> Key:
    return Key(name, meaning, "B")


KEYS = {
    key.name: key
    for key in (
        Key("params_total", "parameters of the model", "parameter"),
        _bytes("weights_bytes", "weights, wherever they lie"),
        _bytes("weights_bytes_per_gpu", "weights on the GPU that holds most of them"),
        Key("bits_per_weight", "average over the whole file", "bit/weight"),
        _bytes("kv_cache_bytes", "KV cache of all sequences, wherever it lies"),
        _bytes("kv_cache_bytes_per_gpu", "what the runtime gives the KV cache on one GPU"),
        Key("kv_tokens", "tokens for which the whole deployment has room", "token"),
        _bytes("recurrent_state_bytes", "state of linear-attention layers"),
        _bytes("compute_buffer_bytes", "llama.cpp: compute buffers of all devices"),
        _bytes("activation_bytes", "activations on the GPU with most of them"),
        _bytes("non_torch_bytes", "driver context and communication, on the GPU with most"),
        _bytes("cuda_graph_bytes", "CUDA graphs on the GPU with most of them"),
        _bytes("total_bytes", "all that the process holds on the GPUs"),
        Key("fits", "it ran, or it was out of memory", None, "truth"),
        Key("tensor_parallel_valid", "the runtime accepts this split", None, "truth"),
        Key("decode_tokens_per_second", "decoding, one sequence", "tok/s"),
        Key("decode_at_depth", "decoding with tokens already in the cache", "tok/s", "depths"),
        Key("prefill_tokens_per_second", "reading a prompt", "tok/s"),
    )
}


def shown(key: Key, value: Any) -> str:
    """A value of this key for readers, with its unit; a list in the order of its depths."""
    if value is None:
        return UNKNOWN
    if key.form == "truth":
        return "yes" if value else "no"
    if isinstance(value, list):
        each = [shown(key, one) for one in value]
        tail = f" {key.unit}" if key.unit else ""
        return ", ".join(one.removesuffix(tail) for one in each) + tail
    if key.unit == "B":
        return show(Fraction(value), None, BYTE)
    return show(Fraction(value), unit(str(key.unit)))


def percent(share: float | None) -> str:
    """A share of one as per cent, with one decimal."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"

"""Memory as tables in Markdown: what is needed and usable, on all GPUs and each, and of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from advisor.answer.text.figures import Table, gib
from advisor.markdown import code, inside, table

_SIZES = ("weights", "kv_cache", "overhead", "required", "usable")
_TOTALS = ("", "weights", "KV cache", "overhead", "required", "usable", "")
_COMPONENTS = ("role", "component", "where", "size", "estimate", "rule")


def memory_tables(memory: Table) -> Iterator[str]:
    if memory:
        yield table(_TOTALS, _totals(memory))
    told = " ".join(_more(memory))
    if told:
        yield told
    rows = list(_components(memory.get("components") or []))
    if rows:
        yield table(_COMPONENTS, rows)


def _totals(memory: Table) -> Iterator[list[str]]:
    """What all devices hold, then what each GPU does; equal ones side by side in one row."""
    whole = _total("all", memory)
    yield [whole[0], _held(memory, "weights"), _held(memory, "kv_cache"), *whole[3:]]
    for _, found in groupby(memory.get("per_gpu") or [], lambda one: {**one, "gpu": None}):
        group = list(found)
        name = group[0].get("name")
        yield _total(_gpus(group) + (f" ({inside(str(name))})" if name else ""), group[0])


def _total(name: str, one: Table) -> list[str]:
    return [name, *(gib(one.get(f"{size}_bytes")) for size in _SIZES), _balance(one)]


def _held(memory: Table, name: str) -> str:
    """What lies on the GPUs, and what does not, of a part that counts wherever it lies."""
    whole = memory.get(f"{name}_bytes")
    sizes = [one.get(f"{name}_bytes") for one in memory.get("per_gpu") or []] or [whole]
    if whole is None or None in sizes:
        return gib(whole)
    here = sum(sizes)
    return gib(here) + (f" and {gib(whole - here)} off the GPUs" if whole > here else "")


def _balance(one: Table) -> str:
    short, required, usable = (one.get(f"{name}_bytes") for name in ("shortfall", "required", "usable"))
    if short:
        return f"**short by {gib(short)}**"
    return f"{gib(usable - required)} free" if None not in (required, usable) else ""


def _more(memory: Table) -> Iterator[str]:
    """Bounds of what is required, and the room for the cache."""
    least = memory.get("required_at_least_bytes")
    if memory.get("required_bytes") is None and least:
        yield f"At least {gib(least)} are required."
    if _between(memory.get("required_band")):
        yield f"Required by estimate: {_between(memory.get('required_band'))}."
    tokens, pool = memory.get("kv_capacity_tokens"), memory.get("kv_pool_bytes_per_gpu")
    room = [f"{tokens:,} tokens"] if tokens is not None else []
    room += [f"{gib(pool)} per GPU"] if pool is not None else []
    if room:
        yield f"Room for KV cache: {', '.join(room)}."


def _components(components: Sequence[Table]) -> Iterator[list[str]]:
    """A row each; those that are alike on several GPUs are one."""
    alike: dict[str, list[Table]] = {}
    for one in components:
        alike.setdefault(repr({**one, "gpu": one["gpu"] is None, "text": None}), []).append(one)
    for group in alike.values():
        one = group[0]
        where = "off the GPUs" if one["gpu"] is None else _gpus(group)
        estimate = _between(one.get("band")) or ("yes" if one.get("band") else "")
        rule = code(one["rule"]) if one.get("rule") else ""
        yield [inside(one["role"]), code(one["id"]), where, gib(one["bytes"]), estimate, rule]


def _gpus(group: Sequence[Table]) -> str:
    return f"GPU {', '.join(inside(str(one['gpu'])) for one in group)}" + (", each" if len(group) > 1 else "")


def _between(band: Any) -> str:
    """The ends of an estimate, where it has two."""
    low, high = (band or {}).get("low"), (band or {}).get("high")
    return f"{gib(low)} to {gib(high)}" if low != high and None not in (low, high) else ""

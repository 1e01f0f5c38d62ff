"""Memory as a bar: what is needed, part by part, against what can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.text import Text

from advisor.answer.text.figures import Table, gib
from advisor.answer.text.page import Page

_PARTS = (
    ("weights", "Weights", "blue"),
    ("kv_cache", "KV cache", "cyan"),
    ("overhead", "Overhead", "magenta"),
)
_NAMES = ("weights", "kv_cache", "overhead", "required", "usable", "shortfall")


@dataclass(frozen=True)
class Need:
    """What one GPU, or all of them together, must hold; None where it is not known."""

    weights: int | None
    kv_cache: int | None
    overhead: int | None
    required: int | None
    usable: int | None
    shortfall: int | None

    @classmethod
    def of(cls, table: Table) -> Need:
        return cls(*(table.get(f"{name}_bytes") for name in _NAMES))

    @property
    def parts(self) -> list[tuple[str, int, str]]:
        """Name, size and style of each part that is known, or of the whole where the parts do not add up."""
        if self.in_one:
            return [("required", self.required or 0, "blue")]
        return [(name, getattr(self, name) or 0, style) for name, _, style in _PARTS]

    @property
    def in_one(self) -> bool:
        """Whether the total is known and the parts do not explain it."""
        known = sum(getattr(self, name) or 0 for name, *_ in _PARTS)
        return self.required is not None and known != self.required

    @property
    def known(self) -> int:
        return sum(size for _, size, _ in self.parts)

    @property
    def scale(self) -> int:
        return max(self.known, self.usable or 0)


def write_memory(page: Page, memory: Table, explain: bool = False) -> None:
    whole, rows = Need.of(memory), list(memory.get("per_gpu") or [])
    groups = [list(group) for _, group in groupby(rows, Need.of)]
    page.heading("Memory", *([_each(groups[0])] if len(rows) > 1 and len(groups) == 1 else []))
    if len(groups) > 1:
        _write_gpus(page, groups)
    else:
        _write_bar(page, Need.of(_together(memory, rows)))
    _write_legend(page, memory, rows)
    _write_totals(page, memory, whole, Need.of(_together(memory, rows)).in_one)
    _write_capacity(page, memory)
    if explain:
        _write_components(page, memory)


def _each(group: Sequence[Table]) -> str:
    need = Need.of(group[0])
    return f"{len(group)} GPUs, each {gib(need.required)} of {gib(need.usable)} usable"


def _together(memory: Table, rows: Sequence[Table]) -> dict[str, Any]:
    """The whole, with those weights and that cache only which lie on the GPUs."""
    return dict(memory) | {key: _sum(rows, key) for key, *_ in _keys() if rows}


def _keys() -> list[tuple[str, str, str]]:
    return [(f"{name}_bytes", name, label) for name, label, _ in _PARTS]


def _sum(rows: Sequence[Table], key: str) -> int | None:
    sizes = [row.get(key) for row in rows]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _write_gpus(page: Page, groups: Sequence[Sequence[Table]]) -> None:
    """A bar for each GPU, or for each run of equal ones, all to one scale."""
    scale = max(Need.of(group[0]).scale for group in groups)
    for group in groups:
        need = Need.of(group[0])
        spare = f", short by {gib(need.shortfall)}" if need.shortfall else ""
        figures = f": {gib(need.required)} of {gib(need.usable)} usable{spare}"
        page.paragraph(f"{_gpu_names(group)}{figures}", indent=2)
        _write_bar(page, need, scale)


def _gpu_names(group: Sequence[Table]) -> str:
    first, last = (_gpu_name(row) for row in (group[0], group[-1]))
    if len(group) == 1:
        return first
    if first == last:
        return f"{len(group)} GPUs {first}, each"
    return f"{first} to {last}, each"


def _gpu_name(row: Table) -> str:
    gpu = row.get("gpu")
    return str(row.get("name") or (gpu if isinstance(gpu, str) else f"GPU {gpu}"))


def _write_bar(page: Page, need: Need, scale: int = 0) -> None:
    if scale := scale or need.scale:
        page.line(Text("  ") + _bar(page, need, scale, page.width - 5))


def _bar(page: Page, need: Need, scale: int, cells: int) -> Text:
    """The parts in order; free room up to the limit, or the overflow beyond it."""
    filled = [(page.glyph(name), style) for name, style in _filled(need, scale, cells)]
    if need.usable is None:
        return page.text(*_runs(filled))
    limit = round(need.usable * cells / scale)
    if need.known > need.usable:
        limit = min(limit, len(filled) - 1)
    rest = page.glyph("unknown" if need.required is None else "free")
    filled += [(rest, "dim")] * (limit - len(filled))
    over = [(glyph, "red") for glyph, _ in filled[limit:]]
    return page.text(*_runs(filled[:limit]), (page.glyph("limit"), "bold"), *_runs(over))


def _runs(cells: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Equal neighbours as one, so that a coloured bar is few escape sequences."""
    return [("".join(glyph for glyph, _ in run), kind[1]) for kind, run in groupby(cells)]


def _filled(need: Need, scale: int, cells: int) -> list[tuple[str, str]]:
    """One entry a cell. Every part shows; what rounding adds or takes, the largest bears."""
    sizes = {part: max(1, round(part[1] * cells / scale)) for part in need.parts if part[1]}
    if sizes:
        largest = max(sizes, key=lambda part: part[1])
        sizes[largest] += max(round(need.known * cells / scale), len(sizes)) - sum(sizes.values())
    return [(name, style) for (name, _, style), size in sizes.items() for _ in range(size)]


def _write_legend(page: Page, memory: Table, rows: Sequence[Table]) -> None:
    here = _together(memory, rows)
    items = []
    for (key, name, label), (_, _, style) in zip(_keys(), _PARTS, strict=True):
        size, away = here.get(key), (memory.get(key) or 0) - (here.get(key) or 0)
        shown = size if size is not None else memory.get(key)
        rest = f" and {gib(away)} off the GPUs" if size is not None and away > 0 else ""
        items.append(page.text((page.glyph(name), style), f" {label} {gib(shown)}{rest}"))
    page.flow(items, indent=2)


def _write_totals(page: Page, memory: Table, whole: Need, in_one: bool) -> None:
    least = memory.get("required_at_least_bytes")
    needed = f"at least {gib(least)}" if whole.required is None and least else gib(whole.required)
    needed += _between(memory.get("required_band"))
    items = [page.text((f"{page.glyph('required')} " if in_one else "", "blue"), f"Required {needed}")]
    items.append(page.text((page.glyph("limit"), "bold"), f" Usable {gib(whole.usable)}"))
    if whole.shortfall:
        items.append(page.text((f"Short by {gib(whole.shortfall)}", "bold red")))
    elif whole.required is not None and whole.usable is not None:
        items.append(page.text((page.glyph("free"), "dim"), f" Free {gib(whole.usable - whole.required)}"))
    page.flow(items, indent=2)


def _between(band: Table | None) -> str:
    """The ends of an estimate, where it has two."""
    low, high = (band or {}).get("low"), (band or {}).get("high")
    return f" ({gib(low)} to {gib(high)} by estimate)" if low != high and None not in (low, high) else ""


def _write_capacity(page: Page, memory: Table) -> None:
    pool, tokens = memory.get("kv_pool_bytes_per_gpu"), memory.get("kv_capacity_tokens")
    if not pool and not tokens:
        return
    room = [f"{tokens:,} tokens"] if tokens is not None else []
    room += [f"{gib(pool)} per GPU"] if pool is not None else []
    page.paragraph(f"Room for KV cache: {', '.join(room)}", indent=2)


def _write_components(page: Page, memory: Table) -> None:
    for part in memory.get("components") or []:
        where = "off the GPUs" if part.get("gpu") is None else _gpu_name({"gpu": part["gpu"]})
        band = _between(part.get("band"))
        head = f"{gib(part.get('bytes'))}{band} {part.get('id')} ({part.get('role')}, {where})"
        why = f": {part['text']}" if part.get("text") else ""
        rule = (f" [{part.get('rule')}]", "dim")
        page.paragraph(head, why, rule, indent=2, lead=page.glyph("bullet"))

"""The question as it was understood, and what was assumed where it says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.answer.text.figures import Table, measure, plain
from advisor.answer.text.page import Page

#: Shown in words; every other field that was given shows under its own name.
_WORDED = (
    ("runtime", "Runtime", ""),
    ("weights", "Weights", ""),
    ("kv_cache", "KV cache", ""),
    ("context", "Context", " tokens"),
    ("concurrency", "Sequences", " at once"),
)
_NAMES = ("name", "id", "config", "gguf")


def write_question(page: Page, answer: Table) -> None:
    question = answer.get("question") or {}
    model = answer.get("model") or {}
    items = [*_subject(page, question, _parameters(model)), *_deployment(question, _bits(model))]
    if not items:
        return
    page.heading("Asked")
    page.flow([page.text((f"{label}: ", "dim"), value) for label, value in items], indent=2)


def _subject(page: Page, question: Table, size: str) -> Iterator[tuple[str, str]]:
    model, hardware = _table(question, "model"), _table(question, "hardware")
    if model:
        yield "Model", _name(model) + size
    devices = hardware.get("device") or [hardware] if hardware else []
    named = [_device(page, one) for one in devices if isinstance(one, dict)]
    if any(named):
        yield "GPU", " + ".join(filter(None, named))


def _table(question: Table, name: str) -> dict[str, Any]:
    found = question.get(name)
    return dict(found) if isinstance(found, dict) else {}


def _name(table: Any) -> str:
    """What a reader calls it; a table with figures and no name is shown as such."""
    if not isinstance(table, dict):
        return plain(table)
    return next((plain(table[key]) for key in _NAMES if table.get(key)), "by its own figures")


def _device(page: Page, device: Table) -> str:
    if device.get("gpu") is None:
        return ""
    count = device.get("count", 1)
    times = "" if count == 1 else f"{plain(count)} {page.glyph('times')} "
    return times + _name(device["gpu"])


def _parameters(model: Table) -> str:
    known = model.get("params_total")
    return "" if known is None else f", {measure(known, 'billion')} parameters"


def _bits(model: Table) -> str:
    known = model.get("bits_per_weight")
    return "" if known is None else f", {measure(known, 'bit/weight')}"


def _deployment(question: Table, bits: str) -> Iterator[tuple[str, str]]:
    deployment = _table(question, "deployment")
    for field, label, suffix in _WORDED:
        if deployment.get(field) is not None:
            yield label, plain(deployment[field]) + (bits if field == "weights" else suffix)
    yield from _others(deployment, {field for field, *_ in _WORDED})
    yield from _others(_table(question, "hardware"), {"gpu", "count", "device"})
    yield from ((f"goal {field}", value) for field, value in _others(_table(question, "goals"), set()))


def _others(table: Table, shown: set[str]) -> Iterator[tuple[str, str]]:
    left = {field: value for field, value in table.items() if field not in shown and value is not None}
    return ((field, plain(value)) for field, value in left.items())


def write_assumptions(page: Page, answer: Table) -> None:
    for one in answer.get("assumptions") or []:
        field, text = one.get("field") or "", one.get("text") or ""
        said = text or f"{field} = {plain(one.get('value'))}"
        name = f" ({field})" if field and field not in said else ""
        page.paragraph(said, (name, "dim"), indent=2, lead=("Assumed:", "dim"))

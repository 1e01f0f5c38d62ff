"""What is said of remedies and of what came out when they were asked: the same words on every page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.answer.text.figures import Table, gib, measure, rate, short_digest

GOOD, BAD = ("fits", "tight"), ("does-not-fit", "cannot-run")
_TO = "\u2013"


def words(status: str | None) -> str:
    return (status or "unknown").replace("-", " ")


def nothing(search: Table) -> str:
    """Why there is no remedy."""
    asked = search.get("asked") or 0
    return f"{asked} changes were asked, and none works." if asked else "No rule proposes a change."


def outcome_words(outcome: Table, explain: bool = False) -> Iterator[str]:
    """The verdict and the figures of a remedy that works."""
    if outcome.get("status"):
        yield words(outcome["status"])
    if outcome.get("required_bytes") is not None:
        yield f"{gib(outcome['required_bytes'])} of {gib(outcome.get('usable_bytes'))} usable"
    if outcome.get("spare_bytes") is not None:
        yield f"{gib(outcome['spare_bytes'])} to spare on the fullest device"
    if _decode(outcome):
        yield _decode(outcome)
    if outcome.get("prefill_tokens_per_second") is not None:
        yield f"{measure(outcome['prefill_tokens_per_second'], 'tok/s')} prefill"
    if explain and outcome.get("digest"):
        yield f"answer {short_digest(outcome['digest'])}"


def short_of(outcome: Table) -> str:
    """What came of a change that is not enough."""
    if outcome.get("refused"):
        return str(outcome["refused"])
    short = f", short by {gib(outcome['shortfall_bytes'])}" if outcome.get("shortfall_bytes") else ""
    slow = f", {_decode(outcome)}" if outcome.get("status") in GOOD and _decode(outcome) else ""
    return f"{words(outcome.get('status'))}{short}{slow}"


def milder_words(milder: Table) -> str:
    """The step before the one that works, and what came of it."""
    step = ", ".join(f"{path.rpartition('.')[2]} {value}" for path, value in milder["set"].items())
    return f"{step}: {short_of(milder)}."


def price_words(outcome: Table) -> str:
    price = outcome.get("price") or {}
    by = ", ".join(str(price[name]) for name in ("text", "as_of") if price.get(name))
    return f"{price['usd_per_hour']:,.2f} USD/h ({by})" if price.get("usd_per_hour") is not None else ""


def quality_words(outcome: Table) -> str:
    quality = outcome.get("quality") or {}
    bits = f"{quality['bits']:.3g} bits per weight" if quality.get("bits") is not None else ""
    return "; ".join(str(part) for part in (bits, quality.get("text")) if part)


def _decode(outcome: Table) -> str:
    band: Any = outcome.get("decode_band") or outcome.get("decode_tokens_per_second")
    return "" if band is None else f"{rate(band, _TO)} decode"

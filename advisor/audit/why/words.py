"""What every page of a proof says around its trees."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.answer.text.figures import Table, short_digest
from advisor.answer.text.remedies import words

_NAMED = 12
_TOLD = ("conclusion", "rule")  # whose text is that of the firing that is shown


def heading(found: Table) -> str:
    """What is proved: `Verdict: does not fit`, `Conclusion memory.usable`, `Fact f3: memory`."""
    subject = found["subject"]
    if subject["is"] == "verdict":
        return f"Verdict: {words(found['verdict']['status'])}"
    if subject["is"] == "remedy":
        return f"{subject['id'].capitalize()}: {subject['text']}"
    text = "" if subject["is"] in _TOLD else f": {subject['text']}"
    return f"{subject['is'].capitalize()} {subject['id']}{text}"


def introduction(found: Table) -> Iterator[str]:
    """What no tree says: why there is no verdict, and which firings are not shown."""
    subject = found["subject"]
    unknown = subject["is"] == "verdict" and found["verdict"]["status"] == "unknown"
    if unknown:
        yield subject["text"]
    names = subject["others"]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    if names:
        what = "Others that came upon what is missing" if unknown else "The rule also fired as"
        yield f"{what}: {', '.join(names[:_NAMED])}{more}."


def agreement(proof: Table) -> str:
    """Whether the changed question has the answer that the remedy told."""
    digest = short_digest(proof["digest"])
    told = f"Asked with these changes: {words(proof['status'])} (answer {digest}"
    if proof["digest"] == proof["promised"]:
        return f"{told}, as the remedy says)."
    return f"{told}). The remedy says {short_digest(proof['promised'])}: this is another answer."

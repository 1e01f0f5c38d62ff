"""`advisor.why/1`: the proof of one thing that an answer says, as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from advisor.answer.answer import Answer
from advisor.answer.proof import FIRING, Node, Proofs, entries, told
from advisor.answer.text.figures import Table
from advisor.answer.text.trace import Trace
from advisor.audit.why.select import Subject

SCHEMA = "advisor.why/1"


class Again(Protocol):
    """Asks the question of an answer again, with these values in these fields."""

    def __call__(self, values: Mapping[str, Any]) -> Answer: ...


def why(answer: Table, subject: Subject, again: Again, depth: int | None = None) -> dict[str, Any]:
    """The proof of a subject of the answer (`Answer.to_dict()`), cut after `depth` derivations.

    That of a remedy is that of its proposals, and below it that of the verdict on the changed question.
    """
    remedy = subject.remedy
    title = "Why it is proposed" if remedy else None
    proofs = [_proof(answer, subject.roots, depth, title)]
    if remedy and remedy["verified"]:
        changed = again(remedy["set"]).to_dict()
        root = (FIRING, changed["verdict"]["firing"])
        more = {"set": remedy["set"], "promised": remedy["outcome"]["digest"]}
        proofs.append(_proof(changed, [root], depth, "What comes of it") | more)
    return {
        "schema": SCHEMA,
        "subject": {
            "is": subject.what,
            "id": subject.id,
            "text": subject.text,
            "others": list(subject.others),
        },
        "verdict": {name: answer["verdict"][name] for name in ("status", "summary")},
        "digest": answer["digests"]["answer"],
        "depth": depth,
        "proofs": proofs,
    }


def _proof(answer: Table, roots: Sequence[Node], depth: int | None, title: str | None) -> dict[str, Any]:
    """Trees over one answer. `promised` is the digest that it should have, where one was told before."""
    proofs = Proofs(Trace(answer), depth)
    lines = [line for root in roots for line in proofs.tree(root)]
    return {
        "title": title,
        "set": {},
        "status": answer["verdict"]["status"],
        "digest": answer["digests"]["answer"],
        "promised": None,
        "lines": [told(line) for line in lines],
        **entries(proofs, lines),
    }

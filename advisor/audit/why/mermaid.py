"""A proof as a Mermaid flowchart, as GitHub draws it: facts are boxes, given ones rounded, rules hexagons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from advisor.answer.proof import FACT
from advisor.answer.proof_words import fact_values
from advisor.answer.text.figures import Table
from advisor.answer.text.page import neutral
from advisor.audit.why.words import heading

_MOST_ARROWS, _MOST_SIGNS = 500, 50_000  # what Mermaid draws where nobody configured it, such as on GitHub
_LONGEST = 100
_UNSAFE = re.compile(r"[^\w .,:/=()]|_|[.)](?= )", re.ASCII)  # with what makes a list in Markdown
_STYLES = ("classDef given fill:#e6f4ea,stroke:#137333", "classDef rule fill:#e8f0fe,stroke:#1a73e8")


def to_mermaid(found: Table) -> str:
    """Each node and each arrow on a line of its own."""
    lines = [line for n, proof in enumerate(found["proofs"]) for line in _proof(proof, f"p{n}")]
    body = ["flowchart BT", f"%% {_safe(heading(found))}", *lines, *_STYLES]
    arrows, signs = sum(" --> " in line or " -.-> " in line for line in body), sum(map(len, body)) + len(body)
    if arrows >= _MOST_ARROWS or signs > _MOST_SIGNS:
        told = f"{arrows:,} arrows and {signs:,} characters: GitHub draws fewer than {_MOST_ARROWS} arrows"
        body.insert(1, f"%% {told} and at most {_MOST_SIGNS:,} characters. --depth makes it smaller.")
    return "\n".join(body) + "\n"


def _proof(proof: Table, name: str) -> Iterator[str]:
    if proof["title"]:
        yield f'subgraph {name}["{_safe(proof["title"])}"]'
    facts, firings = ({one["id"]: one for one in proof[each]} for each in ("facts", "firings"))
    above: dict[tuple[str, int], str] = {}
    for line in proof["lines"]:
        node = f"{name}_{line['is']}_{_word(line['id'])}"
        if not line["again"]:
            yield (
                _fact(node, facts[line["id"]], line)
                if line["is"] == FACT
                else _rule(node, firings[line["id"]])
            )
        yield from _arrow(node, line, above)
        above[line["is"], line["level"]] = node
    if proof["title"]:
        yield "end"


def _arrow(node: str, line: Table, above: dict[tuple[str, int], str]) -> Iterator[str]:
    """From what a thing rests on to it; dotted where a sum, a count or a choice went through it."""
    if line["as"] == "by":
        yield f"{node} --> {above[FACT, line['level']]}"
    elif line["as"] != "subject":
        arrow = "-.->" if line["as"] == "looked" else "-->"
        yield f"{node} {arrow} {above['firing', line['level'] - 1]}"


def _fact(node: str, fact: Table, line: Table) -> str:
    below = line["below"]
    cut = f"<br/>({below['firings']:,} rule applications below)" if below else ""
    label = f'"{_safe(fact["label"] + fact_values(fact))}{cut}"'
    return f"{node}([{label}]):::given" if fact["given"] else f"{node}[{label}]"


def _rule(node: str, firing: Table) -> str:
    said = f"<br/>{_safe(firing['text'])}" if firing["text"] else ""
    return f'{node}{{{{"{_safe(firing["rule"])}{said}"}}}}:::rule'


def _safe(words: str) -> str:
    """Text in a label or a comment: signs that might mean something are written by their number."""
    line = neutral(words)
    short = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return _UNSAFE.sub(lambda sign: f"#{ord(sign[0])};", short)


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII)

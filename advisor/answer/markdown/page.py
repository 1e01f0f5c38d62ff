"""An answer in Markdown, for a ticket or a pull request. It shows only what the answer's JSON holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from advisor.answer.markdown.memory import memory_tables
from advisor.answer.markdown.remedies import remedy_parts
from advisor.answer.prose_page import paragraphs, tie
from advisor.answer.remedy_words import words
from advisor.answer.text.figures import Table, measure, place, plain, rate, short_digest
from advisor.answer.text.trace import Trace, by_severity
from advisor.markdown import begun, block, code, inside, table, text

_ASKING = 3  # rules to name that ask for one missing figure


def to_markdown(answer: Table) -> str:
    return "\n\n".join(_page(answer)) + "\n"


def _page(answer: Table) -> Iterator[str]:
    verdict = answer.get("verdict") or {}
    yield f"## {inside(words(verdict.get('status')).upper())}: {inside(verdict.get('summary') or '')}"
    yield from _prose(answer)
    sections = (
        ("Memory", _memory(answer)),
        ("Speed", _speed(answer.get("speed") or {})),
        ("Asked", _asked(answer)),
        ("Run it", _run(answer.get("run") or {})),
        ("Not known", _missing(answer)),
        ("Findings", _findings(answer)),
        ("What you can do", remedy_parts(answer)),
        ("Changed by your folders", _changes(answer)),
    )
    for title, parts in sections:
        found = list(parts)
        yield from ([f"### {title}", *found] if found else ())
    yield from _foot(answer)


def _prose(answer: Table) -> Iterator[str]:
    """The summary, but for the verdict's own sentence, which is the heading."""
    for lead, sentences in paragraphs(answer):
        rest = [one for one in sentences if one["part"] != "verdict"]
        told = [f"{inside(one['text'])} ({code(tie(answer, one))})" for one in rest]
        if told:
            yield f"**{lead}**: {' '.join(told)}" if lead else begun(" ".join(told))


def _memory(answer: Table) -> Iterator[str]:
    """Of what cannot run whatever the memory, nothing is told."""
    if (answer.get("verdict") or {}).get("status") != "cannot-run":
        yield from memory_tables(answer.get("memory") or {})


def _speed(speed: Table) -> Iterator[str]:
    bands = ((name, speed.get(f"{name}_tokens_per_second")) for name in ("decode", "prefill"))
    rows = [[name, *_band(band)] for name, band in bands if band]
    first = speed.get("time_to_first_token_s")
    if first is not None:
        rows.append(["first token", measure(first, "s"), ""])
    if rows:
        yield table(("speed", "typical", "between"), rows)


def _band(band: Table) -> list[str]:
    low, typical, high = (band.get(name) for name in ("low", "typical", "high"))
    between = "" if None in (low, high) else rate({"low": low, "high": high}, "\u2013")
    return [measure(typical, "tok/s"), between]


def _asked(answer: Table) -> Iterator[str]:
    """The question field by field; what nobody said is marked as assumed."""
    rows = [[code(path), _value(value), "asked"] for path, value in _fields(answer.get("question") or {})]
    for one in answer.get("assumptions") or []:
        rows.append([code(one["field"]), _value(one["value"]), f"**assumed**: {inside(one['text'])}"])
    if rows:
        yield table(("field", "value", "asked or assumed"), rows)


def _fields(question: Table) -> Iterator[tuple[str, Any]]:
    for name, found in question.items():
        inner = found.items() if isinstance(found, dict) else [("", found)]
        yield from ((f"{name}.{key}".rstrip("."), value) for key, value in inner)


def _value(value: Any) -> str:
    return inside(plain(value))


def _run(run: Table) -> Iterator[str]:
    if run.get("command"):
        yield block("sh", [run["command"]])
    yield from _bullets(text(note) for note in run.get("notes") or [])


def _missing(answer: Table) -> Iterator[str]:
    """Of an unknown verdict: which figure to supply."""
    unknown = (answer.get("verdict") or {}).get("status") == "unknown"
    rows = [[inside(gap), _rules(rules)] for gap, rules in Trace(answer).missing().items()] if unknown else []
    if rows:
        yield table(("figure", "wanted by"), rows)


def _rules(rules: Sequence[str]) -> str:
    more = f" and {len(rules) - _ASKING} more rules" if len(rules) > _ASKING else ""
    return ", ".join(map(code, rules[:_ASKING])) + more


def _findings(answer: Table) -> Iterator[str]:
    rows = [[inside(one["severity"]), inside(one["text"]), code(one["rule"])] for one in by_severity(answer)]
    if rows:
        yield table(("severity", "finding", "rule"), rows)


def _changes(answer: Table) -> Iterator[str]:
    """Overlays in effect, with the reasons that they give."""
    changes = [*(answer.get("rule_changes") or []), *(answer.get("overrides") or [])]
    yield from _bullets(f"{text(one['text'])} ({code(place(one))})" for one in changes)


def _bullets(lines: Iterator[str]) -> Iterator[str]:
    found = [f"- {line}" for line in lines]
    if found:
        yield "\n".join(found)


def _foot(answer: Table) -> Iterator[str]:
    """Folders, digests and the engine: what the answer rests on."""
    told = [_folder(one) for one in answer.get("folders") or []]
    digests = (answer.get("digests") or {}).items()
    told += [f"{inside(name)} {code(short_digest(digest))}" for name, digest in digests]
    engine: Sequence[Any] = list((answer.get("engine") or {}).values())
    told += [f"engine {inside(' '.join(map(str, engine)))}"] if engine else []
    kept = answer.get("record")
    if kept:
        yield f"Recorded in {code(kept['file'])}; the SHA-256 of its body is {code(kept['sha256'])}."
    yield "Rests on: " + ", ".join(told)


def _folder(folder: Table) -> str:
    pack = folder.get("pack")
    of = f" (pack {inside(pack['name'])} {inside(pack['version'])})" if pack else ""
    return f"{inside(folder.get('kind'))} folder {code(str(folder.get('path')))}{of}"

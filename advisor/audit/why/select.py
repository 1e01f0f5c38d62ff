"""What a text that somebody typed means in an answer: a conclusion, a fact, a rule, a figure, a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from advisor.answer.proof import FACT, FIRING, Node
from advisor.answer.smallest import number
from advisor.answer.text.figures import Table
from advisor.answer.text.trace import Trace
from advisor.errors import InputError, Problem, did_you_mean

_SHOWN = 12
#: Of which facts the figures of an answer are made.
_SIZES = ("weights", "kv_cache", "overhead", "required", "usable", "shortfall")
_FIGURES = {
    **{f"{name}_bytes": ("memory",) for name in _SIZES},
    **dict.fromkeys(("kv_pool_bytes_per_gpu", "kv_capacity_tokens"), ("kv_pool",)),
    **{"params_total": ("parameters",), "bits_per_weight": ("weights",)},
    "decode_tokens_per_second": ("decode_speed",),
    "prefill_tokens_per_second": ("prefill_speed",),
    "time_to_first_token_s": ("prefill_speed", "workload"),
}
_REMEDY = re.compile(r"remedy[- ]?(\d+)", re.IGNORECASE)


class Subject(NamedTuple):
    """What is to be proved. `others` are ids of firings that would do as well, and are not shown.

    `what` is verdict, conclusion, rule, firing, fact, component, figure or remedy.
    """

    what: str
    id: str
    text: str
    roots: tuple[Node, ...]
    others: tuple[str, ...] = ()
    remedy: Table | None = None


def _begins(word: str) -> re.Pattern[str]:
    """The beginning of a word, or a whole number: `2` is not in 72.0, nor in 24,576."""
    before, after = (
        (r"(?<![^\W_])(?<!\d[.,])", r"(?![.,]?\d)") if word[:1].isdigit() else (r"(?<![^\W_])", "")
    )
    return re.compile(f"{before}{re.escape(word)}{after}", re.IGNORECASE)


def asks_for_remedy(said: str) -> bool:
    return _REMEDY.fullmatch(said) is not None


class Finder:
    """Looks through one answer (`Answer.to_dict()`), the exact names first."""

    def __init__(self, answer: Table) -> None:
        self.answer, self.trace = answer, Trace(answer)
        self._labels: dict[str, list[str]] = {}
        for name, fact in self.trace.facts.items():
            self._labels.setdefault(fact["label"], []).append(name)
        self._rules: dict[str, list[str]] = {}
        for name in sorted(self.trace.firings, key=number):
            self._rules.setdefault(self.trace.firings[name]["rule"], []).append(name)

    def find(self, said: str) -> list[Subject]:
        """What the text means, as a name or else as words."""
        return self.named(said) or self.worded(said)

    def named(self, said: str) -> list[Subject]:
        """What is called so."""
        ways = (self._by_id, self._conclusion, self._rule, self._label)
        return self._first(said, *ways, self._component, self._remedy, self._figure, self._rule_name)

    def worded(self, said: str) -> list[Subject]:
        """What has these words: what the answer says, or else the names that stand in its trace."""
        return self._first(said, self._sentences, self._entries)

    def _first(self, said: str, *ways: Callable[[str], Iterable[Subject]]) -> list[Subject]:
        """Of the first way to read it that finds something, all that it finds."""
        said = " ".join(said.split())
        return next((found for way in ways if (found := list(way(said)))), [])

    def verdict(self) -> Subject:
        """What decided; where that is unknown, the rules that wanted what is missing."""
        verdict = self.answer["verdict"]
        text = verdict["summary"]
        if verdict.get("firing"):
            return Subject("verdict", "verdict", text, ((FIRING, verdict["firing"]),))
        first, others = self._wanting()
        return Subject("verdict", "verdict", text, tuple((FIRING, one) for one in first), others)

    def _wanting(self) -> tuple[list[str], tuple[str, ...]]:
        """Of each missing figure the first firing that came upon it, and the other firings that did."""
        near = [one["id"] for one in self.trace.chain(self.trace.verdict)]
        gaps: dict[tuple[str, str], list[str]] = {}
        for name in sorted(near or self.trace.firings, key=number):
            for gap in self._gaps(name) - self._passed_on(name):
                gaps.setdefault(gap, []).append(name)
        first = list(dict.fromkeys(names[0] for _, names in sorted(gaps.items())))
        rest = {name for names in gaps.values() for name in names} - set(first[:_SHOWN])
        return first[:_SHOWN], tuple(sorted(rest, key=number))

    def _gaps(self, firing: str) -> set[tuple[str, str]]:
        return {(gap["fact"], gap["field"]) for gap in self.trace.firings[firing]["undetermined"]}

    def _passed_on(self, firing: str) -> set[tuple[str, str]]:
        """What was missing already where its premises were concluded."""
        return set().union(*(self._gaps(reason) for reason in self.trace.reasons(firing)))

    def _by_id(self, said: str) -> Iterator[Subject]:
        if said in ("verdict", "verdict.status", "verdict.summary"):
            yield self.verdict()
        elif said in self.trace.firings:
            yield self._firing(said)
        elif said in self.trace.facts:
            yield self._fact(said)

    def _conclusion(self, said: str) -> Iterator[Subject]:
        yield from (self._concluded(one) for one in self.answer["conclusions"] if one["id"] == said)

    def _rule(self, said: str) -> Iterator[Subject]:
        if said in self._rules:
            yield self._fired(said)

    def _rule_name(self, said: str) -> Iterator[Subject]:
        """Its name without the topic."""
        yield from (self._fired(rule) for rule in self._rules if rule.partition(".")[2] == said)

    def _label(self, said: str) -> Iterator[Subject]:
        yield from map(self._fact, self._labels.get(said, ()))

    def _component(self, said: str) -> Iterator[Subject]:
        for name, fact in self.trace.facts.items():
            if fact["kind"] == "component" and fact["values"].get("id") == said:
                yield self._fact(name)._replace(what="component")

    def _remedy(self, said: str) -> Iterator[Subject]:
        found = _REMEDY.fullmatch(said)
        for one in self.answer["remedies"]:
            if (found and one["rank"] == int(found[1])) or one["title"].casefold() == said.casefold():
                yield self._proposed(one)

    def _figure(self, said: str) -> Iterator[Subject]:
        """`memory.required_bytes`, or without its table."""
        kinds = _FIGURES.get(said.rpartition(".")[2], ())
        roots = [(FACT, fact) for kind in kinds for fact in self._labels.get(kind, ())]
        if roots:
            text = ", ".join(self.trace.facts[name]["label"] for _, name in roots)
            yield Subject("figure", said, text, tuple(roots))

    def _sentences(self, said: str) -> Iterator[Subject]:
        conclusions, remedies = self.answer["conclusions"], self.answer["remedies"]
        yield from self._with_words(
            said,
            *((f"{one['id']} {one['text']}", self._concluded(one)) for one in conclusions),
            *((one["title"], self._proposed(one)) for one in remedies),
        )

    def _entries(self, said: str) -> Iterator[Subject]:
        facts = ((label, self._fact(name)) for label, names in self._labels.items() for name in names)
        yield from self._with_words(said, *((rule, self._fired(rule)) for rule in self._rules), *facts)

    def _with_words(self, said: str, *among: tuple[str, Subject]) -> Iterator[Subject]:
        """Those with all words; what has one proof with something before it is meant already."""
        words, seen = [_begins(word) for word in said.split()], set()
        for text, subject in among:
            roots = tuple(map(self._proof_of, subject.roots)) if subject.remedy is None else (subject.id,)
            if words and roots not in seen and all(word.search(text) for word in words):
                seen.add(roots)
                yield subject

    def _proof_of(self, node: Node) -> Node:
        known = self.trace.derivations(node[1]) if node[0] == FACT else []
        return (FIRING, known[0]) if known else node

    def names(self) -> list[str]:
        """What can be typed to mean something here."""
        conclusions = [one["id"] for one in self.answer["conclusions"]]
        return list(dict.fromkeys([*conclusions, *self._rules, *self._labels, *_FIGURES]))

    # subjects

    def _firing(self, name: str) -> Subject:
        return Subject("firing", name, self.trace.firings[name]["rule"], ((FIRING, name),))

    def _concluded(self, one: Table) -> Subject:
        others = tuple(name for name in self._rules[one["rule"]] if name != one["firing"])
        return Subject("conclusion", one["id"], one["text"], ((FIRING, one["firing"]),), others)

    def _fired(self, rule: str) -> Subject:
        first, *others = self._rules[rule]
        return Subject("rule", rule, self.trace.firings[first]["text"], ((FIRING, first),), tuple(others))

    def _fact(self, name: str) -> Subject:
        return Subject("fact", name, self.trace.facts[name]["label"], ((FACT, name),))

    def _proposed(self, one: Table) -> Subject:
        parts = one.get("parts") or [{"firing": one["firing"]}]
        roots = tuple(dict.fromkeys((FIRING, part["firing"]) for part in parts))
        return Subject("remedy", f"remedy-{one['rank']}", one["title"], roots, (), one)


def rule_called(said: str, rules: Iterable[str]) -> str | None:
    """The rule of that id, or of that name without its topic."""
    return next((one for one in rules if said in (one, one.partition(".")[2])), None)


def one_of(found: Sequence[Subject], said: str, finder: Finder, rules: Iterable[str]) -> Subject:
    """The one that was found. Raises InputError where there are several, or none; `rules` are all ids."""
    if len(found) == 1:
        return found[0]
    if found:
        listed = [
            _short(": ".join(filter(None, [f"{one.what} {one.id}", one.text]))) for one in found[:_SHOWN]
        ]
        more = [f"and {len(found) - _SHOWN:,} more"] if len(found) > _SHOWN else []
        hint = "\n".join([*listed, *more, "Say more of one of them, or its id."])
        raise InputError([Problem("several", f"{said} may mean {len(found):,} things", hint)])
    rule = rule_called(said, rules)
    if rule:
        text = f"{rule} did not fire, so there is nothing to prove"
        raise InputError([Problem("not-fired", text, f"`advisor why-not … {rule}` says why.")])
    if said.rpartition(".")[2] in _FIGURES:
        kinds = " and ".join(_FIGURES[said.rpartition(".")[2]])
        raise InputError([Problem("no-figure", f"{said} is not known here: no rule concluded {kinds}")])
    names: list[Any] = [*finder.names(), *rules]
    raise InputError(
        [Problem("not-found", f"nothing in the answer is called {said}", did_you_mean(said, names))]
    )


def _short(text: str, most: int = 76) -> str:
    return text if len(text) <= most else f"{text[:most]}…"

"""The answer: what the derivation says, under the names of the public interface."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from advisor.answer.figures import Figures
from advisor.answer.launch import launch
from advisor.answer.overrides import overrides_read
from advisor.answer.remedies import told_remedies
from advisor.answer.rule_changes import rule_changes
from advisor.answer.summary import summary
from advisor.answer.trace import Trace
from advisor.canonical import canonical
from advisor.expressions import Unknown
from advisor.facts.kinds import Kinds
from advisor.facts.plain import plain, read
from advisor.facts.values import Fact
from advisor.question import Question
from advisor.reasoning.outcome import Derivation, Firing
from advisor.remedies.find import Remedies
from advisor.rules.model import Disabled

SCHEMA = "advisor.answer/1"
SEVERITIES = ("error", "warning", "note", "info")


class Answer:
    """One question answered. `to_dict` is the JSON of the public interface."""

    def __init__(
        self,
        question: Question,
        derivation: Derivation,
        kinds: Kinds,
        engine: tuple[str, str],
        digests: Mapping[str, str],
        folders: Sequence[Mapping[str, Any]] = (),
        disabled: Sequence[Disabled] = (),
        remedies: Remedies | None = None,
    ) -> None:
        self.question = question
        self.derivation = derivation
        self.figures = Figures(derivation)
        self.kinds = kinds
        self.engine = engine
        self.remedies = remedies  # None: they were not looked for
        self._digests = dict(digests)
        self._disabled = disabled
        self._folders = [dict(folder) for folder in folders]  # beside those that ship

    @cached_property
    def trace(self) -> Trace:
        """Made when first looked at: to sort and show every firing takes longer than to derive it."""
        return Trace(self.derivation, self.kinds)

    @property
    def status(self) -> str:
        """`fits`, `tight`, `unknown`, `does-not-fit` or `cannot-run`."""
        return read(self.figures.one("verdict"), "status") or "unknown"

    @cached_property
    def said(self) -> dict[str, Any]:
        """What it says of the question as it stands: all that its digest is taken of."""
        return {
            "schema": SCHEMA,
            "question": json.loads(json.dumps(self.question.tables, default=float)),
            "verdict": self._verdict(),
            "memory": self.figures.memory(),
            "model": self.figures.model(),
            "parallel": self.figures.parallel(),
            "speed": self.figures.speed(),
            "run": launch(self.derivation, self.figures.told_by),
            "conclusions": self._conclusions(),
            "assumptions": self._assumptions(),
        }

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(canonical(self.said).encode()).hexdigest()

    @cached_property
    def _overrides(self) -> list[dict[str, Any]]:
        """Apart from what is said: an answer is the same, wherever its figures stand."""
        return overrides_read(self.derivation, self.kinds)

    def to_dict(self, figures: bool = True) -> dict[str, Any]:
        """The answer as JSON has it: bytes are integers, null is what is not known.

        Without `figures` the trace holds no formulas and no values: enough for a page, and much quicker.
        """
        verdict = self._deciding
        firings = [verdict and self.trace.firing_id(verdict), *map(self.trace.firing_id, self._speaking)]
        told = {
            **self.said,
            "verdict": {**self.said["verdict"], "firing": firings[0]},
            "conclusions": [
                {**one, "firing": firing}
                for one, firing in zip(self.said["conclusions"], firings[1:], strict=True)
            ],
            **told_remedies(self.remedies, self.trace),
            "overrides": self._overrides,
            "rule_changes": rule_changes(self.derivation, self._disabled),
            "trace": self.trace.to_dict(figures),
            "engine": {"name": self.engine[0], "version": self.engine[1]},
            "digests": {**self._digests, "answer": self.digest},
            "folders": self._folders,
        }
        return {**told, "summary": summary(told, self._places)}

    @property
    def _places(self) -> dict[str, str | None]:
        """By rule, where in the prose its sentence stands."""
        speaking = [*self._speaking, *(self.remedies.advice if self.remedies else ())]
        return {firing.rule.id: firing.rule.prose for firing in speaking}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    # verdict

    @cached_property
    def _deciding(self) -> Firing | None:
        """The firing that decided."""
        fact = self.figures.one("verdict")
        return self.figures.told_by(fact) if fact and self.status != "unknown" else None

    def _verdict(self) -> dict[str, Any]:
        firing = self._deciding
        if firing is None:
            return {"status": self.status, "summary": self._why_unknown(), "rule": None}
        return {"status": self.status, "summary": firing.text, "rule": firing.rule.id}

    def _why_unknown(self) -> str:
        verdicts = self.derivation.store.of("verdict")
        values = [value for fact in verdicts for value in fact.values.values() if isinstance(value, Unknown)]
        causes = sorted({cause for each in (*verdicts, *values) for cause in each.causes})
        if not causes:
            causes = sorted({cause for firing in self.derivation.firings for cause in firing.causes})
        if not causes:
            return "It cannot be told: no rule reached a verdict."
        return "It cannot be told: " + "; ".join(self._missing(*cause) for cause in causes[:3]) + "."

    def _missing(self, owner: str, field: str) -> str:
        """What a file would have to say, under the name that files use, and which rule wants it."""
        reader = self.trace.reader_of(owner, field)
        known = self.kinds[owner.partition("[")[0]].fields.get(field)
        name = " or ".join(known.written) if known else field
        return f"{owner} does not say {name}" + (f" (wanted by {reader.rule.id})" if reader else "")

    # sentences

    @cached_property
    def _speaking(self) -> list[Firing]:
        """Those whose sentence is shown; what is true of several GPUs alike is said once."""
        shown: dict[tuple[str, str], Firing] = {}
        concluding = [each for each in self.derivation.firings if each.rule.severity and each.certain]
        for firing in sorted(concluding, key=lambda each: each.sort_key):
            if firing.speaks and firing.rule.propose is None:
                shown.setdefault((firing.rule.id, firing.text), firing)
        return sorted(shown.values(), key=lambda firing: SEVERITIES.index(firing.rule.severity))

    def _conclusions(self) -> list[dict[str, Any]]:
        counts: dict[str, int] = {}
        return [self._conclusion(firing, counts) for firing in self._speaking]

    def _conclusion(self, firing: Firing, counts: dict[str, int]) -> dict[str, Any]:
        number = counts[firing.rule.id] = counts.get(firing.rule.id, 0) + 1
        return {
            "id": firing.rule.id if number == 1 else f"{firing.rule.id}#{number}",
            "rule": firing.rule.id,
            "severity": firing.rule.severity,
            "text": firing.text,
        }

    def _assumptions(self) -> list[dict[str, Any]]:
        derived = [self._assumed(fact) for fact in self.figures.all("assumption")]
        return sorted([*derived, *self._defaults()], key=lambda each: each["field"])

    def _assumed(self, fact: Fact) -> dict[str, Any]:
        firing = self.figures.told_by(fact)
        value = read(fact, "value") if "value" in fact.values else read(fact, "number")
        text = firing.text if firing else ""
        return {
            "field": read(fact, "field"),
            "value": value,
            "text": text,
            "rule": firing.rule.id if firing else None,
        }

    def _defaults(self) -> list[dict[str, Any]]:
        """Fields of the question that hold their kind's default, with the reason the kind gives."""
        found = []
        for fact in self.question.facts:
            kind = self.kinds[fact.kind]
            single = kind.single and fact.given is not None
            for name in fact.given.assumed if single else ():
                field = kind.fields[name]
                path = f"{kind.name_in_config}.{next(iter(field.written))}"
                value = plain(fact.values[name])
                text = f"{path} = {json.dumps(value)}: {field.spec.why or 'the default'}."
                found.append({"field": path, "value": value, "text": text, "rule": None})
        return found

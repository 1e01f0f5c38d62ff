"""What a test wants of a rule, beside what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from advisor.documents import Document
from advisor.errors import did_you_mean
from advisor.expressions import Type, Unknown, Value, show_value
from advisor.facts.kinds import Kinds
from advisor.facts.models import read_fields
from advisor.reasoning.outcome import Derivation, Firing
from advisor.rules.model import Rule

FIRING = "firing"
_OF_FIRINGS = ("fires", "propose", "unknown")
_NEAREST = 3
_TRUTH = Type("boolean", ())


@dataclass(frozen=True)
class Wanted:
    """A row of `expect` or `reject`: the kind of a fact, or a firing, and the fields that matter."""

    what: str
    values: Mapping[str, Value]

    def is_met_by(self, outcome: Outcome) -> bool:
        return self.what == outcome.what and not self.differs(outcome)

    def differs(self, outcome: Outcome) -> list[str]:
        """The fields that matter and are not as wanted."""
        return [name for name, value in self.values.items() if not _equal(outcome.values.get(name), value)]


@dataclass(frozen=True)
class Outcome:
    """A fact that the rule wrote, or one of its firings, with all that can be asked of it."""

    what: str
    values: Mapping[str, Value]
    text: str = ""


@dataclass(frozen=True)
class Outline:
    """One of these as it is shown: fields with their units; for those that differ, what was wanted."""

    what: str
    fields: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, str] = field(default_factory=dict)
    text: str = ""  # the sentence of a firing

    def __str__(self) -> str:
        shown = [f"{name} = {value}{self._wanted(name)}" for name, value in self.fields.items()]
        sentence = [f"“{self.text}”"] if self.text else []
        return f"{self.what}: {', '.join([*shown, *sentence])}" if shown or sentence else self.what

    def _wanted(self, name: str) -> str:
        return f" (wanted {self.differs[name]})" if name in self.differs else ""


@dataclass(frozen=True)
class Mismatch:
    """One thing that is wrong with a test. Where it was compared: what it wants, and what came instead."""

    code: str
    text: str
    wanted: Outline | None = None
    derived: tuple[Outline, ...] = ()
    because: tuple[str, ...] = ()  # why nothing came: near misses


def wanted(row: Mapping[str, Any], rule: Rule, kinds: Kinds) -> tuple[Wanted, list[str]]:
    """One row, and what makes it something that this rule can never derive."""
    if "fact" not in row:
        return _of_firings(row, rule)
    name, fields = row["fact"], {key: each for key, each in row.items() if key not in ("fact", "unknown")}
    written = list(dict.fromkeys(conclusion.kind for conclusion in rule.conclude))
    if name not in written:
        hint = did_you_mean(str(name), written) or f"It writes {' and '.join(written) or 'no fact'}."
        return Wanted(str(name), {}), [f"the rule writes no {name}. {hint}"]
    values, problems = read_fields(kinds[name], fields, Document("test", {}, ""), None)
    texts = [" ".join(filter(None, [f"{name}: {each.text}.", each.hint])) for each in problems]
    return Wanted(name, {**values, "unknown": row.get("unknown", False)}), texts


def _of_firings(row: Mapping[str, Any], rule: Rule) -> tuple[Wanted, list[str]]:
    texts = [f"`{key}` says nothing without `fact`" for key in row if key not in _OF_FIRINGS]
    if row.get("fires") is not True and "propose" not in row:
        texts.append("write `fires = true`, `propose = …` or `fact = …`")
    if "propose" in row and (rule.propose is None or rule.propose.kind != row["propose"]):
        texts.append(f"the rule never proposes {row['propose']}")
    unknown = {"unknown": False} if "propose" in row else {}
    return Wanted(FIRING, {**unknown, **row}), texts


def _equal(found: Value | None, value: Value) -> bool:
    if isinstance(found, Unknown):
        return False
    return found == value and isinstance(found, bool) == isinstance(value, bool)


def mismatches(
    wants: Sequence[Wanted], refuses: Sequence[Wanted], derivation: Derivation, kinds: Kinds
) -> Iterator[Mismatch]:
    """What is wanted and was not derived, and what was and must not be."""
    outcomes = [each for firing in derivation.firings for each in _outcomes(firing)]
    for want in wants:
        if not any(map(want.is_met_by, outcomes)):
            yield _missing(want, outcomes, derivation, kinds)
    for refused in refuses:
        for each in filter(refused.is_met_by, outcomes):
            shown, found = _outline(refused, kinds), _whole(each, kinds)
            text = f"{shown} must not be derived, and was: {found}"
            yield Mismatch("derived", text, shown, (found,))


def unsaid(text: str | None, derivation: Derivation) -> Iterator[Mismatch]:
    """What `because` must say, and does not."""
    sentences = [firing.text for firing in derivation.firings if firing.text]
    if text and not any(text in sentence for sentence in sentences):
        found = tuple(Outline("sentence", text=sentence) for sentence in sentences[:_NEAREST])
        yield _instead("not-said", Outline("sentence", text=text), found, derivation)


def _missing(want: Wanted, outcomes: Sequence[Outcome], derivation: Derivation, kinds: Kinds) -> Mismatch:
    """The nearest of what came, or what came of another sort, or why nothing did."""
    alike = [outcome for outcome in outcomes if outcome.what == want.what]
    alike.sort(key=lambda outcome: len(want.differs(outcome)))
    derived = [_outline(want, kinds, each) for each in alike] or [_whole(each, kinds) for each in outcomes]
    return _instead("not-derived", _outline(want, kinds), tuple(derived[:_NEAREST]), derivation)


def _instead(code: str, want: Outline, derived: tuple[Outline, ...], derivation: Derivation) -> Mismatch:
    because = () if derived else _why(derivation)
    came = "; ".join(map(str, derived)) or f"nothing ({'; '.join(because)})"
    return Mismatch(code, f"expected {want}, derived {came}", want, derived, because)


def _why(derivation: Derivation) -> tuple[str, ...]:
    """Why nothing fired: what held the rule back, the nearest first."""
    if derivation.firings:
        return ("it fired and says nothing",)
    nearest = sorted(derivation.misses, key=lambda miss: miss.sort_key)
    return tuple(dict.fromkeys(miss.text for miss in nearest))[:_NEAREST] or ("the facts given do not match",)


def _outcomes(firing: Firing) -> Iterator[Outcome]:
    unknown = bool(firing.causes)
    proposed = {"propose": firing.rule.propose.kind} if firing.rule.propose else {}
    yield Outcome(FIRING, {"fires": True, **proposed, "unknown": unknown}, firing.text)
    for fact in firing.concluded:
        yield Outcome(fact.kind, {**fact.values, "unknown": unknown})


def _outline(want: Wanted, kinds: Kinds, outcome: Outcome | None = None) -> Outline:
    """The fields that matter: as wanted, or as they came."""
    values = outcome.values if outcome else want.values
    differs = want.differs(outcome) if outcome else []
    names = [name for name in want.values if name != "unknown" or want.values[name] or name in differs]
    wanted = {name: _shown(want.what, name, want.values[name], kinds) for name in differs}
    fields = {name: _shown(want.what, name, values.get(name), kinds) for name in names}
    return Outline(want.what, fields, wanted, outcome.text if outcome else "")


def _whole(outcome: Outcome, kinds: Kinds) -> Outline:
    """All that it says."""
    names = [name for name, value in outcome.values.items() if name != "unknown" or value]
    fields = {name: _shown(outcome.what, name, outcome.values[name], kinds) for name in names}
    return Outline(outcome.what, fields, {}, outcome.text)


def _shown(what: str, name: str, value: Value | None, kinds: Kinds) -> str:
    """As TOML has it, exactly; and as readers have it, where it has a unit."""
    type_ = kinds[what].fields[name].type if what in kinds and name in kinds[what].fields else _TRUTH
    if value is None:
        return "absent"
    if isinstance(value, Unknown):
        return show_value(value, type_)
    measured = type_.numeric and type_.dimension
    return f"{_toml(value)} = {show_value(value, type_)}" if measured else _toml(value)


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Fraction) and Fraction(str(float(value))) != value:
        return f"{value.numerator}/{value.denominator}"
    return str(value if isinstance(value, int) else float(value))

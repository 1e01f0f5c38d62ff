"""What the rules of one question may cost: counted in steps, so that every machine stops at the same place.

A step is about a microsecond of this package's own work: a fact looked at, a few signs of an expression.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from advisor.errors import Problem, ReasoningError
from advisor.expressions import Unknown
from advisor.facts.values import Fact
from advisor.rules.model import Formula, Pattern, Rule, Sentence, Test

MAX_STEPS = 30_000_000  # of all rules in one question: a usual one takes 100,000, 1,024 GPUs 4,000,000
MAX_CAUSES = 4096  # missing figures on which one conclusion hangs
APPLYING = 50  # to bind the facts that match, to keep what came of it and to tell it
SIGNS = 8  # of an expression, for one step
READING = 40  # a text from end to end
SHOWING = 25  # a value in a sentence
_HINT = "Say more with `on` and `is`, so that fewer facts match or are looked at; or say less in a sentence."


class Prices:
    """What one application of a rule costs, and what it costs to look at one fact; reckoned when needed."""

    def __init__(self) -> None:
        self._rules: dict[int, int] = {}
        self._patterns: dict[int, int] = {}

    def rule(self, rule: Rule) -> int:
        price = self._rules.get(id(rule))
        if price is None:
            spoken = SHOWING * sum(map(_slots, rule.sentences))
            price = self._rules[id(rule)] = APPLYING + spoken + sum(map(_price, _formulas(rule)))
        return price

    def pattern(self, pattern: Pattern, formula: Formula | None) -> int:
        price = self._patterns.get(id(pattern))
        if price is None:
            tests = [test.formula for test in pattern.where]
            price = self._patterns[id(pattern)] = 1 + sum(map(_price, [*tests, *([formula] * bool(formula))]))
        return price


class Budget:
    """The steps of one question. Every method raises ReasoningError once there are no more."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._spent: Counter[Rule] = Counter()
        self._left = self._before = MAX_STEPS

    def begin(self, rule: Rule) -> None:
        """From here on this rule pays."""
        if self._left != self._before:
            self._book()
        self._rule = rule

    def _book(self) -> None:
        self._spent[self._rule] += self._before - self._left
        self._before = self._left

    def apply(self, causes: int) -> None:
        """One application, to facts of which so many missing figures are known to matter."""
        self.spend(self._prices.rule(self._rule) * (1 + causes // 16))

    def look(self, pattern: Pattern, facts: int, formula: Formula | None = None) -> None:
        """A pattern held against facts, and a formula evaluated for each."""
        self.spend(facts * self._prices.pattern(pattern, formula))

    def hang(self, causes: int) -> None:
        """A conclusion that hangs on so many missing figures."""
        if causes > MAX_CAUSES:
            text = f"{self._rule.id} concludes what hangs on more than {MAX_CAUSES:,} missing figures"
            raise ReasoningError([_problem("too-many-unknown", text, self._rule)])
        self.spend(4 * causes)

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise ReasoningError([self._over()])

    def _over(self) -> Problem:
        self._book()
        worst, steps = max(self._spent.items(), key=lambda each: (each[1], each[0].id))
        text = f"{worst.id} takes {steps:,} of the {MAX_STEPS:,} steps that all rules have in one question"
        return _problem("too-many-steps", text, worst)


def causes_in(facts: Iterable[Fact]) -> int:
    """How many missing figures stand behind what these facts say."""
    unknown = (value for fact in facts for value in fact.values.values() if type(value) is Unknown)
    return sum(len(value.causes) for value in unknown)


def _formulas(rule: Rule) -> Iterator[Formula]:
    for step in rule.steps:
        if isinstance(step, Test) or (step.formula and step.pattern is None):
            yield step.formula
    for conclusion in rule.conclude:
        yield from conclusion.fields.values()


def _slots(sentence: Sentence) -> int:
    return sum(1 for piece in sentence.template.pieces if not isinstance(piece, str))


def _price(formula: Formula) -> int:
    """`month_of` and `version_of` read texts from end to end."""
    return 2 + len(formula.source) // SIGNS + READING * formula.source.count("_of")


def _problem(code: str, text: str, rule: Rule) -> Problem:
    return Problem(code, text, _HINT, rule.file, rule.line)

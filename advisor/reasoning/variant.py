"""A question derived from another one that differs in a few facts.

Layer by layer, only those rules are applied anew that look at something that has changed: a fact that came,
a fact that is gone, a field that says something else. What they conclude is compared with what they concluded
before, and where it is the same the change goes no further.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from advisor.expressions import Unknown
from advisor.facts.store import Store
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Derivation, Firing, Instead, latest
from advisor.reasoning.reasoner import Run
from advisor.rules.footprint import Change, concerned, rematched
from advisor.rules.model import Rule

if TYPE_CHECKING:
    from advisor.reasoning.reasoner import Session

Name = tuple[str, tuple[Any, ...]]  # kind and key


class Entangled(Exception):
    """What changes cannot be told from what stays: the question has to be derived from its beginning."""


class Variant(Run):
    """A derivation that begins with another one. Facts of the base are shared, and never changed."""

    def __init__(self, session: Session, base: Derivation, wanted: frozenset[str]) -> None:
        super().__init__(session, Store(base.store))
        self.base, self.wanted = base, wanted
        self.rulebook = session.reasoner.rulebook
        self.changed: dict[str, list[Change]] = {}
        self.anew: set[str] = set()  # rules that are applied anew
        self.own: set[int] = set()  # facts of this derivation alone, by identity
        self.layers = session.reasoner.layers
        self.doubted = set(base.store.clouded)  # kinds of which something was in doubt: it is not compared
        self.perhaps: dict[int, dict[str, Rule]] = {}  # by layer: rules that read what has changed
        self.again: dict[int, dict[str, Rule]] = {}  # by layer: rules that write what was taken away
        self.touched: set[str] = set()  # kinds that hold only what is concluded up to now
        self.gone: dict[Name, Fact] = {}  # facts of the base that nothing concludes any more, or not yet
        self.out: set[int] = set()  # the same, by identity
        self.instead: Instead = {}
        self.stay: list[tuple[Rule, tuple[Fact, ...]]] = []  # matches of this layer that need no engine
        self.anew_matched: list[Rule] = []
        self.due: dict[int, list[Fact]] = {}  # by the layer after which they are gone if they are not back

    def begin(self, facts: Iterable[Fact]) -> None:
        before = {(fact.kind, fact.key): fact for fact in self.base.given}
        now = {(fact.kind, fact.key): fact for fact in facts}
        same = {name: fact for name, fact in before.items() if name in now and _alike(fact, now[name])}
        self.given = [same.get(name, fact) for name, fact in now.items()]
        lost = [fact for name, fact in before.items() if name not in same]
        if len(before) < len(self.base.given) or any(map(self.base.derivations, lost)):
            raise Entangled
        self._withdraw(lost)
        self.store.clouded = set()
        for kind in sorted(self.doubted):
            self._touch(kind, 0)
        came = [fact for name, fact in now.items() if name not in same]
        for fact in came:
            if self.store.holder(fact) or self.store.add(fact):
                raise Entangled
            self.own.add(id(fact))
        self.case.offer(self.given)
        self._compare(came, lost)

    def finish(self, layer: int, rules: Sequence[Rule]) -> None:
        moved = [rule for rule in self.perhaps.get(layer, {}).values() if self._moves(rule)]
        if moved and layer in self.rulebook.circular:
            raise Entangled
        self.anew.update(rule.id for rule in moved)
        for kind in sorted({each.kind for rule in moved for each in rule.conclude} - self.touched):
            self._touch(kind, layer)
        for rule in self.again.get(layer, {}).values():
            if rule.id not in self.anew:
                self._take_over(rule)
        before = len(self.firings)
        if moved:
            self.anew_matched = [rule for rule in moved if not self._stays(rule)]
            super().finish(layer, moved)
        came = [fact for firing in self.firings[before:] for fact in firing.concluded]
        self._compare(came, self.due.pop(layer, ()))

    def _stays(self, rule: Rule) -> bool:
        """Whether what matched the rule still does: then it is taken as it was, with what facts say now."""
        if rematched(self.rulebook.joins[rule.id], self.changed):
            return False
        matches = self.base.matched.get(rule.id, ())
        now = [(rule, tuple(map(self._as_of_now, match))) for match in matches]
        if any(id(fact) in self.out for _, match in now for fact in match):
            return False
        self.stay += now
        return True

    def _as_of_now(self, fact: Fact) -> Fact:
        """What says now what a fact said when it matched, perhaps in a base of the base."""
        return latest(self.instead, latest(self.base.instead, fact))

    def _matches(self, rules: Sequence[Rule]) -> list[tuple[Rule, tuple[Fact, ...]]]:
        found, self.stay = self.stay, []
        return found + self.case.matches(self.anew_matched)

    def _moves(self, rule: Rule) -> bool:
        """Whether the rule has to be applied anew."""
        doubtful = any(each.kind in self.doubted for each in rule.conclude)
        return doubtful or concerned(self.rulebook.footprints[rule.id], self.changed)

    def _expect(self, into: dict[int, dict[str, Rule]], found: Iterable[tuple[int, Rule]]) -> None:
        for layer, rule in found:
            if rule.id in self.wanted:
                into.setdefault(layer, {})[rule.id] = rule

    def _touch(self, kind: str, layer: int) -> None:
        """Take away what rules of this layer and later ones concluded, until they conclude it again."""
        self.touched.add(kind)
        self._expect(self.again, self.rulebook.writers.get(kind, ()))
        if kind in self.doubted:
            self._expect(self.perhaps, self.rulebook.writers.get(kind, ()))
        waiting = []
        for fact in self.store.of(kind):
            layers = [self.layers[firing.rule.id] for firing in self.base.derivations(fact)]
            if fact.given is None and layers and min(layers) >= layer:
                waiting.append(fact)
                self.due.setdefault(max(layers), []).append(fact)
        self._withdraw(waiting)

    def _take_over(self, rule: Rule) -> None:
        """Conclude what the rule concluded."""
        for firing in self.base.by_rule.get(rule.id, ()):
            back = [fact for fact in firing.concluded if id(fact) in self.out]
            for fact in back:
                self._return(fact)
                if self.store.add(fact) is not None:
                    raise Entangled
            self.case.offer(back)

    def _return(self, fact: Fact) -> None:
        self.out.discard(id(fact))
        self.case.remember(fact)

    def _withdraw(self, facts: Sequence[Fact]) -> None:
        for kind in {fact.kind for fact in facts}:
            self.store.withdraw([fact for fact in facts if fact.kind == kind])
        self.out.update(map(id, facts))
        self.gone.update(((fact.kind, fact.key), fact) for fact in facts)
        self.case.forget(facts)

    def _compare(self, came: Iterable[Fact], due: Iterable[Fact]) -> None:
        """Note what has changed: what is here now and was not, and what ought to be back by now."""
        noted = set()
        for fact in {id(fact): fact for fact in came if id(fact) in self.own}.values():
            before = self.gone.get((fact.kind, fact.key))
            before = before if before is not None and id(before) in self.out else None
            self._note(before, fact)
            noted.add(id(before))
        for fact in due:
            if id(fact) in self.out and id(fact) not in noted:
                self._note(fact, None)

    def _note(self, before: Fact | None, after: Fact | None) -> None:
        fields = frozenset(_differing(before, after)) if before and after else None
        if before and after:
            self.instead[id(before)] = (before, after)
        kind = (before or after).kind  # type: ignore[union-attr]
        if kind not in self.changed:
            self._expect(self.perhaps, self.rulebook.readers.get(kind, ()))
        self.changed.setdefault(kind, []).append(Change(before, after, fields))

    def _keep(self, firing: Firing) -> Iterator[Fact]:
        for position, fact in enumerate(firing.concluded):
            twin = self.gone.get((fact.kind, fact.key))
            if twin is not None and _alike(twin, fact) and self.store.holder(fact) is None:
                firing.concluded[position] = twin
                self._return(twin)
            else:
                self.own.add(id(fact))
        yield from super()._keep(firing)

    def _merge(self, fact: Fact, causes: frozenset[Any], default: bool) -> None:
        if id(fact) in self.own:
            super()._merge(fact, causes, default)
        elif causes - fact.causes or (fact.default and not default):
            raise Entangled

    def _become(self, whole: Fact, parts: list[Fact]) -> None:
        if not {id(fact) for fact in parts} <= self.own:
            raise Entangled
        self.own.add(id(whole))
        super()._become(whole, parts)

    def derivation(self) -> Derivation:
        stays = self.wanted - self.anew
        firings = [firing for firing in self.base.firings if firing.rule.id in stays]
        misses = [miss for miss in self.base.misses if miss.rule.id in stays]
        before = self.base.instead.items()
        instead = {name: (old, latest(self.instead, fact)) for name, (old, fact) in before} | self.instead
        matched = {rule: found for rule, found in self.base.matched.items() if rule in stays} | self.matched
        return Derivation(
            self.store, firings + self.firings, misses + self.misses, self.given, matched, instead
        )


def _alike(one: Fact, other: Fact) -> bool:
    """Whether two facts say the same, for sure and in full."""
    if not (one.certain and other.certain and one.default == other.default and one.values == other.values):
        return False
    return not (one.causes or other.causes or any(isinstance(v, Unknown) for v in one.values.values()))


def _differing(one: Fact, other: Fact) -> Iterator[str]:
    for name in one.values.keys() | other.values.keys():
        if one.values.get(name) != other.values.get(name):
            yield name

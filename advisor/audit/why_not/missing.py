"""Figures that are missing: of which fact, under which name, and where they could be given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.audit.why_not.premises import Seen, Table
from advisor.expressions import Cause
from advisor.facts.kinds import Field, Kind
from advisor.facts.values import Fact
from advisor.reasoning.outcome import Firing


def missing_figures(seen: Seen, firings: Iterable[Firing]) -> list[Table]:
    """What these firings hang on, as JSON has it."""
    causes = sorted({Cause(*cause) for firing in firings for cause in firing.causes})
    return [_missing(seen, *cause) for cause in causes]


def _missing(seen: Seen, owner: str, name: str) -> Table:
    kind = seen.kinds.get(owner.partition("[")[0])
    field = kind.fields.get(name) if kind else None
    written = " or ".join(field.written) if field else name
    fact = next((f for f in seen.derivation.store.of(kind.id) if f.label == owner), None) if kind else None
    return {
        "fact": owner,
        "field": written,
        "text": f"{owner} does not say {written}",
        "meaning": field.spec.meaning if field else None,
        "places": list(_places(seen, kind, field, fact)) if kind and field else [],
        "rules": seen.told(fact)["rules"] if fact else [],
        "file": fact.given.file if fact and fact.given else None,
        "line": fact.given.line if fact and fact.given else None,
    }


def _places(seen: Seen, kind: Kind, field: Field, fact: Fact | None) -> Iterator[str]:
    """What somebody who knows the figure can write."""
    name = next(iter(field.written))
    table = next((table for table, each in seen.question.kinds.items() if each.id == kind.id), None)
    if table and kind.single:
        yield f"--set {table}.{name}=VALUE"
        yield f"{name} in [{table}] of the config"
    elif fact in seen.question.facts:
        yield f"{name} where the question describes it"
    elif fact is not None and fact.given is not None:
        key = ", ".join(f'{part} = "{fact.values[part]}"' for part in kind.key if part in fact.values)
        yield f'[[override]] fact = "{kind.id}", {key}, set = {{ {name} = VALUE }} in a folder of --facts'
    else:
        for rule in seen.told(fact)["rules"] if fact else ():
            yield f"the rule {rule}, which writes this fact"

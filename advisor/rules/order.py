"""The order inside a rule: each definition after what it needs, each condition as early as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from advisor.expressions import ExpressionError, Template, parse
from advisor.rules.spec import SearchSpec, TestSpec

Sources = Mapping[str, tuple[str, Any]]


def in_order(
    sources: Sources, conditions: list[str | TestSpec], report: Callable[[str], None]
) -> Iterator[str | int]:
    """Names of definitions and positions of conditions, in the order in which they are evaluated."""
    needs = {name: _needs(entry) & sources.keys() - _own(name, entry) for name, (_, entry) in sources.items()}
    waiting = {n: _needs(entry) & sources.keys() for n, entry in enumerate(conditions)}
    done: set[str] = set()
    left = dict(sorted(needs.items()))
    wanted: set[str] = set()
    while True:
        settled = [n for n, names in waiting.items() if names <= done]
        for position in settled:
            del waiting[position]
            yield position
        if settled or not done:
            wanted = _closure(set().union(*waiting.values()), left)
        ready = _next(left, done, wanted)
        if ready is None:
            break
        del left[ready]
        done.add(ready)
        yield ready
    if left:
        report(f"these definitions need one another: {', '.join(left)}")


def _next(left: Mapping[str, set[str]], done: set[str], wanted: set[str]) -> str | None:
    """The next definition, first one that a condition waits for: what fails early costs little."""
    ready = [name for name, names in left.items() if names <= done]
    return next((name for name in ready if name in wanted), ready[0] if ready else None)


def _closure(names: set[str], needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += needs.get(name, ())
    return found


def _own(name: str, entry: Any) -> set[str]:
    """The alias inside a search hides a definition of that name."""
    return {entry.alias or entry.fact, name} if isinstance(entry, SearchSpec) else set()


def _needs(entry: Any) -> set[str]:
    return {name for source in _sources(entry) for name in _names(source)}


def _sources(entry: Any) -> Iterator[str]:
    if isinstance(entry, TestSpec):
        yield entry.test
        yield from _spoken(entry.say)
    elif isinstance(entry, SearchSpec):
        yield from entry.on.values()
        for condition in entry.where:
            yield from _sources(condition)
        for name in ("of", "minimize", "maximize"):
            yield from [value for value in [getattr(entry, name, None)] if value]
    else:
        yield str(entry)


def _spoken(say: str | None) -> Iterator[str]:
    """The names that a sentence speaks of: it is said where the test fails, and must have them by then."""
    try:
        yield from sorted(Template(say or "").names)
    except ExpressionError:
        return  # reported where the sentence is bound


def _names(source: str) -> set[str]:
    try:
        parsed = parse(source)
    except ExpressionError:
        return set()  # reported where the expression is bound
    return set(parsed.names) | {alias for alias, _ in parsed.paths}

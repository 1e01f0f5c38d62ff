"""`advisor schema`: the forms of what other commands write."""

from __future__ import annotations

from typing import Any

import click

from advisor.cli.output import pipe_that_may_break

WRITTEN = ("answer", "facts-kinds", "facts-list", "facts-show", "facts-search", "facts-check")


@click.command()
@click.argument("what", type=click.Choice(WRITTEN))
def schema(what: str) -> None:
    """Print the JSON Schema of what a command writes."""
    import json

    with pipe_that_may_break():
        click.echo(json.dumps(_schema(what), indent=2))


def _schema(what: str) -> dict[str, Any]:
    if what == "answer":
        from advisor.answer.schema import answer_schema

        return answer_schema()
    from advisor.lookup.schema import lookup_schema

    return lookup_schema(what)

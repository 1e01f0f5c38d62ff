"""`advisor schema`: the forms of what other commands write."""

from __future__ import annotations

import click

from advisor.cli.output import pipe_that_may_break


@click.command()
@click.argument("what", type=click.Choice(["answer"]))
def schema(what: str) -> None:
    """Print the JSON Schema of an answer."""
    import json

    from advisor.answer.schema import answer_schema

    with pipe_that_may_break():
        click.echo(json.dumps(answer_schema(), indent=2))

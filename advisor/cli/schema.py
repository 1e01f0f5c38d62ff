"""`advisor schema`: the forms of what commands read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from advisor.cli.output import pipe_that_may_break

FORMS = (
    *("config", "answer", "whatif", "why", "why-not", "compare", "accuracy"),
    *("facts-kinds", "facts-list", "facts-show", "facts-search", "facts-check"),
    *("rules-list", "rules-show"),
    *("rules-check", "rules-codes", "rules-test"),
)


@click.command()
@click.argument("what", type=click.Choice(FORMS))
@click.option(
    "--facts", multiple=True, type=click.Path(path_type=Path), help="A folder of more facts, for config."
)
def schema(what: str, facts: tuple[Path, ...]) -> None:
    """Print the JSON Schema of a config file or an output."""
    import json

    if facts and what != "config":
        raise click.UsageError(f"--facts changes nothing in the schema of {what}")
    with pipe_that_may_break():
        click.echo(json.dumps(_schema(what, facts), indent=2))


def _schema(what: str, facts: tuple[Path, ...]) -> dict[str, Any]:
    if what == "config":
        from advisor.question_schema import config_schema

        return config_schema(facts)
    if what == "answer":
        from advisor.answer.schema import answer_schema

        return answer_schema()
    if what == "whatif":
        from advisor.answer.schema_difference import difference_schema

        return difference_schema()
    if what == "why-not":
        from advisor.audit.schema_why_not import why_not_schema

        return why_not_schema()
    if what == "why":
        from advisor.audit.schema_why import why_schema

        return why_schema()
    if what == "compare":
        from advisor.answer.schema_comparison import comparison_schema

        return comparison_schema()
    if what == "accuracy":
        from advisor.accuracy.schema import accuracy_schema

        return accuracy_schema()
    if what == "rules-test":
        from advisor.authoring.schema_testing import rules_test_schema

        return rules_test_schema()
    if what in ("rules-list", "rules-show"):
        from advisor.lookup.schema_rules import rules_schema

        return rules_schema(what)
    from advisor.lookup.schema import lookup_schema

    return lookup_schema(what)

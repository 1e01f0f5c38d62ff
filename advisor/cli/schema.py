"""`advisor schema`: the forms of what commands read and write."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from advisor.cli.output import pipe_that_may_break

#: The module and the function that makes each schema.
_MADE = {
    "answer": ("answer.schema.answer", "answer_schema"),
    "whatif": ("answer.schema.difference", "difference_schema"),
    "compare": ("answer.schema.comparison", "comparison_schema"),
    "why": ("audit.why.schema", "why_schema"),
    "why-not": ("audit.why_not.schema", "why_not_schema"),
    "record": ("audit.records.schema_record", "record_schema"),
    "accuracy": ("accuracy.schema", "accuracy_schema"),
    "rules-test": ("authoring.schema_testing", "rules_test_schema"),
}
#: Those of which one function makes several, told by their names.
_NAMED = {
    **dict.fromkeys(("audit-verify", "audit-diff"), ("audit.records.schema_audit", "audit_schema")),
    **dict.fromkeys(("rules-list", "rules-show"), ("lookup.schema_rules", "rules_schema")),
    **dict.fromkeys(
        ("facts-kinds", "facts-list", "facts-show", "facts-search", "facts-check"),
        ("lookup.schema", "lookup_schema"),
    ),
    **dict.fromkeys(("rules-check", "rules-codes"), ("lookup.schema", "lookup_schema")),
}
FORMS = ("config", *_MADE, *_NAMED)


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
    module, function = _MADE.get(what) or _NAMED[what]
    made = getattr(import_module(f"advisor.{module}"), function)
    return made() if what in _MADE else made(what)

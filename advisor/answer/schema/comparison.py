"""The JSON Schema of variants side by side."""

from __future__ import annotations

from advisor.answer.key_figures import KEY_FIGURES
from advisor.answer.schema.answer import STATUSES
from advisor.answer.schema.difference import key_figure
from advisor.schema_parts import DRAFT, Schema, anything, choice, maybe, record, records, text, texts


def comparison_schema() -> Schema:
    """Draft 2020-12. Null is what is not known."""
    return {
        "$schema": DRAFT,
        "title": "Variants of a question, version 1",
        **record("A grid of variants, each asked.", _comparison()),
    }


def _comparison() -> dict[str, Schema]:
    return {
        "schema": {"const": "advisor.compare/1", "description": "Name and version of this form."},
        "over": texts("Paths of the fields that vary, in the order given."),
        "sorted_by": maybe(text("Column by which rows are sorted; null: the order of the grid.")),
        "rows": records("One for each variant.", _row()),
        "engine": record("The rule engine.", {name: text(f"Its {name}.") for name in ("name", "version")}),
    }


def _row() -> dict[str, Schema]:
    digests = {name: text(f"SHA-256 of the {name}, in hex.") for name in ("question", "answer")}
    return {
        "set": anything("Path to value, as it was understood; null: not said."),
        "status": choice("The verdict.", STATUSES),
        "summary": text("One sentence with the figure that matters and its unit."),
        **{figure.name: key_figure(figure) for figure in KEY_FIGURES},
        "digests": record("As `advisor ask` gives them.", digests),
    }

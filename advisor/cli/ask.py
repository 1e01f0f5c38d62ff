"""`advisor ask`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.questions import FILE, STATUSES, Asked, asking

if TYPE_CHECKING:
    from advisor.answer.answer import Answer


@click.command()
@asking("markdown", "prose", sets="Change the question; beats flags.")
@click.option(
    "--explain", is_flag=True, help="Show the proof: every rule with its facts, sources and numbers."
)
@click.option("--no-remedies", is_flag=True, help="Do not look for what could be changed.")
@click.option("--save", type=FILE, help="Keep the question as a config file.")
@click.option("--record", type=FILE, help="Keep question, answer and all it rests on, for `advisor audit`.")
def ask(asked: Asked, explain: bool, no_remedies: bool, save: Path | None, record: Path | None) -> None:
    """Ask a question, from a config file or by flags.

    Exit status: 0 it fits, 1 it does not, 2 the input cannot be understood, 3 the advisor failed,
    4 it cannot be told.
    """
    import advisor

    with asked.naming():
        answer = advisor.ask(
            asked.source,
            rules=asked.rules,
            facts=asked.facts,
            engine=asked.engine,
            changes=asked.changes,
            remedies=not no_remedies,
        )
    if save:
        from advisor.saving import save_question

        save_question(answer.question, save)
    found = answer.to_dict(figures=explain or asked.form == "json")
    if record:
        found["record"] = _keep(answer, asked, record)
    deliver(asked, found, explain)
    sys.exit(STATUSES[answer.status])


def deliver(asked: Asked, answer: dict[str, Any], explain: bool = False) -> None:
    """Write an answer in the form that was asked for."""
    pages = {"markdown": _markdown, "prose": _prose}
    asked.deliver(answer, lambda console, shown: _draw(console, shown, explain), pages)


def _keep(answer: Answer, asked: Asked, path: Path) -> dict[str, str]:
    """Write the record; what the answer tells of it."""
    from advisor.audit.records.record import record
    from advisor.installation import installation
    from advisor.saving import replace_file

    text, digest = record(answer, installation(asked.rules, asked.facts))
    replace_file(path, text)
    return {"file": str(path), "sha256": digest}


def _markdown(answer: Any) -> str:
    from advisor.answer.markdown.page import to_markdown

    return to_markdown(answer)


def _prose(answer: Any) -> str:
    from advisor.answer.prose_page import to_prose

    return to_prose(answer)


def _draw(console: Any, answer: Any, explain: bool) -> None:
    from advisor.answer.text.answer import render

    render(answer, console, explain)

"""Does this model fit on this hardware, how fast will it be, and what should be changed?

>>> import advisor
>>> answer = advisor.ask("examples/mixtral-8x22b-a100.toml")
>>> answer.status
'does-not-fit'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advisor.answer.answer import Answer

__version__ = "0.1.0"
__all__ = ["ask"]


def ask(
    question: str | Path | Mapping[str, Any],
    *,
    rules: Sequence[str | Path] = (),
    facts: Sequence[str | Path] = (),
    engine: str | None = None,
    changes: Sequence[str] = (),
    remedies: bool = True,
) -> Answer:
    """Answer one question.

    `question` is the path of a config file or a mapping of its tables; `rules` and `facts` are folders
    that come after those that ship; `engine` is "durable", "clips" or both with a comma, which compares
    them; `changes` are `table.field=value`. Without `remedies` nothing
    is looked for that could be changed, which is quicker. Raises `advisor.errors.AdvisorError`.
    """
    from advisor.installation import installation  # importing the package itself must stay cheap

    return installation(rules, facts).ask(question, engine, changes, remedies)

"""The command line: a module for each command or group of them, imported when it is asked for."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module

import click

from advisor import __version__
from advisor.cli.output import printable
from advisor.errors import AdvisorError, InputError

# Each in the module that is called so, with _ for -.
COMMANDS = (
    *("accuracy", "ask", "audit", "compare", "facts"),
    *("rules", "schema", "whatif", "why", "why-not"),
)
INTERRUPTED = 130  # as shells have it


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = name.replace("-", "_")
        return getattr(import_module(f"advisor.cli.{module}"), module)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="advisor")
def main() -> None:
    """Does this model fit on this hardware, how fast will it be, and what should be changed?"""


def run() -> None:
    """The command, with every error said in words and none as a traceback."""
    gc.disable()  # the process answers and ends: what it makes is needed to the end
    atexit.register(gc.freeze)  # and at the end Python would look through it all once more
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins reads every package
    try:
        main(prog_name="advisor", standalone_mode=False)
    except AdvisorError as error:
        for problem in error.problems:
            click.echo(printable(f"advisor: {problem}"), err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(InputError.exit_status)
    except click.Abort:
        sys.exit(INTERRUPTED)
    except OSError as error:
        click.echo(f"advisor: the answer cannot be written: {error.strerror}", err=True)
        sys.exit(3)
    except Exception as error:
        if os.environ.get("ADVISOR_DEBUG"):
            raise
        text = f"{type(error).__name__}: {error}"
        click.echo(f"advisor: it failed, and should not have: {text} [internal]", err=True)
        click.echo("  Please report it with the question; ADVISOR_DEBUG=1 shows where it happened.", err=True)
        sys.exit(3)

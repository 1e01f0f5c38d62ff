"""The page on auditing: its commands print what stands below them, one after the other."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.commandline import EXAMPLES, ROOT, Said, advisor
from tests.test_pages import blocks, is_printed

PAGE = (ROOT / "docs" / "audit.md").read_text("utf-8")
#: What a command exits with where that is no success; by what stands in it.
STATUSES = {"ask ": 1, "--facts mine/facts": 1, "audit diff": 1, "hardware.count=4": 0}


def expected(line: str) -> int:
    return next((status for part, status in reversed(STATUSES.items()) if part in line), 0)


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> list[tuple[Said, str]]:
    """Each sample of the page with what the command before it printed."""
    folder: Path = tmp_path_factory.mktemp("audit")
    shutil.copytree(EXAMPLES, folder / "examples")
    for before, text in blocks(PAGE, "toml"):
        path = folder / re.findall(r"`(\S+\.toml)`", before)[-1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found: list[tuple[Said, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        last = Said(0, "", "")
        for _, text in blocks(PAGE, ""):
            if text.startswith("advisor "):
                for line in text.splitlines():
                    last = advisor(*shlex.split(line)[1:])
                    assert last.status == expected(line), (line, last.err)
            else:
                found.append((last, text))
        (program,) = (text for _, text in blocks(PAGE, "python"))
        exec(compile(program, "audit.md", "exec"), {})
    return found


def test_each_command_prints_what_stands_below_it(said: list[tuple[Said, str]]):
    assert len(said) == 7
    for printed, sample in said:
        is_printed(sample, printed.out)


def test_the_exit_statuses_of_the_page_are_those_of_the_command():
    from advisor.cli.audit import BROKEN, CURRENT, OLD

    table = dict(re.findall(r"^\| (\d) \| (.+?) \|$", PAGE, re.M))
    assert list(table) == [str(status) for status in (CURRENT, OLD, BROKEN)]
    assert "not intact" in table[str(BROKEN)] and "today's answer is another" in table[str(OLD)]

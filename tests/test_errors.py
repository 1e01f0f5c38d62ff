"""Problems: what is shown of them, in which order, and with which exit status."""

from __future__ import annotations

import pytest

from advisor.errors import (
    AdvisorError,
    EngineError,
    FactsError,
    InputError,
    Problem,
    ReasoningError,
    RulesError,
    did_you_mean,
)


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        (Problem("code", "it is wrong"), "it is wrong [code]"),
        (Problem("code", "it is wrong", "Mend it."), "it is wrong [code]\n  Mend it."),
        (Problem("code", "it is wrong", None, "a.toml"), "a.toml: it is wrong [code]"),
        (Problem("code", "it is wrong", None, "a.toml", 3), "a.toml:3: it is wrong [code]"),
        (
            Problem("code", "it is wrong", "Mend it.", "a.toml", 3, 7),
            "a.toml:3:7: it is wrong [code]\n  Mend it.",
        ),
    ],
)
def test_a_problem_is_one_line_and_a_hint(problem: Problem, shown: str):
    assert str(problem) == shown


def test_problems_come_in_the_order_of_their_places():
    problems = [
        Problem("d", "4", None, "b.toml", 2),
        Problem("c", "3", None, "b.toml", 1, 9),
        Problem("b", "2", None, "a.toml", 10),
        Problem("a", "1"),
    ]
    error = InputError(problems)
    assert [problem.code for problem in error.problems] == ["a", "b", "c", "d"]
    assert str(error).splitlines() == [str(problem) for problem in error.problems]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError, 2),
        (FactsError, 2),
        (RulesError, 2),
        (EngineError, 3),
        (ReasoningError, 3),
        (AdvisorError, 3),
    ],
)
def test_exit_statuses(error: type[AdvisorError], status: int):
    assert error([]).exit_status == status


def test_the_nearest_names():
    names = ["a100-sxm4-80", "a100-pcie-80", "h100-sxm5-80"]
    assert did_you_mean("a100-sxm-80", names) == "Did you mean a100-sxm4-80 or h100-sxm5-80 or a100-pcie-80?"
    assert did_you_mean("zebra", names) is None
    assert did_you_mean("anything", []) is None

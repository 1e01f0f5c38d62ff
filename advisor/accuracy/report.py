"""The report as JSON has it: `advisor.accuracy/1`. The pages show only what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from advisor import snapshot
from advisor.accuracy.cases import read_cases
from advisor.accuracy.keys import KEYS, shown
from advisor.accuracy.predict import Predictor
from advisor.accuracy.score import Group, Score, Scored, median, p90, score
from advisor.accuracy.targets import Targets
from advisor.folders import folders_in_effect

SCHEMA = "advisor.accuracy/1"


def accuracy(
    file: Path,
    rules: Sequence[Path] = (),
    facts: Sequence[Path] = (),
    engine: str | None = None,
    targets: Targets | None = None,
) -> dict[str, Any]:
    """Predict the cases of a file and score them. Raises `advisor.errors.AdvisorError`."""
    cases = read_cases(file)
    library, _ = snapshot.load(*folders_in_effect(rules, facts), whole=True)
    predictor = Predictor(rules, facts, engine, library)
    scores = score(each for case in cases for each in predictor.predict(case))
    keys = [_key(each) for each in scores]
    missed = targets.judge(keys) if targets else 0
    return {
        "schema": SCHEMA,
        "file": str(file),
        "cases": len(cases),
        "questions": predictor.questions,
        "engine": predictor.engine_used,
        "digests": predictor.installation.digests,
        "targets_missed": missed,
        "keys": keys,
        "results": [_result(one) for each in scores for one in each.scored],
    }


def _key(score: Score) -> dict[str, Any]:
    truth = score.key.form == "truth"
    return {
        "key": score.key.name,
        "meaning": score.key.meaning,
        "unit": score.key.unit,
        "form": score.key.form,
        "cases": len(score.scored),
        **{status: score.count(status) for status in ("answered", "unknown", "error")},
        "median": None if truth else score.over_groups(median),
        "p90": None if truth else score.over_groups(p90),
        "pooled_median": None if truth else score.pooled(median),
        "pooled_p90": None if truth else score.pooled(p90),
        **(_counts(score.errors) if truth else _NO_COUNTS),
        "right_share": _right(score.over_groups(fmean)) if truth else None,
        "pooled_right_share": _right(score.pooled(fmean)) if truth else None,
        "band": {"given": len(score.bands), "holds": sum(score.bands)},
        "groups": [_group(group, truth) for group in score.groups],
        "targets": [],
    }


_NO_COUNTS = {"right": None, "wrong": None}


def _counts(errors: Sequence[float]) -> dict[str, int]:
    right = errors.count(0)
    return {"right": right, "wrong": len(errors) - right}


def _right(wrong: float | None) -> float | None:
    return None if wrong is None else 1 - wrong


def _group(group: Group, truth: bool) -> dict[str, Any]:
    numbers = bool(group.errors) and not truth
    return {
        "groups": list(group.names),
        "cases": group.cases,
        "answered": len(group.errors),
        "median": median(group.errors) if numbers else None,
        "p90": p90(group.errors) if numbers else None,
        **(_counts(group.errors) if truth else _NO_COUNTS),
    }


def _result(scored: Scored) -> dict[str, Any]:
    one, key = scored.prediction, KEYS[scored.prediction.key]
    return {
        "id": one.case.id,
        "group": one.case.group,
        "key": one.key,
        "measured": one.measured,
        "predicted": one.predicted,
        "low": one.low,
        "high": one.high,
        "shown": {"measured": shown(key, one.measured), "predicted": shown(key, one.predicted)},
        "error": scored.error,
        "in_band": scored.in_band,
        "rule": one.rule,
        "status": one.status,
        "why": one.why,
    }

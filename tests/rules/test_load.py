"""Files of rules: every problem of every file, each with its place, in one error."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import RulesError
from advisor.rules.load import load_rulebook

from .test_bind import kinds


def rule(id: str, *lines: str) -> str:
    more = lines or ('conclude = { fact = "need", card = 1, bytes = "GiB" }',)
    return "\n".join(["[[rule]]", f'id = "{id}"', 'summary = "…"', *more, ""])


def refused(folder: Path, **files: str) -> list[tuple[str, str | None, int | None, str]]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text("schema = 1\n" + text, "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rulebook([folder], kinds())
    return [(p.code, p.file and Path(p.file).name, p.line, p.text) for p in caught.value.problems]


def test_an_id_that_stands_twice_names_both_places(tmp_path: Path) -> None:
    ((code, file, line, text),) = refused(tmp_path, t=rule("t.a") + rule("t.b") + rule("t.a"))
    assert (code, file, line) == ("rule-twice", "t.toml", 10)
    assert text.endswith("t.toml:2")


def test_the_topic_of_a_rule_is_the_name_of_its_file(tmp_path: Path) -> None:
    ((code, file, line, text),) = refused(tmp_path, t=rule("t.a") + rule("other.a"))
    assert (code, file, line) == ("topic", "t.toml", 6)
    assert "other.toml" in text


def test_a_key_that_does_not_exist(tmp_path: Path) -> None:
    ((code, file, line, text),) = refused(tmp_path, t=rule("t.a", 'sumary = "…"', 'because = "…"'))
    assert (code, file, line) == ("unknown-key", "t.toml", 5)
    assert "sumary" in text


def test_a_key_of_the_wrong_type(tmp_path: Path) -> None:
    ((code, file, line, _),) = refused(tmp_path, t=rule("t.a", "because = 5"))
    assert (code, file, line) == ("wrong-type", "t.toml", 5)


def test_all_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    wrong_shape = rule("t.a", "because = 5")
    wrong_kind = rule("t.b", 'match = [{ fact = "gqu" }]', 'because = "…"')
    wrong_unit = rule(
        "u.a", 'match = [{ fact = "gpu" }]', 'where = ["gpu.memory > gpu.bandwidth", "gpu.memry > 1"]'
    )
    found = refused(tmp_path, t=wrong_shape + wrong_kind, u=wrong_unit, v="rule = 5")
    assert [(code, file, line) for code, file, line, _ in found] == [
        ("wrong-type", "t.toml", 5),
        ("no-effect", "t.toml", 7),
        ("unknown-kind", "t.toml", 9),
        ("no-effect", "u.toml", 3),
        ("unit-mismatch", "u.toml", 6),
        ("unknown-field", "u.toml", 6),
        ("wrong-type", "v.toml", 2),
    ]


def test_a_file_that_is_no_toml_does_not_hide_the_others(tmp_path: Path) -> None:
    found = refused(tmp_path, t=rule("t.a", "because = 5"), u="[[rule]\n")
    assert [(code, file) for code, file, _, _ in found] == [
        ("wrong-type", "t.toml"),
        ("toml-syntax", "u.toml"),
    ]


def test_the_order_of_rules_and_files_changes_nothing(tmp_path: Path) -> None:
    rules = [rule(f"t.r{n}", f'conclude = {{ fact = "need", card = {n}, bytes = "GiB" }}') for n in range(3)]
    layers = []
    for order in (rules, rules[::-1]):
        (tmp_path / "t.toml").write_text("schema = 1\n" + "".join(order), "utf-8")
        layers.append([[each.id for each in layer] for layer in load_rulebook([tmp_path], kinds()).strata])
    assert layers[0] == layers[1] == [["t.r0", "t.r1", "t.r2"]]

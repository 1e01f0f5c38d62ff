"""The JSON Schema of a config file: it and the loader say the same of a question."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from advisor.errors import InputError
from advisor.facts.kinds import Field, Kind
from advisor.installation import installation
from advisor.question import read_question
from advisor.question_reader import INLINE
from advisor.question_schema import config_schema
from tests.commandline import EXAMPLES, advisor

SCHEMA = config_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
LIBRARY = installation().library
DERIVED = installation().rulebook.derived
SMALLEST = {"hardware": {"gpu": "rtx-4090"}, "model": {"id": "llama-3.1-8b"}}


def loads(question: dict[str, Any]) -> bool:
    try:
        read_question(question, LIBRARY, DERIVED)
    except InputError:
        return False
    return True


def with_field(path: str, value: Any) -> dict[str, Any]:
    table, _, name = path.partition(".")
    return {**SMALLEST, table: {**SMALLEST.get(table, {}), name: value}}


def descriptions(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a table's field, wherever it stands."""
    if isinstance(schema, dict):
        properties = schema.get("properties", {})
        yield from (field for field in properties.values())
        for inner in schema.values():
            yield from descriptions(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from descriptions(inner)


# ---------------------------------------------------------------- what it says


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_hold(path: Path):
    question = tomllib.loads(path.read_text("utf-8"))
    assert not [error.message for error in VALIDATOR.iter_errors(question)]


def test_a_field_has_its_meaning_unit_range_and_default():
    fields = SCHEMA["properties"]["deployment"]["properties"]
    spec = LIBRARY.kinds["deployment"].fields["concurrency"].spec
    assert fields["concurrency"] == {
        "type": "integer",
        "minimum": spec.min,
        "maximum": spec.max,
        "default": spec.default,
        "description": f"{spec.meaning} Unit: sequence. Default: 1 sequence ({spec.why}).",
    }
    assert fields["split"]["enum"] == LIBRARY.kinds["deployment"].fields["split"].spec.choices
    host = SCHEMA["properties"]["hardware"]["properties"]["system_memory_gib"]
    assert host["maximum"] * 2**30 == LIBRARY.kinds["hardware"].fields["system_memory"].spec.max
    assert host["description"].endswith("Unit: GiB.")


def test_every_field_is_described():
    assert not [field for field in descriptions(SCHEMA) if not ({"anyOf", "description"} & field.keys())]


def test_nothing_stands_beside_a_reference():
    """Editors look at nothing else there."""
    text = json.dumps(SCHEMA)
    assert text.count('"$ref"') == text.count('{"$ref"')
    assert not [
        one
        for field in descriptions(SCHEMA)
        for one in field.get("anyOf", [])
        if "$ref" in one and len(one) > 1
    ]


def test_known_ids_are_offered():
    assert set(SCHEMA["$defs"]["gpu"]["enum"]) == {fact.key[0] for fact in LIBRARY.of("gpu")}
    forms = SCHEMA["properties"]["hardware"]["properties"]["gpu"]["anyOf"]
    assert {"$ref": "#/$defs/gpu"} in forms and any(form.get("enum") == ["none"] for form in forms)


# ---------------------------------------------------------------- what it takes and what not


@pytest.mark.parametrize(
    "question",
    [
        SMALLEST,
        {**SMALLEST, "schema": 1},
        with_field("hardware.gpu", "none"),
        with_field("hardware.gpu", {"memory_gb": 24, "bandwidth_gb_s": 1008.5}),
        {**SMALLEST, "hardware": {"device": [{"gpu": "rtx-4090", "count": 2}, {"gpu": {"memory_gb": 8}}]}},
        {**SMALLEST, "model": {"layers": 32, "hidden_size": 4096, "note": "mine"}},
        {**SMALLEST, "model": {"block": [{"count": 2, "mixer": "attention", "ffn": "dense"}]}},
        {**SMALLEST, "link": {"id": "x", "kind": "pcie", "total_per_direction_gb_s": 8}},
        {**SMALLEST, "link": [{"id": "x", "kind": "pcie", "total_per_direction_gb_s": 8}]},
    ],
)
def test_what_both_take(question: dict[str, Any]):
    assert loads(question)
    assert not [error.message for error in VALIDATOR.iter_errors(question)]


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"hardware": SMALLEST["hardware"]},
        {**SMALLEST, "hardware": {}},
        {**SMALLEST, "hardware": {"count": 1}},
        {**SMALLEST, "model": {}},
        {**SMALLEST, "nothing": {}},
        {**SMALLEST, "verdict": {"status": "fits"}},
        {**SMALLEST, "schema": 2},
        {**SMALLEST, "hardware": [SMALLEST["hardware"]]},
        {**SMALLEST, "hardware": {"device": {"gpu": "rtx-4090"}}},
        {**SMALLEST, "hardware": {"device": [{"count": 2}]}},
        {**SMALLEST, "hardware": {"device": [{"gpu": "rtx-4090", "position": 0}]}},
        {**SMALLEST, "link": {"kind": "pcie", "total_per_direction_gb_s": 8}},
        {**SMALLEST, "model": {"block": [{"count": 2, "mixer": "attention", "ffn": "none", "model": "x"}]}},
        with_field("hardware.gpu", 1),
        with_field("hardware.gpu", {"memory_gb": -1}),
        with_field("deployment.contxt", 1),
        with_field("deployment.context", "1"),
        with_field("deployment.context", 0),
        with_field("deployment.context", True),
        with_field("deployment.split", "tensors"),
        with_field("deployment.enforce_eager", 1),
        with_field("goals.keep", "model"),
        with_field("goals.keep", [True]),
        with_field("goals.confidence", "sure"),
        with_field("deployment.runtime", "x" * 4001),
    ],
)
def test_what_both_refuse(question: dict[str, Any]):
    assert not loads(question)
    assert not VALIDATOR.is_valid(question)


def values(field: Field, name: str) -> st.SearchStrategy[Any]:
    """What a file may say of a field."""
    spec, factor = field.spec, field.written[name]
    if spec.choices:
        return st.sampled_from(spec.choices)
    if spec.refers:
        return st.sampled_from([*(str(fact.key[0]) for fact in LIBRARY.of(spec.refers)), *spec.also])
    if spec.type in ("integer", "number"):
        low, high = (Fraction(0 if end is None else end) / factor for end in (spec.min, spec.max))
        whole = st.integers(-(-low // 1), high // 1 if spec.max is not None else 10**15)
        return whole if spec.type == "integer" else whole | st.sampled_from([float(low)])
    return {
        "text": st.text("abc 1", max_size=5),
        "boolean": st.booleans(),
        "list": st.lists(st.text("ab", max_size=3), max_size=2),
    }[spec.type]


@st.composite
def rows(draw: st.DrawFn, kind: Kind, inline: bool = False, nested: bool = False) -> dict[str, Any]:
    """A table of a kind, with all that it must say and some of what it may."""
    left = {kind.position, kind.parent_field} if nested else {"id"} if inline else set()
    row: dict[str, Any] = {}
    for field in kind.fields.values():
        wanted = (field.spec.required and not (inline and field.name == "name")) or draw(
            st.integers(0, 5)
        ) == 0
        if field.name not in left and wanted:
            name = draw(st.sampled_from(sorted(field.written)))
            row[name] = draw(values(field, name))
    return row


GPU, MODEL, BLOCK = (LIBRARY.kinds[name] for name in ("gpu", "model", "block"))
DESCRIBED = st.one_of(st.just({"note": "x"}), rows(GPU, inline=True))
ASKABLE = {
    name: kind
    for name in ("hardware", "deployment", "goals", "link", "gpu")
    for kind in [LIBRARY.kinds[name]]
}


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """A question that says nothing wrong."""
    tables = {name: draw(rows(ASKABLE[name])) for name in draw(st.sets(st.sampled_from(sorted(ASKABLE))))}
    if "gpu" in tables:
        tables["gpu"]["id"] = "x"
    if "link" in tables and draw(st.booleans()):
        tables["link"] = [{**tables["link"], "id": "y"}]
    hardware = tables.setdefault("hardware", {})
    hardware.pop("gpu", None)
    one, each = (
        values(LIBRARY.kinds[name].fields["gpu"], "gpu") | DESCRIBED for name in ("hardware", "device")
    )
    if draw(st.booleans()):
        hardware["gpu"] = draw(one)
    else:
        hardware.pop("count", None)
        device = rows(LIBRARY.kinds["device"], nested=True)
        hardware["device"] = [{**draw(device), "gpu": draw(each)} for _ in range(draw(st.integers(1, 2)))]
    tables["model"] = {"id": draw(st.sampled_from(SCHEMA["$defs"]["model"]["enum"]))}
    if draw(st.booleans()):
        blocks = draw(st.lists(rows(BLOCK, nested=True), max_size=2))
        tables["model"] = {
            "note": "x",
            **draw(rows(MODEL, inline=True)),
            **({"block": blocks} if blocks else {}),
        }
    return tables


@given(questions())
def test_both_take_what_the_kinds_allow(question: dict[str, Any]):
    read_question(question, LIBRARY, DERIVED)
    assert not [error.message for error in VALIDATOR.iter_errors(question)]


def tables_of(question: dict[str, Any]) -> list[dict[str, Any]]:
    """Every table of a question, nested ones too."""
    found, waiting = [], [question]
    for each in waiting:
        inner = [one for value in each.values() for one in (value if isinstance(value, list) else [value])]
        tables = [one for one in inner if isinstance(one, dict)]
        found += tables
        waiting += tables
    return found


ANYTHING = st.one_of(
    st.integers(-(10**6), 10**16),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.text("abc-4", max_size=4),
    st.lists(st.integers(), max_size=1),
    st.builds(dict),
    st.sampled_from(["none", "layer", "rtx-4090", "int8", "high"]),
)


@given(st.data())
def test_what_the_loader_takes_the_schema_takes(data: st.DataObject):
    """Whatever is changed in a question: what the schema refuses, the loader refuses."""
    question = copy.deepcopy(data.draw(questions()))  # what is drawn again must not be what was changed
    table = data.draw(st.sampled_from([question, *tables_of(question)]))
    # The id beside a description is never read, so its type is the schema's alone to refuse.
    names = sorted(set(table) - ({"id"} if table is question["model"] and len(table) > 1 else set()))
    name = data.draw(st.sampled_from(["x", "context", "gpu", "count", *names]))
    if data.draw(st.booleans()):
        table.pop(name, None)
    else:
        table[name] = data.draw(ANYTHING)
    assert VALIDATOR.is_valid(question) or not loads(question)


# ---------------------------------------------------------------- folders, and the command


def test_a_folder_adds_kinds_fields_and_parts(tmp_path: Path):
    (tmp_path / "kinds.toml").write_text(
        'schema = 1\n[[kind]]\nid = "deployment"\n[kind.fields]\n'
        'lora_slots = { type = "integer", default = 0, max = 64, meaning = "LoRA adapters." }\n'
        '[[kind]]\nid = "rack"\nmeaning = "A rack."\nkey = ["id"]\n[kind.fields]\n'
        'id = { type = "text", required = true, meaning = "Its name." }\n',
        "utf-8",
    )
    (tmp_path / "gpus.toml").write_text('schema = 1\n[[gpu]]\nid = "desk"\nname = "Desk"\n', "utf-8")
    said = advisor("schema", "config", "--facts", tmp_path)
    made = json.loads(said.out)
    assert said.status == 0 and made == config_schema([tmp_path])
    assert made["properties"]["deployment"]["properties"]["lora_slots"]["maximum"] == 64
    assert "rack" in made["properties"] and "desk" in made["$defs"]["gpu"]["enum"]
    assert json.loads(advisor("schema", "config").out) == SCHEMA


def test_the_loader_describes_at_the_same_places():
    """What may be described in place of an id stands as a table in the schema, and nowhere else."""
    hardware = SCHEMA["properties"]["hardware"]["properties"]
    places = {
        "hardware.gpu": hardware["gpu"],
        "hardware.device.gpu": hardware["device"]["items"]["properties"]["gpu"],
    }
    for place, schema in places.items():
        (table,) = [form for form in schema["anyOf"] if form.get("type") == "object"]
        kind = LIBRARY.kinds[INLINE[place]]
        assert set(kind.written_names()) <= set(table["properties"])
    assert set(INLINE) == {*places, "model"}

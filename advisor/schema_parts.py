"""What JSON Schemas are put together from: each part describes itself."""

from __future__ import annotations

from functools import partial
from typing import Any

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def typed(type_name: str, description: str, **rest: Any) -> Schema:
    return {"type": type_name, **rest, "description": description}


text = partial(typed, "string")
texts = partial(typed, "array", items={"type": "string"})
anything = partial(typed, "object")
whole = partial(typed, "integer", minimum=0)
number = partial(typed, "number", minimum=0)


def record(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def records(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {"type": "array", "description": description, "items": record("One entry.", properties, optional)}


def choice(description: str, values: tuple[str, ...]) -> Schema:
    return {"enum": list(values), "description": description}


def either(description: str, *types: str) -> Schema:
    return {"type": list(types), "description": description}


def size(description: str) -> Schema:
    return maybe(whole(f"{description}, in bytes; null: not known."))


def maybe(schema: Schema) -> Schema:
    """The same or null: not known, or there is none."""
    inner = {key: value for key, value in schema.items() if key != "description"}
    return {"description": schema["description"], "anyOf": [inner, {"type": "null"}]}

"""Tables of fields from JSON schemas, with links between the types."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
Linked = Callable[[str], str]
"""From a schema's name to Markdown that leads to its heading."""


def fields_table(schema: Schema, linked: Linked) -> str:
    """One row for each field; nothing when there is none. `type` of a frame is left out: it is the frame's name."""
    fields = {name: field for name, field in schema.get("properties", {}).items() if name != "type"}
    if not fields:
        return ""
    required = schema.get("required", ())
    rows = [
        (f"`{name}`", type_text(field, linked), _default(field, required=name in required))
        for name, field in fields.items()
    ]
    lines = [("field", "type", "default"), ("---", "---", "---"), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def type_text(schema: Schema, linked: Linked) -> str:
    """What a value may be."""
    if "$ref" in schema:
        return linked(name_of(schema["$ref"]))
    if "anyOf" in schema:
        return " or ".join(type_text(each, linked) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_text(schema['items'], linked)}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map of {type_text(schema['additionalProperties'], linked)}"
    kind: str = schema.get("type", "any")
    return kind


def name_of(reference: str) -> str:
    """The name of the schema that a reference leads to."""
    return reference.rpartition("/")[2]


def names_in(part: object) -> Iterator[str]:
    """Schemas that a part of a document refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield name_of(part["$ref"])
        for value in part.values():
            yield from names_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from names_in(value)


def reached(names: set[str], schemas: dict[str, Schema]) -> list[str]:
    """These schemas and all that they refer to, in the order of the alphabet."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in schemas and name not in found:
            found.add(name)
            waiting.extend(names_in(schemas[name]))
    return sorted(found)


def anchor(heading: str) -> str:
    """The anchor that MkDocs and GitHub give a heading of letters, digits, spaces and underscores."""
    return re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-")


def prose(text: str) -> str:
    """A description with one paragraph a line."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(paragraphs).replace("<", "&lt;")


def _default(field: Schema, *, required: bool) -> str:
    if required:
        return "*required*"
    return f"`{json.dumps(field['default'])}`" if "default" in field else "-"

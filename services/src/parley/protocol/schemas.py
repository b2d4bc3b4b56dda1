"""JSON schemas of the protocol's types, the same on every Python."""

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec


def schemas_of(kinds: Iterable[type], ref_template: str) -> dict[str, Any]:
    """Schemas of these types and of all that they hold, by name; `ref_template` has `{name}` in it.

    Python 3.13 takes the indentation out of docstrings and earlier ones do not, so it is taken out here.
    """
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    _, components = msgspec.json.schema_components(ordered, ref_template=ref_template)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    return dict(sorted(components.items()))

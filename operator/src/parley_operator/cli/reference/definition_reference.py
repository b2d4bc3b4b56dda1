"""The page of every field of a ChatCluster, made from the model; `make docs` writes it."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley_operator.model.chat_cluster import API_VERSION, KIND, ChatClusterSpec
from parley_operator.model.schema import structural_schema
from parley_operator.model.status import ChatClusterStatus

Schema = dict[str, Any]

_HEAD: Final = "<!-- Made by `make docs`; change the code instead. -->\n"
_INTRODUCTION: Final = f"""# The fields of a {KIND}

`apiVersion: {API_VERSION}`, `kind: {KIND}`, short name `cc`. `metadata.name` has 40 characters at most, begins with a
letter, and has no others than `a-z`, `0-9` and `-`. `kubectl explain cc.spec` shows the same in a terminal.

Where a default is *none*, the field may be left out, and the text says what then holds. Rules between fields are
checked by the API server, which answers with the sentences that stand below each table; [the quick
start](../quick-start.md) has an example, and `parley-operator render FILE` checks one without a cluster.
"""
_STATUS: Final = (
    "Written by the operator alone; [its words](../operator-reference.md) are explained on a page of their own."
)
_LIMITS: Final = (
    ("minimum", "maximum", "{} to {}"),
    ("minLength", "maxLength", "{} to {} characters"),
    ("minItems", "maxItems", "{} to {} entries"),
    ("minProperties", "maxProperties", "{} to {} entries"),
)


@dataclass(frozen=True, slots=True)
class Section:
    """An object of the resource: its path, and the schema of what is in it."""

    path: str
    schema: Schema


def definition_page() -> str:
    """The page as Markdown."""
    spec = list(_sections("spec", structural_schema(ChatClusterSpec)))
    status = list(_sections("status", structural_schema(ChatClusterStatus, defaults=False)))
    parts = [_HEAD + _INTRODUCTION, *(_shown(each) for each in spec)]
    first, *others = status
    return "\n".join([*parts, _shown(first, _STATUS), *(_shown(each) for each in others)])


def _sections(path: str, schema: Schema) -> Iterator[Section]:
    """The object itself, then every object in it, in the order of the fields."""
    yield Section(path, schema)
    for name, field in schema["properties"].items():
        place, inner = _inside(f"{path}.{name}", field)
        if "properties" in inner:
            yield from _sections(place, inner)


def _inside(path: str, field: Schema) -> tuple[str, Schema]:
    """What a list or a map holds, and how its place is written."""
    if "items" in field:
        return _inside(f"{path}[]", field["items"])
    if isinstance(field.get("additionalProperties"), dict):
        return _inside(f"{path}.NAME", field["additionalProperties"])
    return path, field


def _shown(section: Section, text: str = "") -> str:
    required = section.schema.get("required", ())
    rows = [
        (f"`{name}`", _type(field), _default(field, required=name in required), _allowed(field), _text(field))
        for name, field in section.schema["properties"].items()
    ]
    lines = [f"## {section.path}", "", text or section.schema.get("description", ""), ""]
    lines += [_row(row) for row in (("field", "type", "default", "allowed", "what it is"), ["---"] * 5, *rows)]
    rules = [rule["message"] for rule in section.schema.get("x-kubernetes-validations", ())]
    if rules:
        lines += ["", "Rules:", "", *(f"* {_plain(rule)}" for rule in rules)]
    return "\n".join([*lines, ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _type(field: Schema) -> str:
    if "items" in field:
        return f"list of {_type(field['items'])}"
    inner = field.get("additionalProperties")
    if isinstance(inner, dict):
        return f"map of {_type(inner)}"
    if field.get("x-kubernetes-int-or-string"):
        return "integer or string"
    kind: str = field.get("type", "any")
    return kind


def _default(field: Schema, *, required: bool) -> str:
    if required:
        return "*required*"
    if "default" not in field:
        return "*none*"
    if field["default"] and isinstance(field["default"], dict):
        return "*as below*"
    return f"`{json.dumps(field['default'])}`"


def _allowed(field: Schema) -> str:
    """Values, a range or a pattern: of the field itself, or else of what it holds."""
    _, inner = _inside("", field)
    found = [f"`{value}`" for value in inner.get("enum", ())]
    parts = [", ".join(found)] if found else []
    for each in (field, inner) if inner is not field else (field,):
        parts += [form.format(*_between(each, low, high)) for low, high, form in _LIMITS if low in each or high in each]
    if "pattern" in inner:
        parts.append(_code(inner["pattern"]))
    return "; ".join(dict.fromkeys(parts)) or "-"


def _code(text: str) -> str:
    """Code in a cell; a bar would end the cell, also inside of backticks."""
    if "|" not in text:
        return f"`{text}`"
    return f"<code>{''.join(each if each.isalnum() else f'&#{ord(each)};' for each in text)}</code>"


def _between(field: Schema, low: str, high: str) -> tuple[str, str]:
    least, most = field.get(low, 0), field.get(high)
    return f"{least:,}", "any number" if most is None else f"{most:,}"


def _text(field: Schema) -> str:
    return _plain(field.get("description", "")) or "-"


def _plain(text: str) -> str:
    """One line of Markdown in which nothing is markup by accident."""
    return " ".join(text.split()).replace("*", "\\*").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(definition_page())

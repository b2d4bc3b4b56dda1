"""What is wrong with a spec, in the words of a person who has to correct it; pure, and without a cluster."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from typing_extensions import override

from parley_operator.cli.compare.expressions import holds
from parley_operator.cli.support.masking import masked
from parley_operator.model.chat_cluster import ChatClusterSpec
from parley_operator.model.part import Part
from parley_operator.model.schema import structural_schema

_LONGEST: Final = 120
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A field, what it is, and what it may be."""

    field: str
    found: str
    allowed: str

    @override
    def __str__(self) -> str:
        """One line."""
        return f"{self.field} {self.found}: {self.allowed}"


def read_spec(spec: Mapping[str, Any]) -> ChatClusterSpec | list[Mistake]:
    """The spec as the API server would take it, or all that is wrong with it."""
    given = _without_nothing(spec)
    try:
        read = ChatClusterSpec.model_validate(given, strict=True)
    except ValidationError as error:
        return [_mistake(each, masked(given)) for each in error.errors(include_url=False)]
    return list(broken_rules(read)) or read


def broken_rules(part: Part, path: str = "spec") -> Iterator[Mistake]:
    """The rules that a part and those in it break; rules about a change are the API server's to check."""
    value = part.model_dump(by_alias=True, exclude_none=True)
    for rule in part.rules:
        if "oldSelf" not in rule.rule and not holds(rule.rule, value):
            yield Mistake(path + rule.field, _shown(_at(masked(value), rule.field.strip(".").split("."))), rule.message)
    for name, field in type(part).model_fields.items():
        yield from _inside(getattr(part, name), f"{path}.{field.alias or name}")


def _inside(value: object, path: str) -> Iterator[Mistake]:
    if isinstance(value, Part):
        yield from broken_rules(value, path)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _inside(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _inside(each, f"{path}[{number}]")


def _without_nothing(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Without fields that are null, which the API server removes before it looks."""
    if isinstance(value, Mapping):
        return {key: _without_nothing(each) for key, each in value.items() if each is not None}
    return [_without_nothing(each) for each in value] if isinstance(value, list) else value


def _mistake(error: Mapping[str, Any], spec: Mapping[str, Any]) -> Mistake:
    place: Sequence[str | int] = error["loc"]
    field = "spec" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    schema = structural_schema(ChatClusterSpec)
    if error["type"] == "extra_forbidden":
        return Mistake(field, "is not a field", _alternatives(str(place[-1]), _schema_at(schema, place[:-1])))
    if error["type"] == "missing":
        return Mistake(field, "is not set", f"it must be: {_allowed(_schema_at(schema, place))}")
    return Mistake(field, _shown(_at(spec, place)), f"allowed is {_allowed(_schema_at(schema, place))}")


def _schema_at(schema: dict[str, Any], place: Sequence[str | int]) -> dict[str, Any]:
    """The schema of a field; of the last part that has one when the place goes on."""
    for part in place:
        below = schema.get("items") if isinstance(part, int) else (schema.get("properties") or {}).get(part)
        below = below or schema.get("additionalProperties")
        if not isinstance(below, dict):
            break
        schema = below
    return schema


def _alternatives(name: str, schema: Mapping[str, Any]) -> str:
    fields = list(schema.get("properties") or {})
    near = difflib.get_close_matches(name, fields, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}allowed are {', '.join(fields)}" if fields else "no field is allowed there"


def _allowed(schema: Mapping[str, Any]) -> str:
    """What a field may be."""
    if "enum" in schema:
        return "one of " + ", ".join(str(each) for each in schema["enum"])
    kind = schema.get("type", "")
    words = {
        "integer": f"a whole number{_bounds(schema, 'minimum', 'maximum')}",
        "number": f"a number{_bounds(schema, 'minimum', 'maximum')}",
        "boolean": "true or false",
        "string": f"text{_bounds(schema, 'minLength', 'maxLength', ' characters')}{_pattern(schema)}",
        "array": f"a list{_bounds(schema, 'minItems', 'maxItems', ' entries')}",
        "object": f"an object{_fields(schema)}",
    }
    return words.get(kind, "another value")


def _bounds(schema: Mapping[str, Any], least: str, most: str, unit: str = "") -> str:
    low, high = schema.get(least), schema.get(most)
    if low is not None and high is not None:
        return f" from {low} to {high}{unit}" if not unit else f" of {low} to {high}{unit}"
    if high is not None:
        return f" of at most {high}{unit}"
    return f" of at least {low}{unit}" if low is not None else ""


def _pattern(schema: Mapping[str, Any]) -> str:
    return f" that matches {schema['pattern']}" if "pattern" in schema else ""


def _fields(schema: Mapping[str, Any]) -> str:
    fields = list(schema.get("properties") or {})
    return f" with the fields {', '.join(fields)}" if fields else ""


def _at(value: Any, place: Sequence[str | int]) -> Any:  # noqa: ANN401 - whatever the spec holds
    for part in place:
        known = part in value if isinstance(value, Mapping) else isinstance(part, int) and isinstance(value, list)
        if known:
            value = value[part]
        elif part != "":
            return _NOTHING
    return value


def _shown(value: object) -> str:
    if value is _NOTHING:
        return "is not set"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"is {text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}"

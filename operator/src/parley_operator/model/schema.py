"""From the model to the structural schema that the API server wants."""

from typing import Any, Final, get_args

from pydantic import BaseModel

from parley_operator.model.part import Part

_KEPT: Final = (
    "description",
    "type",
    "format",
    "default",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
)


def structural_schema(model: type[BaseModel], *, defaults: bool = True) -> dict[str, Any]:
    """The schema of a model without references, alternatives and titles, with its rules, and its defaults if wanted."""
    document = model.model_json_schema(by_alias=True, mode="validation")
    return _Schema(
        document.get("$defs", {}), _parts(model), _KEPT if defaults else tuple(key for key in _KEPT if key != "default")
    ).convert(document)


def _parts(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Every part that a model is made of, by the name that pydantic gives it."""
    found: dict[str, type[BaseModel]] = {}
    waiting: list[Any] = [model]
    while waiting:
        each = waiting.pop()
        if not (isinstance(each, type) and issubclass(each, BaseModel)):
            waiting.extend(get_args(each))
        elif each.__name__ not in found:
            found[each.__name__] = each
            waiting.extend(field.annotation for field in each.model_fields.values())
    return found


class _Schema:
    def __init__(self, definitions: dict[str, Any], parts: dict[str, type[BaseModel]], kept: tuple[str, ...]) -> None:
        self._definitions = definitions
        self._parts = parts
        self._kept = kept

    def convert(self, schema: dict[str, Any]) -> dict[str, Any]:
        """One schema with everything in it."""
        schema = self._resolved(schema)
        made = {key: schema[key] for key in self._kept if schema.get(key) is not None}
        made |= {key: value for key, value in schema.items() if key.startswith("x-kubernetes-")}
        if isinstance(made.get("default"), dict):
            made["default"] = _without_nothing(made["default"])
        if "const" in schema:
            made |= {"enum": [schema["const"]], "type": "string"}
        if "properties" in schema:
            made["properties"] = {name: self.convert(each) for name, each in schema["properties"].items()}
        if isinstance(schema.get("additionalProperties"), dict):
            made["additionalProperties"] = self.convert(schema["additionalProperties"])
        if "items" in schema:
            made["items"] = self.convert(schema["items"])
        if made.get("type") == "integer":
            made["format"] = "int64"
        part = self._parts.get(schema.get("title", ""))
        if part is not None and issubclass(part, Part) and part.rules:
            made["x-kubernetes-validations"] = [rule.manifest() for rule in part.rules]
        return made

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference, and take what may be missing for what it is when it is there."""
        while True:
            if "$ref" in schema:
                target = self._definitions[schema["$ref"].rpartition("/")[2]]
            elif "anyOf" in schema:
                (target,) = [each for each in schema["anyOf"] if each.get("type") != "null"]
            else:
                return schema
            own = {key: value for key, value in schema.items() if key not in {"$ref", "anyOf", "title"}}
            schema = {**target, **own}


def _without_nothing(default: dict[str, Any]) -> dict[str, Any]:
    """A default as the API server wants it: what is not set is not there."""
    return {
        key: _without_nothing(value) if isinstance(value, dict) else value
        for key, value in default.items()
        if value is not None
    }

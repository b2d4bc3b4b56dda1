"""The page of fields is in step with the model, and leaves nothing out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from parley_operator.cli.reference.definition_reference import definition_page
from parley_operator.model.crd import custom_resource_definition

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final[dict[str, Any]] = custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def fields(path: str, schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, field in schema.get("properties", {}).items():
        yield path, name, field
        place, inner = f"{path}.{name}", field
        while "properties" not in inner:
            if "items" in inner:
                place, inner = f"{place}[]", inner["items"]
            elif isinstance(inner.get("additionalProperties"), dict):
                place, inner = f"{place}.NAME", inner["additionalProperties"]
            else:
                break
        yield from fields(place, inner)


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.*)$", definition_page(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def every_field() -> list[tuple[str, str, dict[str, Any]]]:
    return [found for top in ("spec", "status") for found in fields(top, SCHEMA["properties"][top])]


def test_the_committed_page_is_what_the_model_says() -> None:
    assert (ROOT / "docs" / "reference" / "chatcluster.md").read_text() == definition_page(), "run `make docs`"


def test_every_field_of_the_definition_has_its_row_with_type_default_and_values() -> None:
    page = sections()
    assert len(every_field()) > 150
    for path, name, field in every_field():
        (row,) = re.findall(rf"^\| `{name}` \| (.*) \|$", page[path], flags=re.MULTILINE)
        kind, default, allowed, text = row.split(" | ")
        assert kind, f"{path}.{name} has no type"
        assert text != "-", f"{path}.{name} explains itself"
        assert all(f"`{value}`" in allowed for value in field.get("enum", ()))
        if "default" in field and not isinstance(field["default"], dict):
            assert default not in {"*none*", "*required*"}, f"{path}.{name} has a default"


def test_every_rule_of_the_definition_is_told() -> None:
    page = definition_page()
    for path, _, field in every_field():
        for rule in field.get("x-kubernetes-validations", ()):
            text = " ".join(rule["message"].split()).replace("*", "\\*").replace("<", "&lt;")
            assert text in page, f"a rule of {path} is missing"


def test_a_required_field_says_so() -> None:
    assert "| `kafka` | object | *required* |" in sections()["spec"]
    assert "| `bootstrapServers` | list of string | *required* |" in sections()["spec.kafka"]

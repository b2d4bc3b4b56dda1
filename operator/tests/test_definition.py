"""The definition in the repository is the one that the model makes, and small enough for a plain `kubectl apply`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from parley_operator.model.crd import custom_resource_definition

COMMITTED = Path(__file__).parents[2] / "crds" / "chatclusters.yaml"
LARGEST = 200_000


def schemas(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and all in it, with their paths."""
    yield path, schema
    for name, each in schema.get("properties", {}).items():
        yield from schemas(each, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from schemas(schema[key], f"{path}[]")


def spec() -> dict[str, Any]:
    """The schema of the spec."""
    version = custom_resource_definition()["spec"]["versions"][0]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return found


def test_the_definition_is_in_step_with_the_model() -> None:
    assert yaml.safe_load(COMMITTED.read_text()) == custom_resource_definition(), "make crd"


def test_the_definition_is_small_enough_for_kubectl_apply() -> None:
    assert len(json.dumps(custom_resource_definition())) < LARGEST


def test_every_field_explains_itself() -> None:
    silent = [
        path for path, schema in schemas(spec(), "spec") if not path.endswith("[]") and not schema.get("description")
    ]
    assert not silent


def test_every_list_and_text_is_bounded_and_nothing_unknown_is_kept() -> None:
    for path, schema in schemas(spec(), "spec"):
        assert "x-kubernetes-preserve-unknown-fields" not in schema, path
        if schema.get("type") == "array":
            assert "maxItems" in schema, path
            assert "x-kubernetes-list-type" in schema, path
        if schema.get("type") == "string":
            assert "maxLength" in schema or "enum" in schema, path
        if "additionalProperties" in schema:
            assert "maxProperties" in schema, path


def test_there_are_at_least_forty_rules() -> None:
    rules = {
        rule["rule"] for _, schema in schemas(spec(), "spec") for rule in schema.get("x-kubernetes-validations", [])
    }
    assert len(rules) >= 40

"""Wrong values are refused with a text that names them, and every value is explained."""

import json
from typing import Any

import pytest
import yaml

from e2e.chart.reference import CHART, page, values
from e2e.tests.chart.matrix import SERVERS
from e2e.tests.chart.rendering import Helm, Manifest
from parley_operator.settings import OperatorSettings

BY_THE_CHART = {"watch_namespaces", "namespace", "lease_name", "identity", "image", "host", "port", "log_level"}
"""Settings that other values, or the pod, say."""

WRONG: list[tuple[Manifest, str]] = [
    ({"replicaCount": "two"}, "replicaCount"),
    ({"replicaCount": 11}, "replicaCount"),
    ({"replicas": 2}, "'replicas' not allowed"),
    ({"image": {"digest": "sha256:12"}}, "image/digest"),
    ({"image": {"pullPolicy": "Sometimes"}}, "image/pullPolicy"),
    ({"image": {"tag": "latest"}}, "the image operator is latest"),
    ({"image": {"name": "x"}}, "'name' not allowed"),
    ({"imagePullSecrets": ["registry"]}, "imagePullSecrets/0"),
    ({"watchNamespaces": "chat"}, "watchNamespaces"),
    ({"watchNamespaces": ["Chat_1"]}, "watchNamespaces/0"),
    ({"watchNamespaces": ["chat", "chat"]}, "watchNamespaces"),
    ({"crds": {"keep": "yes"}}, "crds/keep"),
    ({"logLevel": "loud"}, "logLevel"),
    ({"settings": {"RESYNC": "60"}}, "'RESYNC' not allowed"),
    ({"resources": {"requests": {"memory": "128 megabytes"}}}, "resources/requests/memory"),
    ({"networkPolicy": {"egressPorts": [0]}}, "networkPolicy/egressPorts/0"),
    ({"metrics": {"podMonitor": {"interval": "often"}}}, "metrics/podMonitor/interval"),
    ({"podLabels": {"app.kubernetes.io/name": "x"}}, "podLabels"),
    ({"chatCluster": {"tokenSecret": "short"}}, "chatCluster/tokenSecret"),
    ({"chatCluster": {"name": "Chat"}}, "chatCluster/name"),
    ({"devBackends": {"password": 'a"b c d e f'}}, "devBackends/password"),
    ({"test": {"url": "chat.example.com"}}, "test/url"),
    ({"preDelete": {"timeoutSeconds": 0}}, "preDelete/timeoutSeconds"),
    ({"chatCluster": {"create": True}}, "chatCluster.spec.kafka is not set"),
    ({"chatCluster": {"create": True, "spec": SERVERS | {"auth": None}}}, "chatCluster.spec.auth is not set"),
    ({"metrics": {"serviceMonitor": {"enabled": True}, "service": {"enabled": False}}}, "metrics.service.enabled"),
]


@pytest.mark.parametrize(("wrong", "named"), WRONG, ids=[named for _, named in WRONG])
def test_a_wrong_value_is_refused_by_its_name(helm: Helm, wrong: Manifest, named: str) -> None:
    assert named in helm.refusal(wrong)


def test_the_schema_knows_exactly_the_values_that_there_are() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    _compare(schema, defaults, schema, "")


def _compare(schema: Any, defaults: Manifest, root: Any, path: str) -> None:
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    properties = schema.get("properties")
    if properties is None or not defaults:
        return
    assert path == "global" or schema["additionalProperties"] is False, path
    if path.rpartition(".")[2] in {"resources", "affinity"}:
        return
    assert properties.keys() == defaults.keys(), path
    for name, value in defaults.items():
        if isinstance(value, dict):
            _compare(properties[name], value, root, f"{path}.{name}".lstrip("."))


def test_settings_are_those_of_the_operator() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    fields = OperatorSettings.model_fields.keys() - BY_THE_CHART
    assert set(schema["properties"]["settings"]["properties"]) == {name.upper() for name in fields}


def test_every_value_is_explained() -> None:
    found = values((CHART / "values.yaml").read_text())
    assert [each.path for each in found if not each.description] == []


def test_the_table_of_values_in_the_readme_is_made_from_the_values() -> None:
    readme = (CHART / "README.md").read_text()
    assert readme == page(readme, (CHART / "values.yaml").read_text()), "run python -m e2e.chart.reference"


def test_a_table_names_what_is_inside_only_where_that_is_explained() -> None:
    text = "# One.\na: 1\n\nb:\n  # Two,\n  # three.\n  c: {}\n  d: x\n# Whole.\ne:\n  f: 1\n"
    assert [(each.path, each.default, each.description) for each in values(text)] == [
        ("a", 1, "One."),
        ("b.c", {}, "Two, three."),
        ("b.d", "x", ""),
        ("e", {"f": 1}, "Whole."),
    ]

"""A real API server takes whatever the chart renders, with strict validation of fields."""

import json
import time
from collections.abc import Iterator

import pytest
import yaml

from e2e.cluster.kubectl import Kubectl
from e2e.tests.chart.matrix import MATRIX
from e2e.tests.chart.rendering import NAMESPACE, Helm, Manifest
from tests.patience import STILL_S

pytestmark = [pytest.mark.cluster]
NAMESPACES = (NAMESPACE, "chat-one", "chat-two", "elsewhere")
STRICT = ("apply", "--dry-run=server", "--validate=strict", "--server-side", "--force-conflicts", "-f", "-")
OPTIONAL = "monitoring.coreos.com"


@pytest.fixture(scope="module")
def places(kubectl: Kubectl) -> Iterator[None]:
    """The namespaces that the matrix names, under the restricted standard."""
    standard = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
    for name in NAMESPACES:
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": standard}})
        # Pods are refused until their namespace has it.
        kubectl.wait("create", "serviceaccount/default", "--namespace", name)
    yield
    # Tests of the operator use the first one too.
    kubectl("delete", "namespace", *NAMESPACES[1:], "--wait=false")


@pytest.mark.usefixtures("places", "optional_apis")
@pytest.mark.parametrize("values", MATRIX.values(), ids=MATRIX.keys())
def test_the_api_server_takes_every_object(helm: Helm, kubectl: Kubectl, values: Manifest) -> None:
    objects = helm.objects(values)
    served = set(kubectl("api-versions").split())
    left_out = [each for each in objects if each["apiVersion"] not in served]
    assert all(each["apiVersion"].startswith(OPTIONAL) for each in left_out), left_out
    for each in left_out:
        print(f"left out {each['kind']} {each['metadata']['name']}: this cluster has no API {each['apiVersion']}")
    taken = [each for each in objects if each not in left_out]
    done = kubectl.attempt(*STRICT, text=json.dumps({"apiVersion": "v1", "kind": "List", "items": taken}))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr
    assert len(done.stdout.splitlines()) == len(taken)


@pytest.mark.usefixtures("places")
def test_a_first_chat_cluster_is_taken_by_the_definition_of_the_chart(helm: Helm, kubectl: Kubectl) -> None:
    objects = helm.objects(MATRIX["a first ChatCluster on development servers"])
    definition = next(each for each in objects if each["kind"] == "CustomResourceDefinition")
    kubectl.apply(definition)
    deadline = time.monotonic() + STILL_S
    while kubectl.attempt("get", "chatclusters", "-A").returncode:
        assert time.monotonic() < deadline, kubectl("get", f"crd/{definition['metadata']['name']}", "-o", "yaml")
        time.sleep(0.2)
    held = [each for each in objects if "chatcluster.yaml" in (each.get("data") or {})]
    done = kubectl.attempt(*STRICT, text=json.dumps(yaml.safe_load(held[0]["data"]["chatcluster.yaml"])))
    assert done.returncode == 0, done.stderr

"""The operator on a real API server: as a process of this machine, or as pods of the cluster."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.images.build import PROJECT
from e2e.installation.install import NAMESPACE, Installation
from e2e.tests.cluster.workloads import fake_node_manifest
from e2e.tests.operator.chat_clusters import Watched, tokens
from e2e.tests.operator.local_operator import LocalOperator, grant
from tests.patience import STILL_S

FAKE_NODE = "pretends"
DEFINITION = "chatclusters.parley.chat"


@pytest.fixture(scope="session")
def crd(kubectl: Kubectl) -> str:
    """The name of the definition of ChatClusters, which the cluster has."""
    kubectl("apply", "--server-side", "--force-conflicts", "-f", str(PROJECT / "crds"))
    deadline = time.monotonic() + STILL_S
    # kubectl wait fails on a definition that has no conditions yet.
    while kubectl.attempt("get", "chatclusters", "-A").returncode:
        assert time.monotonic() < deadline, kubectl.attempt("get", f"crd/{DEFINITION}", "-o", "yaml").stdout
        time.sleep(0.2)
    return DEFINITION


@pytest.fixture(scope="session")
def fake_node(kubectl: Kubectl, info: Info) -> str:
    """A node on which pods pretend to run."""
    if not info.features.fake_nodes:
        pytest.skip(f"the provider {info.provider} has no fake nodes")
    capacity = {"cpu": "1000", "memory": "1000Gi", "pods": "10000"}
    kubectl.apply(fake_node_manifest(FAKE_NODE) | {"status": {"capacity": capacity, "allocatable": capacity}})
    kubectl.wait("condition=Ready", f"node/{FAKE_NODE}")
    return FAKE_NODE


@contextmanager
def granted_place(kubectl: Kubectl) -> Iterator[str]:
    """A namespace in which the operator's ServiceAccount has its rights, with the Secret of tokens."""
    name = f"operator-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    grant(kubectl, name)
    kubectl.apply(tokens(name))
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def place(crd: str, kubectl: Kubectl) -> Iterator[str]:
    """Such a namespace for one test."""
    assert crd
    with granted_place(kubectl) as name:
        yield name


Start = Callable[..., LocalOperator]


@pytest.fixture
def start(kubectl: Kubectl, info: Info, place: str, tmp_path: Path) -> Iterator[Start]:
    """Starts operators of this test's namespace; all are ended with the test."""
    started: list[LocalOperator] = []

    def one(name: str = "one", **settings: Any) -> LocalOperator:
        started.append(LocalOperator(kubectl, info, place, tmp_path, name, **settings).start())
        return started[-1]

    yield one
    for each in started:
        each.stop()


@pytest.fixture
def watched(kubectl: Kubectl, place: str) -> Watched:
    """The ChatCluster `chat` of this test's namespace."""
    return Watched(kubectl, place)


@pytest.fixture(scope="session")
def deployed(crd: str, installed: Installation) -> str:
    """The operator as pods of the cluster, for the namespace of the backends; returns its own namespace."""
    assert crd
    assert installed
    return NAMESPACE

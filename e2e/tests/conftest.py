"""The cluster of the tests: the one that `make cluster` brought up, or a node of their own on this host."""

import json
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.backends.addresses import NAMESPACE
from e2e.cluster.backends.backends import backends_up
from e2e.cluster.definitions import SOURCES as DEFINITIONS
from e2e.cluster.definitions import definitions
from e2e.cluster.failure import ClusterError
from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info, Provider
from e2e.cluster.providers import open_cluster
from e2e.images.build import IMAGES, PROJECT, reference
from e2e.images.engines import answering
from e2e.images.failure import ImageError
from e2e.installation.built_images import SOURCES, build_images, load_images
from e2e.installation.built_images import digest_of as digest_of_files
from e2e.installation.install import Installation
from e2e.kept import digest_of, forget_older, kept
from tests.patience import STILL_S

SECOND_NAMESPACE = "parley-second"
KEPT_IMAGES = "test-images"


def tell(text: str) -> None:
    """Show how far it is; pytest keeps it for the report."""
    print(text, flush=True)


@pytest.fixture(scope="session")
def host_node(tmp_path_factory: pytest.TempPathFactory) -> HostProvider:
    """A node of this host that does not run yet; tests of it are left out where none can run."""
    provider = HostProvider(tmp_path_factory.mktemp("node"), bound=True)
    missing = provider.lacking()
    if missing:
        pytest.skip("no node can run on this host: " + "; ".join(missing))
    return provider


@pytest.fixture(scope="session")
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """The provider of a cluster that is up."""
    folder = PROJECT / ".cluster"
    if (folder / "provider").exists():
        yield open_cluster(folder)
        return
    try:
        node: HostProvider = request.getfixturevalue("host_node")
    except pytest.skip.Exception as reason:
        pytest.skip(f"{reason}. A cluster by `make cluster` (with kind, say) is used if there is one")
    node.up(tell)
    yield node
    node.down()


@pytest.fixture(scope="session")
def info(provider: Provider) -> Info:
    """All that tests know of the cluster."""
    return provider.info()


@pytest.fixture(scope="session")
def folder(provider: Provider) -> Path:
    """The cluster's folder."""
    return Path(provider.info().kubeconfig).parent


@pytest.fixture(scope="session")
def kubectl(info: Info) -> Kubectl:
    """kubectl for the cluster."""
    return Kubectl(info.programs["kubectl"], Path(info.kubeconfig), info.context)


@pytest.fixture(scope="module")
def optional_apis(kubectl: Kubectl) -> Iterator[set[str]]:
    """The optional APIs that the cluster has for the tests of one file; without them it serves none of these."""
    try:
        folder = definitions()
    except (ClusterError, OSError) as error:
        print(f"objects of optional APIs are left out: {error}")
        yield set()
        return
    before = set(kubectl("api-versions").split())
    kubectl("apply", "--server-side", "-f", str(folder))
    kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(folder))
    deadline = time.monotonic() + STILL_S
    while len(served := set(kubectl("api-versions").split()) - before) < len(DEFINITIONS):
        assert time.monotonic() < deadline, served
        time.sleep(0.2)
    yield served
    kubectl("delete", "-f", str(folder))


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """A namespace for one test."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def archives() -> Path:
    """A folder with both images, in which nobody writes: built now, or by an earlier run from the same files."""
    try:
        folder = kept(KEPT_IMAGES, images_digest(PROJECT), _build)
    except ImageError as error:
        pytest.skip(f"no images can be built here: {error}")
    forget_older(KEPT_IMAGES, 3)
    return folder


def images_digest(project: Path) -> str:
    """Tells whether images of a checkout would be others than before: what they are made of, and what makes them."""
    files = [digest_of_files(project / each for each in SOURCES), digest_of_files([PROJECT / "e2e" / "images"])]
    return digest_of(each.encode() for each in (answering(), *files))


def _build(folder: Path) -> None:
    build_images(folder, tell)
    shutil.rmtree(folder / "context")


@pytest.fixture(scope="session")
def images(provider: Provider, folder: Path, archives: Path) -> dict[str, str]:
    """The references of both images, which the cluster has."""
    try:
        load_images(provider, folder, archives, tell)
    except ClusterError as error:
        pytest.skip(str(error))
    return {name: reference(name) for name in IMAGES}


@pytest.fixture(scope="session")
def backends(info: Info, folder: Path) -> dict[str, Any]:
    """Kafka, CQL and Redis, reachable from pods."""
    return backends_up(info, folder, tell, bound=True)


QUICK = {"RESYNC_S": "10", "EXTERNAL_S": "5", "METRICS_S": "4", "SCALING_S": "3"}
"""Seconds between looks of the operator, so that tests need not wait for the usual ones."""

CHART_OPTIONS = (
    *("--set", f"watchNamespaces={{{NAMESPACE},{SECOND_NAMESPACE}}}"),
    *("--set-json", f"settings={json.dumps(QUICK)}"),
    # Other tests may have applied the definition before, without Helm.
    *("--take-ownership", "--force-conflicts"),
)


@pytest.fixture(scope="session")
def installed(info: Info, kubectl: Kubectl, images: dict[str, str], backends: dict[str, Any]) -> Installation:
    """The operator, installed by the chart, for the namespace of the backends and a second one."""
    assert images
    assert backends["namespace"] == NAMESPACE
    for name in (NAMESPACE, SECOND_NAMESPACE):
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted", "--overwrite")
    installation = Installation(info)
    installation.install_chart(tell, *CHART_OPTIONS)
    return installation

"""The images: small, without a shell, the same bytes each time, and a pod of each starts."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.images.engines import answering
from e2e.tests.cluster.workloads import RESTRICTED, pod

pytestmark = [pytest.mark.cluster]
NAMES = ("services", "operator")


@pytest.mark.parametrize("name", NAMES)
def test_a_pod_of_each_image_starts_under_the_restricted_profile(
    kubectl: Kubectl, namespace: str, images: dict[str, str], name: str
) -> None:
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    container = {"name": "main", "image": images[name], "imagePullPolicy": "Never", "args": ["--help"]}
    kubectl.apply(pod(namespace, name, {"containers": [container | {"securityContext": RESTRICTED}]}))
    kubectl.wait("jsonpath={.status.phase}=Succeeded", f"pod/{name}", "-n", namespace)
    assert "Usage: parley" in kubectl("logs", name, "-n", namespace)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_says_what_it_is_and_runs_as_nobody(archives: Path, name: str) -> None:
    configuration = next(found for found in _blobs(archives / f"{name}.tar") if "rootfs" in found)
    assert configuration["config"]["User"] == "65532:65532"
    labels = configuration["config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == f"Parley {name}"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert configuration["created"] == "1970-01-01T00:00:00Z"


def test_the_same_inputs_give_the_same_image(archives: Path) -> None:
    """Both were built from the same wheels, one after the other: nothing in them may tell which one came first."""
    if answering() == "docker":
        pytest.skip("Docker keeps the times of files; podman and buildah set them")
    services, operator = (_layers(archives / f"{name}.tar") for name in NAMES)
    assert services
    assert services == operator


def _layers(archive: Path) -> list[str]:
    """The hashes of all files of an image, which its manifest names."""
    manifest = next(found for found in _blobs(archive) if "layers" in found)
    return [layer["digest"] for layer in manifest["layers"]]


def _blobs(archive: Path) -> Iterator[dict[str, Any]]:
    with tarfile.open(archive) as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            if content is not None and entry.size < 100_000:
                try:
                    found = json.loads(content.read())
                except ValueError:
                    continue
                if isinstance(found, dict):
                    yield found

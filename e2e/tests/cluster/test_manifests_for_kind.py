"""What kind would be given is at least what a real API server takes."""

from pathlib import Path

import pytest

from e2e.cluster.backends.addresses import Login, credentials
from e2e.cluster.backends.backends import MANIFESTS
from e2e.cluster.host.go_programs import PROGRAMS
from e2e.cluster.kind import kind_provider
from e2e.cluster.kubectl import Kubectl

pytestmark = [pytest.mark.cluster]
METRICS_SERVER = Path(kind_provider.__file__).parent / "metrics-server"


def test_the_backends_manifests_pass_a_real_api_server(kubectl: Kubectl) -> None:
    kubectl.apply(*credentials({"kafka": Login("u", "p")}))
    said = kubectl("apply", "--server-side", "--dry-run=server", "--kustomize", str(MANIFESTS))
    for name in ("statefulset.apps/kafka", "statefulset.apps/scylla", "statefulset.apps/redis", "service/cql"):
        assert f"{name} serverside-applied" in said


def test_metrics_server_is_the_official_one_at_the_version_that_a_host_builds(kubectl: Kubectl) -> None:
    said = kubectl("kustomize", str(METRICS_SERVER))
    version = next(program.version() for program in PROGRAMS if program.name == "metrics-server")
    assert f"image: registry.k8s.io/metrics-server/metrics-server:{version}" in said
    assert "--kubelet-insecure-tls" in said
    assert "--kubelet-certificate-authority" not in said
    dry_run = ("apply", "--server-side", "--force-conflicts", "--dry-run=server")
    assert "metrics-server" in kubectl(*dry_run, "--kustomize", str(METRICS_SERVER))

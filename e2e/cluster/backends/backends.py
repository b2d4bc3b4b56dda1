"""Gives a cluster its backends, whichever provider it came from."""

import json
from pathlib import Path
from typing import Any

from e2e.cluster.backends.addresses import NAMESPACE, Login, addresses, credentials, services_at
from e2e.cluster.backends.host_backends import HostBackends
from e2e.cluster.host import node_layout
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info, Tell
from e2e.kept_secret import kept_secret

MANIFESTS = Path(__file__).parents[2] / "backends" / "manifests"
READY_S = 600.0


def backends_up(info: Info, folder: Path, tell: Tell, *, bound: bool = False) -> dict[str, Any]:
    """Start Kafka, CQL and Redis for the cluster of `folder`; returns what a ChatCluster needs to name.

    On a host they are processes beside the node, elsewhere pods of the official images.
    """
    kubectl = Kubectl(info.programs["kubectl"], Path(info.kubeconfig), info.context)
    if info.provider == "host":
        backends = HostBackends(folder, bound=bound)
        tell("starting Kafka, Cassandra and Redis beside the node")
        backends.up()
        kubectl.apply(*credentials(backends.logins()), *services_at(node_layout.ADDRESS))
    else:
        mine = Login("parley", kept_secret(folder / "backends" / "password"))
        kubectl.apply(*credentials({"kafka": mine, "cql": Login("cassandra", "cassandra"), "redis": mine}))
        tell("starting Kafka, Scylla and Redis as pods (their images are fetched once)")
        kubectl("apply", "--server-side", "--kustomize", str(MANIFESTS))
        for name in ("kafka", "scylla", "redis"):
            arguments = ["--namespace", NAMESPACE, f"--timeout={READY_S:.0f}s"]
            kubectl("rollout", "status", f"statefulset/{name}", *arguments, timeout_s=READY_S + 30)
    return addresses()


def to_json(found: dict[str, Any]) -> str:
    """The addresses for a person or a script."""
    return json.dumps(found, indent=2)

"""kind's configuration for our cluster; pure, by kind's documented conventions (kind.sigs.k8s.io/docs/user)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

NODE_IMAGE: Final = (
    "docker.io/kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed"
)
"""From the release notes of kind 0.33.0: a node image belongs to the release of kind that it was built for."""

NEEDED_KIND: Final = (0, 33)
_POLICY: Final = "/etc/kubernetes/policies/audit-policy.yaml"
_LOGS: Final = "/var/log/kubernetes"


def kind_configuration(policy: Path, logs: Path, node_ports: Mapping[int, int]) -> dict[str, Any]:
    """One node with NodePorts on 127.0.0.1 and an audit log in `logs` by `policy` (kind's page on auditing)."""
    mapped = [
        {"containerPort": port, "hostPort": local, "listenAddress": "127.0.0.1", "protocol": "TCP"}
        for port, local in node_ports.items()
    ]
    node = {
        "role": "control-plane",
        "image": NODE_IMAGE,
        "extraPortMappings": mapped,
        "extraMounts": [
            {"hostPath": str(policy), "containerPath": _POLICY, "readOnly": True},
            {"hostPath": str(logs), "containerPath": _LOGS},
        ],
        "kubeadmConfigPatches": [json.dumps(_api_server())],
    }
    return {"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "nodes": [node]}


def _api_server() -> dict[str, Any]:
    arguments = {"audit-log-path": f"{_LOGS}/audit.log", "audit-policy-file": _POLICY}
    volumes = [
        {"name": "policies", "hostPath": _POLICY, "mountPath": _POLICY, "readOnly": True, "pathType": "File"},
        {"name": "logs", "hostPath": _LOGS, "mountPath": _LOGS, "readOnly": False, "pathType": "DirectoryOrCreate"},
    ]
    return {
        "kind": "ClusterConfiguration",
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "apiServer": {
            "extraArgs": [{"name": name, "value": value} for name, value in arguments.items()],
            "extraVolumes": volumes,
        },
    }

"""The StatefulSet of gateways and the Deployments of the other services; none says how many replicas it has."""

from typing import Final

from parley.contract import ROLES
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import child, metadata, selector
from parley_operator.desired.pod import pod_template

GATEWAY: Final = "gateway"
WORKERS: Final = tuple(role for role in ROLES if role != GATEWAY)
MIN_READY_S: Final = 5
"""A container that crashes at once is Ready for a moment; only one that stays so counts."""


def workloads(inputs: Inputs) -> list[Manifest]:
    """The workloads, one for each component."""
    return [gateway(inputs), *(worker(inputs, role) for role in WORKERS)]


def gateway(inputs: Inputs) -> Manifest:
    """Gateways keep their names, by which clients' connections are found; the operator restarts them one by one."""
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(inputs, GATEWAY, GATEWAY, annotations=inputs.spec.component(GATEWAY).annotations),
        "spec": {
            "serviceName": child(inputs, "gateway-headless"),
            "podManagementPolicy": "Parallel",
            "updateStrategy": {"type": "OnDelete"},
            "minReadySeconds": MIN_READY_S,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": selector(inputs, GATEWAY)},
            "template": pod_template(inputs, GATEWAY),
        },
    }


def worker(inputs: Inputs, role: str) -> Manifest:
    """Pods without names of their own; one more than wanted while they are replaced, never one less."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(inputs, role, role, annotations=inputs.spec.component(role).annotations),
        "spec": {
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "minReadySeconds": MIN_READY_S,
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": 300,
            "selector": {"matchLabels": selector(inputs, role)},
            "template": pod_template(inputs, role),
        },
    }

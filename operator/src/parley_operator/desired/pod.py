"""The pods of the components: restricted, probed, spread, and restarted when what they read changes."""

import math
from collections.abc import Iterable
from typing import Final

from parley.contract import LIVENESS_PATH, READINESS_PATH
from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.merge import strategic_merge
from parley_operator.desired.names import (
    ADMIN_PORT,
    CHECKSUM,
    INTERNAL_PORT,
    PUBLIC_PORT,
    SECRETS_CHECKSUM,
    child,
    labels,
    selector,
)
from parley_operator.desired.settings import (
    MOUNT,
    SecretFile,
    SecretValue,
    plain_settings,
    secrets_of,
)
from parley_operator.desired.sizing import target_connections
from parley_operator.model.component import Component, Drain

GRACE_MARGIN_S: Final = 15
"""After the last client was asked to leave, for goodbyes and what is under way."""
HEADROOM: Final = 1.25
"""A gateway may have so many more connections than wanted, while others are restarted."""
WORKER_GRACE_S: Final = 45
PRE_STOP_S: Final = 5


def drain_of(component: Component) -> Drain:
    """How a gateway drains."""
    return component.drain or Drain()


def drain_seconds(component: Component) -> int:
    """Time that a full gateway needs to ask all its clients."""
    return math.ceil(target_connections(component) * HEADROOM / drain_of(component).rate_per_second)


def grace_seconds(component: Component, role: str) -> int:
    """The grace period: longer than the drain, so that nobody is cut off."""
    if role != "gateway":
        return WORKER_GRACE_S
    return drain_of(component).initial_delay_seconds + drain_seconds(component) + GRACE_MARGIN_S


def pod_template(inputs: Inputs, role: str) -> Manifest:
    """The template of a component's pods, with the overrides of the spec."""
    component = inputs.spec.component(role)
    template = {
        "metadata": {"labels": labels(inputs, role), "annotations": checksums(inputs, role)},
        "spec": _pod_spec(inputs, role, component),
    }
    return _restricted(strategic_merge(template, component.pod_overrides()))


def _restricted(template: Manifest) -> Manifest:
    """Containers that people add get what the restricted Pod Security asks of every container."""
    spec = template["spec"]
    lists = {
        name: [{"securityContext": _unprivileged(), **container} for container in spec[name]]
        for name in ("initContainers", "containers")
        if name in spec
    }
    return {**template, "spec": {**spec, **lists}}


def _unprivileged() -> Manifest:
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def checksums(inputs: Inputs, role: str) -> dict[str, str]:
    """Annotations that change when a setting or a Secret of the role does, and so restart its pods."""
    names = {each.secret for each in secrets_of(inputs, role)}
    secrets = {name: inputs.around.secrets.get(name, "") for name in sorted(names)}
    return {CHECKSUM: digest(plain_settings(inputs), 32), SECRETS_CHECKSUM: digest(secrets, 32)}


def _pod_spec(inputs: Inputs, role: str, component: Component) -> Manifest:
    spec: Manifest = {
        "serviceAccountName": child(inputs, "services"),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": grace_seconds(component, role),
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(inputs, role, component)],
        "volumes": _volumes(inputs, role),
        "topologySpreadConstraints": _spread(inputs, role, component),
    }
    if inputs.spec.image_pull_secrets:
        spec["imagePullSecrets"] = [{"name": each.name} for each in inputs.spec.image_pull_secrets]
    scheduling = component.scheduling
    if scheduling and scheduling.node_selector:
        spec["nodeSelector"] = dict(scheduling.node_selector)
    if scheduling and scheduling.tolerations:
        spec["tolerations"] = [each.model_dump(by_alias=True, exclude_none=True) for each in scheduling.tolerations]
    if scheduling and scheduling.priority_class_name:
        spec["priorityClassName"] = scheduling.priority_class_name
    return spec


def _container(inputs: Inputs, role: str, component: Component) -> Manifest:
    resources = component.resources
    sized = {"requests": {"cpu": inputs.sizing.cpu, "memory": inputs.sizing.memory}}
    return {
        "name": role,
        "image": inputs.image,
        "imagePullPolicy": inputs.spec.image_pull_policy,
        "args": ["run", role],
        "ports": _ports(role),
        "envFrom": [{"configMapRef": {"name": child(inputs, "settings")}}],
        "env": _environment(inputs, role, component),
        "startupProbe": _probe(LIVENESS_PATH, failures=60, period=2),
        "readinessProbe": _probe(READINESS_PATH, failures=3, period=5),
        "livenessProbe": _probe(LIVENESS_PATH, failures=6, period=10),
        "lifecycle": {"preStop": {"sleep": {"seconds": _pre_stop(component, role)}}},
        "resources": resources.model_dump(by_alias=True, exclude_none=True) if resources else sized,
        "securityContext": {**_unprivileged(), "readOnlyRootFilesystem": True},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": "temporary", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
            *(
                {"name": volume, "mountPath": f"{MOUNT}/{secret}", "readOnly": True}
                for secret, volume in _secret_volumes(inputs, role)
            ),
        ],
    }


def _pre_stop(component: Component, role: str) -> int:
    """Wait before SIGTERM until the address left the load balancers; 0 is not allowed by every API server."""
    return max(1, drain_of(component).initial_delay_seconds if role == "gateway" else PRE_STOP_S)


def _ports(role: str) -> list[Manifest]:
    ports = [{"name": "admin", "containerPort": ADMIN_PORT}]
    if role in {"gateway", "chat"}:
        ports.append({"name": "http", "containerPort": PUBLIC_PORT})
    if role == "chat":
        ports.append({"name": "internal", "containerPort": INTERNAL_PORT})
    return ports


def _environment(inputs: Inputs, role: str, component: Component) -> list[Manifest]:
    found: list[Manifest] = [
        {"name": "PARLEY_NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    for each in secrets_of(inputs, role):
        if isinstance(each, SecretValue):
            source = {"secretKeyRef": {"name": each.secret, "key": each.key}}
            found.append({"name": f"PARLEY_{each.setting}", "valueFrom": source})
        else:
            found.append({"name": f"PARLEY_{each.setting}", "value": f"{MOUNT}/{each.secret}/{each.key}"})
    if role == "gateway":
        seconds = drain_seconds(component) + GRACE_MARGIN_S - 5
        found.append({"name": "PARLEY_DRAIN_MS", "value": str(seconds * 1000)})
        found.append({"name": "PARLEY_DRAIN_PER_SECOND", "value": str(drain_of(component).rate_per_second)})
    own = [each.model_dump(by_alias=True, exclude_none=True) for each in component.env or ()]
    return [*found, *own]


def _secret_volumes(inputs: Inputs, role: str) -> list[tuple[str, str]]:
    """Secrets that are mounted, with the names of their volumes."""
    secrets = sorted({each.secret for each in secrets_of(inputs, role) if isinstance(each, SecretFile)})
    return [(secret, f"secret-{number}") for number, secret in enumerate(secrets)]


def _volumes(inputs: Inputs, role: str) -> list[Manifest]:
    return [
        {"name": "temporary", "emptyDir": {"sizeLimit": "64Mi"}},
        *({"name": volume, "secret": {"secretName": secret}} for secret, volume in _secret_volumes(inputs, role)),
    ]


def _probe(path: str, *, failures: int, period: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": ADMIN_PORT},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def _spread(inputs: Inputs, role: str, component: Component) -> list[Manifest]:
    scheduling = component.scheduling
    asked: Iterable[tuple[str, int, str]] = (
        [(each.topology_key, each.max_skew, each.when_unsatisfiable) for each in scheduling.topology_spread]
        if scheduling and scheduling.topology_spread is not None
        else [(f"{key}", 1, "ScheduleAnyway") for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")]
    )
    return [
        {
            "topologyKey": key,
            "maxSkew": skew,
            "whenUnsatisfiable": otherwise,
            "labelSelector": {"matchLabels": selector(inputs, role)},
        }
        for key, skew, otherwise in asked
    ]

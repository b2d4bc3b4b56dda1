"""The objects that install the operator itself: what `kubectl apply` needs where Helm is not used."""

from typing import Any, Final

from parley.contract import LIVENESS_PATH, METRICS_PATH, READINESS_PATH
from parley_operator.kube.permissions import GRANTS, LEASE_GRANTS, rules

Manifest = dict[str, Any]
NAME: Final = "parley-operator"
PORT: Final = 8080
_RBAC: Final = "rbac.authorization.k8s.io"
_LABELS: Final = {"app.kubernetes.io/name": NAME}


def installation(
    image: str, services_image: str, namespace: str, watch_namespaces: tuple[str, ...] = (), replicas: int = 1
) -> list[Manifest]:
    """Everything but the CustomResourceDefinition. With `watch_namespaces` the operator can do nothing elsewhere."""
    meta = {"name": NAME, "namespace": namespace, "labels": _LABELS}
    objects: list[Manifest] = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
        },
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        _role("Role", f"{NAME}-leases", namespace, rules(LEASE_GRANTS)),
        _binding("RoleBinding", f"{NAME}-leases", namespace, namespace, "Role"),
    ]
    if watch_namespaces:
        for watched in watch_namespaces:
            objects.append(_role("Role", NAME, watched, rules(GRANTS)))
            objects.append(_binding("RoleBinding", NAME, watched, namespace, "Role"))
    else:
        objects.append(_role("ClusterRole", NAME, None, rules(GRANTS)))
        objects.append(_binding("ClusterRoleBinding", NAME, None, namespace, "ClusterRole"))
    return [*objects, _deployment(meta, image, services_image, watch_namespaces, replicas)]


def _role(kind: str, name: str, namespace: str | None, granted: list[Manifest]) -> Manifest:
    metadata = {"name": name, "labels": _LABELS, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, "rules": granted}


def _binding(kind: str, name: str, namespace: str | None, home: str, role: str) -> Manifest:
    metadata = {"name": name, "labels": _LABELS, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": {"apiGroup": _RBAC, "kind": role, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": home}],
    }


def _container(image: str, services_image: str, watch_namespaces: tuple[str, ...]) -> Manifest:
    from_pod = {"valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}
    return {
        "name": "operator",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["run"],
        "env": [
            {"name": "PARLEY_OPERATOR_NAMESPACE", **from_pod},
            {"name": "PARLEY_OPERATOR_IDENTITY", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "PARLEY_OPERATOR_IMAGE", "value": services_image},
            {"name": "PARLEY_OPERATOR_WATCH_NAMESPACES", "value": ",".join(watch_namespaces)},
        ],
        "ports": [{"name": "http", "containerPort": PORT}],
        "livenessProbe": {"httpGet": {"path": LIVENESS_PATH, "port": PORT}, "periodSeconds": 10, "failureThreshold": 3},
        "startupProbe": {"httpGet": {"path": LIVENESS_PATH, "port": PORT}, "periodSeconds": 2, "failureThreshold": 30},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "temporary", "mountPath": "/tmp"}],  # noqa: S108 - the pod's own
    }


def _deployment(
    meta: Manifest, image: str, services_image: str, watch_namespaces: tuple[str, ...], replicas: int
) -> Manifest:
    container = _container(image, services_image, watch_namespaces)
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(PORT), "prometheus.io/path": METRICS_PATH}
    container["readinessProbe"] = {"httpGet": {"path": READINESS_PATH, "port": PORT}, "periodSeconds": 5}
    if replicas > 1:
        # Standbys are not ready, since they do nothing; a rollout must not wait for them.
        del container["readinessProbe"]
    spec = {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 20,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "temporary", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            "replicas": replicas,
            # A new one cannot be ready before the old one gave the lease back.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS, "annotations": annotations}, "spec": spec},
        },
    }

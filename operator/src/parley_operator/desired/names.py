"""Names and labels of everything that belongs to a ChatCluster."""

from typing import Final

from parley_operator.desired.inputs import Inputs, Manifest

PUBLIC_PORT: Final = 8080
ADMIN_PORT: Final = 9090
INTERNAL_PORT: Final = 8090

MANAGED_BY: Final = "parley-operator"
INSTANCE: Final = "app.kubernetes.io/instance"
COMPONENT: Final = "app.kubernetes.io/component"
MANAGER: Final = "app.kubernetes.io/managed-by"
OURS: Final = f"{MANAGER}={MANAGED_BY}"
"""Selects everything that the operator made."""
TEMPLATE_HASH: Final = "parley.chat/template-hash"
CHECKSUM: Final = "parley.chat/config-checksum"
SECRETS_CHECKSUM: Final = "parley.chat/secrets-checksum"
INTERNAL_KEY: Final = "secret"


def child(inputs: Inputs, suffix: str) -> str:
    """Name of an object of this ChatCluster."""
    return f"{inputs.name}-{suffix}"


def selector(inputs: Inputs, role: str | None = None) -> dict[str, str]:
    """Labels that find its pods, or those of one component."""
    found = {"app.kubernetes.io/name": "parley", INSTANCE: inputs.name}
    return {**found, COMPONENT: role} if role else found


def selector_text(labels: dict[str, str]) -> str:
    """Labels as the API server takes them in a query."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def labels(inputs: Inputs, role: str | None = None) -> dict[str, str]:
    """Labels of an object, or of one that belongs to a component."""
    return {**selector(inputs, role), MANAGER: MANAGED_BY}


def metadata(inputs: Inputs, suffix: str, role: str | None = None, **more: dict[str, str] | None) -> Manifest:
    """Metadata of an object that is removed together with the ChatCluster."""
    return {
        "name": child(inputs, suffix),
        "namespace": inputs.namespace,
        "labels": labels(inputs, role),
        "ownerReferences": [inputs.owner],
        **{key: dict(value) for key, value in more.items() if value},
    }


def internal_secret(inputs: Inputs) -> str:
    """Name of the Secret that gateways and chat share."""
    return child(inputs, "internal")


def chat_url(inputs: Inputs) -> str:
    """Where gateways reach chat."""
    return f"http://{child(inputs, 'chat-internal')}.{inputs.namespace}:{INTERNAL_PORT}"

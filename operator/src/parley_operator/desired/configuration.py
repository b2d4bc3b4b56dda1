"""The ConfigMap with the services' settings, and the ServiceAccount that pods run as."""

from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import metadata
from parley_operator.desired.settings import plain_settings


def config_map(inputs: Inputs) -> Manifest:
    """Settings without secrets, as environment variables."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(inputs, "settings"),
        "data": plain_settings(inputs),
    }


def service_account(inputs: Inputs) -> Manifest:
    """Pods never talk to Kubernetes, and so get no token."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(inputs, "services"),
        "automountServiceAccountToken": False,
    }

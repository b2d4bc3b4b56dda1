"""The operator that a cluster has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from parley_operator.cli.cluster_client import Cluster
from parley_operator.kube.errors import KubeError
from parley_operator.kube.resources import DEPLOYMENTS

LABELS: Final = "app.kubernetes.io/name=parley-operator"
_IMAGE_OF_SERVICES: Final = "PARLEY_OPERATOR_IMAGE"


@dataclass(frozen=True, slots=True)
class OperatorInstalled:
    """Its own image, and that of the chat services which it runs when a spec names none."""

    services_image: str
    image: str


def operator_of(deployments: Iterable[Mapping[str, Any]]) -> OperatorInstalled | None:
    """The operator among Deployments; None when there is none, or it does not say its image of the services."""
    for deployment in deployments:
        for container in deployment["spec"]["template"]["spec"]["containers"]:
            for variable in container.get("env") or ():
                if variable["name"] == _IMAGE_OF_SERVICES and variable.get("value"):
                    return OperatorInstalled(variable["value"], container.get("image", ""))
    return None


async def installed_operator(cluster: Cluster, namespace: str) -> OperatorInstalled | None:
    """The operator in a namespace; None when it is not there, or may not be seen."""
    try:
        return operator_of(await cluster.list_all(DEPLOYMENTS, namespace, LABELS))
    except KubeError as error:
        if error.status == 0:
            raise
        return None

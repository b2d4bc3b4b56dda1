"""ChatClusters of a cluster, with a clear word when there are none."""

from typing import Final

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.failures import CommandError
from parley_operator.kube.errors import NotFound
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import CHAT_CLUSTERS
from parley_operator.model.chat_cluster import API_VERSION, KIND

NO_DEFINITION: Final = (
    f"this cluster has no definition of {KIND}:"
    " install it with `parley-operator crd | kubectl apply --server-side -f -`"
)


async def find_cluster(cluster: Cluster, namespace: str, name: str) -> Manifest | None:
    """One ChatCluster; None when it is not there. Raises CommandError when the cluster knows no ChatClusters."""
    found = await cluster.get(CHAT_CLUSTERS, namespace, name)
    if found is None and not await cluster.served(API_VERSION):
        raise CommandError(NO_DEFINITION)
    return found


async def read_cluster(cluster: Cluster, namespace: str, name: str) -> Manifest:
    """One ChatCluster. Raises CommandError when it is not there."""
    found = await find_cluster(cluster, namespace, name)
    if found is None:
        raise CommandError(
            f"there is no {KIND} {name} in namespace {namespace}: `kubectl get {KIND.lower()}s -A` lists all"
        )
    return found


async def read_clusters(cluster: Cluster, namespace: str | None) -> list[Manifest]:
    """All ChatClusters of a namespace, or of all. Raises CommandError when there is none."""
    try:
        found = await cluster.list_all(CHAT_CLUSTERS, namespace)
    except NotFound:
        raise CommandError(NO_DEFINITION) from None
    if not found:
        where = f"in namespace {namespace}: choose another with -n, or look in all with -A" if namespace else "anywhere"
        raise CommandError(f"there is no {KIND} {where}")
    return sorted(found, key=lambda each: (each["metadata"]["namespace"], each["metadata"]["name"]))

"""`leave`: what must happen before the operator is removed, so that nothing waits for it afterwards.

A ChatCluster with deletionPolicy Delete has a finalizer that only the operator removes. Deletions under way come to
their end while the operator still runs; then it is stopped, since it would put finalizers back, and those that are left
are removed. Their topics and keyspaces stay.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import click

from parley_operator.cli.connection import connected
from parley_operator.cli.failures import note
from parley_operator.kube.errors import Conflict, KubeError, NotFound
from parley_operator.kube.port import KubernetesPort, Manifest
from parley_operator.kube.resources import CHAT_CLUSTERS, DEPLOYMENTS, LEASES
from parley_operator.model.chat_cluster import KIND
from parley_operator.reconcile.deletion import FINALIZER
from parley_operator.settings import OperatorSettings, load_settings

MANAGER: Final = "parley-leave"
_AGAIN_S: Final = 1.0
_TRIES: Final = 5
_STOPPED_S: Final = 30.0
"""Longer than a Lease lasts when its holder was killed."""


async def run_leave(deployment: str, timeout_s: float, kubeconfig: str | None, context: str | None) -> None:
    """Leave in `timeout_s` at most; whatever does not work is told and stops nothing."""
    async with connected(kubeconfig, context) as connection:
        await leave(connection.client, load_settings(), deployment, time.monotonic() + timeout_s)


async def leave(kube: KubernetesPort, settings: OperatorSettings, deployment: str, deadline: float) -> None:
    """Leave before `deadline`, by the monotonic clock."""
    enough = deadline - time.monotonic() > 2 * _STOPPED_S
    await _tried("deletions under way were not waited for", lambda: _finished(kube, settings, deadline, enough=enough))
    await _tried(f"Deployment {deployment} was not stopped", lambda: _stopped(kube, settings, deployment, deadline))
    await _tried("finalizers were not removed", lambda: _freed(kube, settings))


async def _tried(otherwise: str, step: Callable[[], Awaitable[None]]) -> None:
    try:
        await step()
    except KubeError as error:
        note(f"{otherwise}: {error}")


async def _held(kube: KubernetesPort, settings: OperatorSettings) -> list[Manifest]:
    """ChatClusters with the finalizer, wherever this operator looks."""
    where: Sequence[str | None] = settings.namespaces or (None,)
    found: list[Manifest] = []
    for namespace in where:
        try:
            found += await kube.list_all(CHAT_CLUSTERS, namespace)
        except NotFound:
            continue
    return [each for each in found if FINALIZER in (each["metadata"].get("finalizers") or [])]


async def _finished(kube: KubernetesPort, settings: OperatorSettings, deadline: float, *, enough: bool) -> None:
    until = deadline - (_STOPPED_S if enough else 0.0)
    while True:
        leaving = [each for each in await _held(kube, settings) if each["metadata"].get("deletionTimestamp")]
        if not leaving:
            return
        if time.monotonic() + _AGAIN_S > until:
            note(f"{_names(leaving)} is still being deleted: it goes now, and its topics and keyspace stay")
            return
        await asyncio.sleep(_AGAIN_S)


async def _stopped(kube: KubernetesPort, settings: OperatorSettings, deployment: str, deadline: float) -> None:
    """No pods, and nobody who holds the Lease."""
    scale = {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": deployment, "namespace": settings.namespace},
        "spec": {"replicas": 0},
    }
    await kube.apply(DEPLOYMENTS, scale, manager=MANAGER, subresource="scale")
    until = min(deadline, time.monotonic() + _STOPPED_S)
    while time.monotonic() < until:
        lease = await kube.get(LEASES, settings.namespace, settings.lease_name)
        if lease is None or not lease["spec"].get("holderIdentity"):
            return
        await asyncio.sleep(_AGAIN_S)
    note(f"Lease {settings.lease_name} still names a holder: it was killed, or does not end")


async def _freed(kube: KubernetesPort, settings: OperatorSettings) -> None:
    for _ in range(_TRIES):
        held = await _held(kube, settings)
        if not held:
            return
        for each in held:
            metadata = each["metadata"]
            rest = [name for name in metadata["finalizers"] if name != FINALIZER]
            change = {"metadata": {"finalizers": rest, "resourceVersion": metadata["resourceVersion"]}}
            try:
                await kube.patch(CHAT_CLUSTERS, metadata["namespace"], metadata["name"], change)
            except (Conflict, NotFound):
                continue
            click.echo(f"{KIND} {_name(each)} can be deleted without an operator; its topics and keyspace would stay")


def _names(clusters: Sequence[Manifest]) -> str:
    return f"{KIND} {', '.join(_name(each) for each in clusters)}"


def _name(cluster: Manifest) -> str:
    return f"{cluster['metadata']['namespace']}/{cluster['metadata']['name']}"

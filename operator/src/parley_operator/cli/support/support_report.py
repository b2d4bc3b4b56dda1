"""`report`: everything that helps somebody else to find a fault, without secrets. Nothing is changed.

What may not be read, or is not there, is noted in the report; Secrets are not asked for at all.
"""

import asyncio
import datetime as dt
import platform
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.connection import connected
from parley_operator.cli.failures import CommandError
from parley_operator.cli.show.chat_clusters import find_cluster
from parley_operator.cli.show.events_shown import events_text, is_about
from parley_operator.cli.show.installed import LABELS as OPERATOR_LABELS
from parley_operator.cli.show.status import status_text
from parley_operator.cli.support.bundle import Bundle
from parley_operator.desired.names import INSTANCE
from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import (
    CHILDREN,
    CONTROLLER_REVISIONS,
    DEPLOYMENTS,
    EVENTS,
    LEASES,
    PODS,
    Resource,
)
from parley_operator.model.chat_cluster import GROUP, KIND, PLURAL

_LINES: Final = 2000
_AT_ONCE: Final = 8
_REPLICA_SETS: Final = Resource("apps/v1", "ReplicaSet", "replicasets")
_DEFINITIONS: Final = Resource("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions")
_OBJECTS: Final = (*CHILDREN, _REPLICA_SETS, CONTROLLER_REVISIONS)
_Answer = TypeVar("_Answer")


async def run_report(
    name: str,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    operator_namespace: str,
    output: str | None,
) -> None:
    """Write the report, and print where it is."""
    now = dt.datetime.now(dt.UTC)
    async with connected(kubeconfig, context) as connection:
        where = namespace or connection.namespace
        target = Path(output or default_name(where, name, now))
        with Bundle(target) as bundle:
            await SupportReport(connection.client, bundle, operator_namespace).collect(where, name, now)
    click.echo(f"{bundle.files} files; {bundle.left_out} things were left out, see left-out.txt in it", err=True)
    click.echo(target)


def default_name(namespace: str, name: str, now: dt.datetime) -> str:
    """The name of the file, when none is given."""
    return f"parley-report-{namespace}-{name}-{now:%Y%m%dT%H%M%SZ}.zip"


class SupportReport:
    """Collects one report."""

    def __init__(self, cluster: Cluster, bundle: Bundle, operator_namespace: str) -> None:
        """Ask `cluster`, and add to `bundle`."""
        self._cluster = cluster
        self._bundle = bundle
        self._operator_namespace = operator_namespace
        self._limit = asyncio.Semaphore(_AT_ONCE)

    async def collect(self, namespace: str, name: str, now: dt.datetime) -> None:
        """Everything. Raises CommandError when nothing at all is there of this name."""
        resource = await self._asked(f"{KIND} {name}", lambda: find_cluster(self._cluster, namespace, name))
        chosen = f"{INSTANCE}={name}"
        objects = [each for kind in _OBJECTS for each in await self._listed(kind, namespace, chosen)]
        pods = await self._listed(PODS, namespace, chosen)
        if resource is None and not objects and not pods and not self._bundle.left_out:
            raise CommandError(
                f"there is no {KIND} {name} in namespace {namespace}, and no object of it:"
                f" `kubectl get {PLURAL} -A` lists all"
            )
        if resource is None:
            self._bundle.leave_out(f"{KIND} {name}", "it is not there")
        else:
            self._bundle.add_object("chatcluster.yaml", resource)
            self._bundle.add_text("status.txt", status_text([resource], now) + "\n")
        for each in objects:
            self._bundle.add_object(f"objects/{each['kind']}-{each['metadata']['name']}.yaml", each)
        await self._events(namespace, name, resource, [*objects, *pods])
        await self._pods("pods", pods)
        await self._operator()
        await self._versions(resource, now)

    async def _events(self, namespace: str, name: str, resource: Manifest | None, objects: list[Manifest]) -> None:
        """Events about the ChatCluster and its objects; others in the namespace are none of ours."""
        known = {each["metadata"].get("uid") for each in (*objects, *([resource] if resource else []))}
        mine = [each for each in await self._listed(EVENTS, namespace) if is_about(each, name, known)]
        self._bundle.add_text("events.txt", events_text(mine))
        self._bundle.add_object("events.yaml", {"items": mine})

    async def _operator(self) -> None:
        namespace = self._operator_namespace
        for kind in (DEPLOYMENTS, LEASES):
            for each in await self._listed(kind, namespace, OPERATOR_LABELS if kind is DEPLOYMENTS else ""):
                self._bundle.add_object(f"operator/{each['kind']}-{each['metadata']['name']}.yaml", each)
        pods = await self._listed(PODS, namespace, OPERATOR_LABELS)
        if not pods:
            self._bundle.leave_out(f"pods of the operator in {namespace}", "none were seen; see --operator-namespace")
        await self._pods("operator", pods)

    async def _pods(self, folder: str, pods: list[Manifest]) -> None:
        """Pods with their logs. The logs of all would not fit into memory, so each is written when it came."""
        await asyncio.gather(*(self._pod(folder, pod) for pod in pods))

    async def _pod(self, folder: str, pod: Manifest) -> None:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        self._bundle.add_object(f"{folder}/{name}/pod.yaml", pod)
        for container, restarts in containers_of(pod).items():
            for previous in (False, True) if restarts else (False,):
                file = f"{folder}/{name}/{container}{'.previous' if previous else ''}.log"
                async with self._limit:
                    text = await self._asked(file, self._log(namespace, name, container, previous=previous))
                    if text:
                        self._bundle.add_text(file, text)
                    elif text is not None:
                        self._bundle.leave_out(file, "it is empty")

    def _log(self, namespace: str, pod: str, container: str, *, previous: bool) -> Callable[[], Awaitable[str]]:
        return lambda: self._cluster.log(namespace, pod, container, _LINES, previous=previous)

    async def _versions(self, resource: Manifest | None, now: dt.datetime) -> None:
        server = await self._asked("version of the API server", self._cluster.server_version)
        definition = await self._asked(
            "definition of ChatClusters", lambda: self._cluster.get(_DEFINITIONS, None, f"{PLURAL}.{GROUP}")
        )
        status = (resource or {}).get("status") or {}
        self._bundle.add_object(
            "versions.yaml",
            {
                "collected": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                "parley-operator of this report": installed_version("parley"),
                "Python": platform.python_version(),
                "API server": server or "unknown",
                "version in the status": status.get("version", "unknown"),
                "definition": served_versions(definition) if definition else "unknown",
            },
        )

    async def _listed(self, kind: Resource, namespace: str, labels: str = "") -> list[Manifest]:
        found = await self._asked(
            f"{kind.plural} in {namespace}", lambda: self._cluster.list_all(kind, namespace, labels)
        )
        return found or []

    async def _asked(self, what: str, ask: Callable[[], Awaitable[_Answer]]) -> _Answer | None:
        """The answer; what is refused is noted. Without any answer there can be no report."""
        try:
            return await ask()
        except KubeError as error:
            if error.status == 0:
                raise
            self._bundle.leave_out(what, error.message)
            return None


def containers_of(pod: Mapping[str, Any]) -> dict[str, int]:
    """The containers of a pod, also those that run before the others, with how often each was restarted."""
    status = pod.get("status") or {}
    told = [each for key in ("initContainerStatuses", "containerStatuses") for each in status.get(key) or ()]
    restarts = {each["name"]: int(each.get("restartCount") or 0) for each in told}
    spec = pod.get("spec") or {}
    names = [each["name"] for key in ("initContainers", "containers") for each in spec.get(key) or ()]
    return {name: restarts.get(name, 0) for name in names}


def served_versions(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What a CustomResourceDefinition serves, without its long schema."""
    return {
        "served": [each["name"] for each in definition["spec"]["versions"] if each.get("served")],
        "stored": (definition.get("status") or {}).get("storedVersions", []),
        "generation": definition["metadata"].get("generation"),
    }

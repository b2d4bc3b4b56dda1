"""The reconciler without its watches: a test decides what it has seen, and at which call it dies."""

import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any

from parley_operator.desired.names import INSTANCE
from parley_operator.kube.access import Access
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.resources import CHAT_CLUSTERS, CHILDREN, EVENTS, PODS, SECRETS, Resource
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.queue import Key
from parley_operator.reconcile.reconciler import Reconciler, make_hands
from parley_operator.settings import load_settings
from parley_operator.watch.news import ClusterNews
from parley_operator.watch.relist import Relist

Manifest = dict[str, Any]
WRITES = ("apply", "create", "replace", "patch", "delete", "evict")


class Crash(BaseException):
    """The process dies here; nothing catches it."""


class Mortal:
    """A client that dies at its n-th write: before the API server heard of it, or after.

    Events do not count: they are told anew by every process, and nothing depends on them.
    """

    def __init__(self, kube: KubernetesClient, at: int | None = None, *, after: bool = False) -> None:
        """Never die without `at`."""
        self._kube = kube
        self._at = at
        self._after = after
        self.writes = 0
        self.read: list[str] = []

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        """Reads are counted, and survived."""
        self.read.append(resource.kind)
        return await self._kube.get(resource, namespace, name)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._kube, name)
        if name not in WRITES:
            return method

        async def counted(*arguments: Any, **named: Any) -> Any:
            if arguments[0] is EVENTS:
                return await method(*arguments, **named)
            self.writes += 1
            dies = self._at is not None and self.writes >= self._at
            if dies and not self._after:
                raise Crash
            found = await method(*arguments, **named)
            if dies:
                raise Crash
            return found

        return counted


class OneProcess:
    """One life of the operator, for one ChatCluster."""

    def __init__(self, kube: Any, namespace: str, name: str) -> None:
        """Begin with nothing in memory."""
        self.kube = kube
        self.key = (namespace, name)
        self.cache = ChildCache()
        settings = load_settings(namespace=namespace, watch_namespaces=namespace, external_deadline_s=2)
        self.reconciler = Reconciler(make_hands(kube, self.cache, settings, "0.1.0"), settings, lambda _: None)

    async def see(self, kube: KubernetesClient) -> None:
        """Take everything in, as the watches would."""
        for kind in (*CHILDREN, PODS):
            for body in await kube.list_all(kind, self.key[0], f"{INSTANCE}={self.key[1]}"):
                self.cache.update(body)

    async def list_again(self) -> set[Key]:
        """Look for what the watches did not tell. Returns whose objects differed."""
        differing: set[Key] = set()
        relist = Relist(self.kube, self.cache, ClusterNews(), [self.key[0]], differing.add)
        for kind in (*CHILDREN, PODS):
            await relist.look(kind)
        return differing

    async def passes(self, count: int, watch: KubernetesClient | None = None) -> None:
        """Work; with `watch` it sees what happens in between."""
        for _ in range(count):
            if watch is not None:
                await self.see(watch)
            await self.reconciler.reconcile(self.key)

    async def end(self) -> None:
        """Leave nothing in the background."""
        await self.reconciler.close()


async def with_kube(kubeconfig: str, work: Callable[[KubernetesClient], Awaitable[None]]) -> None:
    """Call with a client of the cluster's administrator."""
    async with KubernetesClient(await Access(kubeconfig).load()) as kube:
        await work(kube)


async def live(kube: KubernetesClient, namespace: str, name: str) -> dict[str, str]:
    """Everything that a ChatCluster consists of, without what the server adds and without its name."""
    found = {}
    for kind in (*CHILDREN, SECRETS):
        for body in await kube.list_all(kind, namespace, f"{INSTANCE}={name}"):
            if "parley-operator" not in json.dumps(body["metadata"].get("labels", {})):
                continue
            key = f"{body['kind']}/{body['metadata']['name'].removeprefix(name)}"
            found[key] = _plain(body, name)
    return found


def _plain(body: Manifest, name: str) -> str:
    body = deepcopy(body)
    metadata = body["metadata"]
    kept = {key: metadata.get(key) for key in ("labels", "annotations")}
    kept["annotations"] = {
        key: value
        for key, value in (kept["annotations"] or {}).items()
        if not key.startswith(("deployment.kubernetes.io/", "parley.chat/"))
    }
    spec = body.get("spec") or {}
    for field in ("clusterIP", "clusterIPs", "healthCheckNodePort"):
        if spec.get(field) != "None" and spec.get(field) != ["None"]:
            spec.pop(field, None)
    template = spec.get("template", {}).get("metadata", {}).get("annotations")
    if template:
        # Each ChatCluster has a generated Secret of its own.
        template.pop("parley.chat/config-checksum", None)
        template.pop("parley.chat/secrets-checksum", None)
    data = sorted(body["data"]) if body["kind"] == "Secret" else body.get("data")
    text = json.dumps([kept, spec, data], sort_keys=True)
    return text.replace(f'"{name}-', '"NAME-').replace(f'"{name}"', '"NAME"').replace(f"/{name}-", "/NAME-")


async def status_of(kube: KubernetesClient, namespace: str, name: str) -> Manifest:
    """The status of a ChatCluster."""
    found = await kube.get(CHAT_CLUSTERS, namespace, name)
    status: Manifest = (found or {}).get("status", {})
    return status

"""What the watches may have missed: all objects are listed again once in a while, and what differs is read.

A list of metadata costs a hundredth of asking for each object: at rest, that is nearly all the operator does.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog

from parley_operator.desired.names import MANAGED_BY, MANAGER, OURS
from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import CHAT_CLUSTERS, Resource
from parley_operator.kube.versions import newer
from parley_operator.reconcile.cache import ChildCache, owner_key
from parley_operator.reconcile.child_state import ChildState, Ref
from parley_operator.reconcile.queue import Key
from parley_operator.watch.news import ClusterNews

_log: Final = structlog.get_logger()
_SPREAD: Final = 0.1


class Relist:
    """Compares what the API server has with what the watches told of it.

    A word that was lost, of an object that was made, changed or deleted, is known after two intervals at the latest.
    """

    def __init__(
        self,
        kube: KubernetesPort,
        cache: ChildCache,
        news: ClusterNews,
        namespaces: Sequence[str],
        changed: Callable[[Key], None],
    ) -> None:
        """Look into these namespaces, or all; `changed` is told which ChatClusters differ, or objects of theirs."""
        self._kube = kube
        self._cache = cache
        self._news = news
        self._namespaces: Sequence[str | None] = namespaces or (None,)
        self._changed = changed

    async def run(self, kinds: Iterable[Resource], interval_s: float) -> None:
        """Look at these kinds so often, without end; a round that fails is told and made up for by the next one."""
        chosen = tuple(kinds)
        while True:
            await asyncio.sleep(interval_s * random.uniform(1 - _SPREAD, 1 + _SPREAD))  # noqa: S311 - spreads load
            for kind in chosen:
                try:
                    await self.look(kind)
                except KubeError as error:
                    _log.warning("could not list again", kind=kind.kind, error=str(error), again_in_s=interval_s)

    async def look(self, kind: Resource) -> None:
        """List one kind, and take in what differs."""
        for namespace in self._namespaces:
            if kind is CHAT_CLUSTERS:
                await self._clusters(namespace)
            else:
                await self._objects(kind, namespace)

    # What is known is noted before the list is read: what is made meanwhile is not missing from it.

    async def _clusters(self, namespace: str | None) -> None:
        known = self._news.known(namespace)
        for key in self._news.listed(await self._kube.list_metadata(CHAT_CLUSTERS, namespace), known):
            self._told(CHAT_CLUSTERS, key, key[1])

    async def _objects(self, kind: Resource, namespace: str | None) -> None:
        known = self._cache.of_kind(kind.kind, namespace)
        listed = await self._listed(kind, namespace)
        for place, metadata in listed.items():
            state = self._cache.of(place[0]).get(place[1])
            if state is None or state.uid != metadata["uid"] or _newer(metadata, state):
                await self._read(kind, place, None)
        for place, state in known.items():
            if place not in listed:
                await self._read(kind, place, state)

    async def _listed(self, kind: Resource, namespace: str | None) -> dict[tuple[Key, Ref], Mapping[str, Any]]:
        found = {}
        for body in await self._kube.list_metadata(kind, namespace, OURS):
            key = owner_key(body)
            if key is not None:
                found[key, (kind.kind, body["metadata"]["name"])] = body["metadata"]
        return found

    async def _read(self, kind: Resource, place: tuple[Key, Ref], unlisted: ChildState | None) -> None:
        """Take in the object as it is; `unlisted` is what was known of one that the list did not have."""
        key, ref = place
        body = await self._kube.get(kind, key[0], ref[1])
        if body is not None and owner_key(body) == key and _is_ours(body):
            news = self._cache.update(body) is not None
        else:
            news = unlisted is not None and self._cache.drop(key, ref, unlisted.uid)
        if news:
            self._told(kind, key, ref[1])

    def _told(self, kind: Resource, key: Key, name: str) -> None:
        _log.info("the watches had not told", kind=kind.kind, name=name, key="/".join(key))
        self._changed(key)


def _newer(metadata: Mapping[str, Any], state: ChildState) -> bool:
    return newer(metadata["resourceVersion"], state.resource_version)


def _is_ours(body: Mapping[str, Any]) -> bool:
    return (body["metadata"].get("labels") or {}).get(MANAGER) == MANAGED_BY

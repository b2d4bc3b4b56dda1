"""Whether the watches still tell what happens: what we write, or find when we look, they must tell as well."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from typing_extensions import override

from parley_operator.kube.port import MANAGER, KubernetesPort, Manifest
from parley_operator.kube.resources import Resource
from parley_operator.kube.versions import newer


class WatchLiveness:
    """Notes what is known in another way than by a watch, until that watch tells anything.

    A watch with nothing to tell is no different from one that is stuck, so silence alone is no fault.
    """

    def __init__(self, kinds: Iterable[Resource]) -> None:
        """Of these kinds there are watches."""
        self._heard: dict[Resource, dict[str, str]] = {kind: {} for kind in kinds}
        self._owed_since: dict[Resource, float] = {}

    def heard(self, kind: Resource, body: Mapping[str, Any], *, deleted: bool = False) -> None:
        """The watch told of an object."""
        metadata = body["metadata"]
        self._owed_since.pop(kind, None)
        if deleted:
            self._heard[kind].pop(metadata["uid"], None)
        else:
            self._heard[kind][metadata["uid"]] = metadata["resourceVersion"]

    def found(self, kind: Resource, body: Mapping[str, Any], now: float) -> None:
        """A write or a look showed an object; when the watch does not know that version yet, it owes it from now on."""
        versions = self._heard.get(kind)
        metadata = body.get("metadata", {})
        if versions is None or "uid" not in metadata:
            return
        if newer(metadata["resourceVersion"], versions.get(metadata["uid"], "")):
            self._owed_since.setdefault(kind, now)

    def owed_s(self, now: float) -> float:
        """For how long the watch that owes most has not told of a change that was found without it; else 0."""
        return max((now - since for since in self._owed_since.values()), default=0.0)

    def stalled(self, now: float, patience_s: float) -> str:
        """Which watch said nothing for longer than that although something happened; nothing when all is well."""
        late = [(since, kind.plural) for kind, since in self._owed_since.items() if now - since > patience_s]
        if not late:
            return ""
        since, plural = min(late)
        return f"the watch of {plural} has not told for {now - since:.0f} s of a change that was found without it"


class ToldKubernetes(KubernetesPort):
    """An API server whose answers are noted, to be compared with what the watches tell."""

    def __init__(self, kube: KubernetesPort, liveness: WatchLiveness, clock: Callable[[], float]) -> None:
        """Ask `kube`."""
        self._kube = kube
        self._liveness = liveness
        self._clock = clock

    def _note(self, resource: Resource, body: Manifest) -> Manifest:
        self._liveness.found(resource, body, self._clock())
        return body

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        body = await self._kube.get(resource, namespace, name)
        return self._note(resource, body) if body is not None else None

    @override
    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        return await self._kube.list_all(resource, namespace, labels)

    @override
    async def list_metadata(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        found = await self._kube.list_metadata(resource, namespace, labels)
        return [self._note(resource, body) for body in found]

    @override
    async def apply(
        self, resource: Resource, manifest: Manifest, *, manager: str = MANAGER, subresource: str = ""
    ) -> Manifest:
        return self._note(
            resource, await self._kube.apply(resource, manifest, manager=manager, subresource=subresource)
        )

    @override
    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        return self._note(resource, await self._kube.create(resource, manifest))

    @override
    async def replace(self, resource: Resource, manifest: Manifest) -> Manifest:
        return self._note(resource, await self._kube.replace(resource, manifest))

    @override
    async def patch(self, resource: Resource, namespace: str, name: str, patch: list[Manifest] | Manifest) -> Manifest:
        return self._note(resource, await self._kube.patch(resource, namespace, name, patch))

    @override
    async def delete(self, resource: Resource, namespace: str, name: str, uid: str | None = None) -> None:
        await self._kube.delete(resource, namespace, name, uid)

    @override
    async def evict(self, namespace: str, pod: str, uid: str) -> None:
        await self._kube.evict(namespace, pod, uid)

    @override
    async def served(self, api_version: str) -> bool:
        return await self._kube.served(api_version)

"""The calls to the API server that the operator needs. Whatever fails is a KubeError."""

from typing import Any, Final, Protocol

from parley_operator.kube.resources import Resource

Manifest = dict[str, Any]

MANAGER: Final = "parley"
REPLICAS_MANAGER: Final = "parley-replicas"


class KubernetesPort(Protocol):
    """The API server."""

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        """The object as it is now; None when it is not there."""
        ...

    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        """All objects with these labels; none when an optional API is missing."""
        ...

    async def list_metadata(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        """The same, but of each object only its metadata without its managed fields: all that a comparison needs."""
        found = await self.list_all(resource, namespace, labels)
        return [
            {
                "apiVersion": resource.api_version,
                "kind": resource.kind,
                "metadata": {key: value for key, value in body["metadata"].items() if key != "managedFields"},
            }
            for body in found
        ]

    async def apply(
        self, resource: Resource, manifest: Manifest, *, manager: str = MANAGER, subresource: str = ""
    ) -> Manifest:
        """Server-side apply, by force: what the manifest says is so afterwards. Returns the object."""
        ...

    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        """Make a new object; Conflict when it is there."""
        ...

    async def replace(self, resource: Resource, manifest: Manifest) -> Manifest:
        """Put an object in place of the one with its resourceVersion; Conflict when that is not the newest."""
        ...

    async def patch(self, resource: Resource, namespace: str, name: str, patch: list[Manifest] | Manifest) -> Manifest:
        """A JSON patch (a list) or a merge patch (an object)."""
        ...

    async def delete(self, resource: Resource, namespace: str, name: str, uid: str | None = None) -> None:
        """Delete an object, and what it owns in the background; fine when it is not there or is another (uid)."""
        ...

    async def evict(self, namespace: str, pod: str, uid: str) -> None:
        """Ask a pod to go, if the budgets allow it: TooMany otherwise; fine when it is gone or is another (uid)."""
        ...

    async def served(self, api_version: str) -> bool:
        """Whether an API is there."""
        ...

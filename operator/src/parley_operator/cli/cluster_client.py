"""What the commands ask of the API server, beyond what the operator does; nothing here changes anything."""

import json
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from typing_extensions import override

from parley_operator.desired.names import ADMIN_PORT
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.errors import error_of
from parley_operator.kube.port import MANAGER, Manifest
from parley_operator.kube.resources import CHAT_CLUSTERS, PODS, Resource

_FAILED: Final = 400
_APPLY: Final = "application/apply-patch+yaml"
_JSON_PATCH: Final = "application/json-patch+json"
_DRY: Final = {"dryRun": "All"}


class Cluster(Protocol):
    """The questions of the commands. Whatever fails is a KubeError."""

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        """The object as it is now; None when it is not there."""
        ...

    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        """All objects with these labels; none when an optional API is missing."""
        ...

    async def served(self, api_version: str) -> bool:
        """Whether an API is there."""
        ...

    async def applied(self, resource: Resource, manifest: Manifest) -> Manifest:
        """What the object would be after the operator applied this; nothing is changed."""
        ...

    async def checked(self, chat_cluster: Manifest, *, there: bool) -> Manifest:
        """What a ChatCluster that is `there` already, or would be new, would be; nothing is changed."""
        ...

    async def log(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool = False) -> str:
        """The last lines of a container's log, or of the one before it."""
        ...

    async def metrics(self, namespace: str, pod: str) -> str:
        """What a pod tells of itself, by way of the API server."""
        ...

    async def server_version(self) -> Manifest:
        """The version of the API server."""
        ...


class ClusterClient(KubernetesClient, Cluster):
    """The same over the network."""

    @override
    async def applied(self, resource: Resource, manifest: Manifest) -> Manifest:
        metadata = manifest["metadata"]
        path = resource.path(metadata["namespace"], metadata["name"])
        return await self._call("PATCH", path, {"fieldManager": MANAGER, "force": "true", **_DRY}, manifest, _APPLY)

    @override
    async def checked(self, chat_cluster: Manifest, *, there: bool) -> Manifest:
        metadata = chat_cluster["metadata"]
        query = {**_DRY, "fieldValidation": "Strict"}
        if there:
            path = CHAT_CLUSTERS.path(metadata["namespace"], metadata["name"])
            change = [{"op": "replace", "path": "/spec", "value": chat_cluster["spec"]}]
            return await self._call("PATCH", path, query, change, _JSON_PATCH)
        return await self._call("POST", CHAT_CLUSTERS.path(metadata["namespace"]), query, chat_cluster)

    @override
    async def log(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool = False) -> str:
        query = {"container": container, "tailLines": str(lines), "timestamps": "true"}
        return await self._text(PODS.path(namespace, pod, "log"), query | ({"previous": "true"} if previous else {}))

    @override
    async def metrics(self, namespace: str, pod: str) -> str:
        return await self._text(f"{PODS.path(namespace, f'{pod}:{ADMIN_PORT}', 'proxy')}/metrics", {})

    @override
    async def server_version(self) -> Manifest:
        return await self._call("GET", "/version")

    async def _text(self, path: str, query: dict[str, str]) -> str:
        """An answer that is text. Raises what an answer that tells of an error means."""
        address = f"{path}?{urlencode(query)}" if query else path
        status, content, retry_after = await self._send("GET", address, None, "application/json")
        if status < _FAILED:
            return content.decode(errors="replace")
        raise error_of(status, f"GET {path}", _told(content), retry_after)


def _told(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"message": content.decode(errors="replace")[:500]}

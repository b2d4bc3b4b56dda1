"""The port over the official client, used at its lowest level: one request, one answer, always a deadline."""

import contextlib
from collections.abc import Callable
from typing import Any, Final, Self
from urllib.parse import urlencode

import aiohttp
import msgspec
from kubernetes.aio.client import ApiClient
from kubernetes.aio.client.exceptions import ApiException
from typing_extensions import override

from parley_operator.kube.access import Access
from parley_operator.kube.errors import Conflict, KubeError, NotFound, error_of, patch_error_of
from parley_operator.kube.metadata import FORM, metadata_page
from parley_operator.kube.port import MANAGER, KubernetesPort, Manifest
from parley_operator.kube.resources import PODS, Resource

_TIMEOUT: Final = aiohttp.ClientTimeout(total=30.0, sock_connect=5.0)
_CHUNK: Final = 500
_FAILED: Final = 400
_UNAUTHORIZED: Final = 401
_WHOLE: Final = "application/json"
_APPLY: Final = "application/apply-patch+yaml"
_JSON_PATCH: Final = "application/json-patch+json"
_MERGE_PATCH: Final = "application/merge-patch+json"


class KubernetesClient(KubernetesPort):
    """Talks to one API server; use it as an asynchronous context manager."""

    def __init__(self, access: Access, identity: str = "") -> None:
        """Connect at the first call. `identity` tells the calls of one process from those of another."""
        self._access = access
        self._client = ApiClient(access.configuration)
        self._client.set_default_header("User-Agent", f"parley-operator/{identity}" if identity else "parley-operator")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        try:
            return await self._call("GET", resource.path(namespace, name))
        except NotFound:
            return None

    @override
    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        return await self._list(resource, namespace, labels, _WHOLE, _decoded)

    @override
    async def list_metadata(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        return await self._list(resource, namespace, labels, FORM, metadata_page)

    async def _list(
        self, resource: Resource, namespace: str | None, labels: str, form: str, decode: Callable[[bytes], Manifest]
    ) -> list[Manifest]:
        found: list[Manifest] = []
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        more: str | None = ""
        while more is not None:
            query = {"limit": str(_CHUNK), **({"labelSelector": labels} if labels else {})}
            query |= {"continue": more} if more else {}
            try:
                page = await self._call("GET", resource.path(namespace), query, accept=form, decode=decode)
            except NotFound:
                if resource.optional:
                    return []
                raise
            found += [{**kind, **item} for item in page.get("items") or []]
            more = page.get("metadata", {}).get("continue") or None
        return found

    @override
    async def apply(
        self, resource: Resource, manifest: Manifest, *, manager: str = MANAGER, subresource: str = ""
    ) -> Manifest:
        metadata = manifest["metadata"]
        path = resource.path(metadata.get("namespace"), metadata["name"], subresource)
        return await self._call("PATCH", path, {"fieldManager": manager, "force": "true"}, manifest, _APPLY)

    @override
    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        path = resource.path(manifest["metadata"].get("namespace"))
        return await self._call("POST", path, {"fieldManager": MANAGER}, manifest)

    @override
    async def replace(self, resource: Resource, manifest: Manifest) -> Manifest:
        path = resource.path(manifest["metadata"].get("namespace"), manifest["metadata"]["name"])
        return await self._call("PUT", path, {"fieldManager": MANAGER}, manifest)

    @override
    async def patch(self, resource: Resource, namespace: str, name: str, patch: list[Manifest] | Manifest) -> Manifest:
        kind = _JSON_PATCH if isinstance(patch, list) else _MERGE_PATCH
        return await self._call("PATCH", resource.path(namespace, name), {"fieldManager": MANAGER}, patch, kind)

    @override
    async def delete(self, resource: Resource, namespace: str, name: str, uid: str | None = None) -> None:
        options = {"propagationPolicy": "Background", **({"preconditions": {"uid": uid}} if uid else {})}
        try:
            await self._call("DELETE", resource.path(namespace, name), body=options)
        except NotFound:
            return
        except Conflict:
            if uid is None:
                raise

    @override
    async def evict(self, namespace: str, pod: str, uid: str) -> None:
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": namespace},
            "deleteOptions": {"preconditions": {"uid": uid}},
        }
        with contextlib.suppress(NotFound, Conflict):
            await self._call("POST", PODS.path(namespace, pod, "eviction"), body=body)

    @override
    async def served(self, api_version: str) -> bool:
        try:
            await self._call("GET", f"/apis/{api_version}")
        except NotFound:
            return False
        return True

    async def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,  # noqa: ANN401 - whatever the API takes
        content_type: str = "application/json",
        *,
        accept: str = _WHOLE,
        decode: Callable[[bytes], Manifest] | None = None,
    ) -> Manifest:
        address = f"{path}?{urlencode(query)}" if query else path
        status, content, retry_after = await self._send(method, address, body, content_type, accept)
        if status == _UNAUTHORIZED:
            # Tokens are rotated: the file may hold a newer one than we have.
            await self._access.load()
            status, content, retry_after = await self._send(method, address, body, content_type, accept)
        call = f"{method} {path}"
        if status >= _FAILED:
            meant = patch_error_of if content_type == _JSON_PATCH else error_of
            raise meant(status, call, _decoded(content), retry_after)
        try:
            return (decode or _decoded)(content)
        except ValueError as error:
            raise KubeError(status, call, f"the answer cannot be read: {error}") from None

    async def _send(
        self,
        method: str,
        address: str,
        body: Any,  # noqa: ANN401 - whatever the API takes
        content_type: str,
        accept: str = _WHOLE,
    ) -> tuple[int, bytes, str | None]:
        headers = {"Accept": accept, "Content-Type": content_type}
        try:
            request = await self._client.param_serialize(
                method, address, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            response = await self._client.call_api(*request, _request_timeout=_TIMEOUT)
            return response.status, await response.read(), response.getheader("Retry-After")
        except (ApiException, aiohttp.ClientError, OSError, TimeoutError) as error:
            call = f"{method} {address.partition('?')[0]}"
            raise KubeError(0, call, f"no answer from the API server: {error or type(error).__name__}") from None


def _decoded(content: bytes) -> Manifest:
    """The answer; text that is no JSON object becomes the message of an error."""
    try:
        answer = msgspec.json.decode(content or b"{}")
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"message": content.decode(errors="replace")[:500]}

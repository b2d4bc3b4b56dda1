"""Deleting a ChatCluster: at once and with everything outside kept, unless the spec asks for more; never for ever."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import structlog
from pydantic import ValidationError

from parley_operator.desired.settings import engine_secret_names
from parley_operator.external import provisioning
from parley_operator.external.outcome import Refusal, Unreachable
from parley_operator.kube.errors import Conflict, KubeError, NotFound
from parley_operator.kube.port import KubernetesPort, Manifest
from parley_operator.kube.resources import CHAT_CLUSTERS, DEPLOYMENTS, SECRETS, STATEFUL_SETS
from parley_operator.model.chat_cluster import ChatClusterSpec
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.memory import Memory, Pass
from parley_operator.reconcile.surroundings import secret_content

FINALIZER: Final = "parley.chat/external-state"
TIMEOUT_S: Final = 300
_AGAIN_S: Final = 2.0
_WORKLOADS: Final = {"StatefulSet": STATEFUL_SETS, "Deployment": DEPLOYMENTS}

_log: Final = structlog.get_logger()


class Deletion:
    """Keeps the finalizer in step with the spec, and removes what it stands for."""

    def __init__(self, kube: KubernetesPort, cache: ChildCache, events: EventRecorder, deadline_s: float) -> None:
        """Each removal outside may take `deadline_s`."""
        self._kube = kube
        self._cache = cache
        self._events = events
        self._deadline_s = deadline_s

    async def keep_finalizer(self, resource: Manifest, spec: ChatClusterSpec) -> None:
        """There is one exactly while the spec says Delete."""
        held = resource["metadata"].get("finalizers") or []
        wanted = spec.deletion_policy == "Delete"
        if wanted != (FINALIZER in held):
            rest = [name for name in held if name != FINALIZER]
            await self._set(resource, [*rest, FINALIZER] if wanted else rest)

    async def run(self, resource: Manifest, memory: Memory, work: Pass) -> str:
        """One step; returns what it waits for, or nothing when it is done."""
        held = resource["metadata"].get("finalizers") or []
        if FINALIZER not in held:
            return ""
        try:
            left = await self._destroy(resource, memory)
        except (Unreachable, Refusal, TimeoutError) as error:
            left = str(error) or f"no answer within {self._deadline_s:g} s"
        if left and _age_s(resource) < _timeout_s(resource):
            work.again_after(_AGAIN_S)
            return left
        if left:
            text = f"deletion took longer than {_timeout_s(resource)} s; topics or keyspace may remain: {left}"
            _log.error(
                "orphaned", namespace=resource["metadata"]["namespace"], name=resource["metadata"]["name"], left=text
            )
            await self._events.record(resource, "Orphaned", text, "Warning")
        else:
            await self._events.record(resource, "Deleted", "topics and keyspace are removed")
        await self._set(resource, [name for name in held if name != FINALIZER])
        return ""

    async def _destroy(self, resource: Manifest, memory: Memory) -> str:
        """First those who write, then what they wrote."""
        key = (resource["metadata"]["namespace"], resource["metadata"]["name"])
        states = list(self._cache.of(key).values())
        for state in states:
            if state.ref[0] in _WORKLOADS and not state.deleting:
                await self._kube.delete(_WORKLOADS[state.ref[0]], key[0], state.ref[1], state.uid)
        pods = [state.ref[1] for state in states if state.ref[0] == "Pod"]
        if pods:
            return f"{len(pods)} pods still run"
        try:
            spec = ChatClusterSpec.read(resource["spec"])
        except ValidationError as error:
            return f"the spec does not say where to delete: {error.error_count()} mistakes"
        secrets = await self._secrets(key[0], spec, memory)
        for part in ("kafka", "cql"):
            async with asyncio.timeout(self._deadline_s):
                await asyncio.to_thread(provisioning.destroy, part, spec, secrets)
        return ""

    async def _secrets(self, namespace: str, spec: ChatClusterSpec, memory: Memory) -> provisioning.SecretData:
        """As they are now: whoever is started during a deletion has read none yet. What went first is remembered.

        Raises Unreachable when one cannot be read, so that the deletion's timeout holds for that as well.
        """
        found: dict[str, Mapping[str, bytes]] = {}
        for name in engine_secret_names(spec):
            try:
                content = secret_content(await self._kube.get(SECRETS, namespace, name))
            except KubeError as error:
                raise Unreachable(f"Secret {name} cannot be read: {error}") from None
            found[name] = content or memory.secrets.get(name, {})
        return found

    async def _set(self, resource: Manifest, finalizers: list[str]) -> None:
        metadata = resource["metadata"]
        change = {"metadata": {"finalizers": finalizers, "resourceVersion": metadata["resourceVersion"]}}
        try:
            await self._kube.patch(CHAT_CLUSTERS, metadata["namespace"], metadata["name"], change)
        except (Conflict, NotFound):
            return


def _age_s(resource: Mapping[str, Any]) -> float:
    since = dt.datetime.fromisoformat(resource["metadata"]["deletionTimestamp"])
    return (dt.datetime.now(dt.UTC) - since).total_seconds()


def _timeout_s(resource: Mapping[str, Any]) -> int:
    value = resource.get("spec", {}).get("deletionTimeoutSeconds")
    return value if isinstance(value, int) else TIMEOUT_S

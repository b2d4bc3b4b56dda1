"""Carries a plan out: applies, cleans, removes, and tells people what others did."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from parley_operator.desired.digest import digest
from parley_operator.kube.errors import Conflict, KubeError
from parley_operator.kube.port import KubernetesPort, Manifest
from parley_operator.kube.resources import CHILDREN, PODS, Resource, resource_of
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.child_state import child_state
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.managed_fields import OURS, foreign_fields, removals
from parley_operator.reconcile.memory import Memory, Pass
from parley_operator.reconcile.plan import Applied, Apply, Clean, Remove, Step, reference

_AT_ONCE: Final = 8
_RESOURCES: Final[Mapping[str, Resource]] = {each.kind: each for each in (*CHILDREN, PODS)}
_SERVERS: Final = frozenset({"kube-controller-manager", "kube-scheduler", "kubelet", "kwok"})


class Children:
    """The objects of ChatClusters."""

    def __init__(self, kube: KubernetesPort, cache: ChildCache, events: EventRecorder) -> None:
        """Work through `kube`, and keep `cache` in step."""
        self._kube = kube
        self._cache = cache
        self._events = events

    async def execute(self, cluster: Mapping[str, Any], steps: Sequence[Step], memory: Memory, work: Pass) -> None:
        """Do every step; one that fails is reported and holds up no other.

        Who changed a field of ours owns it until it is applied again; so what others added is looked for afterwards.
        """
        limit = asyncio.Semaphore(_AT_ONCE)
        for kind in (Remove, Apply, Clean):
            group = [step for step in steps if isinstance(step, kind)]
            await asyncio.gather(*(self._guarded(limit, cluster, step, memory, work) for step in group))
        await self._summarise(cluster, steps, work)

    async def _guarded(
        self, limit: asyncio.Semaphore, cluster: Mapping[str, Any], step: Step, memory: Memory, work: Pass
    ) -> None:
        async with limit:
            try:
                if isinstance(step, Apply):
                    await self._apply(cluster, step, memory, work)
                elif isinstance(step, Clean):
                    await self._clean(cluster, step, memory)
                else:
                    await self._remove(cluster, step, memory)
            except Conflict:
                work.again_after(0.2)
            except KubeError as error:
                if not error.namespace_terminating:
                    work.apply_errors.append(str(error))

    async def _apply(self, cluster: Mapping[str, Any], step: Apply, memory: Memory, work: Pass) -> None:
        ref = reference(step.manifest)
        key = (cluster["metadata"]["namespace"], cluster["metadata"]["name"])
        known = self._cache.of(key).get(ref)
        made = await self._kube.apply(resource_of(step.manifest), step.manifest)
        if known is None or known.resource_version != made["metadata"]["resourceVersion"]:
            work.written.add(ref)  # an operator that began anew applies what is there already
        self._cache.update(made)
        memory.applied[ref] = Applied(digest(step.manifest), child_state(made).fingerprint)
        if step.drift is not None:
            culprits = [writer for writer in step.drift.writers if writer not in OURS and writer not in _SERVERS]
            who = culprits[-1] if culprits else "a manager that left no trace"
            await self._events.record(cluster, "DriftRepaired", f"{ref[0]} {ref[1]} was changed by {who}; put back")
        elif step.why == "deleted by somebody else":
            await self._events.record(cluster, "DeletionRepaired", f"{ref[0]} {ref[1]} was deleted; made again")

    async def _clean(self, cluster: Mapping[str, Any], step: Clean, memory: Memory) -> None:
        kind, name = step.state.ref
        resource = _RESOURCES[kind]
        namespace = cluster["metadata"]["namespace"]
        body = await self._kube.get(resource, namespace, name)
        if body is None:
            return
        foreign = foreign_fields(body)
        patch = removals(body, foreign)
        if patch:
            before = memory.applied.get(step.state.ref)
            as_applied = before is not None and before.fingerprint == child_state(body).fingerprint
            body = await self._kube.patch(resource, namespace, name, patch)
            if before is not None and as_applied:
                # What is missing now was removed here, and is no change by somebody else.
                memory.applied[step.state.ref] = replace(before, fingerprint=child_state(body).fingerprint)
            text = ", ".join(str(each) for each in foreign)
            await self._events.record(cluster, "ForeignFieldRemoved", f"{kind} {name}: removed {text}", "Warning")
        self._cache.update(body)

    async def _remove(self, cluster: Mapping[str, Any], step: Remove, memory: Memory) -> None:
        kind, name = step.state.ref
        namespace = cluster["metadata"]["namespace"]
        await self._kube.delete(_RESOURCES[kind], namespace, name, step.state.uid)
        memory.applied.pop(step.state.ref, None)
        await self._events.record(cluster, "Removed", f"{kind} {name} is not wanted any more")

    async def _summarise(self, cluster: Mapping[str, Any], steps: Sequence[Step], work: Pass) -> None:
        """One event for all objects that were made together, and one for those that the spec changed."""
        if work.apply_errors:
            await self._events.record(cluster, "ApplyFailed", work.apply_errors[0], "Warning")
            return
        for why, reason, text in (("created", "Created", "made"), ("changed", "Updated", "changed")):
            applied = [reference(step.manifest) for step in steps if isinstance(step, Apply) and step.why == why]
            found = [ref for ref in applied if ref in work.written]
            if found:
                kinds = sorted({kind for kind, _ in found})
                await self._events.record(cluster, reason, f"{len(found)} objects {text}: {', '.join(kinds)}")


async def set_replicas(kube: KubernetesPort, resource: Resource, live: Manifest, count: int, manager: str) -> Manifest:
    """Own the number of pods of a workload, and only that."""
    metadata = {"name": live["metadata"]["name"], "namespace": live["metadata"]["namespace"]}
    return await kube.apply(
        resource,
        {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {**metadata, "resourceVersion": live["metadata"]["resourceVersion"]},
            "spec": {"replicas": count},
        },
        manager=manager,
    )

"""Carries a rollout of gateways out: evictions under the budget, rollbacks, and what they need to know."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import TEMPLATE_HASH, child
from parley_operator.desired.workloads import GATEWAY, MIN_READY_S
from parley_operator.kube.errors import TooMany
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import CONTROLLER_REVISIONS, PODS, STATEFUL_SETS
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.child_state import ChildState
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.memory import Memory, Pass
from parley_operator.reconcile.replicas import pods_of, workload_ref
from parley_operator.reconcile.rollout import Decision, GatewayPod, decide
from parley_operator.reconcile.rollout_gates import clients_back, error_rate

REFUSED_TEMPLATE: Final = "parley.chat/refused-template"
STABLE_REVISION: Final = "parley.chat/stable-revision"
_AGAIN_S: Final = 1.0
_RETRY_EVICTION_S: Final = 3.0


class Gateways:
    """The gateways of ChatClusters, while they are replaced."""

    def __init__(self, kube: KubernetesPort, cache: ChildCache, events: EventRecorder) -> None:
        """Work through `kube`; pods are read from `cache`."""
        self._kube = kube
        self._cache = cache
        self._events = events

    async def template(self, inputs: Inputs, manifest: Manifest) -> Manifest:
        """The StatefulSet to apply: as wanted, or with the earlier template while the wanted one is known not to work.

        Both are remembered in annotations of the StatefulSet itself, and so survive the operator.
        """
        state = self._cache.of((inputs.namespace, inputs.name)).get(workload_ref(inputs, GATEWAY))
        if state is None:
            return manifest
        kept = {STABLE_REVISION: state.annotations[STABLE_REVISION]} if STABLE_REVISION in state.annotations else {}
        wanted = manifest["metadata"]["annotations"][TEMPLATE_HASH]
        if state.annotations.get(REFUSED_TEMPLATE) != wanted:
            return _annotated(manifest, kept)
        return await self._earlier(inputs, manifest, kept, wanted) or _annotated(manifest, kept)

    async def step(
        self, cluster: Mapping[str, Any], inputs: Inputs, wanted: Manifest, memory: Memory, work: Pass
    ) -> Decision | None:
        """Look at the pods and do the next thing."""
        key = (inputs.namespace, inputs.name)
        state = self._cache.of(key).get(workload_ref(inputs, GATEWAY))
        if state is None or state.status.get("observedGeneration") != state.generation:
            return None
        revision = state.status.get("updateRevision", "")
        pods = [gateway_pod(pod) for pod in pods_of(self._cache.of(key), GATEWAY)]
        decision = decide(
            revision,
            pods,
            state.replicas or 0,
            state.annotations.get(STABLE_REVISION, ""),
            self._gate(memory, work, [pod.name for pod in pods if pod.revision == revision]),
            rolled_back=REFUSED_TEMPLATE in state.annotations,
        )
        await self._carry_out(cluster, inputs, decision, wanted, memory, work)
        if decision.stage == "Done":
            await self._finished(cluster, inputs, state, revision, memory)
        return decision

    @staticmethod
    def _gate(memory: Memory, work: Pass, newest: list[str]) -> str:
        before = memory.announced.get("connections-before")
        back = ""
        if before is not None:
            now = sum(each.connections for each in memory.metrics.values())
            fresh = memory.metrics_at > memory.evict_at
            back = clients_back(int(before), now, work.now - memory.evict_at, fresh=fresh)
        return back or error_rate(newest, memory.metrics, memory.metrics_before)

    async def _carry_out(
        self,
        cluster: Mapping[str, Any],
        inputs: Inputs,
        decision: Decision,
        wanted: Manifest,
        memory: Memory,
        work: Pass,
    ) -> None:
        if decision.stage != "Done":
            work.again_after(_AGAIN_S)
        for pod in decision.delete:
            await self._kube.delete(PODS, inputs.namespace, pod, self._uid(inputs, pod))
        if decision.rollback:
            await self._roll_back(cluster, inputs, decision, wanted)
        elif decision.evict:
            try:
                await self._kube.evict(inputs.namespace, decision.evict, self._uid(inputs, decision.evict))
            except TooMany:
                work.again_after(_RETRY_EVICTION_S)
                return
            memory.evict_at = work.now
            memory.announced["connections-before"] = str(sum(each.connections for each in memory.metrics.values()))
            reason = "CanaryStarted" if decision.stage == "Canary" else "GatewayReplaced"
            await self._events.record(cluster, reason, decision.message)
        elif decision.stage == "Paused" and memory.announced.get("paused") != decision.message:
            memory.announced["paused"] = decision.message
            await self._events.record(cluster, "RolloutPaused", decision.message, "Warning")

    def _uid(self, inputs: Inputs, pod: str) -> str:
        """So that never the pod goes that took the place of the one that was looked at."""
        return self._cache.of((inputs.namespace, inputs.name))["Pod", pod].uid

    async def _roll_back(
        self, cluster: Mapping[str, Any], inputs: Inputs, decision: Decision, wanted: Manifest
    ) -> None:
        refused = wanted["metadata"]["annotations"][TEMPLATE_HASH]
        earlier = await self._earlier(inputs, wanted, {STABLE_REVISION: decision.rollback}, refused)
        if earlier is None:
            return
        self._cache.update(await self._kube.apply(STATEFUL_SETS, earlier))
        await self._events.record(cluster, "RolledBack", decision.message, "Warning")

    async def _earlier(
        self, inputs: Inputs, manifest: Manifest, annotations: Mapping[str, str], refused: str
    ) -> Manifest | None:
        """The StatefulSet with the template of the revision that worked; None when that is not kept any more."""
        revision = annotations.get(STABLE_REVISION)
        found = await self._kube.get(CONTROLLER_REVISIONS, inputs.namespace, revision) if revision else None
        if found is None:
            return None
        template = found["data"]["spec"]["template"]
        template.pop("$patch", None)
        made = _annotated(manifest, {**annotations, REFUSED_TEMPLATE: refused})
        return {**made, "spec": {**made["spec"], "template": template}}

    async def _finished(
        self, cluster: Mapping[str, Any], inputs: Inputs, state: ChildState, revision: str, memory: Memory
    ) -> None:
        memory.announced.pop("connections-before", None)
        memory.announced.pop("paused", None)
        if state.annotations.get(STABLE_REVISION) == revision:
            return
        patch = {"metadata": {"annotations": {STABLE_REVISION: revision}}}
        with_note = await self._kube.patch(STATEFUL_SETS, inputs.namespace, child(inputs, GATEWAY), patch)
        self._cache.update(with_note)
        if STABLE_REVISION in state.annotations:
            await self._events.record(cluster, "RolloutFinished", "every gateway runs the newest revision")


def _annotated(manifest: Manifest, annotations: Mapping[str, str]) -> Manifest:
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "annotations": {**metadata["annotations"], **annotations}}}


def gateway_pod(state: ChildState) -> GatewayPod:
    """A pod as a rollout sees it."""
    container: Mapping[str, Any] = next(iter(state.status.get("containerStatuses") or ()), {})
    waiting = container.get("state", {}).get("waiting", {}).get("reason", "")
    name = state.ref[1]
    return GatewayPod(
        name=name,
        ordinal=int(name.rpartition("-")[2]),
        revision=state.revision,
        ready=state.ready,
        deleting=state.deleting,
        steady_s=_steady_s(state),
        waiting=waiting,
        started=bool(container.get("started")),
        restarts=container.get("restartCount", 0),
    )


def _steady_s(state: ChildState) -> float:
    """Since it became ready or ceased to be, or else was made; who tells no time counts as settled."""
    conditions = state.status.get("conditions") or ()
    ready: Mapping[str, Any] = next((each for each in conditions if each["type"] == "Ready"), {})
    since = ready.get("lastTransitionTime") or state.created
    if not since:
        return float(MIN_READY_S)
    return (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(since)).total_seconds()

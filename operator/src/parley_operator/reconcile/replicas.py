"""The number of pods of each component: whose it is, and the way to the wanted one."""

from collections.abc import Mapping
from typing import Any, Final

from parley.contract import ROLES
from parley_operator.desired.autoscalers import TARGET_LAG, behavior, scaled_by_others
from parley_operator.desired.inputs import Inputs
from parley_operator.desired.names import COMPONENT, child
from parley_operator.desired.sizing import CONSUMERS, bounds, target_connections, wanted_replicas
from parley_operator.desired.workloads import GATEWAY
from parley_operator.kube.errors import Conflict
from parley_operator.kube.port import REPLICAS_MANAGER, KubernetesPort
from parley_operator.kube.resources import AUTOSCALERS, DEPLOYMENTS, STATEFUL_SETS
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.child_state import ChildState, Ref
from parley_operator.reconcile.children import set_replicas
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.memory import Memory, Pass
from parley_operator.reconcile.scaling import History, decide, remember

_LOOK_AGAIN_S: Final = 2.0
_CONFLICT_S: Final = 0.2


def workload_ref(inputs: Inputs, role: str) -> Ref:
    """Kind and name of a component's workload."""
    return ("StatefulSet" if role == GATEWAY else "Deployment", child(inputs, role))


def pods_of(children: Mapping[Ref, ChildState], role: str) -> list[ChildState]:
    """A component's pods, as they were seen last."""
    return [state for ref, state in children.items() if ref[0] == "Pod" and state.labels.get(COMPONENT) == role]


class Replicas:
    """Walks to the wanted numbers: up at once, down one drained pod at a time."""

    def __init__(self, kube: KubernetesPort, cache: ChildCache, events: EventRecorder) -> None:
        """Work through `kube`, and keep `cache` in step."""
        self._kube = kube
        self._cache = cache
        self._events = events

    async def settle(self, cluster: Mapping[str, Any], inputs: Inputs, memory: Memory, work: Pass) -> None:
        """One step for each component whose number of pods is the operator's to say."""
        for role in ROLES:
            try:
                if not scaled_by_others(inputs, role):
                    await self._component(cluster, inputs, role, memory, work)
                else:
                    await self._begin(inputs, role, memory, work)
            except Conflict:
                work.again_after(_CONFLICT_S)  # a controller wrote its status in between

    async def _begin(self, inputs: Inputs, role: str, memory: Memory, work: Pass) -> None:
        """Whoever scales begins where the spec says; afterwards the number is his alone."""
        state = self._cache.of((inputs.namespace, inputs.name)).get(workload_ref(inputs, role))
        if state is None or state.replicas is None or f"replicas/{role}" in memory.announced:
            return
        memory.announced[f"replicas/{role}"] = "handed over"
        least, _ = bounds(inputs.spec, role)
        fresh = state.generation == 1 and not state.status.get("readyReplicas")
        if fresh and state.replicas < least:
            await self._write(inputs, role, least, work)

    async def _component(
        self, cluster: Mapping[str, Any], inputs: Inputs, role: str, memory: Memory, work: Pass
    ) -> None:
        key = (inputs.namespace, inputs.name)
        children = self._cache.of(key)
        state = children.get(workload_ref(inputs, role))
        if state is None or state.replicas is None or state.deleting:
            return
        memory.announced.pop(f"replicas/{role}", None)
        if ("HorizontalPodAutoscaler", child(inputs, role)) in children:
            work.again_after(1.0)  # it is being deleted; two would write the same number
            return
        wanted, reason = self._wanted(inputs, role, state.replicas, memory, work)
        if wanted == state.replicas:
            return
        leaving = any(pod.deleting for pod in pods_of(children, role))
        if wanted < state.replicas:
            if leaving:
                work.again_after(_LOOK_AGAIN_S)
                return
            wanted = state.replicas - 1
            work.again_after(_LOOK_AGAIN_S)
        await self._write(inputs, role, wanted, work)
        memory.scaling[role] = remember(memory.scaling.get(role, History()), work.now, wanted - state.replicas)
        if reason:
            await self._events.record(cluster, "Scaled", f"{role}: {reason}")

    def _wanted(self, inputs: Inputs, role: str, live: int, memory: Memory, work: Pass) -> tuple[int, str]:
        autoscaling = inputs.spec.component(role).autoscaling
        if autoscaling is None or autoscaling.mode != "operator":
            memory.scaling_reasons.pop(role, None)
            return wanted_replicas(inputs.spec, role), ""
        values = metric_values(inputs, role, memory)
        target = (
            autoscaling.target_lag or TARGET_LAG
            if role in CONSUMERS
            else target_connections(inputs.spec.component(role))
        )
        decision = decide(
            work.now,
            live,
            values,
            float(target),
            bounds(inputs.spec, role),
            autoscaling,
            behavior(inputs, role),
            memory.scaling.get(role, History()),
        )
        memory.scaling[role] = decision.history
        memory.scaling_reasons[role] = decision.reason
        return decision.replicas, decision.reason

    async def _write(self, inputs: Inputs, role: str, count: int, work: Pass) -> None:
        resource = STATEFUL_SETS if role == GATEWAY else DEPLOYMENTS
        live = await self._kube.get(resource, inputs.namespace, child(inputs, role))
        if live is None:
            return
        if await self._kube.get(AUTOSCALERS, inputs.namespace, child(inputs, role)) is not None and not (
            scaled_by_others(inputs, role)
        ):
            work.again_after(1.0)
            return
        if live["spec"].get("replicas") != count and not _owns(live):
            # First own what is: letting somebody else's number go would let it fall to 1.
            live = await set_replicas(self._kube, resource, live, live["spec"]["replicas"], REPLICAS_MANAGER)
        self._cache.update(await set_replicas(self._kube, resource, live, count, REPLICAS_MANAGER))


def _owns(live: Mapping[str, Any]) -> bool:
    return any(entry.get("manager") == REPLICAS_MANAGER for entry in live["metadata"].get("managedFields") or [])


def metric_values(inputs: Inputs, role: str, memory: Memory) -> list[float]:
    """What the pods of a component told last: connections of gateways, lag of consumers."""
    prefix = f"{child(inputs, role)}-"
    mine = [metrics for name, metrics in memory.metrics.items() if name.startswith(prefix)]
    return [float(each.connections if role == GATEWAY else each.lag) for each in mine]

"""One pass over one ChatCluster: look, compare, act, report."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from pydantic import ValidationError

from parley_operator.desired.desired import desired
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.workloads import GATEWAY
from parley_operator.external.pod_metrics import PodMetricsReader
from parley_operator.external.provisioning import SecretData
from parley_operator.kube.errors import NotFound
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import CHAT_CLUSTERS
from parley_operator.model.chat_cluster import API_VERSION, KIND, ChatClusterSpec
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.children import Children
from parley_operator.reconcile.deletion import Deletion
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.externals import Externals
from parley_operator.reconcile.gateways import REFUSED_TEMPLATE, Gateways
from parley_operator.reconcile.memory import Memory, Pass, Settled
from parley_operator.reconcile.plan import plan
from parley_operator.reconcile.queue import Key
from parley_operator.reconcile.replicas import Replicas, workload_ref
from parley_operator.reconcile.report import Report, deleting_status, first_status, invalid_status, status_of
from parley_operator.reconcile.rollout import Decision
from parley_operator.reconcile.surroundings import Observer
from parley_operator.reconcile.updates import held_back
from parley_operator.settings import OperatorSettings

_log: Final = structlog.get_logger()
_NUMBERS: Final = ("connections", "lag", "scaling")
_NUMBERS_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Hands:
    """What a pass works with."""

    kube: KubernetesPort
    cache: ChildCache
    observer: Observer
    children: Children
    replicas: Replicas
    gateways: Gateways
    externals: Externals
    deletion: Deletion
    events: EventRecorder
    metrics: PodMetricsReader
    version: str


def make_hands(kube: KubernetesPort, cache: ChildCache, settings: OperatorSettings, version: str) -> Hands:
    """Put everything together that works through one API server."""
    loop = asyncio.get_running_loop()
    events = EventRecorder(kube, settings.identity, loop.time)
    return Hands(
        kube=kube,
        cache=cache,
        observer=Observer(kube, settings.image, version),
        children=Children(kube, cache, events),
        replicas=Replicas(kube, cache, events),
        gateways=Gateways(kube, cache, events),
        externals=Externals(events, settings.external_s, settings.external_deadline_s),
        deletion=Deletion(kube, cache, events, settings.external_deadline_s),
        events=events,
        metrics=PodMetricsReader(),
        version=version,
    )


class Reconciler:
    """Brings ChatClusters to what they ask for. Every pass begins with what is, and may be cut off anywhere."""

    def __init__(self, hands: Hands, settings: OperatorSettings, enqueue: Callable[[Key], None]) -> None:
        """`enqueue` brings a key back when something in the background ended."""
        self._hands = hands
        self._settings = settings
        self._enqueue = enqueue
        self._memories: dict[Key, Memory] = {}

    async def reconcile(self, key: Key) -> float | None:
        """One pass. Returns the seconds after which to come back; None when the ChatCluster is gone."""
        hands = self._hands
        resource = await hands.kube.get(CHAT_CLUSTERS, *key)
        if resource is None:
            await self._forget(key)
            return None
        memory = self._memory(key, resource["metadata"]["uid"])
        work = Pass(asyncio.get_running_loop().time(), [self._settings.resync_s])
        if "deletionTimestamp" in resource["metadata"]:
            await self._delete(resource, memory, work)
            return min(work.requeue)
        try:
            spec = ChatClusterSpec.read(resource["spec"])
        except ValidationError as error:
            await self._refuse(resource, memory, work, error)
            return min(work.requeue)
        if not resource.get("status"):
            await self._show(resource, first_status(resource["metadata"]["generation"], _now()), memory, work)
        await hands.deletion.keep_finalizer(resource, spec)
        inputs = await hands.observer.inputs(resource, spec, memory, work)
        hands.externals.want(inputs, memory, work, lambda: self._enqueue(key))
        await self._read_metrics(key, inputs, memory, work)
        decision = await self._act(resource, inputs, memory, work)
        await hands.externals.announce(resource, memory)
        await self._report(resource, inputs, memory, work, decision)
        if work.apply_errors:
            work.again_after(30.0)
        return min(work.requeue)

    async def _act(self, resource: Manifest, inputs: Inputs, memory: Memory, work: Pass) -> Decision | None:
        hands = self._hands
        if inputs.spec.paused:
            return None
        key = (inputs.namespace, inputs.name)
        generation = resource["metadata"]["generation"]
        now = Settled(generation, inputs.around, hands.cache.revision(key))
        if now == memory.settled:
            # Most passes only read numbers: making all objects anew to find them as they are would be most of the work.
            await hands.replicas.settle(resource, inputs, memory, work)
            return None
        wanted, waiting = await held_back(
            hands.kube, inputs, generation, hands.version, desired(inputs), hands.cache.of(key)
        )
        work.waiting_for_update.extend(waiting)
        gateway = next(each for each in wanted if each["kind"] == "StatefulSet")
        shown = await hands.gateways.template(inputs, gateway)
        steps = plan([shown if each is gateway else each for each in wanted], hands.cache.of(key), memory.applied)
        await hands.children.execute(resource, steps, memory, work)
        await hands.replicas.settle(resource, inputs, memory, work)
        decision = await hands.gateways.step(resource, inputs, gateway, memory, work)
        done = not steps and not waiting and (decision is None or decision.stage == "Done")
        memory.settled = now if done else None
        return decision

    async def _read_metrics(self, key: Key, inputs: Inputs, memory: Memory, work: Pass) -> None:
        """Connections and lag: more often where the operator scales, or while gateways are replaced."""
        scaling = any(
            (component.autoscaling is not None and component.autoscaling.mode == "operator")
            for component in (inputs.spec.components or {}).values()
        )
        every = self._settings.scaling_s if scaling or memory.shown.get("rollout") else self._settings.metrics_s
        pods = {
            ref[1]: str(state.status["podIP"])
            for ref, state in self._hands.cache.of(key).items()
            if ref[0] == "Pod" and state.status.get("podIP") and state.status.get("phase") == "Running"
        }
        if pods:
            work.again_after(every)
        if work.now - memory.metrics_at >= every * 0.9:
            memory.metrics_before, memory.metrics = memory.metrics, await self._hands.metrics.read(pods)
            memory.metrics_at = work.now

    async def _report(
        self, resource: Manifest, inputs: Inputs, memory: Memory, work: Pass, decision: Decision | None
    ) -> None:
        key = (inputs.namespace, inputs.name)
        children = self._hands.cache.of(key)
        gateway = children.get(workload_ref(inputs, GATEWAY))
        refused = REFUSED_TEMPLATE in gateway.annotations if gateway else False
        report = Report(
            inputs=inputs,
            generation=resource["metadata"]["generation"],
            children=children,
            known=self._hands.externals.known(memory),
            metrics=memory.metrics,
            scaling=memory.scaling_reasons,
            rollout=decision,
            rolled_back="the newest gateway pods did not work; the revision before runs: correct image or settings"
            if refused
            else "",
            missing_secrets=work.missing_secrets,
            apply_errors=work.apply_errors,
            update_pending=_pending(work.waiting_for_update),
        )
        await self._show(resource, status_of(report, resource.get("status") or {}, _now()), memory, work)
        if work.missing_secrets and memory.announced.get("secrets") != work.missing_secrets[0]:
            await self._hands.events.record(resource, "SecretMissing", "; ".join(work.missing_secrets), "Warning")
        memory.announced["secrets"] = work.missing_secrets[0] if work.missing_secrets else ""

    async def _show(self, resource: Manifest, status: dict[str, Any], memory: Memory, work: Pass) -> None:
        """Write the status if it says something new; numbers alone are told once in a while."""
        before = resource.get("status") or {}
        if status == before:
            memory.shown = status
            return
        if _plain(status) == _plain(before) and work.now - memory.status_at < _NUMBERS_S:
            work.again_after(_NUMBERS_S)
            return
        metadata = {key: resource["metadata"][key] for key in ("name", "namespace")}
        body = {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "status": status}
        try:
            await self._hands.kube.apply(CHAT_CLUSTERS, body, subresource="status")
        except NotFound:
            return
        memory.status_at = work.now
        memory.shown = status

    async def _refuse(self, resource: Manifest, memory: Memory, work: Pass, error: ValidationError) -> None:
        mistakes = [
            f"spec.{'.'.join(str(part) for part in each['loc'])}: {each['msg']} (it is {each['input']!r})"
            for each in error.errors(include_url=False)
        ]
        text = "; ".join(mistakes)[:4000]
        generation = resource["metadata"]["generation"]
        await self._show(resource, invalid_status(generation, text, resource.get("status") or {}, _now()), memory, work)
        if memory.announced.get("invalid") != text:
            await self._hands.events.record(resource, "SpecInvalid", text, "Warning")
            memory.announced["invalid"] = text

    async def _delete(self, resource: Manifest, memory: Memory, work: Pass) -> None:
        left = await self._hands.deletion.run(resource, memory, work)
        if left:
            metadata = resource["metadata"]
            status = deleting_status(metadata["generation"], left, resource.get("status") or {}, _now())
            await self._show(resource, status, memory, work)

    def _memory(self, key: Key, uid: str) -> Memory:
        memory = self._memories.get(key)
        if memory is None or memory.uid != uid:
            memory = self._memories[key] = Memory(uid)
        return memory

    async def _forget(self, key: Key) -> None:
        memory = self._memories.pop(key, None)
        self._hands.cache.forget(key)
        if memory is not None:
            await self._hands.externals.forget(memory)

    def keys(self) -> list[Key]:
        """ChatClusters that are known."""
        return list(self._memories)

    def secrets(self) -> dict[Key, SecretData]:
        """The Secrets of each ChatCluster, as they were read last."""
        return {key: memory.secrets for key, memory in self._memories.items()}

    def read_secrets_again(self, key: Key) -> None:
        """The next pass reads the Secrets of a ChatCluster; it comes at once."""
        if key in self._memories:
            self._memories[key].secrets_of = None
        self._enqueue(key)

    def conditions(self, key: Key) -> Sequence[Mapping[str, Any]]:
        """Those of the status that was shown last; none when the ChatCluster is gone."""
        memory = self._memories.get(key)
        return (memory.shown.get("conditions") or ()) if memory else ()

    async def close(self) -> None:
        """End what runs in the background."""
        for memory in self._memories.values():
            await self._hands.externals.forget(memory)
        self._hands.externals.close()
        await self._hands.metrics.close()


def _pending(components: Sequence[str]) -> str:
    if not components:
        return ""
    text = "this operator makes other pods of the same spec for "
    return f"{text}{', '.join(sorted(components))}: they change with the next change of spec, or with updatePolicy Auto"


def _plain(status: Mapping[str, Any]) -> dict[str, Any]:
    """The status without its numbers."""
    components = [
        {key: value for key, value in each.items() if key not in _NUMBERS} for each in status.get("components") or ()
    ]
    return {**{key: value for key, value in status.items() if key not in _NUMBERS}, "components": components}


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The operator from its start to its end: wait for the lease, watch, work, and stop before another may begin."""

import asyncio
import random
import signal
from collections.abc import Coroutine, Mapping
from importlib.metadata import version
from typing import Any, Final

import structlog

from parley_operator.kube.access import Access
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.errors import KubeError
from parley_operator.kube.leases import LeaderElection
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import CHAT_CLUSTERS, CHILDREN, Resource
from parley_operator.model.chat_cluster import API_VERSION
from parley_operator.reconcile.backoff import delay_s
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.queue import Key, WorkQueue
from parley_operator.reconcile.reconciler import Reconciler, make_hands
from parley_operator.settings import OperatorSettings
from parley_operator.watch import metrics
from parley_operator.watch.informer import Informer
from parley_operator.watch.liveness import ToldKubernetes, WatchLiveness
from parley_operator.watch.news import ClusterNews
from parley_operator.watch.probes import Probes
from parley_operator.watch.relist import Relist
from parley_operator.watch.secret_rounds import SecretRounds

_log: Final = structlog.get_logger()
_LOOK_FOR_CRD_S: Final = 2.0
_RESYNC_SPREAD: Final = 0.2
_AT_ONCE: Final = frozenset({"ADDED", "MODIFIED"})


class Operator:
    """One process of the operator."""

    def __init__(self, settings: OperatorSettings, kubeconfig: str | None = None, context: str | None = None) -> None:
        """Connect when run."""
        self._settings = settings
        self._kubeconfig = kubeconfig
        self._context = context
        self._stop = asyncio.Event()
        self._failed = ""
        self._queue = WorkQueue()
        self._cache = ChildCache()
        self._failures: dict[Key, int] = {}
        self._leading = False
        self._news = ClusterNews()

    async def run(self) -> str:
        """Work until a signal, or until it must not go on; returns why then, for the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        probes = Probes(self._settings.host, self._settings.port, self._alive, self._ready)
        await probes.start()
        access = await Access(self._kubeconfig, self._context).load()
        try:
            async with KubernetesClient(access, self._settings.identity) as kube:
                await self._lead(kube, access)
        finally:
            await probes.stop()
        return self._failed

    async def _lead(self, kube: KubernetesPort, access: Access) -> None:
        settings = self._settings
        metrics.LEADER.labels(settings.lease_name).set(0)
        election = LeaderElection(kube, settings.namespace, settings.lease_name, settings.identity)
        waiting = asyncio.create_task(self._begin(kube, election))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return
        waiting.result()
        self._election = election
        renewing = self._part(election.hold(lambda: self._fail("the lease was lost")))
        try:
            await self._work(kube, access)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            self._leading = False
            if not self._failed:
                await election.release()

    async def _begin(self, kube: KubernetesPort, election: LeaderElection) -> None:
        """Without its definition there is nothing to watch; without the lease somebody else does."""
        told = ""
        while True:
            try:
                if await kube.served(API_VERSION):
                    break
                wait = "the CustomResourceDefinition is not there: kubectl apply -f crds/"
            except KubeError as error:
                wait = str(error)
            if told != wait:
                _log.warning("waiting", why=wait)
                told = wait
            await asyncio.sleep(_LOOK_FOR_CRD_S)
        await election.acquire()

    async def _work(self, kube: KubernetesPort, access: Access) -> None:
        optional = [kind for kind in CHILDREN if kind.optional and await kube.served(kind.api_version)]
        informer = Informer(access, self._settings.namespaces, optional)
        self._watches = WatchLiveness(informer.kinds)
        metrics.WATCH_OWED_SECONDS.set_function(lambda: self._watches.owed_s(asyncio.get_running_loop().time()))
        told = ToldKubernetes(kube, self._watches, asyncio.get_running_loop().time)
        hands = make_hands(told, self._cache, self._settings, version("parley"))
        reconciler = Reconciler(hands, self._settings, self._add)
        informer.start(self._seen, lambda: self._fail("the watches ended"))
        self._leading = True
        metrics.LEADER.labels(self._settings.lease_name).set(1)
        relist = Relist(told, self._cache, self._news, self._settings.namespaces, self._add)
        parts = [self._part(self._worker(reconciler)) for _ in range(self._settings.workers)]
        parts.append(self._part(relist.run(informer.kinds, self._settings.relist_s)))
        rounds = SecretRounds(told, reconciler.secrets, reconciler.read_secrets_again)
        parts.append(self._part(rounds.run(self._settings.secrets_s)))
        try:
            await self._stop.wait()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            metrics.LEADER.labels(self._settings.lease_name).set(0)
            informer.stop()
            await reconciler.close()

    async def _worker(self, reconciler: Reconciler) -> None:
        while True:
            key = await self._queue.take()
            metrics.ACTIVE_WORKERS.labels(metrics.CONTROLLER).set(self._queue.active)
            try:
                await self._one(reconciler, key)
            finally:
                self._queue.done(key)
                metrics.QUEUE_DEPTH.labels(metrics.CONTROLLER).set(len(self._queue))
                metrics.ACTIVE_WORKERS.labels(metrics.CONTROLLER).set(self._queue.active)

    async def _one(self, reconciler: Reconciler, key: Key) -> None:
        """One pass; whatever goes wrong is told and tried again later, and never ends the worker."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        result = "success"
        try:
            again = await reconciler.reconcile(key)
            self._failures.pop(key, None)
        except Exception as error:  # noqa: BLE001 - one bad ChatCluster must not stop the others
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            again = delay_s(failures, random.random())  # noqa: S311 - spreads those who wait together
            result = "error"
            metrics.RECONCILE_ERRORS.labels(metrics.CONTROLLER).inc()
            metrics.QUEUE_RETRIES.labels(metrics.CONTROLLER).inc()
            if isinstance(error, KubeError):
                _log.warning("a pass failed", key="/".join(key), error=str(error), again_in_s=round(again, 1))
            else:
                _log.exception("a pass failed", key="/".join(key), again_in_s=round(again, 1))
        metrics.RECONCILES.labels(metrics.CONTROLLER, result).inc()
        metrics.RECONCILE_SECONDS.labels(metrics.CONTROLLER).observe(loop.time() - begun)
        metrics.CLUSTERS.set(len(reconciler.keys()))
        metrics.show_conditions(*key, reconciler.conditions(key))
        if again is None:
            self._queue.forget(key)
            return
        spread = 1 + random.uniform(-_RESYNC_SPREAD, _RESYNC_SPREAD)  # noqa: S311
        self._queue.add(key, again * spread if again >= self._settings.resync_s else again)

    def _add(self, key: Key) -> None:
        metrics.QUEUE_ADDS.labels(metrics.CONTROLLER).inc()
        self._queue.add(key)

    def _seen(self, kind: Resource, body: Mapping[str, Any], deleted: bool) -> None:  # noqa: FBT001 - the informer's
        metrics.WATCH_EVENTS.labels(kind.kind).inc()
        self._watches.heard(kind, body, deleted=deleted)
        key = (self._news.told if kind is CHAT_CLUSTERS else self._cache.update)(body, deleted=deleted)
        if key is not None:
            self._add(key)

    def _part(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Work of this process for as long as it leads: when it fails, the process ends and is started again whole."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._fail(f"a part of the operator failed: {error!r}")

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        return task

    def _fail(self, why: str) -> None:
        _log.error("stopping", why=why)
        self._failed = why
        self._stop.set()

    def _alive(self) -> str:
        """Alive while the loop renews the Lease, and the watches tell what happens."""
        if not self._leading:
            return ""
        now = asyncio.get_running_loop().time()
        silent = now - self._election.renewed_at
        if silent > self._settings.stall_s:
            return f"the own Lease was not renewed for {silent:.0f} s"
        return self._watches.stalled(now, self._settings.stall_s)

    def _ready(self) -> str:
        return "" if self._leading else "waiting for the lease"

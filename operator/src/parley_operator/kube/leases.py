"""One active operator: whoever holds the Lease works, the others wait for it."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from parley_operator.kube.errors import Conflict, KubeError
from parley_operator.kube.port import KubernetesPort, Manifest
from parley_operator.kube.resources import LEASES

_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Seconds: how long a lease lasts, until when its holder may go on without renewing, how often it renews."""

    duration: float = 15.0
    renew_deadline: float = 10.0
    retry_period: float = 2.0


class LeaderElection:
    """Holds one Lease. A holder that cannot renew stops before another may begin, so there are never two."""

    def __init__(
        self, kube: KubernetesPort, namespace: str, name: str, identity: str, times: LeaseTimes | None = None
    ) -> None:
        """Take part as `identity`, which no other process may use."""
        self._kube = kube
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._times = times or LeaseTimes()
        self._held: Manifest | None = None
        self._seen: tuple[str, float] = ("", 0.0)
        self.renewed_at = 0.0

    async def acquire(self) -> None:
        """Wait until the lease is ours; an answer that comes too late to go by does not count."""
        loop = asyncio.get_running_loop()
        waiting = False
        while True:
            try:
                if await self._try() and loop.time() - self.renewed_at < self._times.renew_deadline:
                    _log.info("leading", lease=self._name, identity=self._identity)
                    return
            except Conflict:
                pass
            except KubeError as error:
                _log.warning("the lease could not be asked for", error=str(error))
            if not waiting:
                _log.info("waiting for the lease", lease=self._name, identity=self._identity)
                waiting = True
            await asyncio.sleep(self._times.retry_period)

    async def hold(self, lost: Callable[[], None]) -> None:
        """Renew until cancelled; calls `lost` when that failed for too long or somebody took the lease."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._times.retry_period)
            remaining = self._times.renew_deadline - (loop.time() - self.renewed_at)
            try:
                async with asyncio.timeout(max(0.0, remaining)):
                    mine = await self._try()
                if not mine:
                    _log.error("the lease was taken by another operator", lease=self._name)
                    lost()
                    return
            except (KubeError, TimeoutError) as error:
                _log.warning("the lease was not renewed", error=str(error) or "no answer in time")
            if loop.time() - self.renewed_at >= self._times.renew_deadline:
                _log.error("the lease could not be renewed in time: stopping, so that another can begin")
                lost()
                return

    async def release(self) -> None:
        """Let the next one begin at once."""
        if self._held is None:
            return
        spec = {**self._held["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
        with contextlib.suppress(KubeError):
            await self._kube.replace(LEASES, {**self._held, "spec": spec})
        self._held = None

    async def _try(self) -> bool:
        """Take or renew the lease if that is allowed; the version in the object lets only one of two succeed."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        current = self._held or await self._kube.get(LEASES, self._namespace, self._name)
        if current is None:
            self._held = await self._kube.create(LEASES, self._lease(None))
        elif self._may_take(current):
            try:
                self._held = await self._kube.replace(LEASES, self._lease(current))
            except Conflict:
                self._held = None
                newest = await self._kube.get(LEASES, self._namespace, self._name)
                if newest is None or newest["spec"].get("holderIdentity") != self._identity:
                    return False
                self._held = newest
                return await self._try()
        else:
            return False
        self.renewed_at = begun
        return True

    def _may_take(self, lease: Manifest) -> bool:
        """Ours, free, or run out: by our own clock since its last change that we saw, as clocks differ."""
        spec = lease["spec"]
        holder = spec.get("holderIdentity")
        if not holder or holder == self._identity:
            return True
        now = asyncio.get_running_loop().time()
        version = lease["metadata"]["resourceVersion"]
        if version != self._seen[0]:
            self._seen = (version, now)
        return now - self._seen[1] > float(spec.get("leaseDurationSeconds") or self._times.duration)

    def _lease(self, current: Manifest | None) -> Manifest:
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        old = current["spec"] if current else {}
        same = old.get("holderIdentity") == self._identity
        spec = {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": int(self._times.duration),
            "renewTime": now,
            "acquireTime": old.get("acquireTime", now) if same else now,
            "leaseTransitions": int(old.get("leaseTransitions") or 0) + (0 if same or not current else 1),
        }
        metadata = current["metadata"] if current else {"name": self._name, "namespace": self._namespace}
        return {"apiVersion": LEASES.api_version, "kind": LEASES.kind, "metadata": metadata, "spec": spec}

"""Events for people: from one catalogue, counted together when they repeat, and never too many."""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import EVENTS
from parley_operator.model.chat_cluster import API_VERSION, KIND
from parley_operator.reconcile.catalogue import EVENT_NAMES

_log: Final = structlog.get_logger()
_TOGETHER_S: Final = 600.0
_BURST: Final = 25.0
_PER_SECOND: Final = 1 / 10
_LONGEST: Final = 1000


@dataclass(slots=True)
class _Series:
    name: str
    count: int
    first: str
    at: float


class EventRecorder:
    """Writes Events about ChatClusters. A failure to write one is logged, and stops nothing."""

    def __init__(self, kube: KubernetesPort, identity: str, clock: Callable[[], float]) -> None:
        """Report as `identity`."""
        self._kube = kube
        self._identity = identity
        self._clock = clock
        self._series: dict[tuple[str, ...], _Series] = {}
        self._budget: dict[str, tuple[float, float]] = {}

    async def record(
        self, cluster: Mapping[str, Any], reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal"
    ) -> None:
        """Say that something happened to a ChatCluster; the same again within ten minutes is counted."""
        if reason not in EVENT_NAMES:
            raise ValueError(f"event {reason} is not in the catalogue")
        metadata = cluster["metadata"]
        message = message[:_LONGEST]
        _log.info("event", namespace=metadata["namespace"], name=metadata["name"], reason=reason, message=message)
        if not self._affordable(metadata["uid"]):
            return
        key = (metadata["uid"], reason, message)
        now = self._clock()
        series = self._series.get(key)
        if series is not None and now - series.at < _TOGETHER_S:
            series.count += 1
            series.at = now
        else:
            digest = hashlib.sha256("".join(key).encode()).hexdigest()[:8]
            series = self._series[key] = _Series(f"{metadata['name']}.{digest}{int(now * 1000):x}", 1, _stamp(), now)
            self._forget_old(now)
        await self._write(metadata, reason, message, kind, series)

    async def _write(self, metadata: Mapping[str, Any], reason: str, message: str, kind: str, series: _Series) -> None:
        namespace = metadata["namespace"]
        with contextlib.suppress(KubeError):
            if series.count > 1:
                change = {"count": series.count, "lastTimestamp": _stamp()}
                await self._kube.patch(EVENTS, namespace, series.name, change)
                return
            about = {
                "apiVersion": API_VERSION,
                "kind": KIND,
                "namespace": namespace,
                "name": metadata["name"],
                "uid": metadata["uid"],
            }
            event = {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": series.name, "namespace": namespace},
                "involvedObject": about,
                "reason": reason,
                "message": message,
                "type": kind,
                "count": 1,
                "firstTimestamp": series.first,
                "lastTimestamp": series.first,
                "source": {"component": "parley-operator"},
                "reportingComponent": "parley-operator",
                "reportingInstance": self._identity,
            }
            await self._kube.create(EVENTS, event)

    def _affordable(self, uid: str) -> bool:
        """A bucket of tokens for each ChatCluster."""
        now = self._clock()
        tokens, at = self._budget.get(uid, (_BURST, now))
        tokens = min(_BURST, tokens + (now - at) * _PER_SECOND)
        self._budget[uid] = (max(0.0, tokens - 1), now)
        return tokens >= 1

    def _forget_old(self, now: float) -> None:
        for key in [key for key, series in self._series.items() if now - series.at > _TOGETHER_S]:
            del self._series[key]


def _stamp() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

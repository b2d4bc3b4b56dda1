"""Connections and lag, read from the pods' own metrics."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from parley.contract import METRICS_PATH
from parley_operator.desired.names import ADMIN_PORT

_AT_ONCE: Final = 32
_ANSWER_S: Final = 3.0
_WANTED: Final = (
    "parley_connections",
    "parley_consumer_lag",
    "parley_frames_received_total",
    "parley_refusals_total",
)
OUR_FAULTS: Final = frozenset({"internal", "unavailable", "poison"})
"""Refusals that no client can help."""


@dataclass(frozen=True, slots=True)
class PodMetrics:
    """What one pod tells. `opened`, `requests` and `faults` (errors that are ours) count since it began."""

    connections: int = 0
    lag: int = 0
    opened: int = 0
    requests: int = 0
    faults: int = 0


class PodMetricsReader:
    """Asks many pods at once; one that does not answer is left out."""

    def __init__(self, port: int = ADMIN_PORT) -> None:
        """Connect when asked."""
        self._port = port
        self._session: aiohttp.ClientSession | None = None

    async def read(self, addresses: Mapping[str, str]) -> dict[str, PodMetrics]:
        """Metrics by pod, of those of these addresses that answered."""
        if not addresses:
            return {}
        limit = asyncio.Semaphore(_AT_ONCE)
        answers = await asyncio.gather(*(self._one(limit, address) for address in addresses.values()))
        return {name: answer for name, answer in zip(addresses, answers, strict=True) if answer is not None}

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    async def _one(self, limit: asyncio.Semaphore, address: str) -> PodMetrics | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_S))
        host = f"[{address}]" if ":" in address else address
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError, OverflowError):
            async with limit, self._session.get(f"http://{host}:{self._port}{METRICS_PATH}") as answer:
                return parse((await answer.text()).splitlines())
        return None


def parse(lines: Iterable[str]) -> PodMetrics:
    """Metrics from Prometheus' text format; only the lines that count are read."""
    chosen = "\n".join(line for line in lines if line.startswith(_WANTED))
    totals: dict[str, float] = {}
    faults = 0.0
    for family in text_string_to_metric_families(chosen):
        for sample in family.samples:
            totals[sample.name] = totals.get(sample.name, 0.0) + sample.value
            if sample.name == "parley_refusals_total" and sample.labels.get("code") in OUR_FAULTS:
                faults += sample.value
    return PodMetrics(
        connections=int(totals.get("parley_connections", 0)),
        lag=int(totals.get("parley_consumer_lag", 0)),
        opened=int(totals.get("parley_connections_opened_total", 0)),
        requests=int(totals.get("parley_frames_received_total", 0)),
        faults=int(faults),
    )

"""Telling every client to fetch what it may have missed, without a stampede."""

import asyncio
from typing import Final

import structlog

from parley.protocol.server_frames import Resync
from parley.roles.gateway.directory import Directory
from parley.roles.gateway.frame_counts import count_sent
from parley.roles.gateway.outbound import Outbound
from parley.runtime.metrics import RESYNCS

RESUMES_PER_SECOND: Final = 500
"""A resync of all clients is spread so that chat sees about so many of them per second."""

SHORTEST_MS: Final = 2_000
LONGEST_MS: Final = 30_000

PAUSE_S: Final = 2.0
"""Causes that come within this time share one resync."""

_log: Final = structlog.get_logger()


class Resyncing:
    """Sends `resync` to all clients, at once for the first cause, together for those that follow closely."""

    def __init__(self, directory: Directory) -> None:
        """Tell the clients of this directory."""
        self._directory = directory
        self._timer: asyncio.TimerHandle | None = None
        self._last: float | None = None

    def request(self, cause: str) -> None:
        """Something may have been missed."""
        RESYNCS.labels(cause).inc()
        _log.warning("clients must resync", cause=cause, clients=len(self._directory.clients))
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        wait = 0.0 if self._last is None else max(0.0, self._last + PAUSE_S - loop.time())
        if wait == 0.0:
            self._send()
        else:
            self._timer = loop.call_later(wait, self._send)

    def close(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _send(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        clients = list(self._directory.clients)
        outbound = Outbound(Resync(spread_ms(len(clients))))
        count_sent(outbound.frame, len(clients))
        for client in clients:
            client.push(outbound, self._last)


def spread_ms(clients: int) -> int:
    """How long a resync of so many clients should take."""
    return min(LONGEST_MS, max(SHORTEST_MS, clients * 1000 // RESUMES_PER_SECOND))

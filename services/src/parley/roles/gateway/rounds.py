"""One timer for all connections."""

import asyncio
from typing import Final

from parley.ports.clock import Clock
from parley.roles.gateway.directory import Directory

_SLICE: Final = 500
"""Connections that are looked at before others get their turn on the loop."""

_FORGET_EVERY_S: Final = 10.0


class Rounds:
    """Goes round all connections at a steady pace: heartbeats, hello timeouts, stalls, expiry, waiting hints."""

    def __init__(self, directory: Directory, clock: Clock, interval_s: float) -> None:
        """Go round once per interval."""
        self._directory = directory
        self._clock = clock
        self._interval_s = interval_s

    async def run(self) -> None:
        """Go round for ever."""
        loop = asyncio.get_running_loop()
        forgotten_at = loop.time()
        while True:
            await asyncio.sleep(self._interval_s)
            await self._round()
            if loop.time() - forgotten_at >= _FORGET_EVERY_S:
                forgotten_at = loop.time()
                self._directory.forget_rested(forgotten_at)

    async def _round(self) -> None:
        loop = asyncio.get_running_loop()
        clients = list(self._directory.clients)
        for first in range(0, len(clients), _SLICE):
            now, wall_ms = loop.time(), self._clock.now_ms()
            for client in clients[first : first + _SLICE]:
                client.tick(now, wall_ms)
            await asyncio.sleep(0)

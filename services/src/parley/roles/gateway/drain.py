"""Sending the clients away before the gateway stops, at a pace that the other gateways can take."""

import asyncio
import contextlib
import math
from typing import Final

import structlog

from parley.protocol.errors import CloseCode
from parley.roles.gateway.context import Context

REASON: Final = "the gateway is about to stop"

SLICES: Final = 20
ASKING_SHARE: Final = 0.5
"""In the first half of the drain all are asked to leave, so that each has at least the other half for it."""

_log: Final = structlog.get_logger()


async def drain(context: Context, drain_ms: int) -> None:
    """Ask all clients to leave, wait until they have, and close those that are left when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + drain_ms / 1000
    _log.info("drain begins", clients=len(context.directory.clients), drain_ms=drain_ms)
    await _ask_to_leave(context, deadline, drain_ms)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            while context.directory.clients:
                context.departure.clear()
                await context.departure.wait()
    _log.info("drain ends", clients=len(context.directory.clients))
    for client in list(context.directory.clients):
        client.perform(client.session.end(CloseCode.GOING_AWAY, REASON))


async def _ask_to_leave(context: Context, deadline: float, drain_ms: int) -> None:
    loop = asyncio.get_running_loop()
    clients = list(context.directory.clients)
    size = math.ceil(len(clients) / SLICES) if clients else 1
    for first in range(0, len(clients), size):
        within_ms = max(0, int((deadline - loop.time()) * 1000))
        for client in clients[first : first + size]:
            client.perform(client.session.drain(within_ms, REASON))
        if first + size < len(clients):
            await asyncio.sleep(drain_ms * ASKING_SHARE / SLICES / 1000)

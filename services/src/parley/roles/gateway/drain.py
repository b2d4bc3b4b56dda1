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


async def drain(context: Context, drain_ms: int, per_second: float = 0) -> None:
    """Ask all clients to leave, wait until they have, and close those that are left when the time is over.

    With `per_second` never more than so many are asked each second, one at a time, and each leaves at once: the pace
    is ours then, and no client needs to spread its leaving by itself.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + drain_ms / 1000
    _log.info("drain begins", clients=len(context.directory.clients), drain_ms=drain_ms)
    if per_second > 0:
        await _ask_one_by_one(context, deadline, per_second)
    else:
        await _ask_in_slices(context, deadline, drain_ms)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            while context.directory.clients:
                context.departure.clear()
                await context.departure.wait()
    _log.info("drain ends", clients=len(context.directory.clients))
    for client in list(context.directory.clients):
        client.perform(client.session.end(CloseCode.GOING_AWAY, REASON))


async def _ask_in_slices(context: Context, deadline: float, drain_ms: int) -> None:
    loop = asyncio.get_running_loop()
    clients = list(context.directory.clients)
    size = math.ceil(len(clients) / SLICES) if clients else 1
    for first in range(0, len(clients), size):
        within_ms = max(0, int((deadline - loop.time()) * 1000))
        for client in clients[first : first + size]:
            client.perform(client.session.drain(within_ms, REASON))
        if first + size < len(clients):
            await asyncio.sleep(drain_ms * ASKING_SHARE / SLICES / 1000)


async def _ask_one_by_one(context: Context, deadline: float, per_second: float) -> None:
    loop = asyncio.get_running_loop()
    turn = loop.time()
    for client in list(context.directory.clients):
        if client not in context.directory.clients:
            continue
        now = loop.time()
        # A turn that comes late is not made up for: two at once would be beyond the rate.
        turn = max(turn, now)
        if turn >= deadline:
            return
        await asyncio.sleep(turn - now)
        client.perform(client.session.drain(0, REASON))
        turn += 1 / per_second

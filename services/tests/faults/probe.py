"""Asks whether the platform is back: a message from one connection to another one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from parley.client import ParleyClient
from tests.patience import STILL_S


class Probe:
    """Two users with one connection each, which live through every fault."""

    def __init__(self, url: str, token_of: Callable[[str], Awaitable[str]]) -> None:
        self._sender = ParleyClient(url, lambda: token_of("probe-a"), device="probe", listen=False)
        self._receiver = ParleyClient(url, lambda: token_of("probe-b"), device="probe")
        self._arrived: dict[str, asyncio.Event] = {}
        self._listening: asyncio.Task[None] | None = None
        self._count = 0

    async def __aenter__(self) -> Self:
        await self._sender.__aenter__()
        await self._receiver.__aenter__()
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self._sender.__aexit__(kind, error, trace)
        await self._receiver.__aexit__(kind, error, trace)

    async def arrives(self) -> float:
        """Send a message and wait until it is there; returns the seconds that took."""
        self._count += 1
        key, begun = f"probe-{self._count}", time.monotonic()
        self._arrived[key] = asyncio.Event()
        await self._sender.send(key, to="probe-b", client_msg_id=key)
        async with asyncio.timeout(STILL_S):
            await self._arrived[key].wait()
        return time.monotonic() - begun

    async def _listen(self) -> None:
        async for message in self._receiver.messages():
            arrived = self._arrived.get(message.entry.client_msg_id)
            if arrived is not None:
                arrived.set()

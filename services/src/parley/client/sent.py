"""A change that was made, as its maker can wait for it."""

import asyncio
from collections.abc import Generator

from parley.protocol.server_frames import Ack


class Sent:
    """Await it for the ack: the change is durable. Raises ParleyError when it was refused."""

    def __init__(self, key: str) -> None:
        """Neither is known yet."""
        self.client_msg_id = key
        loop = asyncio.get_running_loop()
        self._acknowledged: asyncio.Future[Ack] = loop.create_future()
        self._sequenced: asyncio.Future[int] = loop.create_future()

    def __await__(self) -> Generator[None, None, Ack]:
        return self._wait().__await__()

    async def sequenced(self) -> int:
        """Wait for the seq: everybody sees the change at this place."""
        return await asyncio.shield(self._sequenced)

    def acknowledge(self, ack: Ack) -> None:
        """The change is durable."""
        if not self._acknowledged.done():
            self._acknowledged.set_result(ack)

    def settle(self, conversation: str, seq: int) -> None:
        """The change has its place; an ack that got lost is made up for."""
        self.acknowledge(Ack("", conversation, self.client_msg_id))
        if not self._sequenced.done():
            self._sequenced.set_result(seq)

    def fail(self, error: Exception) -> None:
        """The change was refused."""
        for future in (self._acknowledged, self._sequenced):
            if not future.done():
                future.set_exception(error)
                future.exception()

    async def _wait(self) -> Ack:
        return await asyncio.shield(self._acknowledged)

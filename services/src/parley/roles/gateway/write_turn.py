"""Frames for one socket that come within one turn of the loop leave together, with one call of the kernel."""

import asyncio
from typing import Final, Protocol

TURN_BYTES: Final = 16 * 1024
"""A socket that has so many bytes to send does not wait for the end of the turn."""


class Flushed(Protocol):
    """What gathers bytes during a turn."""

    def flush(self) -> None:
        """Send what was gathered."""
        ...


class WriteTurn:
    """Flushes at the end of the turn whoever asked for it, all with one callback. Belongs to one event loop."""

    __slots__ = ("_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nobody waits yet."""
        self._loop = loop
        self._waiting: list[Flushed] = []

    def join(self, socket: Flushed) -> None:
        """Flush this socket when everything that is ready now has run."""
        if not self._waiting:
            self._loop.call_soon(self._end)
        self._waiting.append(socket)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for socket in waiting:
            socket.flush()

"""One connection to an XMPP server: stanzas in, bytes out, and how it ended."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Self, cast

from typing_extensions import override

from e2e.bench.drivers.xmpp_scanner import StanzaScanner
from e2e.bench.drivers.xmpp_stanzas import END

_GOODBYE_S: Final = 5.0


class XmppStream(asyncio.Protocol):
    """Stanzas are awaited one by one until `hand_over`, and from then on each is handed on as it is read.

    What is written while they are handed on goes out in one piece when all that was read is done.
    """

    def __init__(self) -> None:
        self._scanner = StanzaScanner()
        self._transport: asyncio.Transport | None = None
        self._early: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._take: Callable[[bytes], None] = self._early.append
        self._ended: Callable[[str], None] | None = None
        self._reading = False
        self._out: list[bytes] = []
        self._last = b""
        self._why: str | None = None
        self._gone = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, address: tuple[str, int], source: str) -> Self:
        """Connect from this local address."""
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(cls, *address, local_addr=(source, 0))
        return stream

    async def next(self) -> bytes:
        """The next stanza; raises ConnectionError when the connection ends before it."""
        while not self._early:
            if self._gone.done():
                raise ConnectionError(self._why or "the server closed the connection")
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._early.popleft()

    def restart(self) -> None:
        """From here on the server begins its stream anew."""
        self._scanner = StanzaScanner()

    def hand_over(self, take: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Hand on every stanza from now on, and the end of the connection unless it is by our wish."""
        self._take = take
        self._ended = ended
        while self._early:
            take(self._early.popleft())
        if self._gone.done():
            ended(self._why or "the server closed the connection")

    def write(self, data: bytes, last: bytes = b"") -> None:
        """Send bytes, and after them `last`, which is sent once for all that goes out in one piece."""
        if self._reading:
            self._out.append(data)
            self._last = last or self._last
        elif self._transport is not None:
            self._transport.write(data + last)

    def pause(self) -> None:
        """Leave everything in the socket."""
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        if self._transport is not None and not self._transport.is_reading():
            self._transport.resume_reading()

    def fail(self, why: str) -> None:
        """Remember why the server is about to end the stream."""
        self._why = why

    def abort(self) -> None:
        """Drop the connection; its end is not told."""
        self._ended = None
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """End the stream and wait for the server to do so too; its end is not told."""
        self._ended = None
        self.go_on()
        self.write(END)
        await asyncio.wait([self._gone], timeout=_GOODBYE_S)
        self.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is not derived from it

    @override
    def data_received(self, data: bytes) -> None:
        self._reading = True
        for stanza in self._scanner.feed(data):
            self._take(stanza)
        self._reading = False
        if self._out and self._transport is not None:
            self._transport.write(b"".join([*self._out, self._last]))
            self._out.clear()
            self._last = b""
        self._wake()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._why is None and exc is not None:
            self._why = str(exc)
        self._gone.set_result(None)
        self._wake()
        if self._ended is not None:
            self._ended(self._why or "the server closed the connection")

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

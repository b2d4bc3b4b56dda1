"""A keep-alive HTTP/1.1 connection that costs as little as it can: one request under way, answers by callback."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

import httptools
from typing_extensions import override

Answer: TypeAlias = Callable[[int, bytes], None]
"""Gets the status and the body."""

_OPEN_S: Final = 30.0


class HttpConnection(asyncio.Protocol):
    """It connects at the first request, and again when the server has ended it while nothing was under way.

    Requests are answered in the order in which they were made. When one cannot be answered `lost` is told why, once,
    and no request is answered any more. A request whose kept connection was just being closed is made once again, so
    every request must be harmless to repeat.
    """

    def __init__(self, address: tuple[str, int], source: str, lost: Callable[[str], None]) -> None:
        """Nothing is opened yet."""
        self._address = address
        self._source = source
        self._lost = lost
        self._waiting: deque[tuple[bytes, Answer]] = deque()
        self._transport: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._parser: Any = None
        self._body: list[bytes] = []
        self._asked: set[asyncio.Future[tuple[int, bytes]]] = set()
        self._answered = 0
        self._paused = False
        self._over = False

    def request(self, request: bytes, answer: Answer) -> None:
        """Make a request, its head and body, when those before it are answered; it never waits."""
        if self._over:
            return
        self._waiting.append((request, answer))
        if len(self._waiting) == 1:
            self._next()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Make a request and wait for its status and body; raises ConnectionError when there is no connection."""
        if self._over:
            raise ConnectionError("the connection has ended")
        done: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._asked.add(done)
        try:
            self.request(request, lambda status, body: None if done.done() else done.set_result((status, body)))
            return await done
        finally:
            self._asked.discard(done)

    def pause_reading(self) -> None:
        """Leave everything in the socket from now on."""
        self._paused = True
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        self._paused = False
        if self._transport is not None:
            self._transport.resume_reading()

    def abort(self) -> None:
        """End it without a word; what is under way is not answered, and `lost` is not told."""
        self._end("the connection was ended here")
        if self._opening is not None:
            self._opening.cancel()
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is not derived from it
        self._parser = httptools.HttpResponseParser(self)
        self._answered = 0
        if self._over:
            self._transport.abort()
        elif self._paused:
            self._transport.pause_reading()

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:  # also what the answer's own callback raised
            self._fail(f"an answer could not be read: {error.__context__ or error}")
            if self._transport is not None:
                self._transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._over or not self._waiting:
            return
        if self._answered and not self._body:
            self._next()
        else:
            self._fail(str(exc) if exc else "the server closed the connection instead of answering")

    def on_body(self, body: bytes) -> None:
        """Part of an answer's body; called by the parser."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """An answer is whole; called by the parser."""
        status, body = self._parser.get_status_code(), b"".join(self._body)
        self._body.clear()
        self._answered += 1
        _, answer = self._waiting.popleft()
        if self._waiting:
            self._next()
        answer(status, body)

    def _next(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._waiting[0][0])
        elif self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_OPEN_S):
                await loop.create_connection(lambda: self, *self._address, local_addr=(self._source, 0))
        except OSError as error:
            self._fail(f"no connection to {self._address[0]}:{self._address[1]}: {error}")
            return
        finally:
            self._opening = None
        if self._waiting and self._transport is not None:
            self._transport.write(self._waiting[0][0])

    def _fail(self, why: str) -> None:
        if not self._over:
            self._end(why)
            self._lost(why)

    def _end(self, why: str) -> None:
        self._over = True
        self._waiting.clear()
        for asked in self._asked:
            if not asked.done():
                asked.set_exception(ConnectionError(why))

"""A WebSocket client that costs as little as it can, since it shares the machine with what is measured."""

import asyncio
import base64
import secrets
import struct
from collections.abc import Callable
from typing import Final, Self, cast

from typing_extensions import override

TEXT: Final = 0x1
BINARY: Final = 0x2
_CLOSE, _PING, _PONG = 0x8, 0x9, 0xA
_FINAL: Final = 0x80
_SHORT, _MEDIUM = 126, 65_536
_HEADER: Final = 2
_STATUS: Final = 2
_OPEN_S: Final = 30.0


class WebSocket(asyncio.Protocol):
    """RFC 6455 without extensions; what it sends is masked with zeros, which the RFC allows and costs nothing.

    `hear` gets the payload of every text or binary message. `ended` is told why the connection ended, once and only
    after it was open; not when this side ended it.
    """

    def __init__(self, hear: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Hand every message to `hear`."""
        self._hear = hear
        self._ended = ended
        self._rest = b""
        self._why: str | None = None
        self._ours = False
        self._transport: asyncio.Transport | None = None
        self._upgraded: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(
        cls,
        address: tuple[str, int],
        path: str,
        hear: Callable[[bytes], None],
        ended: Callable[[str], None],
        *,
        subprotocol: str | None = None,
        source: str | None = None,
    ) -> Self:
        """Connect, from this local address if one is given, and shake hands."""
        local = None if source is None else (source, 0)
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(lambda: cls(hear, ended), *address, local_addr=local)
        socket.write(_request(address, path, subprotocol))
        try:
            async with asyncio.timeout(_OPEN_S):
                await socket._upgraded  # noqa: SLF001 - one of this class
        except BaseException:
            socket.abort()
            raise
        return socket

    def send(self, operation: int, payload: bytes) -> None:
        """Send one message, TEXT or BINARY; it never waits."""
        size = len(payload)
        if size < _SHORT:
            head = struct.pack("!BB", _FINAL | operation, 0x80 | size)
        elif size < _MEDIUM:
            head = struct.pack("!BBH", _FINAL | operation, 0x80 | _SHORT, size)
        else:
            head = struct.pack("!BBQ", _FINAL | operation, 0xFF, size)
        self.write(head + b"\0\0\0\0" + payload)

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self._transport is not None:
            self._transport.write(data)

    def pause_reading(self) -> None:
        """Leave everything in the socket from now on."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        """Say good-bye, and end the connection when everything is written."""
        self._ours = True
        if self._transport is not None:
            self.send(_CLOSE, (1000).to_bytes(2))
            self._transport.close()

    def abort(self) -> None:
        """End the connection without a word."""
        self._ours = True
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is not derived from it

    @override
    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        if not self._upgraded.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self._upgraded.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self._upgraded.set_result(None)
        self._rest = data[self._take(data) :]

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        why = self._why or (str(exc) if exc else "the server closed the connection without a word")
        if not self._upgraded.done():
            self._upgraded.set_exception(exc or ConnectionError(why))
            self._upgraded.exception()  # nobody may wait for it any more
        elif not self._ours:
            self._ended(why)

    def _take(self, data: bytes) -> int:
        """Handle every whole frame; how many bytes they were."""
        position, end = 0, len(data)
        while end - position >= _HEADER:
            size, begin = data[position + 1] & 0x7F, position + 2
            if size == _SHORT:
                size, begin = int.from_bytes(data[begin : begin + 2]), begin + 2
            elif size > _SHORT:
                size, begin = int.from_bytes(data[begin : begin + 8]), begin + 8
            if end < begin + size:
                break
            self._handle(data[position], data[begin : begin + size])
            position = begin + size
        return position

    def _handle(self, first: int, payload: bytes) -> None:
        if first in (_FINAL | TEXT, _FINAL | BINARY):
            self._hear(payload)
        elif first == _FINAL | _PING:
            self.send(_PONG, payload)
        elif first == _FINAL | _CLOSE:
            status = int.from_bytes(payload[:_STATUS])
            self._end(f"the server closed with {status}: {payload[_STATUS:].decode(errors='replace')}")
        elif first != _FINAL | _PONG:
            self._end(f"the server sent a frame that begins with {first:#04x}; fragments are not read here")

    def _end(self, why: str) -> None:
        self._why = why
        if self._transport is not None:
            self._transport.close()


def _request(address: tuple[str, int], path: str, subprotocol: str | None) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {address[0]}:{address[1]}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
    ]
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return "\r\n".join([*lines, "", ""]).encode()

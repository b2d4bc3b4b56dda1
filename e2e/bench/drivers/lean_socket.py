"""A client connection that costs as little as it can, since it shares the machine with what is measured."""

import asyncio
import base64
import secrets
import struct
from collections.abc import Callable
from typing import Final, Self, cast

import msgspec
from typing_extensions import override

from parley.contract import SOCKET_PATH, SUBPROTOCOL_MSGPACK
from parley.protocol.client_frames import ClientFrame, Hello
from parley.protocol.server_frames import AnyServerFrame, Welcome

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[AnyServerFrame]] = msgspec.msgpack.Decoder(AnyServerFrame)
_PING, _BINARY, _PONG, _CLOSE = 0x9, 0x2, 0xA, 0x8
_SHORT, _MEDIUM = 126, 65_536
_OPEN_S: Final = 30.0


class LeanSocket(asyncio.Protocol):
    """RFC 6455 without extensions; what it sends is masked with zeros, which the RFC allows and costs nothing."""

    def __init__(self, hear: Callable[[AnyServerFrame], None]) -> None:
        """Hand every frame to `hear`."""
        self._hear = hear
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.upgraded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.welcome: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, address: tuple[str, int], token: str, hear: Callable[[AnyServerFrame], None]) -> Self:
        """Connect, and say hello."""
        _, socket = await asyncio.get_running_loop().create_connection(lambda: cls(hear), *address)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [
            f"GET {SOCKET_PATH} HTTP/1.1",
            f"Host: {address[0]}:{address[1]}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL_MSGPACK}",
        ]
        socket.write("\r\n".join([*lines, "", ""]).encode())
        async with asyncio.timeout(_OPEN_S):
            await socket.upgraded
            socket.say(Hello(token, "bench"))
            await socket.welcome
        return socket

    def say(self, frame: ClientFrame) -> None:
        """Send a frame."""
        self._send(_BINARY, _ENCODER.encode(frame))

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is not derived from it

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.upgraded.done():
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.upgraded.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self._buffer = bytearray(rest)
            self.upgraded.set_result(None)
        while self._take():
            pass

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in (self.upgraded, self.welcome):
            if not waiting.done():
                waiting.set_exception(exc or ConnectionError("the server closed the connection"))
                waiting.exception()  # nobody may wait for it any more

    def _take(self) -> bool:
        """Take one whole frame from the buffer; False when there is none."""
        buffer = self._buffer
        if len(buffer) < 2:  # noqa: PLR2004 - the least header
            return False
        size, begin = buffer[1] & 0x7F, 2
        if size == _SHORT:
            size, begin = int.from_bytes(buffer[2:4]), 4
        elif size > _SHORT:
            size, begin = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < begin + size:
            return False
        operation, payload = buffer[0] & 0xF, bytes(buffer[begin : begin + size])
        del buffer[: begin + size]
        self._handle(operation, payload)
        return True

    def _handle(self, operation: int, payload: bytes) -> None:
        if operation == _PING:
            self._send(_PONG, payload)
        elif operation == _BINARY:
            frame = _DECODER.decode(payload)
            if isinstance(frame, Welcome):
                self.welcome.set_result(frame)
            else:
                self._hear(frame)

    def _send(self, operation: int, payload: bytes) -> None:
        size = len(payload)
        if size < _SHORT:
            head = struct.pack("!BB", 0x80 | operation, 0x80 | size)
        elif size < _MEDIUM:
            head = struct.pack("!BBH", 0x80 | operation, 0x80 | _SHORT, size)
        else:
            head = struct.pack("!BBQ", 0x80 | operation, 0xFF, size)
        self.write(head + b"\0\0\0\0" + payload)

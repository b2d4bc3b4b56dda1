"""A connection to Parley that costs as little as it can, since it shares the machine with what is measured."""

import asyncio
from collections.abc import Callable
from typing import Final, Self

import msgspec

from e2e.bench.drivers.websocket import BINARY, WebSocket
from parley.contract import SOCKET_PATH, SUBPROTOCOL_MSGPACK
from parley.protocol.client_frames import ClientFrame, Hello
from parley.protocol.server_frames import AnyServerFrame, Welcome

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[AnyServerFrame]] = msgspec.msgpack.Decoder(AnyServerFrame)
_OPEN_S: Final = 30.0


class LeanSocket:
    """Frames in MessagePack over a WebSocket; everything after the welcome goes to `hear`."""

    def __init__(self, hear: Callable[[AnyServerFrame], None]) -> None:
        """Hand every frame to `hear`."""
        self._hear = hear
        self._socket: WebSocket | None = None
        self.welcome: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, address: tuple[str, int], token: str, hear: Callable[[AnyServerFrame], None]) -> Self:
        """Connect, and say hello."""
        lean = cls(hear)
        lean._socket = await WebSocket.open(
            address, SOCKET_PATH, lean._read, lean._ended, subprotocol=SUBPROTOCOL_MSGPACK
        )
        async with asyncio.timeout(_OPEN_S):
            lean.say(Hello(token, "bench"))
            await lean.welcome
        return lean

    def say(self, frame: ClientFrame) -> None:
        """Send a frame."""
        if self._socket is not None:
            self._socket.send(BINARY, _ENCODER.encode(frame))

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()

    def _read(self, payload: bytes) -> None:
        frame = _DECODER.decode(payload)
        if isinstance(frame, Welcome):
            self.welcome.set_result(frame)
        else:
            self._hear(frame)

    def _ended(self, why: str) -> None:
        if not self.welcome.done():
            self.welcome.set_exception(ConnectionError(why))
            self.welcome.exception()  # nobody may wait for it any more

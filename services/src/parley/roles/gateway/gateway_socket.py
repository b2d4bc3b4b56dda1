"""One WebSocket as the gateway uses it: writes never wait, and what the library hides is counted."""

import asyncio
import contextlib
import socket as system
from collections.abc import Callable
from typing import Any, Final

from typing_extensions import override
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.datastructures import Headers
from websockets.protocol import State

from parley.protocol.codec import Codec
from parley.protocol.vigil import Socket
from parley.roles.gateway.outbound import Outbound
from parley.roles.gateway.write_turn import TURN_BYTES, WriteTurn

WRITE_HIGH: Final = 64 * 1024
"""Above so many waiting bytes bodies are withheld and nothing more is read from the client."""

WRITE_LOW: Final = 16 * 1024

UNSENT_BYTES: Final = 128 * 1024
"""The kernel takes no more than this ahead of what the network carries, so that a slow reader shows here."""

READ_QUEUE: Final = 8
"""Frames that wait to be handled before the socket is not read any more."""

CLOSE_S: Final = 5.0
"""Time for a client to take and answer a close."""

MAXIMUM_REASON_BYTES: Final = 123
"""A close frame holds no more (RFC 6455, 5.5)."""


def _ignore() -> None:
    """Stand in until somebody listens."""


class GatewaySocket(ServerConnection):
    """Tells when bytes come and when there is room, and sends without waiting.

    `heard` is called with each piece of data, pongs included; `relieved` when the write buffer has drained.
    """

    def __init__(self, turn: WriteTurn, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the library's own
        """Build the library's connection as it wishes; all sockets of a gateway share its `turn`."""
        super().__init__(*arguments, **options)
        self._turn = turn
        self.heard: Callable[[], None] = _ignore
        self.relieved: Callable[[], None] = _ignore
        self._written = 0
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0

    @override
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        wire = transport.get_extra_info("socket")
        if wire is not None and wire.family in {system.AF_INET, system.AF_INET6}:
            with contextlib.suppress(OSError, AttributeError):
                wire.setsockopt(system.IPPROTO_TCP, system.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    @override
    def data_received(self, data: bytes) -> None:
        self.heard()
        super().data_received(data)

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self.relieved()

    def forget_handshake(self) -> None:
        """Let go of the headers, which nobody asks for any more: a quarter of what an idle connection costs."""
        if self.request is not None:
            self.request.headers = Headers()
        if self.response is not None:
            self.response.headers = Headers()

    @property
    def open(self) -> bool:
        """Whether frames can be sent."""
        return self.protocol.state is State.OPEN

    @property
    def waiting(self) -> int:
        """Bytes that the socket has not taken yet."""
        return self.transport.get_write_buffer_size() + self._gathered_bytes

    @property
    def room(self) -> bool:
        """Whether the socket takes bodies now."""
        return not self.paused

    def status(self) -> Socket:
        """What a session wants to know at a tick."""
        waiting = self.waiting
        return Socket(self._written - waiting, waiting, self.room)

    def emit(self, outbound: Outbound, codec: Codec) -> None:
        """Send a frame at once, in the shared wire form unless this connection compresses."""
        if not self.open:
            return
        if self.protocol.extensions:
            payload = outbound.payload(codec)
            self._written += len(payload)
            broadcast([self], payload, text=not codec.binary)
        else:
            self._gather(outbound.wire(codec))

    def flush(self) -> None:
        """Send what this turn has gathered."""
        if self._gathered_bytes:
            wires, self._gathered, self._gathered_bytes = self._gathered, [], 0
            self.transport.write(b"".join(wires))

    @override
    def send_data(self) -> None:
        """Send the library's own frames, such as a close, behind what was gathered before them."""
        self.flush()
        super().send_data()

    def _gather(self, wire: bytes) -> None:
        if not self._gathered_bytes:
            self._turn.join(self)
        self._gathered.append(wire)
        self._gathered_bytes += len(wire)
        self._written += len(wire)
        if self._gathered_bytes >= TURN_BYTES:
            self.flush()

    async def shut(self, code: int, reason: str) -> None:
        """Close, and cut the connection off if the other side does not take or answer it in time.

        The library's own deadline begins only when the close frame has left, which a stalled reader prevents.
        """
        short = reason.encode()[:MAXIMUM_REASON_BYTES].decode(errors="ignore")
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.close(code, short)
        except TimeoutError:
            self.transport.abort()

    def probe(self) -> None:
        """Send a ping; any answer counts as life."""
        if self.open:
            self.protocol.send_ping(b"")
            self.send_data()

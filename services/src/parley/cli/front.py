"""One public port before two servers: the socket of the gateway, and everything else of the HTTP API.

A connection belongs to the server that its first request line names, for as long as it lives; clients open a new
connection for a WebSocket anyway. In a cluster the Ingress does this job.
"""

import asyncio
from typing import Final, cast

from typing_extensions import override

from parley.contract import SOCKET_PATH

_FIRST_LINE_BYTES: Final = 8 * 1024
_LINGER_S: Final = 5.0
_SOCKET_REQUEST: Final = f"GET {SOCKET_PATH}".encode()


class _End(asyncio.Protocol):
    """One end of a relayed connection; a slow reader on one side stops the reading on the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    @override
    def eof_received(self) -> bool:
        if self.other is not None and self.other.transport is not None and self.other.transport.can_write_eof():
            self.other.transport.write_eof()
        return True

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """End the other end too: politely, but whoever does not read must not hold the connection for ever."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()
            asyncio.get_running_loop().call_later(_LINGER_S, self.other.transport.abort)

    @override
    def pause_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.resume_reading()


class _Client(_End):
    """The public end: it waits for the first request line, then connects to the server that line asks for."""

    def __init__(self, socket_server: str, http_server: str) -> None:
        super().__init__()
        self._servers = {True: socket_server, False: http_server}
        self._begun = bytearray()
        self._connecting: asyncio.Task[None] | None = None

    @override
    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            super().data_received(data)
            return
        self._begun += data
        complete = b"\r\n" in self._begun or len(self._begun) >= _FIRST_LINE_BYTES
        if complete and self._connecting is None:
            path_end = bytes(self._begun[len(_SOCKET_REQUEST) : len(_SOCKET_REQUEST) + 1])
            is_socket = self._begun.startswith(_SOCKET_REQUEST) and path_end in {b" ", b"?"}
            self._connecting = asyncio.ensure_future(self._connect(self._servers[is_socket]))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._connecting is not None:
            self._connecting.cancel()
        super().connection_lost(exc)

    async def _connect(self, path: str) -> None:
        try:
            _, server = await asyncio.get_running_loop().create_unix_connection(_End, path)
        except OSError:
            if self.transport is not None:
                self.transport.close()
            return
        if self.transport is None:
            assert server.transport is not None  # noqa: S101 - create_unix_connection has called connection_made
            server.transport.close()
            return
        server.other, self.other = self, server
        begun, self._begun = bytes(self._begun), bytearray()
        super().data_received(begun)


async def serve_front(host: str, port: int, socket_server: str, http_server: str) -> asyncio.Server:
    """Listen, and relay to the unix sockets of the two servers; port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Client(socket_server, http_server), host, port)

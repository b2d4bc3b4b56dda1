"""One public port before two kinds of servers: the socket of the gateways, and everything else of the HTTP API.

A connection belongs to the kind that its first request line names, for as long as it lives; clients open a new
connection for a WebSocket anyway. Of several servers of a kind the next one that takes the connection gets it. In a
cluster the Ingress and its Services do this job.
"""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, cast

from typing_extensions import override

from parley.contract import SOCKET_PATH

_FIRST_LINE_BYTES: Final = 8 * 1024
_LINGER_S: Final = 5.0
Address: TypeAlias = str | tuple[str, int]
"""The path of a unix socket, or a host and a port."""

Admit: TypeAlias = Callable[[], asyncio.Protocol | None]
"""A server of this process that takes connections over; None while it takes none."""

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

    def __init__(self, socket_servers: "_Servers | Admit", http_servers: "_Servers") -> None:
        super().__init__()
        self._servers: dict[bool, _Servers | Admit] = {True: socket_servers, False: http_servers}
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
            servers = self._servers[is_socket]
            if callable(servers):
                self._hand_over(servers)
            else:
                self._connecting = asyncio.ensure_future(self._connect(servers))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._connecting is not None:
            self._connecting.cancel()
        super().connection_lost(exc)

    def _hand_over(self, admit: Admit) -> None:
        """Let a server of this process go on with the connection, as if it had accepted it itself."""
        assert self.transport is not None  # noqa: S101 - data came over it
        server, transport = admit(), self.transport
        if server is None:
            transport.close()
            return
        self.transport = None
        transport.set_protocol(server)
        server.connection_made(transport)
        server.data_received(bytes(self._begun))

    async def _connect(self, servers: "_Servers") -> None:
        server = await servers.connect()
        if server is None:
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


class _Servers:
    """Servers of one kind, which take turns."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses
        self._turn = itertools.count()

    async def connect(self) -> _End | None:
        """Connect to the next server that can be reached; None when there is none."""
        loop = asyncio.get_running_loop()
        first = next(self._turn)
        for number in range(len(self._addresses)):
            address = self._addresses[(first + number) % len(self._addresses)]
            try:
                if isinstance(address, str):
                    _, server = await loop.create_unix_connection(_End, address)
                else:
                    _, server = await loop.create_connection(_End, *address)
            except OSError:
                continue
            return server
        return None


async def serve_front(
    host: str, port: int, socket_servers: Sequence[Address] | Admit, http_servers: Sequence[Address]
) -> asyncio.Server:
    """Listen, and relay to the two kinds of servers, or hand sockets over to `socket_servers`; port 0: a free one."""
    sockets = socket_servers if callable(socket_servers) else _Servers(socket_servers)
    https = _Servers(http_servers)
    return await asyncio.get_running_loop().create_server(lambda: _Client(sockets, https), host, port)

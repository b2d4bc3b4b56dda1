"""A front in the same process gives sockets away instead of relaying them."""

import asyncio
from collections.abc import Callable

from typing_extensions import override

from parley.cli.front import serve_front


class Answering(asyncio.Protocol):
    """Says what it heard, as a server that accepted the connection itself would."""

    transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self.transport.write(b"heard " + data)


async def ask(admit: Callable[[], asyncio.Protocol | None], *pieces: bytes) -> bytes:
    public = await serve_front("127.0.0.1", 0, admit, [])
    async with public:
        reader, writer = await asyncio.open_connection(*public.sockets[0].getsockname())
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer


async def test_a_socket_is_handed_over_with_all_that_was_read_of_it() -> None:
    line = b"GET /v1/connect HTTP/1.1\r\n"
    assert await ask(Answering, line[:7], line[7:], b"more") == b"heard " + line + b"heard more"


async def test_nobody_waits_for_a_server_that_takes_no_connections() -> None:
    assert await ask(lambda: None, b"GET /v1/connect HTTP/1.1\r\n") == b""


async def test_other_requests_are_not_handed_over() -> None:
    assert await ask(Answering, b"GET /v1/conversations HTTP/1.1\r\n") == b""

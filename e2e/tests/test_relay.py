"""The carriers between a node's network and this machine."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from e2e.cluster.host.network_namespace import listening_socket
from e2e.cluster.host.relay import serve_relay
from tests.patience import STILL_S

PIECE = b"x" * 1_000_000


async def until_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the length of what came, once the other side has said that there is no more."""
    received = await reader.read(-1)
    writer.write(str(len(received)).encode())
    writer.close()


def address_of(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()
    return str(host), int(port)


@asynccontextmanager
async def relay_to(target: tuple[str, int]) -> AsyncIterator[tuple[str, int]]:
    listener = listening_socket("127.0.0.1", 0)

    async def connect() -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, target)
        except OSError:
            made.close()
            raise
        return made

    task = asyncio.create_task(serve_relay(listener, connect))
    try:
        yield address_of(listener)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_side_that_has_said_everything_still_hears_the_answer() -> None:
    server = await asyncio.start_server(until_the_end, "127.0.0.1", 0)
    async with asyncio.timeout(STILL_S), server, relay_to(server.sockets[0].getsockname()) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(PIECE)
        writer.write_eof()
        assert await reader.read(-1) == str(len(PIECE)).encode()
        writer.close()


async def test_a_connection_whose_other_side_nobody_serves_is_closed_at_once_and_others_go_on() -> None:
    vacant = listening_socket("127.0.0.1", 0)
    target = address_of(vacant)
    vacant.close()
    async with asyncio.timeout(STILL_S), relay_to(target) as address:
        for _ in range(2):
            reader, writer = await asyncio.open_connection(*address)
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read(-1) == b""
            writer.close()
        server = await asyncio.start_server(until_the_end, *target)
        async with server:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"abc")
            writer.write_eof()
            assert await reader.read(-1) == b"3"
            writer.close()

"""The front relays each connection to the server that its first request line names."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from parley.cli.front import serve_front
from tests.patience import STILL_S

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(name: str) -> Handler:
    """A server that answers the first line with its own name and that line."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        writer.write(name.encode() + b" got " + line)
        await writer.drain()
        writer.close()

    return handle


@asynccontextmanager
async def front(folder: Path, socket_server: Handler, http_server: Handler) -> AsyncIterator[int]:
    servers = [
        await asyncio.start_unix_server(socket_server, folder / "gateway"),
        await asyncio.start_unix_server(http_server, folder / "chat"),
    ]
    public = await serve_front("127.0.0.1", 0, [str(folder / "gateway")], [str(folder / "chat")])
    try:
        yield public.sockets[0].getsockname()[1]
    finally:
        for server in (public, *servers):
            server.close()


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ("GET /v1/connect HTTP/1.1", "gateway"),
        ("GET /v1/connect?x=1 HTTP/1.1", "gateway"),
        ("GET /v1/connections HTTP/1.1", "chat"),
        ("POST /v1/connect HTTP/1.1", "chat"),
        ("GET / HTTP/1.1", "chat"),
    ],
)
async def test_the_first_line_chooses_the_server(tmp_path: Path, line: str, server: str) -> None:
    async with front(tmp_path, answering("gateway"), answering("chat")) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in (line[:5], line[5:], "\r\n"):
            writer.write(piece.encode())
            await writer.drain()
        assert await reader.read() == f"{server} got {line}\r\n".encode()
        writer.close()


async def test_g6_a_reader_that_stops_is_felt_by_the_server_behind_the_front(tmp_path: Path) -> None:
    """What a client does not read must wait at the gateway, which knows what to do; not in the front's memory."""
    sent = 0
    stuck = asyncio.Event()

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        try:
            while sent < 200 * 1024 * 1024:
                writer.write(b"x" * 65_536)
                sent += 65_536
                async with asyncio.timeout(0.5):
                    await writer.drain()
        except TimeoutError:
            stuck.set()
        finally:
            writer.transport.abort()

    async with front(tmp_path, answering("gateway"), flood) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(STILL_S):
            await stuck.wait()
        assert sent < 50 * 1024 * 1024
        writer.close()


async def test_a_server_that_is_away_closes_the_connection(tmp_path: Path) -> None:
    public = await serve_front("127.0.0.1", 0, [str(tmp_path / "nobody")], [str(tmp_path / "nobody")])
    reader, writer = await asyncio.open_connection("127.0.0.1", public.sockets[0].getsockname()[1])
    writer.write(b"GET / HTTP/1.1\r\n")
    assert await reader.read() == b""
    writer.close()
    public.close()

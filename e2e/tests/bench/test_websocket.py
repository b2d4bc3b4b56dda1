"""The client's WebSocket reads what a server may send in any pieces, and never hides why a connection ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override
from websockets.asyncio.server import ServerConnection, serve

from e2e.bench.drivers.websocket import BINARY, TEXT, WebSocket
from tests.patience import STILL_S

SIZES = (0, 1, 125, 126, 65_535, 65_536, 200_000)


class Fed(WebSocket):
    """One whose handshake is over, and that writes into a list."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ends: list[str] = []
        self.written: list[bytes] = []
        super().__init__(self.heard.append, self.ends.append)
        self.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")

    @override
    def write(self, data: bytes) -> None:
        self.written.append(data)


def frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2) + payload
    return bytes((first, 127)) + size.to_bytes(8) + payload


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


@asynccontextmanager
async def server(handle: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[tuple[str, int]]:
    async with serve(handle, "127.0.0.1", 0, compression=None) as running:
        yield "127.0.0.1", next(iter(running.sockets)).getsockname()[1]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000, 10_000_000])
async def test_messages_are_whole_however_the_network_cuts_them(size: int) -> None:
    socket = Fed()
    payloads = [bytes([number]) * length for number, length in enumerate((0, 1, 125, 126, 300, 70_000))]
    for part in pieces(b"".join(frame(0x82, payload) for payload in payloads), size):
        socket.data_received(part)
    assert socket.heard == payloads


async def test_a_ping_is_answered_with_its_own_payload() -> None:
    socket = Fed()
    socket.data_received(frame(0x89, b"there?"))
    assert socket.written == [b"\x8a\x86\0\0\0\0there?"]


async def test_the_servers_reason_for_closing_is_told() -> None:
    socket = Fed()
    socket.data_received(frame(0x88, (3503).to_bytes(2) + b"slow"))
    socket.connection_lost(None)
    assert socket.ends == ["the server closed with 3503: slow"]


async def test_a_fragment_is_told_as_the_end_and_not_passed_over() -> None:
    socket = Fed()
    socket.data_received(frame(0x02, b"half"))
    socket.connection_lost(None)
    assert socket.heard == []
    assert "fragments" in socket.ends[0]


async def test_an_end_of_our_own_wish_is_not_told() -> None:
    socket = Fed()
    socket.abort()
    socket.connection_lost(None)
    assert socket.ends == []


@pytest.mark.parametrize("operation", [TEXT, BINARY])
async def test_a_real_server_understands_what_is_sent(operation: int) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    heard: asyncio.Queue[bytes] = asyncio.Queue()
    ends: list[str] = []
    async with server(echo) as address:
        socket = await WebSocket.open(address, "/", heard.put_nowait, ends.append, source="127.0.0.2")
        for size in SIZES:
            socket.send(operation, b"x" * size)
        async with asyncio.timeout(STILL_S):
            lengths = [len(await heard.get()) for _ in SIZES]
        socket.close()
    assert lengths == list(SIZES)
    assert ends == []


async def test_a_refused_handshake_shows_the_servers_answer() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    running = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with running:
        with pytest.raises(ConnectionError, match="403 Forbidden"):
            await WebSocket.open(running.sockets[0].getsockname(), "/", lambda _: None, lambda _: None)

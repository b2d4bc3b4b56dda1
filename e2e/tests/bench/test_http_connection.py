"""The client's HTTP connection answers every request once, in order, and says so when it cannot."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from e2e.bench.drivers.http_connection import HttpConnection
from tests.patience import STILL_S

REQUEST = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[tuple[str, int]]:
    running = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with running:
        yield running.sockets[0].getsockname()


async def path_of(reader: asyncio.StreamReader) -> bytes:
    return (await reader.readuntil(b"\r\n\r\n")).split()[1]


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def chunked(body: bytes) -> bytes:
    return b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(("form", "status"), [(whole, 200), (chunked, 201)])
async def test_requests_are_answered_in_order(form: Callable[[bytes], bytes], status: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(10):
            path = await path_of(reader)
            for byte in form(path * 100):
                writer.write(bytes([byte]))
            await writer.drain()
        writer.close()

    lost: list[str] = []
    async with server(answer) as address:
        connection = HttpConnection(address, "127.0.0.2", lost.append)
        answers = await asyncio.gather(*(connection.ask(REQUEST % number) for number in range(10)))
        connection.abort()
    assert answers == [(status, b"/%d" % number * 100) for number in range(10)]
    assert lost == []


async def test_a_connection_that_the_server_closed_while_it_rested_is_opened_again() -> None:
    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(await path_of(reader)))
        writer.close()

    lost: list[str] = []
    async with server(answer_once) as address:
        connection = HttpConnection(address, "127.0.0.2", lost.append)
        answers = [await connection.ask(REQUEST % number) for number in range(3)]
        connection.abort()
    assert answers == [(200, b"/0"), (200, b"/1"), (200, b"/2")]
    assert lost == []


@pytest.mark.parametrize("partly", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"])
async def test_a_request_that_was_never_answered_is_told_once(partly: bytes) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await path_of(reader)
        writer.write(partly)
        writer.close()

    lost: list[str] = []
    async with server(hang_up) as address:
        connection = HttpConnection(address, "127.0.0.2", lost.append)
        with pytest.raises(ConnectionError):
            await connection.ask(REQUEST % 1)
    assert len(lost) == 1
    with pytest.raises(ConnectionError):
        await connection.ask(REQUEST % 2)


async def test_an_answer_that_its_asker_cannot_read_is_told() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(await path_of(reader)))

    def misread(status: int, body: bytes) -> None:
        raise ValueError(f"{status} {body!r}")

    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with server(answer) as address:
        HttpConnection(address, "127.0.0.2", told.set_result).request(REQUEST % 1, misread)
        assert "200 b'/1'" in await asyncio.wait_for(told, STILL_S)


async def test_no_server_is_told() -> None:
    lost: list[str] = []
    connection = HttpConnection(("127.0.0.1", 1), "127.0.0.2", lost.append)
    with pytest.raises(ConnectionError, match="no connection"):
        await connection.ask(REQUEST % 1)
    assert len(lost) == 1

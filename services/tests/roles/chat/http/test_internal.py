"""The port between gateways and chat, through the client that gateways use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from parley.adapters.http.chat_client import HttpChat
from parley.adapters.http.profiles_client import HttpProfiles
from parley.contract import CALLS_PATH, PROFILES_PATH
from parley.domain.content import Content
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import direct_conversation_id
from parley.ports.profiles import Profile
from parley.protocol.calls import Call
from parley.protocol.client_frames import Send, Sync
from parley.protocol.server_frames import Ack
from parley.protocol.time_left import TIME_LEFT_HEADER
from parley.runtime.listening import listening_socket
from tests.roles.chat.http.internal_serving import SECRET, asking, gateway, internal_port
from tests.roles.chat.http.serving import serving
from tests.roles.gateway.echo_chat import EchoChat

PLACE = direct_conversation_id("ann", "bob")
CALLS = [Call("ann", "phone", Send(f"r{n}", f"m{n}", content=Content("hi"), conversation=PLACE)) for n in range(3)]


async def post(url: str, path: str = CALLS_PATH, body: bytes = b"", offered: str | None = SECRET) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        headers = {} if offered is None else {"authorization": f"Bearer {offered}"}
        return await client.post(url + path, content=body, headers=headers)


async def test_a_batch_is_answered_in_its_order() -> None:
    async with internal_port(EchoChat()) as url, gateway(url) as chat:
        frames = [reply.frame for reply in await chat.call(CALLS)]
        assert [frame.id for frame in frames if isinstance(frame, Ack)] == ["r0", "r1", "r2"]


async def test_a_gateway_learns_who_hides_without_access_to_the_store() -> None:
    async with internal_port(EchoChat()) as url, asking(url) as port:
        profiles = HttpProfiles(port)
        assert await profiles.profiles(["ann", "bob"]) == {"ann": Profile(7, hide_presence=True)}
        with pytest.raises(ParleyError, match="the store is away"):
            await profiles.profiles(["zoe"])


@pytest.mark.parametrize("offered", [None, "x", "x" * 32])
async def test_g7_without_the_secret_nothing_is_asked_of_chat(offered: str | None) -> None:
    chat = EchoChat()
    async with internal_port(chat) as url:
        answer = await post(url, body=msgspec.msgpack.encode(CALLS), offered=offered)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert chat.batches == []


async def test_a_gateway_with_another_secret_says_so() -> None:
    async with internal_port(EchoChat()) as url, gateway(url, "y" * 32) as chat:
        with pytest.raises(ParleyError, match="give gateway and chat the same one") as caught:
            await chat.call(CALLS)
        assert caught.value.code is ErrorCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (CALLS_PATH, b"\xc1", httpx.codes.BAD_REQUEST),
        (CALLS_PATH, msgspec.msgpack.encode([{"user": 1}]), httpx.codes.BAD_REQUEST),
        (PROFILES_PATH, msgspec.msgpack.encode([1]), httpx.codes.BAD_REQUEST),
        (CALLS_PATH, b"x" * (16 * 1024 * 1024 + 1), httpx.codes.REQUEST_ENTITY_TOO_LARGE),
        ("/v1/conversations", b"", httpx.codes.NOT_FOUND),
    ],
)
async def test_what_is_no_batch_is_refused(path: str, body: bytes, status: int) -> None:
    async with internal_port(EchoChat()) as url:
        assert (await post(url, path, body)).status_code == status


async def test_g7_the_public_port_does_not_know_the_calls() -> None:
    async with serving() as api:
        headers = {"authorization": f"Bearer {SECRET}"}
        for path in (CALLS_PATH, PROFILES_PATH):
            answer = await api.client.post(path, content=msgspec.msgpack.encode(CALLS), headers=headers)
            assert answer.status_code == httpx.codes.NOT_FOUND


async def test_what_is_late_when_it_comes_is_not_begun_and_says_so() -> None:
    chat = EchoChat()
    async with internal_port(chat) as url:
        headers = {"authorization": f"Bearer {SECRET}", TIME_LEFT_HEADER: "0"}
        async with httpx.AsyncClient() as client:
            answer = await client.post(url + CALLS_PATH, content=msgspec.msgpack.encode(CALLS), headers=headers)
    assert answer.status_code == httpx.codes.GATEWAY_TIMEOUT
    assert "time in which the gateway waits" in answer.text
    assert chat.batches == []


async def test_chat_stops_working_on_questions_when_the_time_of_their_gateway_is_over() -> None:
    chat = EchoChat()
    chat.hold(PLACE)
    headers = {"authorization": f"Bearer {SECRET}", TIME_LEFT_HEADER: "50"}
    body = msgspec.msgpack.encode([Call("ann", "phone", Sync("s", PLACE))])
    async with internal_port(chat) as url, httpx.AsyncClient() as client:
        answer = await client.post(url + CALLS_PATH, content=body, headers=headers)
    assert answer.status_code == httpx.codes.GATEWAY_TIMEOUT


@asynccontextmanager
async def ending(connections: int) -> AsyncIterator[tuple[str, list[int]]]:
    """A chat that ends so many connections without an answer; how many requests it has seen."""
    seen = [0]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split()[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
        await reader.readexactly(length)
        seen[0] += 1
        if seen[0] > connections:
            body = msgspec.msgpack.encode([{}])
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


async def test_questions_outlive_a_chat_that_ends_while_it_is_asked() -> None:
    question = Call("ann", "phone", Sync("s", PLACE))
    async with ending(2) as (url, seen), gateway(url) as chat:
        assert len(await chat.call([question])) == 1
        assert seen == [3]


async def test_g4_changes_are_not_repeated_by_the_gateway_since_only_the_client_marks_them_as_retries() -> None:
    async with ending(2) as (url, seen), gateway(url) as chat:
        with pytest.raises(ParleyError, match="send it again as a retry"):
            await chat.call([Call("ann", "phone", Sync("s", PLACE)), *CALLS[:1]])
        assert seen == [1]


async def test_a_chat_that_is_away_or_silent_is_unavailable_and_the_outcome_unknown() -> None:
    async with gateway("http://127.0.0.1:1") as chat:
        with pytest.raises(ParleyError, match="whether it was done is unknown") as caught:
            await chat.call(CALLS)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    listening = listening_socket("127.0.0.1", 0, "internal_port")
    async with asking(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout_s=0.2) as port:
        with listening, pytest.raises(ParleyError, match="did not answer"):
            await HttpChat(port).call(CALLS)

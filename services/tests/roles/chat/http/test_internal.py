"""The port between gateways and chat, through the client that gateways use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
import uvicorn
from pydantic import SecretStr

from parley.adapters.http.chat_client import HttpChat
from parley.contract import CALLS_PATH
from parley.domain.content import Content
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import direct_conversation_id
from parley.protocol.calls import Call
from parley.protocol.client_frames import Send
from parley.protocol.server_frames import Ack
from parley.roles.chat.http.internal import InternalCalls
from parley.runtime.internal_secret import InternalSecret
from parley.runtime.listening import listening_socket
from tests.roles.chat.http.serving import serving
from tests.roles.gateway.echo_chat import EchoChat

SECRET = "s" * 32
PLACE = direct_conversation_id("ann", "bob")
CALLS = [Call("ann", "phone", Send(f"r{n}", f"m{n}", content=Content("hi"), conversation=PLACE)) for n in range(3)]


def secret(text: str = SECRET) -> InternalSecret:
    return InternalSecret(SecretStr(text), None)


@asynccontextmanager
async def internal_port(chat: EchoChat) -> AsyncIterator[str]:
    listening = listening_socket("127.0.0.1", 0, "internal_port")
    config = uvicorn.Config(InternalCalls(chat, secret()), lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def gateway(url: str, text: str = SECRET) -> AsyncIterator[HttpChat]:
    client = HttpChat(url, secret(text), 5.0)
    try:
        yield client
    finally:
        await client.close()


async def post(url: str, path: str = CALLS_PATH, body: bytes = b"", offered: str | None = SECRET) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        headers = {} if offered is None else {"authorization": f"Bearer {offered}"}
        return await client.post(url + path, content=body, headers=headers)


async def test_a_batch_is_answered_in_its_order() -> None:
    async with internal_port(EchoChat()) as url, gateway(url) as chat:
        frames = [reply.frame for reply in await chat.call(CALLS)]
        assert [frame.id for frame in frames if isinstance(frame, Ack)] == ["r0", "r1", "r2"]


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
        answer = await api.client.post(CALLS_PATH, content=msgspec.msgpack.encode(CALLS), headers=headers)
        assert answer.status_code == httpx.codes.NOT_FOUND


async def test_a_chat_that_is_away_or_silent_is_unavailable_and_the_outcome_unknown() -> None:
    async with gateway("http://127.0.0.1:1") as chat:
        with pytest.raises(ParleyError, match="whether it was done is unknown") as caught:
            await chat.call(CALLS)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    listening = listening_socket("127.0.0.1", 0, "internal_port")
    chat = HttpChat(f"http://127.0.0.1:{listening.getsockname()[1]}", secret(), 0.2)
    with listening, pytest.raises(ParleyError, match="did not answer"):
        await chat.call(CALLS)
    await chat.close()

"""G6 and G7: whoever misbehaves meets the documented error, and nobody else notices."""

import asyncio
import contextlib
from collections.abc import Iterator

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from parley.client import ErrorCode, ParleyClient, ParleyError
from parley.domain.identity import direct_conversation_id
from parley.protocol.errors import CloseCode
from tests.faults.healthy_pair import healthy_pair
from tests.faults.raw_socket import greet, hear, raw_socket, say
from tests.patience import STILL_S
from tests.platform import Platform

pytestmark = pytest.mark.fault
STALL_MS = 2_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    settings = {"PARLEY_STALL_TIMEOUT_MS": str(STALL_MS), "PARLEY_LOG_LEVEL": "warning"}
    running = Platform(tmp_path_factory.mktemp("hostile") / "data", settings).start()
    yield running
    running.kill()


async def close_code(socket: ClientConnection) -> int | None:
    """Read until the connection ends."""
    async with asyncio.timeout(STILL_S):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


async def test_g6_a_reader_that_stalls_is_closed_and_costs_nobody_else(platform: Platform) -> None:
    async with healthy_pair(platform) as pair, raw_socket(platform, max_queue=1) as socket:
        assert (await greet(socket, platform.token("sleeper")))["type"] == "welcome"
        async with ParleyClient(platform.url, platform.token("talker"), listen=False) as talker:
            for number in range(190):
                sent = await talker.send(f"{number} " + "x" * 8_000, to="sleeper")
            await sent
            await pair.some_more()
        async with asyncio.timeout(STILL_S), httpx.AsyncClient() as http:
            closed = f'parley_connections_closed_total{{code="{CloseCode.TOO_SLOW}"}}'
            while closed not in (await http.get(f"{platform.url}/metrics")).text:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.05)
        assert await close_code(socket) in {CloseCode.TOO_SLOW, 1006}


async def test_g6_a_flood_is_slowed_down_and_then_cut_off(platform: Platform) -> None:
    async with healthy_pair(platform), raw_socket(platform) as socket:
        await greet(socket, platform.token("flooder"))
        answers: list[str] = []

        async def flood() -> None:
            with contextlib.suppress(ConnectionClosed):
                for number in range(20_000):
                    content = {"text": "x"}
                    frame = {"type": "send", "id": str(number), "client_msg_id": str(number), "to": "flooder"}
                    await say(socket, {**frame, "content": content})

        async def listen() -> None:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    answers.append((await hear(socket, "error"))["code"])

        async with asyncio.timeout(STILL_S):
            await asyncio.gather(flood(), listen())
        assert set(answers) == {ErrorCode.RATE_LIMITED}
        assert socket.close_code == CloseCode.FLOODING


async def test_g6_a_malformed_frame_is_answered_and_many_end_the_connection(platform: Platform) -> None:
    async with healthy_pair(platform), raw_socket(platform) as socket:
        await greet(socket, platform.token("mumbler"))
        await socket.send('{"type": "send", "id": "7", "client_msg_id"')
        assert (await hear(socket, "error"))["code"] == ErrorCode.INVALID_FRAME
        await socket.send('{"type": "send", "id": "8", "client_msg_id": 5, "to": "bob", "content": {"text": "x"}}')
        error = await hear(socket, "error")
        assert (error["code"], error["id"], error["field"]) == (ErrorCode.INVALID_FIELD, "8", "client_msg_id")
        with contextlib.suppress(ConnectionClosed):
            for _ in range(1_000):
                await socket.send("{")
        assert await close_code(socket) == CloseCode.PROTOCOL_ERROR


async def test_g6_a_huge_frame_ends_only_its_own_connection(platform: Platform) -> None:
    async with healthy_pair(platform), raw_socket(platform) as socket:
        await greet(socket, platform.token("shouter"))
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * 10_000_000)
        assert await close_code(socket) in {1009, 1006}


@pytest.mark.parametrize(
    ("lifetime_s", "code", "close"),
    [
        (None, ErrorCode.UNAUTHENTICATED, CloseCode.UNAUTHENTICATED),
        (-3600, ErrorCode.TOKEN_EXPIRED, CloseCode.TOKEN_EXPIRED),
    ],
)
async def test_g7_a_wrong_or_expired_token_opens_nothing(
    platform: Platform, lifetime_s: int | None, code: ErrorCode, close: CloseCode
) -> None:
    text = "nonsense" if lifetime_s is None else platform.token("late", seconds=lifetime_s)
    async with raw_socket(platform) as socket:
        await say(socket, {"type": "hello", "token": text, "device": "raw"})
        assert (await hear(socket, "error"))["code"] == code
        assert await close_code(socket) == close


async def test_a_connection_that_does_not_begin_with_hello_is_closed(platform: Platform) -> None:
    async with raw_socket(platform) as socket:
        await say(socket, {"type": "ping", "id": "1"})
        assert (await hear(socket, "error"))["code"] == ErrorCode.HELLO_REQUIRED
        assert await close_code(socket) == CloseCode.PROTOCOL_ERROR


async def test_g7_who_is_not_a_member_reads_and_writes_nothing(platform: Platform) -> None:
    secret = direct_conversation_id("ann", "bob")
    async with (
        healthy_pair(platform),
        ParleyClient(platform.url, platform.token("ann"), listen=False) as ann,
        ParleyClient(platform.url, platform.token("eve")) as eve,
    ):
        await (await ann.send("between us", to="bob")).sequenced()
        attempts = [
            eve.page(secret), eve.members(secret), eve.receipts(secret), eve.read_by(secret, 1), eve.describe(secret),
        ]  # fmt: skip
        for attempt in attempts:
            with pytest.raises(ParleyError) as refused:
                await attempt
            assert refused.value.code is ErrorCode.NOT_A_MEMBER
        for change in (eve.send("x", conversation=secret), eve.edit(secret, 1, "x"), eve.react(secret, 1, "x")):
            with pytest.raises(ParleyError) as refused:
                await (await change)
            assert refused.value.code is ErrorCode.NOT_A_MEMBER
        eve.mark_read(secret, 1)
        eve.typing(secret)
        assert (await ann.receipts(secret)).watermarks.get("eve") is None
        assert [entry.content.text async for entry in ann.history(secret) if entry.content] == ["between us"]


async def test_g6_the_same_device_again_replaces_the_older_connection(platform: Platform) -> None:
    async with raw_socket(platform) as first, raw_socket(platform) as second:
        await greet(first, platform.token("twin"), "phone")
        await greet(second, platform.token("twin"), "phone")
        assert await close_code(first) == CloseCode.REPLACED
        await say(second, {"type": "ping", "id": "1"})
        assert (await hear(second, "pong"))["id"] == "1"

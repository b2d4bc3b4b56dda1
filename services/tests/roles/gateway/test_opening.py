"""From hello to welcome."""

from collections.abc import Sequence

import pytest
from typing_extensions import override

from parley.domain.errors import ErrorCode
from parley.protocol.calls import Call, Reply
from parley.protocol.channel import Replaced
from parley.protocol.client_frames import Hello, Ping, Resume
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import ErrorFrame, HeadHint, Message, Pong, Welcome
from parley.protocol.views import ConversationView
from parley.roles.gateway.pushing import EARLY_FRAMES
from tests.roles.gateway.echo_chat import EchoChat
from tests.roles.gateway.running import CONVERSATION, Running, delivery, embedded_backends, running


async def test_welcome_tells_who_one_is_what_changed_and_how_much_may_be_under_way() -> None:
    async with running(window_frames=7, heartbeat_ms=12_000) as gateway:
        gateway.chat.views = (ConversationView(CONVERSATION, "direct", 5, 5, peer="bob"),)
        peer = await gateway.connect()
        await peer.say(Hello("ann", "phone", {CONVERSATION: 3}))
        welcome = await peer.hear(Welcome)
        assert (welcome.user, welcome.window_frames, welcome.heartbeat_ms) == ("ann", 7, 12_000)
        assert welcome.conversations == gateway.chat.views
        assert welcome.session
        assert welcome.server_time.endswith("Z")
        assert [frame.cursors for frame in gateway.chat.calls(Resume)] == [{CONVERSATION: 3}]


async def test_g3_a_user_is_registered_before_chat_reads_what_changed() -> None:
    class Witness(EchoChat):
        found: dict[str, frozenset[str]] | None = None
        gateway: Running

        @override
        async def call(self, calls: Sequence[Call]) -> list[Reply]:
            self.found = await self.gateway.backends.registry.locate([call.user for call in calls])
            return await super().call(calls)

    chat = Witness()
    async with running(chat=chat) as gateway:
        chat.gateway = gateway
        await gateway.join("ann")
        assert chat.found == {"ann": frozenset({"gateway-0"})}


async def test_g3_what_is_pushed_before_welcome_follows_it_in_order_and_beyond_a_bound_as_a_hint() -> None:
    async with running() as gateway:
        other = await gateway.join("bob")
        gateway.chat.hold("")
        peer = await gateway.connect()
        await peer.say(Hello("ann", "phone"))
        await gateway.chat.until(Resume, 2)
        count = EARLY_FRAMES + 10
        await gateway.publish(*(delivery(seq, "ann") for seq in range(1, count + 1)))
        await gateway.publish(delivery(1, "bob"))
        await other.hear(Message)
        gateway.chat.release("")
        await peer.hear(Welcome)
        assert not peer.heard
        seqs = [(await peer.hear(Message)).entry.seq for _ in range(EARLY_FRAMES)]
        assert seqs == list(range(1, EARLY_FRAMES + 1))
        assert (await peer.hear(HeadHint)).heads == {CONVERSATION: count}


@pytest.mark.parametrize(
    ("token", "error", "close"),
    [
        ("forged", ErrorCode.UNAUTHENTICATED, CloseCode.UNAUTHENTICATED),
        ("expired", ErrorCode.TOKEN_EXPIRED, CloseCode.TOKEN_EXPIRED),
        ("unknown", ErrorCode.UNAVAILABLE, CloseCode.UNAVAILABLE),
    ],
)
async def test_a_token_that_is_not_taken_ends_with_its_error_and_its_close_code(
    token: str, error: ErrorCode, close: CloseCode
) -> None:
    async with running() as gateway:
        peer = await gateway.connect()
        await peer.say(Hello(token, "phone"))
        assert (await peer.hear(ErrorFrame)).code == error
        assert await peer.close_code() == close
        assert gateway.chat.batches == []


async def test_a_device_name_that_is_not_allowed_is_refused_by_name() -> None:
    async with running() as gateway:
        peer = await gateway.connect()
        await peer.say(Hello("ann", " "))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.field) == (ErrorCode.INVALID_FIELD, "device")
        assert await peer.close_code() == CloseCode.PROTOCOL_ERROR


async def test_a_connection_that_does_not_begin_with_hello_is_closed() -> None:
    async with running() as gateway:
        peer = await gateway.connect()
        await peer.say(Ping("r1"))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.id) == (ErrorCode.HELLO_REQUIRED, "r1")
        assert await peer.close_code() == CloseCode.PROTOCOL_ERROR


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with running(hello_timeout_ms=100) as gateway:
        peer = await gateway.connect()
        assert await peer.close_code() == CloseCode.PROTOCOL_ERROR


async def test_chat_that_does_not_answer_hello_closes_as_unavailable() -> None:
    async with running(call_timeout_ms=100) as gateway:
        gateway.chat.hold("")
        peer = await gateway.connect()
        await peer.say(Hello("ann", "phone"))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.retryable, error.id) == (ErrorCode.UNAVAILABLE, True, None)
        assert await peer.close_code() == CloseCode.UNAVAILABLE
        await gateway.until_located("ann")


async def test_cursors_that_chat_refuses_close_for_good() -> None:
    async with running() as gateway:
        gateway.chat.resume_refusal = ErrorFrame("invalid_field", "cursors are wrong", field="cursors", id="hello")
        peer = await gateway.connect()
        await peer.say(Hello("ann", "phone"))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.field, error.id) == (ErrorCode.INVALID_FIELD, "cursors", None)
        assert await peer.close_code() == CloseCode.PROTOCOL_ERROR


async def test_who_cannot_be_answered_now_is_told_when_to_come_again() -> None:
    async with running() as gateway:
        minute_ms = 60_000
        busy = ErrorFrame("overloaded", "try again later", retryable=True, after_ms=minute_ms, id="hello")
        gateway.chat.resume_refusal = busy
        peer = await gateway.connect()
        await peer.say(Hello("ann", "phone"))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.after_ms) == (ErrorCode.OVERLOADED, minute_ms)
        assert await peer.close_code() == CloseCode.UNAVAILABLE


async def test_a_resume_that_chat_has_no_time_for_is_asked_again_while_its_client_waits() -> None:
    async with running() as gateway:
        gateway.chat.resume_refusal = ErrorFrame("overloaded", "later", retryable=True, after_ms=1, id="hello")
        peer = await gateway.connect()
        await peer.say(Hello("ann", "phone"))
        await gateway.chat.until(Resume, 2)
        gateway.chat.resume_refusal = None
        await peer.hear(Welcome)
        assert peer.heard == []


async def test_the_same_device_again_replaces_the_older_connection_and_another_device_does_not() -> None:
    async with running() as gateway:
        older, laptop = await gateway.join("ann", "phone"), await gateway.join("ann", "laptop")
        newer = await gateway.join("ann", "phone")
        assert await older.close_code() == CloseCode.REPLACED
        await gateway.publish(delivery(1, "ann"))
        for peer in (newer, laptop):
            assert (await peer.hear(Message)).entry.seq == 1


async def test_the_same_device_at_another_gateway_replaces_the_older_connection() -> None:
    async with (
        embedded_backends() as backends,
        running(backends) as one,
        running(backends, node_name="gateway-1") as other,
    ):
        older, laptop = await one.join("ann", "phone"), await one.join("ann", "laptop")
        newer = await other.join("ann", "phone")
        assert await older.close_code() == CloseCode.REPLACED
        await laptop.say(Ping("r1"))
        assert (await laptop.hear(Pong)).id == "r1"
        await newer.say(Ping("r2"))
        assert (await newer.hear(Pong)).id == "r2"
        await one.until_located("ann", "gateway-0", "gateway-1")


async def test_a_gateway_with_the_newer_connection_of_a_device_claims_it_back() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await gateway.backends.registry.unregister(gateway.role.gateway, [("ann", "phone")])
        await gateway.publish(Replaced("ann", "phone", at=1))
        await gateway.until_located("ann", "gateway-0")
        await peer.say(Ping("r1"))
        await peer.hear(Pong)

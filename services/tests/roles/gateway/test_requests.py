"""What clients ask for, and what becomes of too much of it."""

from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from parley.domain.allowance import PATIENCE_BURSTS
from parley.domain.content import Content
from parley.domain.errors import ErrorCode
from parley.domain.identity import direct_conversation_id
from parley.protocol.calls import Marks
from parley.protocol.client_frames import Authenticate, Hello, Ping, Read, Received, Send, Sync, Typing
from parley.protocol.codec import JSON, MSGPACK, Codec
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import Ack, Done, ErrorFrame, Page, Pong
from parley.protocol.session import MALFORMED_BURST
from parley.protocol.views import EntryView, Watermark
from parley.roles.gateway.client import ANSWER_BYTES, Client
from tests.roles.gateway.running import CONVERSATION, Peer, eventually, running


def send(number: int = 1, **fields: str) -> Send:
    target = fields or {"conversation": CONVERSATION}
    return Send(id=f"r{number}", client_msg_id=f"m{number}", content=Content("hi"), **target)  # type: ignore[arg-type]


@pytest.mark.parametrize("codec", [JSON, MSGPACK])
async def test_a_send_goes_to_chat_in_the_users_name_and_comes_back_as_ack(codec: Codec) -> None:
    async with running() as gateway:
        peer = await gateway.join("ann", "laptop", codec)
        await peer.say(send(to="bob"))
        ack = await peer.hear(Ack)
        assert (ack.id, ack.client_msg_id) == ("r1", "m1")
        assert ack.conversation == direct_conversation_id("ann", "bob")
        call = gateway.chat.batches[-1][-1]
        assert (call.user, call.device) == ("ann", "laptop")
        assert call.trace


async def test_every_request_has_a_trace_of_its_own() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await peer.say(*(send(number) for number in range(20)))
        for _ in range(20):
            await peer.hear(Ack)
        traces = [call.trace for batch in gateway.chat.batches for call in batch]
        assert len(set(traces)) == len(traces) == 21


async def test_g2_many_sends_of_one_connection_keep_their_order() -> None:
    async with running(sends_burst=1000) as gateway:
        peer = await gateway.join("ann")
        await peer.say(*(send(number) for number in range(500)))
        acks = [(await peer.hear(Ack)).id for _ in range(500)]
        assert acks == [f"r{number}" for number in range(500)]
        assert [frame.id for frame in gateway.chat.calls(Send)] == acks


async def test_ping_is_answered_without_chat() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await peer.say(Ping("r1"))
        assert (await peer.hear(Pong)).id == "r1"


async def test_a_single_malformed_frame_is_answered_with_its_id_and_hurts_nothing() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        for text, code, request_id in (
            ('{"type":"send","id":"r1","content":5}', ErrorCode.INVALID_FIELD, "r1"),
            ('{"type":"wave","id":"r2"}', ErrorCode.UNKNOWN_FRAME, "r2"),
            ("{", ErrorCode.INVALID_FRAME, None),
        ):
            await peer.connection.send(text)
            error = await peer.hear(ErrorFrame)
            assert (error.code, error.id) == (code, request_id)
        await peer.say(send())
        await peer.hear(Ack)


async def test_g6_who_keeps_sending_malformed_frames_is_closed() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        for _ in range(MALFORMED_BURST + 1):
            await peer.connection.send("{")
        assert await peer.close_code() == CloseCode.PROTOCOL_ERROR
        assert len(peer.heard) == MALFORMED_BURST + 1


async def test_g6_a_huge_frame_closes_as_too_big() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        with suppress(ConnectionClosed):
            await peer.connection.send("x" * (64 * 1024 + 1))
        assert await peer.close_code() == 1009


async def test_g6_requests_beyond_the_rate_are_refused_with_the_time_to_wait() -> None:
    async with running(sends_per_second=0.5, sends_burst=3) as gateway:
        peer, laptop = await gateway.join("ann"), await gateway.join("ann", "laptop")
        await peer.say(send(1), send(2))
        await laptop.say(send(3), send(4))
        error = await laptop.hear(ErrorFrame)
        assert (error.code, error.id, error.retryable) == (ErrorCode.RATE_LIMITED, "r4", True)
        assert error.after_ms is not None
        assert 0 < error.after_ms <= 2_000
        other = await gateway.join("bob")
        await other.say(send(5))
        await other.hear(Ack)


async def test_g6_a_flood_is_closed_and_reconnecting_wins_nothing() -> None:
    async with running(sends_per_second=0.1, sends_burst=2) as gateway:
        peer = await gateway.join("ann")
        with suppress(ConnectionClosed):
            await peer.say(*(send(number) for number in range(2 + 2 * PATIENCE_BURSTS + 1)))
        assert await peer.close_code() == CloseCode.FLOODING
        again = await gateway.join("ann")
        await again.say(send())
        assert await again.close_code() == CloseCode.FLOODING
        assert len(gateway.chat.calls(Send)) == 2


async def test_g6_with_too_many_unanswered_requests_the_socket_is_not_read() -> None:
    async with running(sends_burst=10_000) as gateway:
        limit = gateway.role.parts.context.limits.requests_in_flight
        peer, other = await gateway.join("ann"), await gateway.join("bob")
        gateway.chat.hold(CONVERSATION)
        await peer.say(*(send(number) for number in range(limit + 50)))
        await other.say(send(to="carol"))
        await other.hear(Ack)
        client = gateway.client("ann")
        await eventually(lambda: _in_flight(client, limit))
        assert len(gateway.chat.calls(Send)) <= limit + 1
        gateway.chat.release(CONVERSATION)
        for _ in range(limit + 50):
            await peer.hear(Ack)


async def _in_flight(client: Client, limit: int) -> bool:
    assert client._in_flight <= limit
    return client._in_flight == limit


async def test_a_call_without_an_answer_is_unavailable_and_others_are_not_held_up() -> None:
    async with running(call_timeout_ms=200) as gateway:
        peer = await gateway.join("ann")
        gateway.chat.hold(CONVERSATION)
        await peer.say(send(1), Ping("r2"))
        assert (await peer.hear(Pong)).id == "r2"
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.id, error.retryable) == (ErrorCode.UNAVAILABLE, "r1", True)


async def test_typing_goes_to_chat_and_is_not_answered() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await peer.say(Typing(CONVERSATION))
        await gateway.chat.until(Typing)
        await peer.say(Ping("r1"))
        await peer.hear(Pong)
        assert peer.heard == []


async def test_received_and_read_are_merged_per_user_before_chat_hears_of_them() -> None:
    async with running(receipts_merge_ms=50) as gateway:
        peer, laptop = await gateway.join("ann"), await gateway.join("ann", "laptop")
        await peer.say(*(Received({CONVERSATION: seq}) for seq in range(1, 30)))
        await laptop.say(Read(CONVERSATION, 20))
        await eventually(lambda: _marked(gateway.chat.calls(Marks)))


async def _marked(calls: list[Marks]) -> bool:
    assert len(calls) <= 2
    marks = [call.watermarks[CONVERSATION] for call in calls]
    return (
        Watermark(max(m.delivered for m in marks), max(m.read for m in marks)) == Watermark(29, 20) if marks else False
    )


async def test_a_token_is_renewed_in_place_only_for_the_same_user() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await peer.say(Authenticate("r1", "ann until 99999999999999"))
        assert (await peer.hear(Done)).id == "r1"
        for number, token in (("r2", "eve"), ("r3", "forged")):
            await peer.say(Authenticate(number, token))
            error = await peer.hear(ErrorFrame)
            assert (error.code, error.id) == (ErrorCode.UNAUTHENTICATED, number)
        await peer.say(send())
        await peer.hear(Ack)


async def test_a_second_hello_is_refused_and_the_session_goes_on() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await peer.say(Hello("ann", "phone"), Ping("r1"))
        assert (await peer.hear(ErrorFrame)).code == ErrorCode.HELLO_REQUIRED
        await peer.hear(Pong)


async def test_g6_answers_that_are_not_read_are_bounded_and_refused_as_overloaded() -> None:
    async with running(sends_burst=10_000) as gateway:
        entry = EntryView(1, "message", "x" * 200_000, "1", "m1", "2026-11-25T10:00:00.000Z", 1)
        gateway.chat.pages = {f"r{number}": _page(number, entry) for number in range(200)}
        gateway.chat.hold(CONVERSATION)
        peer: Peer = await gateway.join("ann")
        await peer.say(*(Sync(f"r{number}", CONVERSATION) for number in range(200)))
        await gateway.chat.until(Sync, 200)
        gateway.chat.release(CONVERSATION)
        client = gateway.client("ann")
        await eventually(lambda: _answered(client))
        assert client.socket.waiting < ANSWER_BYTES + 300_000
        frames = [await peer.hear(Page | ErrorFrame) for _ in range(200)]  # type: ignore[arg-type]
        refused = [frame for frame in frames if isinstance(frame, ErrorFrame)]
        assert {frame.code for frame in refused} == {ErrorCode.OVERLOADED}
        assert {frame.id for frame in frames} == {f"r{number}" for number in range(200)}


async def _answered(client: Client) -> bool:
    return client._in_flight == 0


def _page(number: int, entry: EntryView) -> Page:
    return Page(f"r{number}", CONVERSATION, 1, 1, 1, (entry,))

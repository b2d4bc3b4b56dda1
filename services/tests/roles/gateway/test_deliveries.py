"""Frames on their way from fanout to sockets."""

import asyncio
import gc
import tracemalloc
from typing import Any

import msgspec

from parley.adapters.memory.channels import STREAM_ITEMS
from parley.domain.position import NOWHERE
from parley.protocol.channel import Beacon, Delivery, Link, encode_item
from parley.protocol.client_frames import Ping, Received, Resume
from parley.protocol.codec import JSON, MSGPACK, Codec
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import HeadHint, Message, Pong, Receipt, Resumed, Resync, TypingNotice
from parley.protocol.session_states import State
from parley.protocol.views import Watermark
from parley.roles.gateway.client import Client
from parley.roles.gateway.gateway_socket import WRITE_HIGH
from parley.roles.gateway.outbound import Outbound
from parley.roles.gateway.pushing import NOTICE_BYTES
from parley.roles.gateway.write_turn import TURN_BYTES
from tests.patience import STILL_S
from tests.roles.gateway.running import CONVERSATION, Peer, Running, delivery, eventually, message, running


async def test_a_message_reaches_every_device_of_its_users_in_their_encoding_and_nobody_else() -> None:
    async with running() as gateway:
        phone, laptop = await gateway.join("ann"), await gateway.join("ann", "laptop", MSGPACK)
        bob, eve = await gateway.join("bob"), await gateway.join("eve")
        await gateway.publish(delivery(1, "ann", "bob", "nobody"))
        for peer in (phone, laptop, bob):
            assert await peer.hear(Message) == message(1)
        await eve.say(Ping("r1"))
        await eve.hear(Pong)
        assert eve.heard == []


class CountingEncoder:
    def __init__(self) -> None:
        self.count = 0

    def encode(self, frame: Any) -> bytes:
        self.count += 1
        return msgspec.json.encode(frame)


def test_a_frame_is_encoded_once_per_encoding_however_many_take_it() -> None:
    encoder = CountingEncoder()
    counting = Codec(JSON.subprotocol, False, encoder, None, None, None)
    outbound = Outbound(message(1))
    assert len({id(outbound.wire(counting)) for _ in range(1000)}) == 1
    assert outbound.payload(counting) == JSON.encode(message(1))
    assert outbound.wire(MSGPACK) != outbound.wire(counting)
    assert encoder.count == 1


async def test_a_compressing_client_gets_the_same_frames() -> None:
    async with running(compression=True) as gateway:
        plain, small = await gateway.join("ann"), await gateway.join("ann", "laptop", compression="deflate")
        await gateway.publish(*(delivery(seq, "ann", text_bytes=1000) for seq in range(1, 20)))
        for peer in (plain, small):
            assert [(await peer.hear(Message)).entry.seq for _ in range(1, 20)] == list(range(1, 20))


async def test_g6_beyond_the_window_one_hint_remains_and_received_opens_it_again() -> None:
    async with running(window_frames=3) as gateway:
        peer = await gateway.join("ann")
        await gateway.publish(*(delivery(seq, "ann") for seq in range(1, 11)))
        assert (await peer.hear(HeadHint)).heads == {CONVERSATION: 4}
        assert [frame.entry.seq for frame in peer.heard if isinstance(frame, Message)] == [1, 2, 3]
        await peer.say(Received({CONVERSATION: 3}))
        assert (await peer.hear(HeadHint)).heads == {CONVERSATION: 10}
        await gateway.publish(delivery(11, "ann"))
        assert (await peer.hear(Message)).entry.seq == 11


async def test_g6_a_stalled_reader_costs_bounded_memory_and_a_healthy_one_beside_it_gets_everything() -> None:
    count, size = 2_000, 4_000
    async with running() as gateway:
        stalled, healthy = await gateway.join("stalled"), await gateway.join("healthy")
        stalled.connection.transport.pause_reading()
        everything = asyncio.create_task(_read_all(healthy, count))
        slow, quick = gateway.client("stalled"), gateway.client("healthy")
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for seq in range(1, count + 1):
            gateway.role.parts.deliveries._handle(delivery(seq, "stalled", "healthy", text_bytes=size))
            while quick.session.window.frames > 100 or not quick.socket.room:  # noqa: ASYNC110 - keeps pace with it
                await asyncio.sleep(0)
        assert await everything == list(range(1, count + 1))
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert slow.session.window.frames <= 256
        assert slow.session.window.size <= 1024 * 1024
        # What one turn of the loop gathers is written at its end, and only then shows whether there is room.
        assert slow.socket.waiting <= WRITE_HIGH + TURN_BYTES + 2 * size
        assert len(slow.session.window._heads) <= 1
        assert grown < 512 * 1024, f"{grown} bytes remain of {count * size} pushed"
        stalled.connection.transport.abort()


async def _read_all(peer: Peer, count: int) -> list[int]:
    seqs: list[int] = []
    while len(seqs) < count:
        seqs.append((await peer.hear(Message)).entry.seq)
        if len(seqs) % 50 == 0:
            await peer.say(Received({CONVERSATION: seqs[-1]}))
    return seqs


async def test_g6_a_reader_without_progress_is_closed_and_others_notice_nothing() -> None:
    async with running(stall_timeout_ms=300, window_frames=5) as gateway:
        stalled, healthy = await gateway.join("stalled"), await gateway.join("healthy")
        stalled.connection.transport.pause_reading()
        await gateway.publish(*(delivery(seq, "stalled") for seq in range(1, 11)))
        client = gateway.client("stalled")
        await eventually(lambda: _closed(client))
        await healthy.say(Ping("r1"))
        await healthy.hear(Pong)
        stalled.connection.transport.resume_reading()
        assert await stalled.close_code() == CloseCode.TOO_SLOW


async def test_g6_a_socket_that_takes_nothing_is_closed_even_if_only_notices_wait() -> None:
    async with running(stall_timeout_ms=300) as gateway:
        stalled = await gateway.join("stalled")
        stalled.connection.transport.pause_reading()
        client = gateway.client("stalled")
        notice = Delivery(("stalled",), Receipt(CONVERSATION, {f"user-{n}": Watermark(n, n) for n in range(1000)}))
        for _ in range(2000):
            gateway.role.parts.deliveries._handle(notice)
            assert client.socket.waiting < NOTICE_BYTES + 100_000
        await eventually(lambda: _closed(client))
        stalled.connection.transport.abort()


async def test_g6_typing_is_dropped_first_and_dropped_notices_are_made_good_by_a_resync() -> None:
    async with running(window_frames=1) as gateway:
        peer = await gateway.join("ann")
        peer.connection.transport.pause_reading()
        handle = gateway.role.parts.deliveries._handle
        handle(delivery(1, "ann"))
        handle(delivery(2, "ann"))
        handle(Delivery(("ann",), TypingNotice(CONVERSATION, "bob")))
        receipt = Receipt(CONVERSATION, {f"user-{n}": Watermark(n, n) for n in range(1000)})
        client = gateway.client("ann")
        while client.socket.waiting <= NOTICE_BYTES:
            handle(Delivery(("ann",), receipt))
        handle(Delivery(("ann",), Receipt(CONVERSATION, {"last": Watermark(1, 1)})))
        peer.connection.transport.resume_reading()
        await peer.hear(Resync)
        kinds = {type(frame) for frame in peer.heard}
        assert kinds == {Message, HeadHint, Receipt}
        assert all("last" not in frame.watermarks for frame in peer.heard if isinstance(frame, Receipt))


async def _closed(client: Client) -> bool:
    return client.session.state is State.CLOSED


def linked(seq: int, position: int, previous: int, partition: int = 0) -> Delivery:
    return Delivery(("ann",), message(seq), Link(partition, position, previous))


async def expect_resync(gateway: Running, peer: Peer) -> None:
    resync = await peer.hear(Resync)
    assert 0 < resync.within_ms <= 30_000
    await peer.say(Resume("r9", {}))
    assert (await peer.hear(Resumed)).id == "r9"
    assert gateway.chat.calls(Resume)[-1].id == "r9"


async def test_g3_an_intact_chain_is_no_reason_to_resync() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await gateway.publish(
            linked(1, 5, NOWHERE), linked(2, 9, 5), Beacon("fanout-0", (Link(0, 9),)), linked(3, 10, 9)
        )
        assert [(await peer.hear(Message)).entry.seq for _ in range(3)] == [1, 2, 3]
        assert peer.heard == []


async def test_g3_a_gap_in_the_chain_lets_every_client_resync() -> None:
    async with running() as gateway:
        peer, other = await gateway.join("ann"), await gateway.join("bob")
        await gateway.publish(linked(1, 5, NOWHERE), linked(3, 9, 7))
        await expect_resync(gateway, peer)
        await expect_resync(gateway, other)


async def test_g3_a_beacon_that_names_what_never_came_lets_clients_resync() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await gateway.publish(linked(1, 5, NOWHERE), Beacon("fanout-0", (Link(0, 6),)))
        await expect_resync(gateway, peer)


async def test_g3_an_item_that_cannot_be_read_lets_clients_resync() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        await gateway.backends.channels.publish(
            [("gateway-0", b"\xc1"), ("gateway-0", encode_item(delivery(2, "ann")))]
        )
        await expect_resync(gateway, peer)
        assert [frame.entry.seq for frame in peer.heard if isinstance(frame, Message)] == [2]


async def test_g3_many_gaps_at_once_are_one_resync() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        gaps = [linked(number, 10 * number, 10 * number - 5) for number in range(1, 50)]
        await gateway.publish(*gaps, delivery(99, "ann"))
        async with asyncio.timeout(STILL_S):
            while (await peer.hear(Message)).entry.seq != 99:
                pass
        assert sum(isinstance(frame, Resync) for frame in peer.heard) == 1


async def test_a_trimmed_stream_lets_clients_resync() -> None:
    async with running() as gateway:
        peer = await gateway.join("ann")
        items = [("gateway-0", encode_item(delivery(seq, "nobody"))) for seq in range(STREAM_ITEMS + 1)]
        await gateway.backends.channels.publish(items)
        await expect_resync(gateway, peer)

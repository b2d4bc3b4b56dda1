"""Watermarks: only ever forward, never beyond what one may see, told to those whom they concern."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from parley.contract import RECEIPTS
from parley.domain.identity import partition_of
from parley.ports.registry import Gateway
from parley.ports.watermarks import Progress
from parley.protocol import client_frames as asked
from parley.protocol.channel import Delivery, decode_item
from parley.protocol.server_frames import Receipt
from parley.protocol.timeline import Marked
from parley.protocol.views import Watermark
from tests.patience import STILL_S
from tests.roles.chat.running import Chat, direct, running_chat

HERE = Gateway("gw", "incarnation")


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with running_chat() as ready:
        await ready.backends.registry.renew(HERE, 600_000)
        await ready.backends.registry.register(HERE, [(user, "phone") for user in ("ann", "bob", "cho", "eve")])
        yield ready


async def mark(chat: Chat, *marks: Marked) -> None:
    """Put marks on the log as they are, past the checks of the chat service."""
    for one in marks:
        partition = partition_of(one.conversation, await chat.backends.log.partitions(RECEIPTS.name))
        await chat.backends.log.append(RECEIPTS.name, partition, [msgspec.msgpack.encode(one)])
    await chat.settle()


async def told(chat: Chat) -> list[tuple[tuple[str, ...], Receipt]]:
    items = (await chat.backends.channels.read("gw", "0", 1_000, 0.0)).items
    deliveries = [item for item in map(decode_item, items) if isinstance(item, Delivery)]
    return [(d.users, d.frame) for d in deliveries if isinstance(d.frame, Receipt)]


async def test_a_mark_is_told_to_both_sides_of_a_conversation(chat: Chat) -> None:
    room = await chat.say("ann", "hello", to="bob")
    await mark(chat, Marked(room, "bob", delivered=1))
    assert await told(chat) == [(("ann", "bob"), Receipt(room, {"bob": Watermark(1, 0)}))]


async def test_marks_never_go_back_and_what_did_not_move_is_not_told(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    await chat.say("ann", "2", conversation=room)
    await mark(chat, Marked(room, "bob", 2, 2))
    await mark(chat, Marked(room, "bob", 1, 1), Marked(room, "bob", 2, 0))
    assert await chat.backends.watermarks.of_conversation(room) == {"bob": Progress(2, 2)}
    assert len(await told(chat)) == 1


async def test_a_huge_mark_stops_at_the_head(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    await mark(chat, Marked(room, "bob", 2**60, 2**60))
    assert await chat.backends.watermarks.of_conversation(room) == {"bob": Progress(1, 1)}


async def test_g7_marks_of_strangers_and_of_those_who_left_are_not_taken(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    await chat.do("ann", asked.RemoveMember("id", chat.key(), conversation=group, user="bob"))
    await chat.say("ann", "later", conversation=group)
    await mark(chat, Marked(group, "eve", 3, 3), Marked(group, "bob", 3, 3), Marked(direct("x", "y"), "eve", 1, 1))
    marks = await chat.backends.watermarks.of_conversation(group)
    assert "eve" not in marks
    assert marks["bob"] == Progress(2, 2)


async def test_in_a_large_group_one_hears_of_oneself_and_counts_of_the_rest(chat: Chat) -> None:
    group = await chat.group("ann", *(f"user{number}" for number in range(60)), "bob")
    await chat.say("ann", "hello", conversation=group)
    await mark(chat, Marked(group, "bob", 2, 2))
    own, counted = await told(chat)
    assert own == (("bob",), Receipt(group, {"bob": Watermark(2, 2)}))
    assert counted[1].counts == {"2": Watermark(1, 1)}
    assert set(counted[0]) == {"ann", "bob"}


async def test_a_record_that_nobody_can_read_does_not_stop_the_others(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    partition = partition_of(room, await chat.backends.log.partitions(RECEIPTS.name))
    await chat.backends.log.append(RECEIPTS.name, partition, [b"\xff garbage"])
    async with asyncio.timeout(STILL_S):
        await mark(chat, Marked(room, "bob", 1))
    assert await chat.backends.watermarks.of_conversation(room) == {"bob": Progress(1)}

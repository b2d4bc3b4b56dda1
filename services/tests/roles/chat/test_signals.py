"""Signals that are stored nowhere: typing, and presence that somebody hides."""

from collections.abc import AsyncIterator

import pytest

from parley.ports.registry import Gateway
from parley.protocol import client_frames as asked
from parley.protocol.channel import ChannelItem, Delivery, WatchedChanged, decode_item
from parley.protocol.server_frames import Done, TypingNotice
from tests.roles.chat.running import Chat, direct, running_chat

ROOM = direct("ann", "bob")
LEASE_MS = 60_000


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    """Ann is at one gateway, bob at another."""
    async with running_chat() as ready:
        for name, user in (("west", "ann"), ("east", "bob")):
            gateway = Gateway(name, "1")
            await ready.backends.registry.renew(gateway, LEASE_MS)
            await ready.backends.registry.register(gateway, [(user, "phone")])
        await ready.say("ann", "hello", to="bob")
        yield ready


async def heard(chat: Chat, gateway: str) -> list[ChannelItem]:
    received = await chat.backends.channels.read(gateway, "0", 100, 0)
    return [decode_item(item) for item in received.items]


async def test_typing_reaches_the_others_and_not_who_types(chat: Chat) -> None:
    assert await chat.ask("ann", asked.Typing(ROOM, active=False)) is None
    assert await heard(chat, "east") == [Delivery(("bob",), TypingNotice(ROOM, "ann", active=False))]
    assert await heard(chat, "west") == []


async def test_g7_who_is_no_member_types_to_nobody(chat: Chat) -> None:
    assert (await chat.refused("eve", asked.Typing(ROOM))).code == "not_a_member"
    assert await heard(chat, "east") == await heard(chat, "west") == []


async def test_hiding_is_told_at_once_to_those_who_watch(chat: Chat) -> None:
    await chat.backends.presence.watch("west", {"bob": True})
    await chat.get(Done, "bob", asked.SetPrivacy("id", hide_presence=True))
    await chat.get(Done, "bob", asked.SetPrivacy("id", hide_presence=False))
    changes = [item for item in await heard(chat, "west") if isinstance(item, WatchedChanged)]
    assert [(change.user, change.online) for change in changes] == [("bob", False), ("bob", True)]

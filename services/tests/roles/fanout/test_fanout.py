"""Who is told what: members alone (G7), everything in order (G2, G3), and nothing silently lost (G8)."""

import dataclasses
from collections.abc import AsyncIterator, Sequence

import pytest
from typing_extensions import override

from parley.adapters.memory.registry import MemoryRegistry
from parley.contract import TIMELINE
from parley.domain.content import Content
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.position import NOWHERE
from parley.ports.event_log import LogRecord
from parley.ports.registry import Gateway
from parley.protocol import client_frames as asked
from parley.protocol.channel import Delivery, decode_item
from parley.protocol.server_frames import Duplicate, Failed, Message
from parley.roles.fanout.conversations import Conversations
from parley.roles.fanout.dispatch import Dispatch
from parley.roles.fanout.links import SentLinks
from parley.runtime.backends import Backends
from tests.roles.chat.running import Chat, running_chat

GATEWAYS = {"gw-1": ("ann", "bob"), "gw-2": ("cho", "dan")}


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with running_chat() as ready:
        for name, users in GATEWAYS.items():
            gateway = Gateway(name, "incarnation")
            await ready.backends.registry.renew(gateway, 600_000)
            await ready.backends.registry.register(gateway, [(user, "phone") for user in users])
        yield ready


def dispatching(backends: Backends) -> Dispatch:
    return Dispatch(backends, Conversations(backends.reader, 100), SentLinks("test"))


async def timeline(chat: Chat) -> list[LogRecord]:
    """Everything that the sequencer has told so far."""
    await chat.settle()
    consumer = chat.backends.log.consumer(TIMELINE.name, "test")
    found: list[LogRecord] = []
    while batch := (await consumer.poll(1_000, 0.05)).records:
        found += batch
    await consumer.close()
    return found


async def delivered(backends: Backends, gateway: str) -> list[Delivery]:
    """Everything that was published to a gateway."""
    items = (await backends.channels.read(gateway, "0", 1_000, 0.0)).items
    return [item for item in map(decode_item, items) if isinstance(item, Delivery)]


def heard(deliveries: Sequence[Delivery], user: str) -> list[tuple[int, str, bool]]:
    """Seq, kind and redaction of what one user is told."""
    frames = [d.frame for d in deliveries if user in d.users]
    return [(f.entry.seq, f.entry.kind, f.entry.redacted) for f in frames if isinstance(f, Message)]


async def test_g7_members_are_told_from_their_first_entry_to_their_last(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    await chat.say("ann", "two", conversation=group)
    await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("cho",)))
    await chat.do("ann", asked.RemoveMember("id", chat.key(), conversation=group, user="bob"))
    await chat.say("ann", "five", conversation=group)
    await dispatching(chat.backends).process(await timeline(chat))
    first, second = await delivered(chat.backends, "gw-1"), await delivered(chat.backends, "gw-2")
    assert [seq for seq, _, _ in heard(first, "ann")] == [1, 2, 3, 4, 5]
    assert [seq for seq, _, _ in heard(first, "bob")] == [1, 2, 3, 4]
    assert [seq for seq, _, _ in heard(second, "cho")] == [3, 4, 5]
    assert heard(second, "dan") == []


async def test_g7_a_change_of_a_hidden_message_is_told_without_what_it_says(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    await chat.say("ann", "hidden", conversation=group)
    await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("cho",)))
    edit = asked.Edit("id", chat.key(), conversation=group, seq=2, content=Content("hidden still"))
    await chat.do("ann", edit)
    await dispatching(chat.backends).process(await timeline(chat))
    full = next(d.frame for d in await delivered(chat.backends, "gw-1") if d.frame.entry.kind == "edit")  # type: ignore[union-attr]
    assert isinstance(full, Message)
    assert full.entry.content == Content("hidden still")
    (last,) = (d.frame for d in await delivered(chat.backends, "gw-2") if d.frame.entry.kind == "edit")  # type: ignore[union-attr]
    assert isinstance(last, Message)
    assert (last.entry.redacted, last.entry.content, last.entry.target_seq) == (True, None, None)


async def test_one_item_per_gateway_and_message_whatever_the_number_of_members_there(chat: Chat) -> None:
    await chat.group("ann", "bob", "cho", "dan")
    await dispatching(chat.backends).process(await timeline(chat))
    for gateway, users in GATEWAYS.items():
        (delivery,) = await delivered(chat.backends, gateway)
        assert delivery.users == users


async def test_a_retry_and_a_refusal_are_told_to_their_sender_alone(chat: Chat) -> None:
    group = await chat.group("ann", "cho")
    again = chat.send("once", conversation=group)
    for _ in range(2):
        await chat.do("ann", again)
    other = asked.Send("id", again.client_msg_id, retry=True, content=Content("other"), conversation=group)
    await chat.do("ann", other)
    await dispatching(chat.backends).process(await timeline(chat))
    notices = [d for d in await delivered(chat.backends, "gw-1") if isinstance(d.frame, Duplicate | Failed)]
    assert [(type(d.frame).__name__, d.users) for d in notices] == [("Duplicate", ("ann",)), ("Failed", ("ann",))]
    assert all(isinstance(d.frame, Message) for d in await delivered(chat.backends, "gw-2"))


async def test_g3_what_the_timeline_did_not_bring_is_told_from_the_rows(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    for number in range(2, 7):
        await chat.say("ann", f"{number}", conversation=room)
    records = await timeline(chat)
    dispatch = dispatching(chat.backends)
    await dispatch.process(records[:1])
    await dispatch.process(records[4:])
    assert [seq for seq, _, _ in heard(await delivered(chat.backends, "gw-1"), "bob")] == [1, 2, 3, 4, 5, 6]


async def test_g2_what_comes_again_is_not_told_again(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    await chat.say("ann", "2", conversation=room)
    records = await timeline(chat)
    dispatch = dispatching(chat.backends)
    for part in (records, records[:1], records):
        await dispatch.process(part)
    assert [seq for seq, _, _ in heard(await delivered(chat.backends, "gw-1"), "bob")] == [1, 2]


async def test_g8_the_links_of_a_gateway_form_a_chain_over_batches(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    for number in range(2, 6):
        await chat.say("ann", f"{number}", conversation=room)
    records = await timeline(chat)
    dispatch = dispatching(chat.backends)
    for record in records:
        await dispatch.process([record])
    links = [d.link for d in await delivered(chat.backends, "gw-1")]
    previous = NOWHERE
    for link in links:
        assert link is not None
        assert link.previous == previous
        previous = link.position


class _AwayOnce(MemoryRegistry):
    """A registry that does not answer the first question."""

    def __init__(self, backends: Backends) -> None:
        super().__init__(backends.clock)
        self._behind = backends.registry
        self.asked = 0

    @override
    async def locate(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        self.asked += 1
        if self.asked == 1:
            raise ParleyError(ErrorCode.UNAVAILABLE, "the registry is away")
        return await self._behind.locate(users)


async def test_g8_an_outage_of_the_registry_loses_nothing(chat: Chat) -> None:
    room = await chat.say("ann", "1", to="bob")
    await chat.say("ann", "2", conversation=room)
    records = await timeline(chat)
    dispatch = dispatching(dataclasses.replace(chat.backends, registry=_AwayOnce(chat.backends)))
    with pytest.raises(ParleyError, match="away"):
        await dispatch.process(records)
    dispatch.failed(frozenset(record.partition for record in records))
    await dispatch.process(records)
    assert [seq for seq, _, _ in heard(await delivered(chat.backends, "gw-1"), "bob")] == [1, 2]

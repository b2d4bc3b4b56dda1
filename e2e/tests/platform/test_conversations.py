"""What people do, through the NodePorts: messages, groups, receipts, presence, history over sockets and HTTP."""

import asyncio

import httpx
import pytest

from e2e.cluster.provider import Info
from e2e.installation.first_message import EXAMPLE_KEY
from e2e.tests.operator.chat_clusters import Watched
from e2e.tests.operator.crowd import token
from parley.client import ParleyClient
from parley.client.events import PresenceEvent
from parley.protocol.views import Watermark
from tests.patience import STILL_S

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
API = 30081


def person(url: str, name: str, *, listen: bool = True) -> ParleyClient:
    """One of the people of this file."""
    return ParleyClient(url, token(EXAMPLE_KEY, f"talk-{name}"), device="e2e", listen=listen)


async def test_a_group_of_three_reads_its_messages_in_one_order_and_its_history_over_http(
    chat: Watched, url: str, info: Info
) -> None:
    assert chat
    wanted = [f"message {number}" for number in range(5)]
    async with (
        asyncio.timeout(STILL_S),
        person(url, "ann") as ann,
        person(url, "bob") as bob,
        person(url, "eve") as eve,
    ):
        group = (await (await ann.create_group("Lunch", ("talk-bob", "talk-eve")))).conversation
        for number, text in enumerate(wanted):
            sent = await (ann, bob, eve)[number % 3].send(text, conversation=group)
            await sent.sequenced()
        for each in (ann, bob, eve):
            assert [entry.content.text async for entry in each.history(group) if entry.content] == wanted[::-1]
    api = f"http://127.0.0.1:{info.node_ports[API]}"
    headers = {"Authorization": f"Bearer {token(EXAMPLE_KEY, 'talk-eve')}"}
    async with httpx.AsyncClient(headers=headers, timeout=STILL_S) as http:
        answer = await http.get(f"{api}/v1/conversations/{group}/messages")
    page = answer.raise_for_status().json()
    assert [entry["content"]["text"] for entry in page["messages"] if entry.get("content")] == wanted


async def test_the_sender_is_told_that_the_message_was_delivered_and_read(chat: Watched, url: str) -> None:
    assert chat
    async with asyncio.timeout(STILL_S), person(url, "ann") as ann, person(url, "bob") as bob:
        sent = await ann.send("have you got this?", to="talk-bob")
        seq = await sent.sequenced()
        conversation = (await sent).conversation
        async for message in bob.messages():
            if message.conversation == conversation and message.entry.seq == seq:
                break
        bob.mark_read(conversation, seq)
        while True:
            mark = (await ann.receipts(conversation)).watermarks.get("talk-bob", Watermark())
            if mark.read >= seq:
                break
            await asyncio.sleep(0.1)
        assert mark.delivered >= seq


async def test_who_watches_sees_people_come_and_go(chat: Watched, url: str) -> None:
    assert chat
    async with asyncio.timeout(STILL_S), person(url, "eve") as eve:
        await eve.watch("talk-guest")
        async with person(url, "guest", listen=False):
            await _until_shown(eve, online=True)
        await _until_shown(eve, online=False)


async def _until_shown(client: ParleyClient, *, online: bool) -> None:
    async for event in client.events():
        shown = event.users.get("talk-guest") if isinstance(event, PresenceEvent) else None
        if shown is not None and shown.online == online:
            return

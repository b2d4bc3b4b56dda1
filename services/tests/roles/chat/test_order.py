"""What is refused at once, and what is left to the sequencer because only it can know."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.adapters.connect import connect
from parley.contract import INGRESS
from parley.domain.identity import group_conversation_id
from parley.protocol import client_frames as asked
from parley.protocol.server_frames import Ack
from parley.roles.chat.changes import AnyChange
from parley.roles.chat.main import build_service
from parley.roles.chat.order import Order
from parley.roles.chat.pressure import Pressure
from parley.roles.sequencer.main import build as build_sequencer
from parley.runtime.settings import load_settings
from tests.roles.chat.running import Chat, running_chat

GROUP = group_conversation_id("ann", "create")
CREATE = asked.CreateGroup("id", "create", title="Group", members=("bob",))


@pytest.fixture
async def stopped() -> AsyncIterator[Chat]:
    """A chat service whose sequencer stands still."""
    settings = load_settings(log_url="sqlite::memory:", store_url="sqlite::memory:", registry_url="memory:")
    backends = await connect(settings)
    yield Chat(backends, build_service(backends, settings, Pressure(backends.log)))
    await backends.close()


async def test_g8_while_the_sequencer_stands_still_changes_are_accepted_and_judged_later(stopped: Chat) -> None:
    await stopped.get(Ack, "ann", CREATE)
    await stopped.get(Ack, "ann", stopped.send("mine", conversation=GROUP))
    await stopped.get(Ack, "eve", stopped.send("not mine", conversation=GROUP))
    stop = asyncio.Event()
    sequencer = asyncio.create_task(build_sequencer(stopped.backends).run(stop))
    await stopped.settle_order()
    page = await stopped.page("bob", GROUP)
    assert [entry.sender for entry in page.messages] == ["ann", "ann"]
    stop.set()
    await sequencer


async def test_the_order_is_behind_until_everything_accepted_has_its_place(stopped: Chat) -> None:
    order = Order(stopped.backends.log)
    assert await order.catches_up(GROUP)
    await stopped.get(Ack, "ann", CREATE)
    assert not await order.catches_up(GROUP)
    stop = asyncio.Event()
    sequencer = asyncio.create_task(build_sequencer(stopped.backends).run(stop))
    await stopped.settle_order()
    assert await order.catches_up(GROUP)
    stop.set()
    await sequencer


async def test_g7_who_was_never_a_member_is_refused_before_anything_is_written() -> None:
    async with running_chat() as chat:
        await chat.do("ann", CREATE)
        written = await chat.backends.log.lag(INGRESS.name, "nobody")
        for change in (chat.send("x", conversation=GROUP), asked.Leave("id", "k", conversation=GROUP)):
            assert (await chat.refused("eve", change)).code == "not_a_member"
        assert await chat.backends.log.lag(INGRESS.name, "nobody") == written


async def test_changes_that_build_on_each_other_need_no_pause_between() -> None:
    async with running_chat() as chat:
        await chat.get(Ack, "ann", CREATE)
        steps: list[tuple[str, AnyChange]] = [
            ("ann", asked.AddMembers("id", "1", conversation=GROUP, members=("cho",))),
            ("ann", asked.SetRole("id", "2", conversation=GROUP, user="cho", role="owner")),
            ("ann", asked.Leave("id", "3", conversation=GROUP)),
            ("cho", asked.RemoveMember("id", "4", conversation=GROUP, user="bob")),
        ]
        for user, change in steps:
            await chat.get(Ack, user, change)
        await chat.settle()
        kinds = [entry.kind for entry in (await chat.page("cho", GROUP)).messages]
        assert kinds == ["added", "role", "left", "removed"]


async def test_users_who_are_all_members_already_are_not_added_again() -> None:
    async with running_chat() as chat:
        await chat.do("ann", CREATE)
        again = asked.AddMembers("id", "1", conversation=GROUP, members=("bob", "ann"))
        assert (await chat.refused("ann", again)).code == "already_exists"
        await chat.do("ann", asked.AddMembers("id", "2", conversation=GROUP, members=("bob", "cho")))
        assert (await chat.page("cho", GROUP)).messages[-1].members == ("cho",)

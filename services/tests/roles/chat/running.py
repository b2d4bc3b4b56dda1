"""The Chat Service with a sequencer and a receipts role beside it, in this process, on embedded adapters."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from parley.adapters.connect import connect
from parley.contract import INGRESS, RECEIPTS
from parley.domain.content import Content
from parley.domain.identity import direct_conversation_id
from parley.protocol import client_frames as asked
from parley.protocol.calls import Asked, Call, Marks
from parley.protocol.server_frames import Ack, AnyServerFrame, ErrorFrame, Page, Resumed, ServerFrame
from parley.protocol.views import ConversationView, Watermark
from parley.roles.chat.changes import AnyChange
from parley.roles.chat.main import build_service
from parley.roles.chat.pressure import Pressure
from parley.roles.chat.service import ChatService
from parley.roles.receipts.main import build as build_receipts
from parley.roles.sequencer.main import build as build_sequencer
from parley.runtime.backends import Backends
from parley.runtime.role import Role
from parley.runtime.settings import load_settings
from tests.patience import STILL_S

_Frame = TypeVar("_Frame", bound=ServerFrame)


@dataclass
class Chat:
    """Asks as any user, and waits for what was accepted to have its place."""

    backends: Backends
    service: ChatService
    _keys: "itertools.count[int]" = field(default_factory=itertools.count)

    async def ask(self, user: str, frame: Asked) -> AnyServerFrame | None:
        """One call, one reply."""
        return (await self.service.call([Call(user, "phone", frame)]))[0].frame

    async def get(self, kind: type[_Frame], user: str, frame: Asked) -> _Frame:
        """A reply of this kind."""
        reply = await self.ask(user, frame)
        assert isinstance(reply, kind), reply
        return reply

    async def refused(self, user: str, frame: Asked) -> ErrorFrame:
        """A refusal."""
        return await self.get(ErrorFrame, user, frame)

    async def do(self, user: str, change: AnyChange) -> str:
        """Make a change and wait until it has its place; returns the conversation."""
        ack = await self.get(Ack, user, change)
        await self.settle()
        return ack.conversation

    async def say(self, user: str, text: str, *, to: str | None = None, conversation: str | None = None) -> str:
        """Say something."""
        return await self.do(user, self.send(text, to=to, conversation=conversation))

    def send(self, text: str, *, to: str | None = None, conversation: str | None = None) -> asked.Send:
        """A message under a key of its own."""
        return asked.Send("id", self.key(), content=Content(text), to=to, conversation=conversation)

    def key(self) -> str:
        """A key that was not used before."""
        return f"key-{next(self._keys)}"

    async def group(self, owner: str, *members: str, open_history: bool = False) -> str:
        """Open a group."""
        frame = asked.CreateGroup("id", self.key(), title="Group", members=members, open_history=open_history)
        return await self.do(owner, frame)

    async def page(self, user: str, conversation: str, **range_: Any) -> Page:
        """A page."""
        return await self.get(Page, user, asked.Sync("id", conversation, **range_))

    async def view(self, user: str, conversation: str, *, cursor: int | None = None) -> ConversationView | None:
        """The conversation in what a device with this cursor gets, if it is there; without one the device is new."""
        cursors = {} if cursor is None else {conversation: cursor}
        resumed = await self.get(Resumed, user, asked.Resume("id", cursors))
        return next((view for view in resumed.conversations if view.conversation == conversation), None)

    async def mark(self, user: str, conversation: str, *, delivered: int = 0, read: int = 0) -> None:
        """Move a user's marks, and wait until they have moved."""
        await self.ask(user, Marks({conversation: Watermark(delivered, read)}))
        await self.settle()

    async def settle(self) -> None:
        """Wait until everything accepted is folded, and every mark is stored."""
        await self.settle_order()
        await self._worked_off(RECEIPTS.name, "receipts")

    async def settle_order(self) -> None:
        """Wait until everything accepted is folded."""
        await self._worked_off(INGRESS.name, "sequencer")

    async def _worked_off(self, topic: str, group: str) -> None:
        async with asyncio.timeout(STILL_S):
            while any((await self.backends.log.lag(topic, group)).values()):  # noqa: ASYNC110 - a role makes the progress
                await asyncio.sleep(0.002)


@asynccontextmanager
async def running_chat(folder: Path | None = None, **settings: Any) -> AsyncIterator[Chat]:
    """Run the three roles until the block ends; without a folder nothing is kept."""
    url = "sqlite::memory:" if folder is None else f"sqlite:{folder}"
    loaded = load_settings(log_url=url, store_url=url, registry_url="memory:", **settings)
    backends = await connect(loaded)
    stop = asyncio.Event()
    roles: list[Role] = [build_sequencer(backends), build_receipts(backends, loaded)]
    tasks = [asyncio.create_task(role.run(stop)) for role in roles]
    try:
        yield Chat(backends, build_service(backends, loaded, Pressure(backends.log)))
    finally:
        stop.set()
        await ended(tasks)
        await backends.close()


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End roles without waiting for their last poll of half a second; a fault of theirs is raised."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def direct(one: str, other: str) -> str:
    """The direct conversation of two users."""
    return direct_conversation_id(one, other)

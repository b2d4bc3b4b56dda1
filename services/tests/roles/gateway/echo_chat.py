"""A chat service without memory: it answers every request at once, or when it is let."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from parley.domain.identity import direct_conversation_id, group_conversation_id
from parley.protocol.calls import Call, Reply
from parley.protocol.client_frames import CHANGES, CreateGroup, Request, Resume, Send, Sync
from parley.protocol.server_frames import Ack, Done, ErrorFrame, Page, Resumed
from parley.protocol.views import ConversationView
from tests.patience import STILL_S

Frame = TypeVar("Frame")


class EchoChat:
    """Answers as chat would if everything succeeded, and remembers what it was asked.

    `hold(conversation)` lets batches that name the conversation wait until `release`; the empty name holds what names
    none, such as a resume. `views` are what a resume brings, unless it is to be refused with `resume_refusal`.
    """

    def __init__(self) -> None:
        self.batches: list[list[Call]] = []
        self.views: tuple[ConversationView, ...] = ()
        self.resume_refusal: ErrorFrame | None = None
        self.pages: dict[str, Page] = {}
        self.asked = asyncio.Condition()
        self._gates: dict[str, asyncio.Event] = {}

    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        async with self.asked:
            self.batches.append(list(calls))
            self.asked.notify_all()
        for call in calls:
            gate = self._gates.get(conversation_of(call))
            if gate is not None:
                await gate.wait()
        return [self._reply(call) for call in calls]

    def hold(self, conversation: str) -> None:
        self._gates[conversation] = asyncio.Event()

    def release(self, conversation: str) -> None:
        self._gates.pop(conversation).set()

    def calls(self, kind: type[Frame]) -> list[Frame]:
        """What was asked of this kind, in the order of arrival."""
        return [call.asked for batch in self.batches for call in batch if isinstance(call.asked, kind)]

    async def until(self, kind: type, count: int = 1) -> None:
        """Wait until so many frames of the kind were asked."""
        async with asyncio.timeout(STILL_S), self.asked:
            await self.asked.wait_for(lambda: len(self.calls(kind)) >= count)

    def _reply(self, call: Call) -> Reply:
        asked = call.asked
        if isinstance(asked, Resume):
            if self.resume_refusal is not None:
                return Reply(self.resume_refusal)
            return Reply(Resumed(asked.id, self.views))
        if isinstance(asked, Sync):
            return Reply(self.pages.get(asked.id, Page(asked.id, asked.conversation, 0, 1, 0)))
        if isinstance(asked, CHANGES):
            return Reply(Ack(asked.id, conversation_of(call), asked.client_msg_id))
        return Reply(Done(asked.id)) if isinstance(asked, Request) else Reply()


def conversation_of(call: Call) -> str:
    """The conversation that a call is about, or nothing."""
    asked = call.asked
    if isinstance(asked, CreateGroup):
        return group_conversation_id(call.user, asked.client_msg_id)
    if isinstance(asked, Send) and asked.to is not None:
        return direct_conversation_id(call.user, asked.to)
    return str(getattr(asked, "conversation", "") or "")

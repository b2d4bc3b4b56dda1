"""The client as an application uses it: one user's connection, for as long as the block lasts."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

from parley.client.connection import Connection
from parley.client.core import Core
from parley.client.events import State
from parley.client.inbox import Start
from parley.client.sent import Sent
from parley.client.streams import EventStream, MessageStream
from parley.client.timeline import ShownMessage
from parley.domain.content import Content
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import direct_conversation_id
from parley.protocol import client_frames as asked
from parley.protocol import server_frames as told
from parley.protocol.views import ConversationView, EntryView, MemberView, Presence

_Answer = TypeVar("_Answer", bound=told.ServerFrame)
_CONNECT_S: Final = 30.0


class ParleyClient:
    """Connects, stays connected, and resumes where it was.

    `token` is a token, or an async function that gives one for every connection. With `complete` (the default)
    `messages()` yields every entry that this user may see exactly once and in order, from the moment of the first
    connection (`start="now"`) or from the very first one (`start="beginning"`).
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], Awaitable[str]],
        device: str | None = None,
        *,
        complete: bool = True,
        start: Start = "now",
        encoding: Literal["json", "msgpack"] = "json",
        listen: bool = True,
        keep: bool = False,
    ) -> None:
        """Connect nothing yet; a random device name is taken when none is given.

        Whoever only sends says `listen=False`: then no events are kept for `events()`, which nobody would read. With
        `keep` every conversation's messages are held as they are now, for `timeline()`.
        """
        self._connection = Connection(
            url,
            token,
            Core(
                "", device or f"python-{secrets.token_hex(6)}", random.random, complete=complete, start=start, keep=keep
            ),
            encoding=encoding,
            listen=listen,
        )

    async def __aenter__(self) -> Self:
        await self._connection.start()
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._connection.online()
        except TimeoutError:
            await self._connection.close()
            text = f"no connection to {self._connection.url} within {_CONNECT_S:g} s"
            raise ParleyError(ErrorCode.UNAVAILABLE, text) from None
        except BaseException:
            await self._connection.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()

    @property
    def user(self) -> str:
        """The user that the token names."""
        return self._connection.user

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._connection.core.state

    @property
    def conversations(self) -> dict[str, ConversationView]:
        """Conversations as far as they are known, by id."""
        known = self._connection.core.inbox.conversations
        return {name: state.view for name, state in known.items() if state.view is not None}

    @property
    def unsettled(self) -> int:
        """How many changes do not have their place in the order yet."""
        return len(self._connection.core.outbox.changes)

    def timeline(self, conversation: str) -> list[ShownMessage]:
        """Messages of a conversation as they are now, with edits, deletions and reactions; needs `keep`."""
        timeline = self._connection.core.inbox.state(conversation).timeline
        return [] if timeline is None else timeline.messages()

    async def load_older(self, conversation: str) -> bool:
        """Put the page before what is held into the timeline; returns whether there is more before it."""
        timeline = self._connection.core.inbox.state(conversation).timeline
        if timeline is None or not timeline.has_older:
            return False
        page = await self.page(conversation, before=timeline.low)
        timeline.hold_older(page.messages, page.first, more=page.more)
        return page.more

    def events(self) -> EventStream:
        """Everything that happens, until the client stops; who does not read soon stops the reading of the socket."""
        return EventStream(self._connection.events)

    def messages(self) -> MessageStream:
        """New entries alone."""
        return MessageStream(self.events())

    async def send(
        self,
        text: str,
        *,
        to: str | None = None,
        conversation: str | None = None,
        client_msg_id: str | None = None,
        reply_to: int | None = None,
    ) -> Sent:
        """Say something to a user or in a conversation; await the result for the ack."""
        content = Content(text, reply_to=reply_to)
        place = conversation if to is None else direct_conversation_id(self.user, to)
        key = client_msg_id or secrets.token_hex(16)
        return self._change(place, asked.Send("", key, content=content, conversation=conversation, to=to))

    async def edit(self, conversation: str, seq: int, text: str) -> Sent:
        """Replace the text of one's own message."""
        return self._change(
            conversation, asked.Edit("", _key(), conversation=conversation, seq=seq, content=Content(text))
        )

    async def delete(self, conversation: str, seq: int) -> Sent:
        """Turn a message into a tombstone."""
        return self._change(conversation, asked.Delete("", _key(), conversation=conversation, seq=seq))

    async def react(self, conversation: str, seq: int, emoji: str, *, removed: bool = False) -> Sent:
        """Set an emoji on a message, or take it back."""
        frame = asked.React("", _key(), conversation=conversation, seq=seq, emoji=emoji, removed=removed)
        return self._change(conversation, frame)

    async def create_group(self, title: str, members: tuple[str, ...] = (), *, open_history: bool = False) -> Sent:
        """Open a group; the ack names its conversation."""
        return self._change(
            None, asked.CreateGroup("", _key(), title=title, members=members, open_history=open_history)
        )

    async def change_settings(
        self, conversation: str, *, title: str | None = None, open_history: bool | None = None
    ) -> Sent:
        """Rename a group, or open its history."""
        frame = asked.ChangeSettings("", _key(), conversation=conversation, title=title, open_history=open_history)
        return self._change(conversation, frame)

    async def add_members(self, conversation: str, *members: str) -> Sent:
        """Let users join."""
        return self._change(conversation, asked.AddMembers("", _key(), conversation=conversation, members=members))

    async def remove_member(self, conversation: str, user: str) -> Sent:
        """End somebody's membership."""
        return self._change(conversation, asked.RemoveMember("", _key(), conversation=conversation, user=user))

    async def leave(self, conversation: str) -> Sent:
        """End one's own membership."""
        return self._change(conversation, asked.Leave("", _key(), conversation=conversation))

    async def set_role(self, conversation: str, user: str, role: str) -> Sent:
        """Make a member owner, admin or member."""
        return self._change(conversation, asked.SetRole("", _key(), conversation=conversation, user=user, role=role))

    def mark_read(self, conversation: str, seq: int) -> None:
        """Tell that everything up to `seq` was seen."""
        self._connection.mark_read(conversation, seq)

    def typing(self, conversation: str, *, active: bool = True) -> None:
        """Tell that one is typing."""
        self._connection.signal(asked.Typing(conversation, active))

    async def watch(self, *users: str) -> dict[str, Presence]:
        """Follow the presence of these users; returns what it is now."""
        self._connection.remember_watched(users)
        answer = await self._ask(told.PresenceUpdate, lambda identifier: asked.Watch(identifier, users))
        return answer.users

    async def members(self, conversation: str) -> tuple[MemberView, ...]:
        """Everybody in a conversation."""
        return (await self._ask(told.MemberList, lambda i: asked.Members(i, conversation))).members

    async def read_by(self, conversation: str, seq: int) -> told.ReadByList:
        """Who has received and who has read a message."""
        return await self._ask(told.ReadByList, lambda i: asked.ReadBy(i, conversation, seq))

    async def receipts(self, conversation: str) -> told.Receipt:
        """How far everybody got."""
        return await self._ask(told.Receipt, lambda i: asked.Receipts(i, conversation))

    async def describe(self, conversation: str) -> ConversationView:
        """What a conversation is now."""
        return (await self._ask(told.ConversationPage, lambda i: asked.Describe(i, conversation))).conversations[0]

    async def page(
        self, conversation: str, *, after: int | None = None, before: int | None = None, limit: int | None = None
    ) -> told.Page:
        """One page of a conversation's entries."""
        return await self._ask(told.Page, lambda i: asked.Sync(i, conversation, after, before, limit))

    async def history(self, conversation: str, *, before: int | None = None) -> AsyncIterator[EntryView]:
        """Entries from the newest (or from before a seq) back to the first, page by page."""
        more = True
        while more:
            page = await self.page(conversation, before=before, limit=200)
            for entry in reversed(page.messages):
                yield entry
            before, more = page.first, page.more

    async def set_privacy(self, *, hide_presence: bool) -> None:
        """Hide or show one's presence."""
        await self._ask(told.Done, lambda i: asked.SetPrivacy(i, hide_presence))

    async def authenticate(self, token: str) -> None:
        """Renew the token in place."""
        await self._ask(told.Done, lambda i: asked.Authenticate(i, token))

    def _change(self, conversation: str | None, frame: asked.Change) -> Sent:
        return self._connection.change(conversation, frame)

    async def _ask(self, kind: type[_Answer], frame: Callable[[str], asked.AnyClientFrame]) -> _Answer:
        answer: Any = await self._connection.ask(frame)
        if isinstance(answer, told.ErrorFrame):
            code = answer.code if answer.code in set(ErrorCode) else ErrorCode.INTERNAL
            raise ParleyError(ErrorCode(code), answer.message, field=answer.field, after_ms=answer.after_ms)
        assert isinstance(answer, kind)  # noqa: S101 - the protocol pairs questions and answers
        return answer


def _key() -> str:
    return secrets.token_hex(16)

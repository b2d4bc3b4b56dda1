"""What a user may see of a conversation now: head first, then membership as of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from parley.domain.conversation import Conversation, conversation_at
from parley.domain.entries import Head
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.membership import Membership, can_see
from parley.ports.clock import Clock
from parley.ports.conversation_store import ConversationReader
from parley.runtime.together import together

_FRESH_S: Final = 2.0
_DIRECT_FRESH_S: Final = 600.0
"""The two of a direct conversation never change."""
_HELD: Final = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation through one user's eyes. `visible` holds ranges of seq, clipped to the head; never empty."""

    conversation: str
    head: Head
    membership: Membership
    visible: tuple[tuple[int, int], ...]
    member: bool

    @property
    def end(self) -> int:
        """The newest seq that this user may see; what the conversation is, is told as of it."""
        return self.visible[-1][1]

    def sees(self, seq: int) -> bool:
        """Whether the user may know what this entry did; a store may be ahead of the head with it."""
        return can_see(self.visible, seq) or (self.member and seq > self.head.seq)


def not_a_member(conversation: str) -> ParleyError:
    """The same words whether there is no such conversation or it is not this user's: nobody learns which."""
    text = f"conversation {conversation} does not exist, or you are not a member of it"
    return ParleyError(ErrorCode.NOT_A_MEMBER, text, field="conversation")


class MembershipView:
    """Reads membership for questions, and remembers it for a moment for the quick check of new messages."""

    def __init__(self, reader: ConversationReader, clock: Clock) -> None:
        """Read nothing yet."""
        self._reader = reader
        self._clock = clock
        self._states: OrderedDict[str, tuple[float, Conversation]] = OrderedDict()
        self._reading: dict[str, asyncio.Task[Conversation]] = {}
        self._direct: OrderedDict[str, Membership] = OrderedDict()

    async def seen(self, user: str, conversation: str) -> Seen:
        """What the user may see; raises NOT_A_MEMBER for whoever never was a member."""
        found = await self.seen_of_all(user, [conversation])
        if not found:
            raise not_a_member(conversation)
        return found[0]

    async def seen_of_all(
        self, user: str, conversations: Sequence[str], heads: dict[str, Head] | None = None
    ) -> list[Seen]:
        """The same for many conversations; those that the user may not see at all are left out."""
        known = await self._reader.heads(conversations) if heads is None else heads
        names = [name for name in conversations if name in known and known[name].seq > 0]
        memberships = await together(self._membership(name, known[name]) for name in names)
        found = []
        for name, membership in zip(names, memberships, strict=True):
            visible = membership.visible(user, known[name].seq)
            if visible:
                member = user in membership.current(known[name].seq)
                found.append(Seen(name, known[name], membership, visible, member))
        return found

    async def _membership(self, conversation: str, head: Head) -> Membership:
        """As it is stored, which is at least what this head needs; that of a direct conversation is read once."""
        held = self._direct.get(conversation)
        if held is not None:
            self._direct.move_to_end(conversation)
            return held
        read = await self._reader.membership(conversation)
        settings = read.settings_at(head.seq)
        if settings is not None and not settings.group and read.spans:
            self._direct[conversation] = read
            while len(self._direct) > _HELD:
                self._direct.popitem(last=False)
        return read

    def forget(self, conversation: str) -> None:
        """Read the conversation's state again the next time it is asked for."""
        self._states.pop(conversation, None)
        self._direct.pop(conversation, None)
        self._reading.pop(conversation, None)

    def held(self, conversation: str) -> Conversation | None:
        """The remembered state, while it is young enough to judge a new message by."""
        held = self._states.get(conversation)
        young = held is not None and self._clock.monotonic() - held[0] < _fresh_s(held[1])
        return held[1] if held is not None and young else None

    async def state(self, conversation: str, *, fresh: bool) -> Conversation:
        """The state that the fold would judge by; who may write is up to two seconds old unless it has to be fresh."""
        if fresh:
            return await self._read(conversation)
        held = self.held(conversation)
        if held is not None:
            return held
        reading = self._reading.get(conversation)
        if reading is None:
            reading = self._reading[conversation] = asyncio.create_task(self._read(conversation))
            reading.add_done_callback(partial(self._keep, conversation, self._clock.monotonic()))
        # Whoever gives up waiting leaves the others what they wait for.
        return await asyncio.shield(reading)

    async def _read(self, conversation: str) -> Conversation:
        head = (await self._reader.heads([conversation])).get(conversation, Head())
        membership = await self._reader.membership(conversation) if head.seq else Membership()
        return conversation_at(head, membership)

    def _keep(self, conversation: str, asked_at: float, read: "asyncio.Task[Conversation]") -> None:
        """Remember a state that was read, unless the conversation was forgotten meanwhile."""
        if self._reading.get(conversation) is not read:
            return
        del self._reading[conversation]
        if read.cancelled() or read.exception() is not None or not read.result().head.seq:
            return
        self._states[conversation] = (asked_at, read.result())
        self._states.move_to_end(conversation)
        while len(self._states) > _HELD:
            self._states.popitem(last=False)


def _fresh_s(state: Conversation) -> float:
    direct = state.settings is not None and not state.settings.group
    return _DIRECT_FRESH_S if direct else _FRESH_S

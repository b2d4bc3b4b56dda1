"""What a user may see of a conversation now: head first, then membership as of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from parley.domain.conversation import Conversation, conversation_at
from parley.domain.entries import Head
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.membership import Membership, can_see
from parley.ports.clock import Clock
from parley.ports.conversation_store import ConversationReader

_FRESH_S: Final = 2.0
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
        memberships = await asyncio.gather(*(self._reader.membership(name) for name in names))
        found = []
        for name, membership in zip(names, memberships, strict=True):
            visible = membership.visible(user, known[name].seq)
            if visible:
                member = user in membership.current(known[name].seq)
                found.append(Seen(name, known[name], membership, visible, member))
        return found

    def forget(self, conversation: str) -> None:
        """Read the conversation's state again the next time it is asked for."""
        self._states.pop(conversation, None)

    async def state(self, conversation: str, *, fresh: bool) -> Conversation:
        """The state that the fold would judge by, up to two seconds old unless it has to be fresh."""
        now = self._clock.monotonic()
        held = self._states.get(conversation)
        if held is not None and not fresh and now - held[0] < _FRESH_S:
            return held[1]
        head = (await self._reader.heads([conversation])).get(conversation, Head())
        membership = await self._reader.membership(conversation) if head.seq else Membership()
        state = conversation_at(head, membership)
        if head.seq:
            self._states[conversation] = (now, state)
            self._states.move_to_end(conversation)
        while len(self._states) > _HELD:
            self._states.popitem(last=False)
        return state

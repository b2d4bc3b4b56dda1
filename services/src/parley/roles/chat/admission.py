"""The quick answer to a change: what the sequencer would certainly refuse is refused before it is acknowledged.

The sequencer has the last word. So the check may let through what is not decided yet, but must not refuse what will be
allowed by the time its turn comes: a group whose creation is still on its way is known by that creation.
"""

from collections import OrderedDict
from typing import Final

from parley.domain import authority
from parley.domain.conversation import Conversation
from parley.domain.effects import open_direct
from parley.domain.entries import Entry
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.fold import target_of
from parley.domain.limits import Limits
from parley.domain.records import AddMembers, CreateGroup, Post, Record
from parley.ports.conversation_store import ConversationReader
from parley.roles.chat.membership_view import MembershipView, not_a_member

_HELD_CREATIONS: Final = 10_000


class Admission:
    """Judges records by what is stored, and by the creations that this process has accepted itself."""

    def __init__(self, reader: ConversationReader, view: MembershipView, limits: Limits) -> None:
        """Share `view` with the readers of the same process."""
        self._reader = reader
        self._view = view
        self._limits = limits
        self._creations: OrderedDict[str, None] = OrderedDict()

    async def check(self, record: Record) -> None:
        """Raise the refusal that the sequencer would give."""
        if isinstance(record.body, CreateGroup):
            return
        refusal = await self._refusal(record, fresh=not isinstance(record.body, Post))
        if refusal is not None and isinstance(record.body, Post):
            refusal = await self._refusal(record, fresh=True)
        if refusal is not None:
            raise refusal

    def created(self, record: Record) -> None:
        """Remember a creation that was acknowledged, until the sequencer has surely folded it."""
        if isinstance(record.body, CreateGroup):
            self._creations[record.conversation] = None
            while len(self._creations) > _HELD_CREATIONS:
                self._creations.popitem(last=False)

    async def _refusal(self, record: Record, *, fresh: bool) -> ParleyError | None:
        state = await self._view.state(record.conversation, fresh=fresh)
        if state.settings is None:
            return self._refusal_of_unknown(record)
        target = await self._target(record, state)
        sees = target is not None and state.sees(record.sender, target.seq)
        refused = authority.refuse(record.body, record.sender, state.members, state.settings, target, sees)
        if refused is not None:
            code, text = refused
            return not_a_member(record.conversation) if record.sender not in state.members else ParleyError(code, text)
        return self._too_many(record, state)

    def _refusal_of_unknown(self, record: Record) -> ParleyError | None:
        if record.conversation in self._creations:
            return None
        if isinstance(record.body, Post) and record.body.peer is not None:
            opened = open_direct(Conversation(), record.sender, record.body.peer)[0]
            if record.sender in opened.members:
                return None
        return not_a_member(record.conversation)

    async def _target(self, record: Record, state: Conversation) -> Entry | None:
        seq = target_of(record.body)
        if seq is None or seq > state.head.seq:
            return None
        return (await self._reader.entries(record.conversation, [seq])).get(seq)

    def _too_many(self, record: Record, state: Conversation) -> ParleyError | None:
        if not isinstance(record.body, AddMembers):
            return None
        count = len(state.members.keys() | set(record.body.members))
        if count <= self._limits.group_members:
            return None
        text = f"the group would have {count} members; at most {self._limits.group_members} are allowed"
        return ParleyError(ErrorCode.TOO_MANY_MEMBERS, text, field="members")

"""The quick answer to a change: what the sequencer would certainly refuse is refused before it is acknowledged.

The sequencer has the last word. So the check may let through what is not decided yet, but must not refuse what will be
allowed by the time its turn comes: before a refusal it waits until everything accepted earlier is ordered.
"""

from parley.domain import authority
from parley.domain.conversation import Conversation
from parley.domain.entries import Entry
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.fold import target_of
from parley.domain.limits import Limits
from parley.domain.records import AddMembers, CreateGroup, Delete, Edit, Post, React, Record
from parley.roles.chat.membership_view import MembershipView, not_a_member
from parley.roles.chat.order import Order
from parley.runtime.backends import Backends


class Admission:
    """Judges records by what is stored."""

    def __init__(self, backends: Backends, view: MembershipView, limits: Limits) -> None:
        """Share `view` with the readers of the same process."""
        self._reader = backends.reader
        self._order = Order(backends.log)
        self._view = view
        self._limits = limits

    def passes_at_once(self, record: Record) -> bool:
        """Whether nothing has to be read to let the record pass, as with nearly all messages."""
        if isinstance(record.body, CreateGroup) or _is_between_two(record):
            return True
        if not isinstance(record.body, Post):
            return False
        state = self._view.held(record.conversation)
        return state is not None and state.settings is not None and self._judge(record, state, None) is None

    async def check(self, record: Record) -> None:
        """Raise the refusal that the sequencer would give; while its order is behind, only it can tell."""
        if self.passes_at_once(record):
            return
        if await self._refusal(record, fresh=not isinstance(record.body, Post)) is None:
            return
        caught_up = await self._order.catches_up(record.conversation)
        refusal = await self._refusal(record, fresh=True)
        if refusal is not None and caught_up:
            raise refusal

    def accepted(self, record: Record) -> None:
        """Take note of what changes who may say something: it is read again for the next message."""
        if not isinstance(record.body, Post | Edit | Delete | React):
            self._view.forget(record.conversation)

    async def _refusal(self, record: Record, *, fresh: bool) -> ParleyError | None:
        state = await self._view.state(record.conversation, fresh=fresh)
        if state.settings is None:
            opens = isinstance(record.body, Post) and record.body.peer is not None
            return None if opens else not_a_member(record.conversation)
        return self._judge(record, state, await self._target(record, state))

    def _judge(self, record: Record, state: Conversation, target: Entry | None) -> ParleyError | None:
        sees = target is not None and state.sees(record.sender, target.seq)
        refused = authority.refuse(record.body, record.sender, state.members, state.settings, target, sees)
        if refused is not None:
            code, text = refused
            return not_a_member(record.conversation) if record.sender not in state.members else ParleyError(code, text)
        return self._refusal_of_joining(record, state)

    async def _target(self, record: Record, state: Conversation) -> Entry | None:
        seq = target_of(record.body)
        if seq is None or seq > state.head.seq:
            return None
        return (await self._reader.entries(record.conversation, [seq])).get(seq)

    def _refusal_of_joining(self, record: Record, state: Conversation) -> ParleyError | None:
        if not isinstance(record.body, AddMembers):
            return None
        if state.members.keys() >= set(record.body.members):
            return ParleyError(ErrorCode.ALREADY_EXISTS, "all of these users are members already", field="members")
        count = len(state.members.keys() | set(record.body.members))
        if count <= self._limits.group_members:
            return None
        text = f"the group would have {count} members; at most {self._limits.group_members} are allowed"
        return ParleyError(ErrorCode.TOO_MANY_MEMBERS, text, field="members")


def _is_between_two(record: Record) -> bool:
    """A message to a user: its conversation's name was made of both names, and these two may always write there."""
    return isinstance(record.body, Post) and record.body.peer is not None

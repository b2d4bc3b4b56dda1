"""How often the store is asked who is in a conversation."""

from collections.abc import Sequence

from typing_extensions import override

from parley.domain.entries import Entry, Head, Settings, Span
from parley.domain.membership import Membership
from parley.domain.records import Role
from parley.ports.conversation_store import ConversationReader, Slice
from parley.roles.chat.membership_view import MembershipView
from parley.runtime.system_clock import SystemClock

HEAD = Head(5, 5, 5)


class CountedReader(ConversationReader):
    """One conversation, of which everybody has this membership."""

    def __init__(self, membership: Membership, head: Head = HEAD) -> None:
        self.stored, self.head, self.asked = membership, head, 0

    @override
    async def heads(self, conversations: Sequence[str]) -> dict[str, Head]:
        return dict.fromkeys(conversations, self.head)

    @override
    async def membership(self, conversation: str) -> Membership:
        self.asked += 1
        return self.stored

    @override
    async def slice(self, conversation: str, first: int, last: int) -> Slice:
        return Slice((), {})

    @override
    async def entries(self, conversation: str, seqs: Sequence[int]) -> dict[int, Entry]:
        return {}


def of(*users: str, group: bool) -> Membership:
    spans = tuple(Span(user, 1, Role.MEMBER, 1, None) for user in users)
    return Membership(spans, (Settings(1, group, "", False),))


def view_of(reader: CountedReader) -> MembershipView:
    return MembershipView(reader, SystemClock())


async def sees(view: MembershipView, user: str) -> bool:
    return bool(await view.seen_of_all(user, ["room"]))


async def test_g7_a_direct_conversations_two_are_read_once_and_nobody_else_sees_it() -> None:
    reader = CountedReader(of("ann", "bob", group=False))
    view = view_of(reader)
    assert [await sees(view, user) for user in ("ann", "bob", "eve", "ann")] == [True, True, False, True]
    assert reader.asked == 1


async def test_a_direct_conversation_is_seen_up_to_its_newest_head() -> None:
    reader = CountedReader(of("ann", "bob", group=False))
    view = view_of(reader)
    await view.seen("ann", "room")
    reader.head = Head(9, 9, 9)
    assert (await view.seen("ann", "room")).visible == ((1, 9),)


async def test_g7_a_groups_members_are_read_each_time() -> None:
    reader = CountedReader(of("ann", "bob", group=True))
    view = view_of(reader)
    assert await sees(view, "bob")
    reader.stored = of("ann", group=True)
    assert not await sees(view, "bob")


async def test_a_conversation_that_nobody_has_begun_is_not_remembered() -> None:
    reader = CountedReader(Membership(), Head(0, 0, 0))
    view = view_of(reader)
    assert not await sees(view, "ann")
    reader.stored, reader.head = of("ann", "bob", group=False), HEAD
    assert await sees(view, "ann")

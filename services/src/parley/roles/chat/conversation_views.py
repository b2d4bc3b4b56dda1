"""A conversation as a list shows it: title or peer, head, unread count, own and others' marks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from parley.domain.entries import Entry, Settings, Span
from parley.domain.limits import Limits
from parley.domain.paging import visible_within
from parley.ports.conversation_store import ConversationReader
from parley.ports.watermarks import Progress, WatermarkStore
from parley.protocol.codec import rfc3339
from parley.protocol.views import ConversationView, Watermark
from parley.roles.chat.membership_view import Seen

_NO_PROGRESS = Progress()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a view is made of, once it is read: the rows at the user's marks, and everybody's marks."""

    seen: Seen
    rows: Mapping[int, Entry]
    own: Progress
    marks: Mapping[str, Progress]

    @property
    def last_at(self) -> int:
        """When the newest visible entry was written, in ms."""
        newest = self.rows.get(self.seen.end)
        return newest.created_at if newest else 0


class ConversationViews:
    """Reads what views need; one conversation costs two small reads, marks of large groups are not read."""

    def __init__(self, reader: ConversationReader, watermarks: WatermarkStore, limits: Limits) -> None:
        """Nothing is read yet."""
        self._reader = reader
        self._watermarks = watermarks
        self._limits = limits

    async def facts(self, user: str, found: list[Seen]) -> list[Facts]:
        """Read the facts of several conversations at once."""
        own = await self._watermarks.of_user(user, [seen.conversation for seen in found])
        return await asyncio.gather(*(self._facts(seen, own.get(seen.conversation, _NO_PROGRESS)) for seen in found))

    async def _facts(self, seen: Seen, own: Progress) -> Facts:
        wanted = {seen.end, *(seq for first, last in _unread_ranges(seen, own) for seq in (first, last))}
        named = seen.member and len(seen.membership.current(seen.end)) <= self._limits.receipts_named_members
        rows = await self._reader.entries(seen.conversation, sorted(wanted))
        marks = await self._watermarks.of_conversation(seen.conversation) if named else {}
        return Facts(seen, rows, own, marks)


def view_of(user: str, facts: Facts) -> ConversationView:
    """The view of a conversation, without entries. Pure."""
    seen = facts.seen
    members = seen.membership.current(seen.end)
    settings = seen.membership.settings_at(seen.end) or Settings(1, group=False)
    held = members.get(user)
    others = {name: mark for name, mark in facts.marks.items() if name != user and name in members}
    return ConversationView(
        conversation=seen.conversation,
        kind="group" if settings.group else "direct",
        head=seen.end,
        visible=seen.end,
        unread=unread(facts),
        read=facts.own.read,
        delivered=facts.own.delivered,
        title=settings.title,
        peer=None if settings.group else _peer(user, members),
        role=held.role if held else None,
        member_count=len(members),
        open_history=settings.open_history,
        last_message_at=rfc3339(facts.last_at) if facts.last_at else None,
        watermarks={name: Watermark(mark.delivered, mark.read) for name, mark in others.items()},
    )


def unread(facts: Facts) -> int:
    """Messages after the read mark: running counts make it a subtraction, whatever the length of the history."""
    count = 0
    for first, last in _unread_ranges(facts.seen, facts.own):
        begin, end = facts.rows.get(first), facts.rows.get(last)
        if begin is not None and end is not None:
            count += end.messages - begin.messages + (begin.kind == "message")
    return count


def _unread_ranges(seen: Seen, own: Progress) -> list[tuple[int, int]]:
    """The visible ranges after the read mark: what was said while the user was away is not unread, it is hidden."""
    return visible_within(own.read + 1, seen.end, seen.visible)


def _peer(user: str, members: Mapping[str, Span]) -> str:
    """The other one; oneself in the conversation with oneself."""
    return next((name for name in members if name != user), user)

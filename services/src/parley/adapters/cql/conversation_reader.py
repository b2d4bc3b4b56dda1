"""What everybody reads of conversations."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.cql.buckets import NewestBuckets
from parley.adapters.cql.entry_rows import ENTRY_COLUMNS, whole_entry_of
from parley.adapters.cql.session import CqlSession
from parley.domain.buckets import bucket_of
from parley.domain.entries import Entry, Head, Reaction, Settings, Span
from parley.domain.membership import Membership
from parley.domain.records import Role
from parley.ports.conversation_store import ConversationReader, Inbox, InboxItem, Slice

_SPANS: Final = "SELECT user_id, from_seq, role, joined_seq, to_seq FROM members WHERE conversation_id = ?"
_SETTINGS: Final = "SELECT from_seq, is_group, title, open_history FROM settings WHERE conversation_id = ?"
_SLICE: Final = (
    f"SELECT {ENTRY_COLUMNS} FROM messages "  # noqa: S608 - constants
    "WHERE conversation_id = ? AND bucket = ? AND seq >= ? AND seq <= ? ORDER BY seq ASC"
)
_REACTIONS: Final = (
    "SELECT target_seq, user_id, emoji, seq, removed FROM reactions "
    "WHERE conversation_id = ? AND bucket = ? AND target_seq >= ? AND target_seq <= ?"
)
_ENTRIES: Final = f"SELECT {ENTRY_COLUMNS} FROM messages WHERE conversation_id = ? AND bucket = ? AND seq IN ?"  # noqa: S608
_INBOX: Final = "SELECT conversation_id, member FROM user_conversations WHERE user_id = ?"


class CqlConversationReader(ConversationReader, Inbox):
    """Heads, members, entries, and the conversations of a user; all at LOCAL_QUORUM."""

    def __init__(self, session: CqlSession, newest: NewestBuckets) -> None:
        """Read through this session."""
        self._session = session
        self._newest = newest

    @override
    async def heads(self, conversations: Sequence[str]) -> dict[str, Head]:
        names = list(dict.fromkeys(conversations))
        heads = await asyncio.gather(*(self._newest.head(name) for name in names))
        return {name: head for name, head in zip(names, heads, strict=True) if head is not None}

    @override
    async def membership(self, conversation: str) -> Membership:
        spans, settings = await asyncio.gather(
            self._session.rows(_SPANS, conversation), self._session.rows(_SETTINGS, conversation)
        )
        return Membership(
            tuple(Span(user, start, Role(role), joined, end) for user, start, role, joined, end in spans),
            tuple(Settings(start, bool(group), title or "", bool(opened)) for start, group, title, opened in settings),
        )

    @override
    async def slice(self, conversation: str, first: int, last: int) -> Slice:
        buckets = range(bucket_of(first), bucket_of(last) + 1)
        parts = await asyncio.gather(*(self._part(conversation, bucket, first, last) for bucket in buckets))
        reactions: dict[int, tuple[Reaction, ...]] = {}
        for part in parts:
            reactions |= part.reactions
        return Slice(tuple(entry for part in parts for entry in part.entries), reactions)

    @override
    async def entries(self, conversation: str, seqs: Sequence[int]) -> dict[int, Entry]:
        by_bucket: dict[int, list[int]] = defaultdict(list)
        for seq in seqs:
            by_bucket[bucket_of(seq)].append(seq)
        parts = await asyncio.gather(
            *(self._session.rows(_ENTRIES, conversation, bucket, wanted) for bucket, wanted in by_bucket.items())
        )
        entries = [entry for rows in parts for row in rows if (entry := whole_entry_of(row)) is not None]
        return {entry.seq: entry for entry in entries}

    @override
    async def conversations_of(self, user: str) -> list[InboxItem]:
        rows = await self._session.rows(_INBOX, user)
        return sorted((InboxItem(name, bool(member)) for name, member in rows), key=lambda item: item.conversation)

    async def _part(self, conversation: str, bucket: int, first: int, last: int) -> Slice:
        rows, words = await asyncio.gather(
            self._session.rows(_SLICE, conversation, bucket, first, last),
            self._session.rows(_REACTIONS, conversation, bucket, first, last),
        )
        entries = tuple(entry for row in rows if (entry := whole_entry_of(row)) is not None)
        reactions: dict[int, tuple[Reaction, ...]] = {}
        for target, user, emoji, seq, removed in sorted(words, key=lambda word: (word[0], word[3], word[2])):
            if not removed:
                reactions[target] = (*reactions.get(target, ()), Reaction(target, user, emoji, seq))
        return Slice(entries, reactions)

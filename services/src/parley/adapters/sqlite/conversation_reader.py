"""What everybody reads of conversations; each answer is one consistent picture of the store."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.sqlite.database import Database
from parley.adapters.sqlite.entry_rows import ENTRY_COLUMNS
from parley.adapters.stored_entries import entry_of
from parley.domain.entries import Entry, Head, Reaction, Settings, Span
from parley.domain.membership import Membership
from parley.domain.records import Role
from parley.ports.conversation_store import ConversationReader, Inbox, InboxItem, Slice

_HEADS: Final = (
    "SELECT conversation, seq, position, messages FROM heads WHERE conversation IN (SELECT value FROM json_each(?))"
)
_SPANS: Final = (
    "SELECT user, from_seq, role, joined_seq, to_seq FROM members WHERE conversation = ? ORDER BY user, from_seq"
)
_SETTINGS: Final = (
    "SELECT from_seq, is_group, title, open_history FROM settings WHERE conversation = ? ORDER BY from_seq"
)
_SLICE: Final = (
    f"SELECT {ENTRY_COLUMNS} FROM messages "  # noqa: S608 - constants
    "WHERE conversation = ? AND seq BETWEEN ? AND ? AND position IS NOT NULL ORDER BY seq"
)
_REACTIONS: Final = (
    "SELECT target_seq, user, emoji, seq FROM reactions "
    "WHERE conversation = ? AND target_seq BETWEEN ? AND ? AND removed = 0 ORDER BY target_seq, seq, emoji"
)
_ENTRIES: Final = (
    f"SELECT {ENTRY_COLUMNS} FROM messages WHERE conversation = ? "  # noqa: S608 - constants
    "AND seq IN (SELECT value FROM json_each(?)) AND position IS NOT NULL"
)
_INBOX: Final = (
    "SELECT conversation, max(to_seq IS NULL) FROM members WHERE user = ? GROUP BY conversation ORDER BY conversation"
)


class SqliteConversationReader(ConversationReader, Inbox):
    """Heads, members, entries, and the conversations of a user."""

    def __init__(self, database: Database) -> None:
        """Read from the store's file."""
        self._database = database

    @override
    async def heads(self, conversations: Sequence[str]) -> dict[str, Head]:
        def work(connection: sqlite3.Connection) -> dict[str, Head]:
            rows = connection.execute(_HEADS, (json.dumps(list(conversations)),))
            return {name: Head(seq, position, messages) for name, seq, position, messages in rows}

        return await self._database.read(work)

    @override
    async def membership(self, conversation: str) -> Membership:
        def work(connection: sqlite3.Connection) -> Membership:
            spans = connection.execute(_SPANS, (conversation,))
            settings = connection.execute(_SETTINGS, (conversation,))
            return Membership(
                tuple(Span(user, start, Role(role), joined, end) for user, start, role, joined, end in spans),
                tuple(Settings(start, bool(group), title, bool(opened)) for start, group, title, opened in settings),
            )

        return await self._database.read(work)

    @override
    async def slice(self, conversation: str, first: int, last: int) -> Slice:
        def work(connection: sqlite3.Connection) -> Slice:
            entries = tuple(entry_of(row) for row in connection.execute(_SLICE, (conversation, first, last)))
            if not entries:
                return Slice()
            reactions: dict[int, tuple[Reaction, ...]] = {}
            for target, user, emoji, seq in connection.execute(_REACTIONS, (conversation, first, last)):
                reactions[target] = (*reactions.get(target, ()), Reaction(target, user, emoji, seq))
            return Slice(entries, reactions)

        return await self._database.read(work)

    @override
    async def entries(self, conversation: str, seqs: Sequence[int]) -> dict[int, Entry]:
        def work(connection: sqlite3.Connection) -> dict[int, Entry]:
            rows = connection.execute(_ENTRIES, (conversation, json.dumps(list(seqs))))
            return {entry.seq: entry for entry in map(entry_of, rows)}

        return await self._database.read(work)

    @override
    async def conversations_of(self, user: str) -> list[InboxItem]:
        def work(connection: sqlite3.Connection) -> list[InboxItem]:
            return [InboxItem(name, bool(member)) for name, member in connection.execute(_INBOX, (user,))]

        return await self._database.read(work)

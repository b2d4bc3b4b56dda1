"""What the sequencer writes: whole batches in one transaction, each row guarded by the position that decided it.

So a replay, or a process that has lost its partition and does not know it yet, changes nothing (promises G2, G4).
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from typing_extensions import override

from parley.adapters.sqlite.database import Database
from parley.adapters.sqlite.entry_rows import ENTRY_COLUMNS, row_of
from parley.adapters.stored_entries import encode, entry_of
from parley.domain.entries import Entry, PriorSend
from parley.ports.conversation_store import Commit, ConversationWriter, SendKey

_HEAD: Final = (
    "INSERT INTO heads (conversation, seq, position, messages) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
    "SET seq = excluded.seq, position = excluded.position, messages = excluded.messages "
    "WHERE excluded.position > heads.position"
)
_ENTRY: Final = (
    f"INSERT INTO messages ({ENTRY_COLUMNS}, content_position) VALUES ({', '.join('?' * 17)}) "  # noqa: S608 - constants
    "ON CONFLICT DO UPDATE SET position = excluded.position, message_id = excluded.message_id, "
    "sender = excluded.sender, client_msg_id = excluded.client_msg_id, kind = excluded.kind, "
    "created_at = excluded.created_at, messages = excluded.messages, target_seq = excluded.target_seq, "
    "change = excluded.change, trace = excluded.trace WHERE messages.position IS NULL"
)
_SEND: Final = f"INSERT INTO sends VALUES ({', '.join('?' * 9)}) ON CONFLICT DO NOTHING"  # noqa: S608 - constants
_SENT: Final = (
    "SELECT key FROM json_each(?) AS wanted WHERE EXISTS (SELECT 1 FROM sends "
    "WHERE conversation = json_extract(wanted.value, '$[0]') AND sender = json_extract(wanted.value, '$[1]') "
    "AND client_msg_id = json_extract(wanted.value, '$[2]'))"
)
_SETTINGS: Final = (
    "INSERT INTO settings VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET is_group = excluded.is_group, "
    "title = excluded.title, open_history = excluded.open_history, position = excluded.position "
    "WHERE excluded.position > settings.position"
)
_SPAN: Final = (
    "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role, "
    "joined_seq = excluded.joined_seq, to_seq = excluded.to_seq, position = excluded.position "
    "WHERE excluded.position > members.position"
)
_REACTION: Final = (
    "INSERT INTO reactions SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS "
    "(SELECT 1 FROM messages WHERE conversation = ?1 AND seq = ?2 AND deleted_seq IS NOT NULL) "
    "ON CONFLICT DO UPDATE SET seq = excluded.seq, removed = excluded.removed, position = excluded.position "
    "WHERE excluded.position > reactions.position"
)
_EDITED: Final = (
    "INSERT INTO messages (conversation, seq, content, content_position, edited_seq, edited_at) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content, "
    "content_position = excluded.content_position, edited_seq = excluded.edited_seq, edited_at = excluded.edited_at "
    "WHERE excluded.content_position > messages.content_position AND messages.deleted_seq IS NULL"
)
_DELETED: Final = (
    "INSERT INTO messages (conversation, seq, content, content_position, deleted_seq) VALUES (?, ?, NULL, ?, ?) "
    "ON CONFLICT DO UPDATE SET content = NULL, content_position = excluded.content_position, "
    "deleted_seq = excluded.deleted_seq WHERE excluded.content_position > messages.content_position"
)
_REACHED: Final = (
    "INSERT INTO progress (partition, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position "
    "WHERE excluded.position > progress.position"
)
_ENTRIES_AT: Final = (
    f"SELECT {ENTRY_COLUMNS} FROM messages WHERE conversation = ? "  # noqa: S608 - constants
    "AND position IN (SELECT value FROM json_each(?))"
)
_DELETED_REACTIONS: Final = "DELETE FROM reactions WHERE conversation = ? AND target_seq = ?"


class SqliteConversationWriter(ConversationWriter):
    """One transaction for all conversations of a batch, shared with other batches of the moment."""

    def __init__(self, database: Database) -> None:
        """Write to the store's file."""
        self._database = database

    @override
    async def commit(self, commits: Sequence[Commit]) -> None:
        if commits:
            await self._database.write(partial(_write, commits=tuple(commits)))

    @override
    async def reach(self, positions: Mapping[int, int]) -> None:
        rows = list(positions.items())
        await self._database.write(lambda connection: connection.executemany(_REACHED, rows))

    @override
    async def reached(self, partition: int) -> int | None:
        query = "SELECT position FROM progress WHERE partition = ?"
        row = await self._database.read(lambda connection: connection.execute(query, (partition,)).fetchone())
        return None if row is None else int(row[0])

    @override
    async def prior_send(
        self, conversation: str, sender: str, client_msg_id: str, before: int, *, head_seq: int | None = None
    ) -> PriorSend | None:
        query = (
            "SELECT position, message_id, body_hash, appended_at, seq, refusal FROM sends WHERE conversation = ? "
            "AND sender = ? AND client_msg_id = ? AND position < ? ORDER BY position DESC LIMIT 1"
        )
        key = (conversation, sender, client_msg_id, before)
        row = await self._database.read(lambda connection: connection.execute(query, key).fetchone())
        return None if row is None else PriorSend(*row)

    @override
    async def sent(self, keys: Sequence[SendKey]) -> frozenset[SendKey]:
        parameters = (json.dumps(keys),)
        rows = await self._database.read(lambda connection: connection.execute(_SENT, parameters).fetchall())
        return frozenset(keys[number] for (number,) in rows)

    @override
    async def entries_at(self, conversation: str, positions: Sequence[int]) -> dict[int, Entry]:
        """Identity, change and times are as first written; the content is the row's present one."""
        key = (conversation, json.dumps(list(positions)))
        rows = await self._database.read(lambda connection: connection.execute(_ENTRIES_AT, key).fetchall())
        return {entry.position: entry for entry in map(entry_of, rows)}


def _write(connection: sqlite3.Connection, commits: Sequence[Commit]) -> None:
    many = connection.executemany
    many(_ENTRY, [row_of(entry) for commit in commits for entry in commit.entries])
    for commit in commits:
        _write_changes(connection, commit)
    many(
        _SEND,
        [
            (
                commit.conversation,
                send.sender,
                send.client_msg_id,
                send.outcome.position,
                send.outcome.message_id,
                send.outcome.body_hash,
                send.outcome.appended_at,
                send.outcome.seq,
                send.outcome.refusal,
            )
            for commit in commits
            for send in commit.sends
        ],
    )
    many(_HEAD, [(c.conversation, c.head.seq, c.head.position, c.head.messages) for c in commits])


def _write_changes(connection: sqlite3.Connection, commit: Commit) -> None:
    name, many = commit.conversation, connection.executemany
    if commit.settings:
        rows = [(name, s.from_seq, int(s.group), s.title, int(s.open_history), at) for at, s in commit.settings]
        many(_SETTINGS, rows)
    if commit.spans:
        many(_SPAN, [(name, s.user, s.from_seq, s.role, s.joined_seq, s.to_seq, at) for at, s in commit.spans])
    if commit.edited:
        edits = [(name, e.target_seq, encode(e.content), at, e.seq, e.edited_at) for at, e in commit.edited]
        many(_EDITED, edits)
    if commit.reactions:
        words = [(name, r.target_seq, r.user, r.emoji, r.seq, int(r.removed), at) for at, r in commit.reactions]
        many(_REACTION, words)
    if commit.deleted:
        many(_DELETED, [(name, d.target_seq, at, d.seq) for at, d in commit.deleted])
        many(_DELETED_REACTIONS, [(name, d.target_seq) for _, d in commit.deleted])

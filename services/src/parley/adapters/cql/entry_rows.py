"""Entries as rows of Cassandra's or Scylla's `messages`."""

from typing import Any, Final

from cassandra.query import UNSET_VALUE

from parley.adapters.cql.session import Row
from parley.adapters.stored_entries import COLUMNS, encode, entry_of
from parley.domain.buckets import bucket_of
from parley.domain.entries import Entry

ENTRY_COLUMNS: Final = COLUMNS.format(conversation="conversation_id", sender="sender_id")
_POSITION: Final = 2
INSERT_ENTRY: Final = (
    "INSERT INTO messages (conversation_id, bucket, seq, position, message_id, sender_id, client_msg_id, kind, "  # noqa: S608
    f"created_at, messages, content, target_seq, change, trace) VALUES ({', '.join('?' * 14)}) USING TIMESTAMP ?"
)


def values_of(entry: Entry) -> list[Any]:
    """Values of INSERT_ENTRY. What an entry does not have is left unset: a null would be a tombstone.

    Edits and deletions are no part of it: they are written to the row by themselves, at their own positions.
    """
    content = UNSET_VALUE if entry.content is None else encode(entry.content)
    return [
        entry.conversation,
        bucket_of(entry.seq),
        entry.seq,
        entry.position,
        entry.message_id,
        entry.sender,
        entry.client_msg_id,
        entry.kind,
        entry.created_at,
        entry.messages,
        content,
        UNSET_VALUE if entry.target_seq is None else entry.target_seq,
        UNSET_VALUE if entry.change is None else encode(entry.change),
        entry.trace or UNSET_VALUE,
        entry.position,
    ]


def whole_entry_of(row: Row) -> Entry | None:
    """The entry of a row of ENTRY_COLUMNS; None for a row that was only edited or deleted so far."""
    position = row[_POSITION]
    return None if position is None else entry_of(row)

"""Entries as rows of `messages`: identity in columns that a person can read, content and change as MessagePack."""

from typing import Any, Final

import msgspec
from cassandra.query import UNSET_VALUE

from parley.adapters.cql.session import Row
from parley.domain.buckets import bucket_of
from parley.domain.content import Content
from parley.domain.entries import Change, Entry

_ENCODER: Final = msgspec.msgpack.Encoder()
_CONTENT: Final = msgspec.msgpack.Decoder(Content)
_CHANGE: Final = msgspec.msgpack.Decoder(Change)

ENTRY_COLUMNS: Final = (
    "conversation_id, seq, position, message_id, sender_id, client_msg_id, kind, created_at, messages, "
    "content, target_seq, change, edited_seq, edited_at, deleted_seq, trace"
)
INSERT_ENTRY: Final = (
    "INSERT INTO messages (conversation_id, bucket, seq, position, message_id, sender_id, client_msg_id, kind, "  # noqa: S608
    f"created_at, messages, content, target_seq, change, trace) VALUES ({', '.join('?' * 14)}) USING TIMESTAMP ?"
)


def encode_content(content: Content) -> bytes:
    """Content as it stands in a row."""
    return _ENCODER.encode(content)


def values_of(entry: Entry) -> list[Any]:
    """Values of INSERT_ENTRY. What an entry does not have is left unset: a null would be a tombstone.

    Edits and deletions are no part of it: they are written to the row by themselves, at their own positions.
    """
    content = UNSET_VALUE if entry.content is None else _ENCODER.encode(entry.content)
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
        UNSET_VALUE if entry.change is None else _ENCODER.encode(entry.change),
        entry.trace or UNSET_VALUE,
        entry.position,
    ]


def entry_of(row: Row) -> Entry | None:
    """The entry of a row of ENTRY_COLUMNS; None for a row that was only edited or deleted so far."""
    conversation, seq, position, message_id, sender, client_msg_id, kind, created_at, messages, *details = row
    if position is None:
        return None
    content, target_seq, change, edited_seq, edited_at, deleted_seq, trace = details
    return Entry(
        conversation,
        seq,
        position,
        message_id,
        sender,
        client_msg_id,
        kind,
        created_at,
        messages,
        content=None if content is None else _CONTENT.decode(content),
        target_seq=target_seq,
        change=None if change is None else _CHANGE.decode(change),
        edited_seq=edited_seq,
        edited_at=edited_at,
        deleted_seq=deleted_seq,
        trace=trace or "",
    )

"""Entries as rows of `messages`: identity in columns that a person can read, content and change as MessagePack."""

from typing import Any, Final, TypeAlias

import msgspec

from parley.domain.content import Content
from parley.domain.entries import Change, Entry

_ENCODER: Final = msgspec.msgpack.Encoder()
_CONTENT: Final = msgspec.msgpack.Decoder(Content)
_CHANGE: Final = msgspec.msgpack.Decoder(Change)

Row: TypeAlias = tuple[Any, ...]

ENTRY_COLUMNS: Final = (
    "conversation, seq, position, message_id, sender, client_msg_id, kind, created_at, messages, "
    "content, target_seq, change, edited_seq, edited_at, deleted_seq, trace"
)


def encode_content(content: Content) -> bytes:
    """Content as it stands in a row."""
    return _ENCODER.encode(content)


def row_of(entry: Entry) -> Row:
    """Values for ENTRY_COLUMNS, with the content's position, which is the entry's own, behind them."""
    return (
        entry.conversation,
        entry.seq,
        entry.position,
        entry.message_id,
        entry.sender,
        entry.client_msg_id,
        entry.kind,
        entry.created_at,
        entry.messages,
        None if entry.content is None else _ENCODER.encode(entry.content),
        entry.target_seq,
        None if entry.change is None else _ENCODER.encode(entry.change),
        entry.edited_seq,
        entry.edited_at,
        entry.deleted_seq,
        entry.trace,
        entry.position,
    )


def entry_of(row: Row) -> Entry:
    """The entry of a row of ENTRY_COLUMNS."""
    conversation, seq, position, message_id, sender, client_msg_id, kind, created_at, messages, *details = row
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
        trace=trace,
    )

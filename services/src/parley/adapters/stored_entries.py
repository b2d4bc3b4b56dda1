"""Entries as rows of `messages`: identity in columns that a person can read, content and change as MessagePack."""

from typing import Any, Final

import msgspec

from parley.domain.content import Content
from parley.domain.entries import Change, Entry

COLUMNS: Final = (
    "{conversation}, seq, position, message_id, {sender}, client_msg_id, kind, created_at, messages, "
    "content, target_seq, change, edited_seq, edited_at, deleted_seq, trace"
)
"""What `entry_of` reads, in its order; each store names the conversation and the sender as its tables do."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_CONTENT: Final = msgspec.msgpack.Decoder(Content)
_CHANGE: Final = msgspec.msgpack.Decoder(Change)


def encode(part: Content | Change) -> bytes:
    """Content or a change as it stands in a row."""
    return _ENCODER.encode(part)


def entry_of(row: tuple[Any, ...]) -> Entry:
    """The entry of a row of COLUMNS."""
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
        trace=trace or "",
    )

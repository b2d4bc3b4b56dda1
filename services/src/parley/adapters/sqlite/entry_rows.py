"""Entries as rows of SQLite's `messages`."""

from typing import Any, Final, TypeAlias

from parley.adapters.stored_entries import COLUMNS, encode
from parley.domain.entries import Entry

Row: TypeAlias = tuple[Any, ...]

ENTRY_COLUMNS: Final = COLUMNS.format(conversation="conversation", sender="sender")


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
        None if entry.content is None else encode(entry.content),
        entry.target_seq,
        None if entry.change is None else encode(entry.change),
        entry.edited_seq,
        entry.edited_at,
        entry.deleted_seq,
        entry.trace,
        entry.position,
    )

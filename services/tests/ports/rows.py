"""Rows for the suites of the store, as short as they can be written down."""

from parley.domain.content import Content
from parley.domain.entries import Entry, Head, PriorSend
from parley.ports.conversation_store import Commit, SendRecord

CONVERSATION = "3455e7d0-b693-5b45-be3a-88cafd3dd899"
OTHER = "b7e0f7d8-3f0c-5b36-8f2c-92a4d1c45e02"


def entry(seq: int, position: int | None = None, text: str = "hello", conversation: str = CONVERSATION) -> Entry:
    """A message."""
    at = seq if position is None else position
    return Entry(
        conversation=conversation,
        seq=seq,
        position=at,
        message_id=1_000 + at,
        sender="ann",
        client_msg_id=f"key-{at}",
        kind="message",
        created_at=1_800_000_000_000 + at,
        messages=seq,
        content=Content(text),
    )


def send(position: int, seq: int | None, key: str = "key", refusal: str | None = None) -> SendRecord:
    """What became of an attempt."""
    outcome = PriorSend(position, 1_000 + position, b"hash", 1_800_000_000_000 + position, seq, refusal)
    return SendRecord("ann", key, outcome)


def commit(*entries: Entry, conversation: str = CONVERSATION, sends: tuple[SendRecord, ...] = ()) -> Commit:
    """Entries with the head they lead to."""
    last = entries[-1]
    return Commit(conversation, Head(last.seq, last.position, last.messages), entries, sends)

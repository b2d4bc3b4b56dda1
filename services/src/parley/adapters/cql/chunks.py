"""A conversation's share of a commit, cut into pieces that are each one mutation of one partition. Pure.

A piece holds entries, sends and the head that they lead to. Each prefix of the pieces is a state that the conversation
went through, so that a crash between two pieces leaves nothing that a replay would not find.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from parley.domain.buckets import bucket_of
from parley.domain.entries import Entry, Head
from parley.ports.conversation_store import Commit, SendRecord

CHUNK_BYTES: Final = 24_000
"""Half of what Cassandra accepts in a batch by default. A single larger entry travels alone."""

_ROW_BYTES: Final = 300
_SEND_BYTES: Final = 200


@dataclass(slots=True)
class Chunk:
    """One mutation: rows of one bucket, and the head after them where it lies in the same bucket."""

    conversation: str
    bucket: int
    head: Head | None = None
    entries: list[Entry] = field(default_factory=list)
    sends: list[SendRecord] = field(default_factory=list)
    size: int = 0


def chunks_of(commit: Commit, limit: int = CHUNK_BYTES) -> list[Chunk]:
    """Cut by bucket and by size, in the order of log positions; the last chunk has the commit's own head.

    An attempt that became an entry lies in its entry's bucket. A refused one lies in the bucket of the head that it
    met, which does not depend on how the log was cut into batches.
    """
    chunks: list[Chunk] = []
    head = _head_before(commit)
    for position, entry, send in _in_order(commit):
        if entry is not None:
            head = Head(entry.seq, position, entry.messages)
        else:
            head = Head(head.seq, max(head.position, position), head.messages)
        bucket = bucket_of(_seq_of(entry, send, head))
        size = _size(entry, send)
        if not chunks or chunks[-1].bucket != bucket or chunks[-1].size + size > limit:
            chunks.append(Chunk(commit.conversation, bucket))
        chunk = chunks[-1]
        chunk.size += size
        chunk.head = head if bucket == bucket_of(head.seq) else None
        if entry is not None:
            chunk.entries.append(entry)
        if send is not None:
            chunk.sends.append(send)
    if not chunks or chunks[-1].bucket != bucket_of(commit.head.seq):
        chunks.append(Chunk(commit.conversation, bucket_of(commit.head.seq)))
    chunks[-1].head = commit.head
    return chunks


def _in_order(commit: Commit) -> Iterator[tuple[int, Entry | None, SendRecord | None]]:
    """Entries with the sends of the same record, and sends without an entry, by position."""
    sends = {send.outcome.position: send for send in commit.sends}
    entries = {entry.position: entry for entry in commit.entries}
    for position in sorted(sends.keys() | entries.keys()):
        yield position, entries.get(position), sends.get(position)


def _head_before(commit: Commit) -> Head:
    """Where the conversation stood before the first entry of the commit, as far as buckets care."""
    if not commit.entries:
        return Head(commit.head.seq, -1, commit.head.messages)
    first = commit.entries[0]
    return Head(first.seq - 1, -1, first.messages - (first.kind == "message"))


def _seq_of(entry: Entry | None, send: SendRecord | None, head: Head) -> int:
    if entry is not None:
        return entry.seq
    if send is not None and send.outcome.seq is not None:
        return send.outcome.seq
    return head.seq


def _size(entry: Entry | None, send: SendRecord | None) -> int:
    text = len(entry.content.text.encode()) if entry is not None and entry.content is not None else 0
    change = 40 * len(entry.change.members) if entry is not None and entry.change is not None else 0
    return text + change + _ROW_BYTES * (entry is not None) + _SEND_BYTES * (send is not None)

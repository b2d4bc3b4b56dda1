"""What the sequencer writes: everything at the log position that decided it, heads together with their rows.

So a replay, or a process that has lost its partition and does not know it yet, changes nothing (promises G2, G4).
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.cql.buckets import NewestBuckets
from parley.adapters.cql.chunks import CHUNK_BYTES, Chunk, chunks_of
from parley.adapters.cql.entry_rows import ENTRY_COLUMNS, INSERT_ENTRY, values_of, whole_entry_of
from parley.adapters.cql.sends import SENDS_INSERT, SendsLookup, send_values
from parley.adapters.cql.session import Bound, CqlSession
from parley.adapters.stored_entries import encode
from parley.domain.buckets import bucket_of
from parley.domain.effects import TargetDeleted, TargetEdited
from parley.domain.entries import Entry, Head, PriorSend, Reaction, Settings, Span
from parley.domain.position import FOREVER_POSITION
from parley.ports.conversation_store import Commit, ConversationWriter, SendKey

PARTITIONS_AT_ONCE: Final = 10
"""More partitions in one batch make Cassandra warn."""

_HEAD: Final = (
    "UPDATE messages USING TIMESTAMP ? SET head_seq = ?, head_position = ?, head_messages = ? "
    "WHERE conversation_id = ? AND bucket = ?"
)
_LAST_BUCKET: Final = "INSERT INTO conversations (conversation_id, last_bucket) VALUES (?, ?) USING TIMESTAMP ?"
_SETTINGS: Final = (
    "INSERT INTO settings (conversation_id, from_seq, is_group, title, open_history) VALUES (?, ?, ?, ?, ?) "
    "USING TIMESTAMP ?"
)
_SPAN: Final = (
    "INSERT INTO members (conversation_id, user_id, from_seq, role, joined_seq, to_seq) VALUES (?, ?, ?, ?, ?, ?) "
    "USING TIMESTAMP ?"
)
_OPEN_SPAN: Final = (
    "INSERT INTO members (conversation_id, user_id, from_seq, role, joined_seq) VALUES (?, ?, ?, ?, ?) "
    "USING TIMESTAMP ?"
)
_INBOX: Final = "INSERT INTO user_conversations (user_id, conversation_id, member) VALUES (?, ?, ?) USING TIMESTAMP ?"
_REACTION: Final = (
    "INSERT INTO reactions (conversation_id, bucket, target_seq, user_id, emoji, seq, removed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
)
_NO_REACTIONS: Final = (
    "DELETE FROM reactions USING TIMESTAMP ? WHERE conversation_id = ? AND bucket = ? AND target_seq = ?"
)
_EDITED: Final = (
    "UPDATE messages USING TIMESTAMP ? SET content = ?, edited_seq = ?, edited_at = ? "
    "WHERE conversation_id = ? AND bucket = ? AND seq = ?"
)
_DELETED: Final = (
    "UPDATE messages USING TIMESTAMP ? SET content = null, deleted_seq = ? "
    "WHERE conversation_id = ? AND bucket = ? AND seq = ?"
)
_REACHED: Final = "INSERT INTO progress (log_partition, position) VALUES (?, ?) USING TIMESTAMP ?"
_PROGRESS: Final = "SELECT position FROM progress WHERE log_partition = ?"
_RANGE: Final = (
    f"SELECT {ENTRY_COLUMNS} FROM messages "  # noqa: S608 - constants
    "WHERE conversation_id = ? AND bucket = ? AND seq >= ? AND seq <= ?"
)
_POSITION: Final = "SELECT position FROM messages WHERE conversation_id = ? AND bucket = ? AND seq = ?"


class CqlConversationWriter(ConversationWriter):
    """Few requests with many rows: a request costs far more than a row."""

    def __init__(self, session: CqlSession, newest: NewestBuckets, sends: SendsLookup) -> None:
        """Write through this session."""
        self._session = session
        self._newest = newest
        self._sends = sends

    @override
    async def commit(self, commits: Sequence[Commit]) -> None:
        """Changes first, then rows with their heads."""
        await asyncio.gather(*(self._session.write(group) for commit in commits for group in _changes(commit)))
        pieces = [chunks_of(commit) for commit in commits]
        first = [chunks[0] for chunks in pieces if len(chunks) == 1]
        await asyncio.gather(
            *(self._session.write(request) for request in self._requests(first)),
            *(self._one_by_one(chunks) for chunks in pieces if len(chunks) > 1),
        )

    @override
    async def reach(self, positions: Mapping[int, int]) -> None:
        requests: dict[object, list[Bound]] = defaultdict(list)
        for number, position in positions.items():
            place = self._session.replicas_of(number.to_bytes(4, "big", signed=True))
            requests[place].append((_REACHED, (number, position, position)))
        pieces = [
            statements[first : first + PARTITIONS_AT_ONCE]
            for statements in requests.values()
            for first in range(0, len(statements), PARTITIONS_AT_ONCE)
        ]
        await asyncio.gather(*(self._session.write(piece) for piece in pieces))

    @override
    async def reached(self, partition: int) -> int | None:
        rows = await self._session.rows(_PROGRESS, partition)
        return rows[0][0] if rows else None

    @override
    async def prior_send(
        self, conversation: str, sender: str, client_msg_id: str, before: int, *, head_seq: int | None = None
    ) -> PriorSend | None:
        if head_seq is None:
            head = await self._newest.head(conversation)
            if head is None:
                return None
            head_seq = head.seq
        return await self._sends.newest(conversation, bucket_of(head_seq), sender, client_msg_id, before)

    @override
    async def sent(self, keys: Sequence[SendKey]) -> frozenset[SendKey]:
        priors = await asyncio.gather(*(self.prior_send(*key, FOREVER_POSITION) for key in keys))
        return frozenset(key for key, prior in zip(keys, priors, strict=True) if prior is not None)

    @override
    async def entries_at(self, conversation: str, positions: Sequence[int]) -> dict[int, Entry]:
        """Positions grow with seq, so that a search by halves finds where the range begins."""
        head = await self._newest.head(conversation)
        if head is None or not positions:
            return {}
        first = await self._seq_at_or_above(conversation, min(positions), head)
        wanted = frozenset(positions)
        found: dict[int, Entry] = {}
        last = min(head.seq, first + max(positions) - min(positions))
        for bucket in range(bucket_of(first), bucket_of(last) + 1):
            rows = await self._session.rows(_RANGE, conversation, bucket, first, last)
            entries = [entry for row in rows if (entry := whole_entry_of(row)) is not None]
            found |= {entry.position: entry for entry in entries if entry.position in wanted}
        return found

    async def _seq_at_or_above(self, conversation: str, position: int, head: Head) -> int:
        low, high = 1, head.seq
        while low < high:
            middle = (low + high) // 2
            rows = await self._session.rows(_POSITION, conversation, bucket_of(middle), middle)
            known = rows[0][0] if rows else None
            if known is not None and known < position:
                low = middle + 1
            else:
                high = middle
        return low

    async def _one_by_one(self, chunks: Sequence[Chunk]) -> None:
        """Older before newer; a bucket is announced before it has anything."""
        for number, chunk in enumerate(chunks):
            if number and chunk.bucket > chunks[number - 1].bucket:
                await self._announce(chunk)
            await self._session.write(_statements(chunk))

    async def _announce(self, chunk: Chunk) -> None:
        await self._session.rows(_LAST_BUCKET, chunk.conversation, chunk.bucket, chunk.bucket)

    def _requests(self, chunks: Sequence[Chunk]) -> list[list[Bound]]:
        """Join small chunks whose partitions lie on the same nodes; each stays one mutation of its own."""
        requests: list[list[Bound]] = []
        open_ones: dict[object, tuple[list[Bound], int, int]] = {}
        for chunk in chunks:
            place = self._session.replicas_of(_routing_key(chunk))
            statements, partitions, size = open_ones.get(place, ([], 0, 0))
            if partitions == 0 or partitions >= PARTITIONS_AT_ONCE or size + chunk.size > CHUNK_BYTES:
                statements, partitions, size = [], 0, 0
                requests.append(statements)
            statements.extend(_statements(chunk))
            open_ones[place] = (statements, partitions + 1, size + chunk.size)
        return requests


def _statements(chunk: Chunk) -> list[Bound]:
    name, bucket, head = chunk.conversation, chunk.bucket, chunk.head
    statements: list[Bound] = [(INSERT_ENTRY, values_of(entry)) for entry in chunk.entries]
    statements += [(SENDS_INSERT, send_values(name, bucket, send)) for send in chunk.sends]
    if head is not None:
        statements.append((_HEAD, (head.position, head.seq, head.position, head.messages, name, bucket)))
    return statements


def _routing_key(chunk: Chunk) -> bytes:
    """The partition key as the driver packs it: each component with its length before it and a zero behind."""
    parts = (chunk.conversation.encode(), chunk.bucket.to_bytes(4))
    return b"".join(len(part).to_bytes(2) + part + b"\0" for part in parts)


def _changes(commit: Commit) -> list[list[Bound]]:
    """Requests for what lies in other partitions than the rows; every group is one partition."""
    name = commit.conversation
    groups: list[list[Bound]] = []
    groups += _in_parts([_span(name, at, span) for at, span in commit.spans])
    groups += _in_parts([_settings(name, at, settings) for at, settings in commit.settings])
    groups += [[inbox] for inbox in _inboxes(commit)]
    groups += [[_reaction(name, at, reaction)] for at, reaction in commit.reactions]
    groups += [[_edit(name, at, edit)] for at, edit in commit.edited]
    for at, deletion in commit.deleted:
        groups.append(_deletion(name, at, deletion))
    return groups


def _in_parts(statements: Sequence[Bound]) -> list[list[Bound]]:
    return [list(statements[first : first + 100]) for first in range(0, len(statements), 100)]


def _span(name: str, at: int, span: Span) -> Bound:
    if span.to_seq is None:
        return _OPEN_SPAN, (name, span.user, span.from_seq, str(span.role), span.joined_seq, at)
    return _SPAN, (name, span.user, span.from_seq, str(span.role), span.joined_seq, span.to_seq, at)


def _settings(name: str, at: int, settings: Settings) -> Bound:
    return _SETTINGS, (name, settings.from_seq, settings.group, settings.title, settings.open_history, at)


def _inboxes(commit: Commit) -> list[Bound]:
    """Whether each user is a member, as the last of his spans at each position says."""
    last = {(span.user, at): span.to_seq is None for at, span in commit.spans}
    return [(_INBOX, (user, commit.conversation, member, at)) for (user, at), member in last.items()]


def _reaction(name: str, at: int, word: Reaction) -> Bound:
    target = word.target_seq
    return _REACTION, (name, bucket_of(target), target, word.user, word.emoji, word.seq, word.removed, at)


def _edit(name: str, at: int, edit: TargetEdited) -> Bound:
    target = edit.target_seq
    content = encode(edit.content)
    return _EDITED, (at, content, edit.seq, edit.edited_at, name, bucket_of(target), target)


def _deletion(name: str, at: int, deletion: TargetDeleted) -> list[Bound]:
    target = deletion.target_seq
    bucket = bucket_of(target)
    return [(_DELETED, (at, deletion.seq, name, bucket, target)), (_NO_REACTIONS, (at, name, bucket, target))]

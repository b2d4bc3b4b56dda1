"""Reads of the message store, counted at its edge, so that every engine counts alike: one a row or range asked for."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from typing_extensions import override

from parley.domain.entries import Entry, Head, PriorSend
from parley.domain.membership import Membership
from parley.ports.conversation_store import (
    Commit,
    ConversationReader,
    ConversationWriter,
    Inbox,
    InboxItem,
    SendKey,
    Slice,
)
from parley.ports.watermarks import Progress, WatermarkStore
from parley.runtime.metrics import STORE_READS

_HEADS: Final = STORE_READS.labels("heads")
_MEMBERSHIP: Final = STORE_READS.labels("membership")
_ENTRIES: Final = STORE_READS.labels("entries")
_LIST: Final = STORE_READS.labels("list")
_MARKS: Final = STORE_READS.labels("marks")
_SENDS: Final = STORE_READS.labels("sends")
_FOLD: Final = STORE_READS.labels("fold")


class _Reader(ConversationReader, Inbox, Protocol):
    """Both ports, as every store has them in one object."""


class CountedReader(ConversationReader, Inbox):
    """What everybody reads of conversations."""

    def __init__(self, store: _Reader) -> None:
        """Read from this store."""
        self._store = store

    @override
    async def heads(self, conversations: Sequence[str]) -> dict[str, Head]:
        _HEADS.inc(len(conversations))
        return await self._store.heads(conversations)

    @override
    async def membership(self, conversation: str) -> Membership:
        _MEMBERSHIP.inc()
        return await self._store.membership(conversation)

    @override
    async def slice(self, conversation: str, first: int, last: int) -> Slice:
        _ENTRIES.inc()
        return await self._store.slice(conversation, first, last)

    @override
    async def entries(self, conversation: str, seqs: Sequence[int]) -> dict[int, Entry]:
        _ENTRIES.inc()
        return await self._store.entries(conversation, seqs)

    @override
    async def conversations_of(self, user: str) -> list[InboxItem]:
        _LIST.inc()
        return await self._store.conversations_of(user)


class CountedWatermarks(WatermarkStore):
    """How far users got."""

    def __init__(self, store: WatermarkStore) -> None:
        """Read from this store."""
        self._store = store

    @override
    async def advance(self, marks: Mapping[tuple[str, str], Progress]) -> None:
        await self._store.advance(marks)

    @override
    async def of_conversation(self, conversation: str) -> dict[str, Progress]:
        _MARKS.inc()
        return await self._store.of_conversation(conversation)

    @override
    async def of_user(self, user: str, conversations: Sequence[str]) -> dict[str, Progress]:
        _MARKS.inc(len(conversations))
        return await self._store.of_user(user, conversations)


class CountedWriter(ConversationWriter):
    """What is read so that it can be written: earlier attempts, and what was folded already."""

    def __init__(self, store: ConversationWriter) -> None:
        """Write to this store."""
        self._store = store

    @override
    async def commit(self, commits: Sequence[Commit]) -> None:
        await self._store.commit(commits)

    @override
    async def reach(self, positions: Mapping[int, int]) -> None:
        await self._store.reach(positions)

    @override
    async def reached(self, partition: int) -> int | None:
        _FOLD.inc()
        return await self._store.reached(partition)

    @override
    async def prior_send(
        self, conversation: str, sender: str, client_msg_id: str, before: int, *, head_seq: int | None = None
    ) -> PriorSend | None:
        _SENDS.inc()
        return await self._store.prior_send(conversation, sender, client_msg_id, before, head_seq=head_seq)

    @override
    async def sent(self, keys: Sequence[SendKey]) -> frozenset[SendKey]:
        _SENDS.inc(len(keys))
        return await self._store.sent(keys)

    @override
    async def entries_at(self, conversation: str, positions: Sequence[int]) -> dict[int, Entry]:
        _FOLD.inc()
        return await self._store.entries_at(conversation, positions)

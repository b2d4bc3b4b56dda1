"""Rows of conversations: written by the sequencer alone, read by chat and fanout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import msgspec

from parley.domain.effects import TargetDeleted, TargetEdited
from parley.domain.entries import Entry, Head, PriorSend, Reaction, Settings, Span
from parley.domain.membership import Membership

SendKey: TypeAlias = tuple[str, str, str]
"""What names an attempt: conversation, sender, client_msg_id."""


class SendRecord(msgspec.Struct, frozen=True):
    """A dedupe row: what became of the attempt `client_msg_id` of `sender`."""

    sender: str
    client_msg_id: str
    outcome: PriorSend


class Commit(msgspec.Struct, frozen=True):
    """Everything that one batch of records means for one conversation; every write carries its record's position.

    Spans, settings, reactions and targets may be written before entries, sends and head, which are written together:
    the head makes them true. Writing the same commit again, or an older one after it, changes nothing. `spans` holds
    opened spans and spans that got their end.
    """

    conversation: str
    head: Head
    entries: tuple[Entry, ...] = ()
    sends: tuple[SendRecord, ...] = ()
    spans: tuple[tuple[int, Span], ...] = ()
    settings: tuple[tuple[int, Settings], ...] = ()
    reactions: tuple[tuple[int, Reaction], ...] = ()
    edited: tuple[tuple[int, TargetEdited], ...] = ()
    deleted: tuple[tuple[int, TargetDeleted], ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Entries of a range in ascending seq, with the reactions on them that are set now, by target."""

    entries: tuple[Entry, ...] = ()
    reactions: Mapping[int, tuple[Reaction, ...]] = field(default_factory=dict)


class ConversationWriter(Protocol):
    """What the sequencer writes. Errors: ParleyError UNAVAILABLE; then nothing may be assumed written."""

    async def commit(self, commits: Sequence[Commit]) -> None:
        """Write all commits durably, each conversation's entries, sends and head at once."""
        ...

    async def reach(self, positions: Mapping[int, int]) -> None:
        """Record durably up to which position each partition of the ingress log is folded; never goes back."""
        ...

    async def reached(self, partition: int) -> int | None:
        """The position up to which a partition of the ingress log is folded into this store; None: nothing of it."""
        ...

    async def prior_send(
        self, conversation: str, sender: str, client_msg_id: str, before: int, *, head_seq: int | None = None
    ) -> PriorSend | None:
        """The newest attempt with this key at a position below `before`, however old; later ones do not count.

        Who knows how far the conversation is stored says it with `head_seq`, which spares asking.
        """
        ...

    async def sent(self, keys: Sequence[SendKey]) -> frozenset[SendKey]:
        """Those of these keys under which any attempt is stored."""
        ...

    async def entries_at(self, conversation: str, positions: Sequence[int]) -> dict[int, Entry]:
        """The entries that the records at these log positions became, by position; identity as first written."""
        ...


class ConversationReader(Protocol):
    """What everybody reads. Never ahead of a head that the same reader saw before."""

    async def heads(self, conversations: Sequence[str]) -> dict[str, Head]:
        """Heads of those that exist."""
        ...

    async def membership(self, conversation: str) -> Membership:
        """All spans and settings, possibly ahead of the head: read the head first, then ask as of it."""
        ...

    async def slice(self, conversation: str, first: int, last: int) -> Slice:
        """Entries with `first` <= seq <= `last`; entries of edits carry no text."""
        ...

    async def entries(self, conversation: str, seqs: Sequence[int]) -> dict[int, Entry]:
        """Single entries by seq: targets of edits, rows at read marks."""
        ...


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A conversation that a user is or was in."""

    conversation: str
    member: bool


class Inbox(Protocol):
    """Which conversations a user has; kept by the same commits."""

    async def conversations_of(self, user: str) -> list[InboxItem]:
        """All of them, also those the user has left, in the order of their ids."""
        ...

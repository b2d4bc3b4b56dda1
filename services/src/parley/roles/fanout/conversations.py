"""What the fanout remembers of conversations: who is in them, and up to which seq they were told."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from parley.domain.content import Content
from parley.domain.entries import Entry
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.membership import Membership
from parley.domain.roster import Audience, audience, follow
from parley.ports.conversation_store import ConversationReader
from parley.protocol.timeline import Sequenced
from parley.runtime.together import together


@dataclass(slots=True)
class _Known:
    partition: int
    membership: Membership
    last: int | None = None


class Told(msgspec.Struct, frozen=True):
    """An entry that is to be told, and to whom. `content` is what an edit changed its target to."""

    entry: Entry
    content: Content | None
    audience: Audience
    traceparent: str = ""


class Conversations:
    """Membership is read once per conversation and then follows the entries (the least recently used is dropped)."""

    def __init__(self, reader: ConversationReader, capacity: int) -> None:
        """Remember at most `capacity` conversations between batches."""
        self._reader = reader
        self._capacity = capacity
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def load(self, conversations: Iterable[tuple[str, int]]) -> None:
        """Read the membership of (conversation, partition) pairs that are not remembered.

        The timeline comes after the rows, so what is read now holds every change up to the records in hand.
        """
        missing = {name: partition for name, partition in conversations if name not in self._known}
        memberships = await together(self._reader.membership(name) for name in missing)
        for (name, partition), membership in zip(missing.items(), memberships, strict=True):
            self._known[name] = _Known(partition, membership)

    async def advance(self, event: Sequenced) -> list[Told]:
        """What is new with this event: nothing if it was told before; with it, what is missing before it."""
        entry = event.entry
        known = self._known[entry.conversation]
        self._known.move_to_end(entry.conversation)
        if known.last is not None and entry.seq <= known.last:
            return []
        news = [event]
        if known.last is not None and entry.seq > known.last + 1:
            news = [*await self._missing(entry.conversation, known.last + 1, entry.seq - 1), event]
        return [self._take(known, one) for one in news]

    def trim(self) -> None:
        """Let the least recently used go; only between batches."""
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget(self, partitions: frozenset[int]) -> None:
        """Remember nothing of these partitions."""
        for name in [name for name, known in self._known.items() if known.partition in partitions]:
            del self._known[name]

    def _take(self, known: _Known, event: Sequenced) -> Told:
        entry = event.entry
        known.membership = follow(known.membership, entry)
        who = audience(known.membership, entry)
        if entry.sender not in who.full | who.redacted:
            text = f"conversation {entry.conversation}: a replica answered without the members at seq {entry.seq}"
            raise ParleyError(ErrorCode.UNAVAILABLE, text)
        known.last = entry.seq
        return Told(entry, event.content, who, event.traceparent)

    async def _missing(self, conversation: str, first: int, last: int) -> list[Sequenced]:
        """Entries that the timeline did not bring, from their rows; an edit's text is that of its target now."""
        entries = (await self._reader.slice(conversation, first, last)).entries
        targets = [entry.target_seq for entry in entries if entry.kind == "edit" and entry.target_seq is not None]
        texts = await self._reader.entries(conversation, targets) if targets else {}
        return [Sequenced(entry, _text(texts, entry)) for entry in entries]


def _text(targets: dict[int, Entry], edit: Entry) -> Content | None:
    target = targets.get(edit.target_seq or 0)
    return target.content if target is not None and edit.kind == "edit" else None

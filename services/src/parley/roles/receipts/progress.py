"""From marks on the receipts log to the watermarks in the store, and to those who want to know."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog

from parley.domain.entries import Head
from parley.domain.limits import Limits
from parley.domain.membership import Membership
from parley.domain.routing import by_gateway
from parley.domain.watermarks import count_at_least, highest_visible
from parley.ports.event_log import LogRecord
from parley.ports.watermarks import Progress
from parley.protocol.channel import Delivery, encode_item
from parley.protocol.server_frames import Receipt
from parley.protocol.timeline import Marked
from parley.protocol.views import Watermark
from parley.roles.receipts.known_marks import ConversationMarks, KnownMarks, highest
from parley.runtime.backends import Backends

_HELD_CONVERSATIONS: Final = 20_000
_COUNTS_EVERY_S: Final = 1.0
_NOTHING: Final = Progress()
_DECODER: Final = msgspec.msgpack.Decoder(Marked)
_log = structlog.get_logger("parley.receipts")


class Receipts(msgspec.Struct, frozen=True):
    """One frame for some users."""

    users: frozenset[str]
    frame: Receipt


class ReceiptsWork:
    """Merges marks of a batch, writes what rose, and tells it; what comes again rises no further."""

    def __init__(self, backends: Backends, limits: Limits) -> None:
        """Read nothing yet."""
        self._backends = backends
        self._limits = limits
        self._known = KnownMarks(backends.watermarks, _HELD_CONVERSATIONS)
        self._counted_at: dict[str, float] = {}

    def failed(self, partitions: frozenset[int]) -> None:
        """Read marks again that may be half written."""
        self._known.forget(partitions)

    def revoked(self, partitions: frozenset[int]) -> None:
        """Somebody else writes these marks from now on."""
        self._known.forget(partitions)

    async def settle(self, positions: Mapping[int, int]) -> None:
        """Nothing is left to do: what `process` did is all there is."""

    async def process(self, records: Sequence[LogRecord]) -> None:
        """Raise watermarks durably, then tell those who are connected."""
        wanted, partitions = _merge(records)
        heads, memberships, known = await asyncio.gather(
            self._backends.reader.heads(list(wanted)),
            asyncio.gather(*(self._backends.reader.membership(name) for name in wanted)),
            self._known.load(partitions),
        )
        raised: dict[tuple[str, str], Progress] = {}
        told: list[Receipts] = []
        for (name, marks), membership in zip(wanted.items(), memberships, strict=True):
            head = heads.get(name, Head())
            risen = _risen(marks, membership, head, known[name])
            raised |= {(name, user): mark for user, mark in risen.items()}
            known[name].stored.update(risen)
            told += self._receipts(name, risen, frozenset(membership.current(head.seq)), head, known[name])
        if raised:
            await self._backends.watermarks.advance(raised)
            await self._tell(told)
        self._known.trim()

    def _receipts(
        self,
        conversation: str,
        risen: dict[str, Progress],
        everybody: frozenset[str],
        head: Head,
        known: ConversationMarks,
    ) -> list[Receipts]:
        if not risen:
            return []
        if len(everybody) <= self._limits.receipts_named_members:
            shown = {user: Watermark(mark.delivered, mark.read) for user, mark in risen.items()}
            return [Receipts(everybody | risen.keys(), Receipt(conversation, shown))]
        own = [
            Receipts(frozenset({user}), Receipt(conversation, {user: Watermark(mark.delivered, mark.read)}))
            for user, mark in risen.items()
        ]
        return [*own, *self._counts(conversation, everybody, head, known)]

    def _counts(
        self, conversation: str, everybody: frozenset[str], head: Head, known: ConversationMarks
    ) -> list[Receipts]:
        """In a large group: how many got how far, at most once a second."""
        now = self._backends.clock.monotonic()
        if now - self._counted_at.get(conversation, -_COUNTS_EVERY_S) < _COUNTS_EVERY_S:
            return []
        self._counted_at[conversation] = now
        marks = [known.stored.get(user, _NOTHING) for user in everybody]
        delivered = count_at_least((mark.delivered for mark in marks), head.seq)
        read = count_at_least((mark.read for mark in marks), head.seq)
        return [Receipts(everybody, Receipt(conversation, counts={str(head.seq): Watermark(delivered, read)}))]

    async def _tell(self, told: Sequence[Receipts]) -> None:
        users: set[str] = set().union(*(receipts.users for receipts in told))
        places = await self._backends.registry.locate(sorted(users))
        items = [
            (gateway, encode_item(Delivery(present, receipts.frame)))
            for receipts in told
            for gateway, present in by_gateway(receipts.users & places.keys(), places).items()
        ]
        if items:
            await self._backends.channels.publish(items)


def _merge(records: Sequence[LogRecord]) -> tuple[dict[str, dict[str, Progress]], dict[str, int]]:
    """The highest mark per conversation and user, and the partition of each conversation."""
    wanted: dict[str, dict[str, Progress]] = defaultdict(dict)
    partitions: dict[str, int] = {}
    for record in records:
        try:
            marked = _DECODER.decode(record.value)
        except msgspec.DecodeError as error:
            _log.error("a receipt cannot be decoded", position=record.position, cause=str(error))
            continue
        marks = wanted[marked.conversation]
        mark = Progress(marked.delivered, marked.read)
        marks[marked.user] = highest(marks.get(marked.user, _NOTHING), mark)
        partitions[marked.conversation] = record.partition
    return wanted, partitions


def _risen(
    marks: dict[str, Progress], membership: Membership, head: Head, known: ConversationMarks
) -> dict[str, Progress]:
    """Marks clipped to what their users may see, where that is more than what is stored."""
    risen: dict[str, Progress] = {}
    for user, mark in marks.items():
        visible = membership.visible(user, head.seq)
        clipped = Progress(highest_visible(visible, mark.delivered), highest_visible(visible, mark.read))
        stored = known.stored.get(user, _NOTHING)
        reached = highest(stored, clipped)
        if reached != stored:
            risen[user] = reached
    return risen

"""From timeline records to the streams of gateways, batch by batch."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog

from parley.domain.routing import by_gateway
from parley.ports.event_log import LogRecord
from parley.protocol.channel import Link, encode_item
from parley.protocol.timeline import Sequenced, TimelineEvent
from parley.roles.fanout.conversations import Conversations
from parley.roles.fanout.links import SentLinks
from parley.roles.fanout.notices import Notice, of_entry, of_outcome
from parley.runtime import tracing
from parley.runtime.backends import Backends
from parley.runtime.metrics import STAGE_SECONDS

_PUBLISH_ITEMS: Final = 256
"""So many items go out at once, so that no gateway waits for the whole batch of another."""

_DECODER: Final[msgspec.msgpack.Decoder[TimelineEvent]] = msgspec.msgpack.Decoder(TimelineEvent)
_FANOUT: Final = STAGE_SECONDS.labels("fanout")
_log: Final = structlog.get_logger()


class Dispatch:
    """Tells every entry to the gateways where its people are. What fails is told again; clients drop what they have."""

    def __init__(self, backends: Backends, conversations: Conversations, links: SentLinks) -> None:
        """Share `links` with whoever sends the beacons."""
        self._registry = backends.registry
        self._channels = backends.channels
        self._clock = backends.clock
        self._conversations = conversations
        self._links = links

    async def settle(self, positions: Mapping[int, int]) -> None:
        """Nothing is left to do: what `process` did is all there is."""

    async def process(self, records: Sequence[LogRecord]) -> None:
        """Publish everything that these records mean, in their order."""
        with tracing.Batch(tracing.FANOUT) as spans:
            events = [(record, event) for record in records if (event := _decode(record)) is not None]
            await self._tell([(record, _followed(spans, event)) for record, event in events])

    async def _tell(self, events: Sequence[tuple[LogRecord, TimelineEvent]]) -> None:
        await self._conversations.load(
            (event.entry.conversation, record.partition) for record, event in events if isinstance(event, Sequenced)
        )
        notices: list[Notice] = []
        for record, event in events:
            if isinstance(event, Sequenced):
                for told in await self._conversations.advance(event):
                    notices += of_entry(record.partition, record.position, told)
            else:
                notices.append(of_outcome(record.partition, record.position, event))
        await self._publish(notices)
        self._conversations.trim()

    def failed(self, partitions: frozenset[int]) -> None:
        """Tell again what may not have been told."""
        self._conversations.forget(partitions)

    def revoked(self, partitions: frozenset[int]) -> None:
        """Nobody knows what the next one sends from these partitions."""
        self._conversations.forget(partitions)
        self._links.revoked(partitions)

    async def _publish(self, notices: Sequence[Notice]) -> None:
        """Ask where everybody is only now: the rows are written, so whoever registers later reads them himself."""
        users: set[str] = set().union(*(notice.users for notice in notices))
        if not users:
            return
        places = await self._registry.locate(sorted(users))
        planned = self._links.plan()
        items: list[tuple[str, bytes]] = []
        links: list[tuple[str, Link]] = []
        for notice in notices:
            for gateway, present in by_gateway(notice.users & places.keys(), places).items():
                link = planned.next(gateway, notice.partition, notice.position)
                items.append((gateway, encode_item(notice.delivery(present, link))))
                links.append((gateway, link))
        for first in range(0, len(items), _PUBLISH_ITEMS):
            await self._channels.publish(items[first : first + _PUBLISH_ITEMS])
            for gateway, link in links[first : first + _PUBLISH_ITEMS]:
                self._links.published(gateway, link)
        self._measure(notices)

    def _measure(self, notices: Sequence[Notice]) -> None:
        now = self._clock.now_ms()
        for notice in notices:
            if notice.appended_at:
                _FANOUT.observe(max(0, now - notice.appended_at) / 1000)
            _log.debug("told", trace=notice.trace, frame=type(notice.frame).__name__, users=len(notice.users))


def _followed(spans: tracing.Batch, event: TimelineEvent) -> TimelineEvent:
    """The event as the gateways are to see it: below this stage's span, if it is traced."""
    if not event.traceparent:
        return event
    if isinstance(event, Sequenced):
        entry = event.entry
        attributes = tracing.described(entry.conversation, entry.trace, entry.message_id, seq=entry.seq)
    else:
        attributes = tracing.described(event.conversation, event.trace)
    return msgspec.structs.replace(event, traceparent=spans.follow(event.traceparent, attributes))


def _decode(record: LogRecord) -> TimelineEvent | None:
    """Skip what no version of ours wrote: the rows are there, and the next entry of the conversation shows the hole."""
    try:
        return _DECODER.decode(record.value)
    except msgspec.DecodeError as error:
        _log.error(
            "a timeline record cannot be decoded",
            partition=record.partition, position=record.position, cause=str(error),
        )  # fmt: skip
        return None

"""Reads the gateway's stream and hands every frame to the sockets of its users; writes to nobody wait."""

import asyncio
from typing import Final

import msgspec
import structlog

from parley.domain.chain import DeliveryChain
from parley.domain.errors import ParleyError
from parley.ports.channels import Channels, Received
from parley.ports.clock import Clock
from parley.protocol.channel import Beacon, ChannelItem, Delivery, Replaced, WatchedChanged, decode_item
from parley.protocol.server_frames import Message
from parley.roles.gateway.directory import Directory
from parley.roles.gateway.enrolment import Enrolment
from parley.roles.gateway.frame_counts import count_sent
from parley.roles.gateway.outbound import Outbound
from parley.roles.gateway.resync import Resyncing
from parley.roles.gateway.watching import Watching
from parley.runtime import tracing
from parley.runtime.metrics import DELIVERED, STAGE_SECONDS

_LIMIT: Final = 500
_WAIT_S: Final = 1.0
_RETRY_S: Final = 0.2

_DELIVER: Final = STAGE_SECONDS.labels("deliver")
_log: Final = structlog.get_logger()


class Deliveries:
    """One reader for all connections. It must stand at the stream's end before anybody is registered here."""

    def __init__(
        self,
        gateway: str,
        channels: Channels,
        clock: Clock,
        directory: Directory,
        enrolment: Enrolment,
        watching: Watching,
        resyncing: Resyncing,
    ) -> None:
        """Read the stream of this gateway."""
        self._gateway = gateway
        self._channels = channels
        self._clock = clock
        self._directory = directory
        self._enrolment = enrolment
        self._watching = watching
        self._resyncing = resyncing
        self._chain = DeliveryChain(clock.monotonic())
        self._cursor: str | None = None

    async def begin(self) -> None:
        """Take the place at the end of the stream; waits until the channels can be reached."""
        while self._cursor is None:
            received = await self._read(0.0)
            if received is not None:
                self._cursor = received.cursor

    async def run(self) -> None:
        """Read for ever."""
        while True:
            received = await self._read(_WAIT_S)
            if received is None:
                continue
            self._cursor = received.cursor
            if received.trimmed:
                self._resyncing.request("trimmed")
            for item in received.items:
                self._take(item)
            # Embedded channels answer without suspending; the sockets get their turn all the same.
            await asyncio.sleep(0)

    def watch_silence(self) -> None:
        """Notice that nobody says any more what was sent here."""
        if self._chain.silent(self._clock.monotonic()):
            self._resyncing.request("silence")

    async def _read(self, timeout_s: float) -> Received | None:
        try:
            return await self._channels.read(self._gateway, self._cursor, _LIMIT, timeout_s)
        except ParleyError as error:
            _log.warning("the stream of this gateway cannot be read", error=error.message)
        except Exception:  # noqa: BLE001 - logged, and tried again: the sockets go on
            _log.exception("reading the stream of this gateway failed")
        await asyncio.sleep(_RETRY_S)
        return None

    def _take(self, data: bytes) -> None:
        try:
            item = decode_item(data)
        except msgspec.DecodeError as error:
            _log.error("an item of the stream cannot be decoded", error=str(error))
            self._resyncing.request("undecodable")
            return
        self._handle(item)

    def _handle(self, item: ChannelItem) -> None:
        match item:
            case Delivery():
                self._deliver(item)
            case Beacon(source, last):
                links = [(link.partition, link.position) for link in last]
                if not self._chain.beacon(source, links, self._clock.monotonic()):
                    self._resyncing.request("beacon")
            case WatchedChanged():
                self._watching.changed(item, asyncio.get_running_loop().time())
            case Replaced():
                self._yield(item)

    def _yield(self, item: Replaced) -> None:
        """Close our connection of the device if it is the older one; else the other gateway gets to know."""
        client = self._directory.find(item.user, item.device)
        if client is None or client.opened_at_ms == item.at:
            return
        if client.opened_at_ms < item.at:
            client.replaced()
        else:
            self._enrolment.reassert(item.user, item.device)

    def _deliver(self, delivery: Delivery) -> None:
        link = delivery.link
        if link is not None and not self._chain.link(link.partition, link.position, link.previous):
            self._resyncing.request("gap")
        span = _followed(delivery) if delivery.traceparent else None
        now = asyncio.get_running_loop().time()
        outbound = Outbound(delivery.frame)
        clients = list(self._directory.clients_of(delivery.users))
        for client in clients:
            client.push(outbound, now)
        count_sent(delivery.frame, len(clients))
        if isinstance(delivery.frame, Message):
            DELIVERED.inc(len(clients))
            if delivery.appended_at:
                _DELIVER.observe(max(0.0, (self._clock.now_ms() - delivery.appended_at) / 1000))
        if span is not None:
            span.end(attributes={"parley.connections": len(clients)})
        _log.debug("delivered", trace=delivery.trace, frame=type(delivery.frame).__name__, clients=len(clients))


def _followed(delivery: Delivery) -> tracing.Span | None:
    """The span of a delivery that is traced; it ends when every socket has the frame."""
    frame = delivery.frame
    if isinstance(frame, Message):
        entry = frame.entry
        attributes = tracing.described(frame.conversation, delivery.trace, entry.message_id, seq=entry.seq)
    else:
        attributes = {"parley.trace": delivery.trace}
    return tracing.follow(tracing.DELIVER, delivery.traceparent, attributes)

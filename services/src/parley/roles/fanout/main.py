"""The fanout: one consumer group reads the timeline and tells every entry to the people who may see it."""

import asyncio
import secrets
import socket
from typing import Final

import structlog

from parley.contract import TIMELINE
from parley.domain.errors import ParleyError
from parley.protocol.channel import encode_item
from parley.roles.fanout.conversations import Conversations
from parley.roles.fanout.dispatch import Dispatch
from parley.roles.fanout.links import SentLinks
from parley.runtime.backends import Backends
from parley.runtime.companions import with_companions
from parley.runtime.consumption import Consumption
from parley.runtime.settings import Settings

GROUP: Final = "fanout"
BEACON_S: Final = 1.0
_HELD_CONVERSATIONS: Final = 20_000

_log: Final = structlog.get_logger()


def build(backends: Backends, settings: Settings) -> "FanoutRole":
    """Make the role; several processes share the partitions of the timeline."""
    node = settings.node_name or socket.gethostname()
    return FanoutRole(backends, f"{node}/{secrets.token_hex(4)}")


class FanoutRole:
    """Publishes deliveries, and each second to every gateway what it should have got by then."""

    name = "fanout"

    def __init__(self, backends: Backends, source: str) -> None:
        """Nothing is read or joined before `run`; `source` names this process in its beacons."""
        self._registry = backends.registry
        self._channels = backends.channels
        self._links = SentLinks(source)
        dispatch = Dispatch(backends, Conversations(backends.reader, _HELD_CONVERSATIONS), self._links)
        self._consumption = Consumption(backends.log, TIMELINE.name, GROUP, dispatch)

    def not_ready(self) -> str | None:
        """The last error, until a batch succeeds."""
        return self._consumption.trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until told to stop; the batch in hand is finished and committed."""
        await with_companions(stop, self._consumption.run, self._send_beacons())

    async def _send_beacons(self) -> None:
        while True:
            try:
                await self._send_beacon_to_all()
            except ParleyError as error:
                _log.warning("no beacon could be sent", cause=error.message)
            await asyncio.sleep(BEACON_S)

    async def _send_beacon_to_all(self) -> None:
        gateways = await self._registry.gateways()
        self._links.keep_only(gateways)
        items = [(gateway, encode_item(self._links.beacon(gateway))) for gateway in sorted(gateways)]
        if items:
            await self._channels.publish(items)

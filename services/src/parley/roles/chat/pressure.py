"""Back-pressure: while the sequencer is too far behind, new changes are refused before they are acknowledged."""

import asyncio
import contextlib
from typing import Final

from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.event_log import EventLog
from parley.roles.chat.order import SEQUENCER_GROUP

LAG_LIMIT: Final = 100_000
_EVERY_S: Final = 0.5
_AFTER_MS: Final = 1_000


class Pressure:
    """Knows the lag of the last look; a log that cannot be asked exerts none, since appending will tell."""

    def __init__(self, log: EventLog, limit: int = LAG_LIMIT) -> None:
        """Assume no lag until the first look."""
        self._log = log
        self._limit = limit
        self._lag = 0

    def check(self) -> None:
        """Raise OVERLOADED while too many accepted records wait for their place in the order."""
        if self._lag > self._limit:
            text = f"{self._lag} accepted changes wait to be ordered, more than {self._limit}; try again later"
            raise ParleyError(ErrorCode.OVERLOADED, text, after_ms=_AFTER_MS)

    async def look(self) -> None:
        """Read the lag now."""
        self._lag = sum((await self._log.lag(INGRESS.name, SEQUENCER_GROUP)).values())

    async def watch(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            with contextlib.suppress(ParleyError):
                await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stop.wait()

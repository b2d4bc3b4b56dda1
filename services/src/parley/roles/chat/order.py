"""How far the order of accepted changes has got: what was accepted but not ordered yet is in no store."""

import asyncio
from typing import Final

from parley.contract import INGRESS
from parley.domain.identity import partition_of
from parley.ports.event_log import EventLog

SEQUENCER_GROUP: Final = "sequencer"
_PAUSES_S: Final = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.2)
"""Half a second altogether: one batch of the sequencer takes a few milliseconds."""


class Order:
    """Waits for the sequencer where an answer depends on it; others of the same lane wait with it, so not for long."""

    def __init__(self, log: EventLog) -> None:
        """Nothing is read yet."""
        self._log = log

    async def catches_up(self, conversation: str) -> bool:
        """Wait until all that was accepted in this conversation before is ordered; False when that takes too long."""
        partition = partition_of(conversation, await self._log.partitions(INGRESS.name))
        goal = await self._log.end(INGRESS.name, partition)
        for pause_s in _PAUSES_S:
            if await self._done(partition) >= goal:
                return True
            await asyncio.sleep(pause_s)
        return await self._done(partition) >= goal

    async def _done(self, partition: int) -> int:
        """Where the sequencer goes on. The end is read first, so that it is never taken for further than it is."""
        end = await self._log.end(INGRESS.name, partition)
        return end - (await self._log.lag(INGRESS.name, SEQUENCER_GROUP)).get(partition, 0)

"""Whether the store and the log belong together: checked before a partition's first record is folded.

The store says how far each partition is folded into it. The records that come must join on there: a log that begins
later, or ends earlier, is not the log that this store was made of, and folding it would give two messages one seq.
"""

from collections.abc import Sequence

from parley.domain.position import generation_of, offset_of
from parley.ports.conversation_store import ConversationWriter
from parley.ports.event_log import EventLog, LogRecord
from parley.runtime.misfit import Misfit


class LogLost(Misfit):
    """The store is ahead of the log: going on would give two messages one seq."""


class StoreBehind(Misfit):
    """The store lacks what was folded already: going on would leave a hole, and give seqs that were given before."""


class LogJoins:
    """Remembers the partitions that were found to join, until they are given up or a batch of them fails."""

    def __init__(self, writer: ConversationWriter, log: EventLog, topic: str) -> None:
        """Check nothing yet."""
        self._writer = writer
        self._log = log
        self._topic = topic
        self._joined: set[int] = set()

    def forget(self, partitions: frozenset[int]) -> None:
        """Check these again: somebody else may have written, and a store may have been restored meanwhile."""
        self._joined -= partitions

    async def check(self, records: Sequence[LogRecord]) -> None:
        """Raise LogLost or StoreBehind when the first record of a partition does not join on to the store."""
        first: dict[int, int] = {}
        for record in records:
            first.setdefault(record.partition, record.position)
        for partition, position in first.items():
            if partition not in self._joined:
                await self._check(partition, position)
                self._joined.add(partition)

    async def _check(self, partition: int, position: int) -> None:
        reached = await self._writer.reached(partition)
        same_generation = reached is not None and generation_of(reached) == generation_of(position)
        if reached is not None and same_generation:
            await self._check_end(partition, reached)
        if reached is not None and same_generation and position <= reached + 1:
            return
        if not same_generation and offset_of(position) == 0 and (reached is None or reached < position):
            return
        raise StoreBehind(self._behind(partition, position, reached))

    async def _check_end(self, partition: int, reached: int) -> None:
        end = await self._log.end(self._topic, partition)
        if reached < end:
            return
        text = (
            f"the store has partition {partition} of {self._topic} folded up to position {reached}, but the partition "
            f"ends at {end}: the log was lost, truncated or swapped. Restore the log, or start a new generation of it; "
            "nothing was written"
        )
        raise LogLost(text)

    def _behind(self, partition: int, position: int, reached: int | None) -> str:
        folded = "nothing of it" if reached is None else f"it folded up to position {reached}"
        return (
            f"the next record of partition {partition} of {self._topic} is at position {position}, but the store has "
            f"{folded}: the store was restored from an older backup or emptied, or the log dropped records before they "
            "were folded. Restore a newer backup, or let the sequencer fold again from where the store stands with "
            "`parley topics rewind`; nothing was written"
        )

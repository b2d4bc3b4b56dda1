"""How a role works off its share of a log: poll, effect, commit; and all of it again when the effect failed.

Every record is worked off at once, and its offset is committed at once unless one was just before: at most ten times
a second, since a commit costs about as much as a record, and what was not committed comes again and changes nothing.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import structlog

from parley.domain.errors import ParleyError
from parley.ports.event_log import EventLog, LogConsumer, LogRecord
from parley.runtime.metrics import CONSUMER_LAG

_POLL_S: Final = 0.5
_SETTLE_S: Final = 0.1
_BACKOFF_S: Final = (0.05, 5.0)
_LAG_EVERY_S: Final = 5.0

_log: Final = structlog.get_logger()


class Work(Protocol):
    """What is done with the records. It must bear to get records again, also some that it has done already."""

    async def process(self, records: Sequence[LogRecord]) -> None:
        """Do everything that these records ask for; raises ParleyError when it cannot be done now."""
        ...

    async def settle(self, positions: Mapping[int, int]) -> None:
        """Record what has to be durable before the offsets behind these positions are committed."""
        ...

    def failed(self, partitions: frozenset[int]) -> None:
        """Drop what the last call of `process` may have left half done: its records come again."""
        ...

    def revoked(self, partitions: frozenset[int]) -> None:
        """Drop everything that is held of partitions that are no longer ours."""
        ...


class Consumption:
    """One member of a consumer group. An outage is waited for, a little longer each time; nothing is skipped."""

    def __init__(
        self,
        log: EventLog,
        topic: str,
        group: str,
        work: Work,
        *,
        batch_records: int = 1_000,
        assigned: Callable[[frozenset[int]], None] = lambda _: None,
    ) -> None:
        """Join nothing before `run`. `assigned` is called with partitions that are ours from now on."""
        self._log = log
        self._topic = topic
        self._group = group
        self._work = work
        self._batch_records = batch_records
        self._assigned = assigned
        self._backoff_s = _BACKOFF_S[0]
        self._done: dict[int, int] = {}
        self._settle_at = 0.0
        self.trouble: str | None = "it has not joined its consumer group yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; the batch in hand is finished and committed."""
        consumer = self._log.consumer(self._topic, self._group)
        measuring = asyncio.create_task(self._measure_lag())
        try:
            while not stop.is_set():
                await self._turn(consumer, stop)
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)
            with contextlib.suppress(ParleyError):  # what is not committed comes again
                await self._settle(consumer)
            await consumer.close()

    async def _turn(self, consumer: LogConsumer, stop: asyncio.Event) -> None:
        partitions: frozenset[int] = frozenset()
        try:
            polled = await consumer.poll(self._batch_records, self._patience_s())
            if polled.revoked:
                self._revoked(polled.revoked)
            if polled.assigned:
                self._assigned(polled.assigned)
            partitions = frozenset(record.partition for record in polled.records)
            if polled.records:
                await self._work.process(polled.records)
                self._took(polled.records)
            if self._done and self._patience_s() == 0:
                await self._settle(consumer)
            self.trouble, self._backoff_s = None, _BACKOFF_S[0]
        except ParleyError as error:
            await self._recover(consumer, partitions, error)
            await self._pause(stop)

    def _took(self, records: Sequence[LogRecord]) -> None:
        self._done |= {record.partition: record.position for record in records}

    def _patience_s(self) -> float:
        """How long to wait for records: what is done must not wait long for its commit."""
        if not self._done:
            return _POLL_S
        return max(0.0, self._settle_at - asyncio.get_running_loop().time())

    async def _settle(self, consumer: LogConsumer) -> None:
        if self._done:
            await self._work.settle(self._done)
            await consumer.commit(self._done)
            self._done = {}
            self._settle_at = asyncio.get_running_loop().time() + _SETTLE_S

    def _revoked(self, partitions: frozenset[int]) -> None:
        self._work.revoked(partitions)
        for partition in partitions:
            self._done.pop(partition, None)

    async def _recover(self, consumer: LogConsumer, partitions: frozenset[int], error: ParleyError) -> None:
        self.trouble = error.message
        _log.warning(
            "batch failed, reading it again",
            topic=self._topic, group=self._group, partitions=sorted(partitions), cause=error.message,
        )  # fmt: skip
        self._work.failed(partitions)
        for partition in partitions:
            await consumer.rewind(partition)

    async def _pause(self, stop: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._backoff_s * random.uniform(0.5, 1.0)):  # noqa: S311 - spread, not secrecy
                await stop.wait()
        self._backoff_s = min(self._backoff_s * 2, _BACKOFF_S[1])

    async def _measure_lag(self) -> None:
        while True:
            with contextlib.suppress(ParleyError):
                for partition, records in (await self._log.lag(self._topic, self._group)).items():
                    CONSUMER_LAG.labels(self._topic, str(partition)).set(records)
            await asyncio.sleep(_LAG_EVERY_S)

"""How a role works off its share of a log: poll, effect, commit; and all of it again when the effect failed.

Every record is worked off at once, and its offset is committed at once unless one was just before: at most ten times
a second, since a commit costs about as much as a record, and what was not committed comes again and changes nothing.
No record waits for what has to be settled before a commit.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

import structlog

from parley.domain.errors import ParleyError
from parley.ports.event_log import EventLog, LogConsumer, LogRecord
from parley.runtime.companions import with_companions
from parley.runtime.metrics import CONSUMER_LAG, CONSUMER_LAG_SEEN

_POLL_S: Final = 0.5
_SETTLE_S: Final = 0.1
_LOOK_S: Final = 0.02
"""While something is being settled, whether it is settled is looked at this often."""
_BACKOFF_S: Final = (0.05, 5.0)
_LAG_EVERY_S: Final = 5.0

_log: Final = structlog.get_logger()


class Work(Protocol):
    """What is done with the records. It must bear to get records again, also some that it has done already."""

    async def process(self, records: Sequence[LogRecord]) -> None:
        """Do what these records ask for, or begin to; raises ParleyError when that, or what began before, failed."""
        ...

    async def settle(self, positions: Mapping[int, int]) -> None:
        """Finish whatever `process` began up to here, and record what has to be durable before offsets are committed.

        Further records are processed meanwhile.
        """
        ...

    def failed(self, partitions: frozenset[int]) -> None:
        """Drop what may be half done since the last commit: the records come again."""
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
        self._settled: dict[int, int] = {}
        self._settling: asyncio.Task[None] | None = None
        self._settle_at = 0.0
        self.trouble: str | None = "it has not joined its consumer group yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; the batch in hand is finished and committed."""
        consumer = self._log.consumer(self._topic, self._group)
        try:
            await with_companions(stop, partial(self._work_until, consumer), self._measure_lag())
        finally:
            with contextlib.suppress(ParleyError):  # what is not committed comes again
                await self._commit(consumer)
                self._settle()
                await self._commit(consumer)
            await consumer.close()

    async def _work_until(self, consumer: LogConsumer, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._turn(consumer, stop)

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
            await self._settle_when_due(consumer)
            self.trouble, self._backoff_s = None, _BACKOFF_S[0]
        except ParleyError as error:
            await self._recover(consumer, partitions, error)
            await self._pause(stop)

    def _took(self, records: Sequence[LogRecord]) -> None:
        self._done |= {record.partition: record.position for record in records}

    def _patience_s(self) -> float:
        """How long to wait for records: what is done must not wait long for its commit."""
        if self._settling is not None:
            return _LOOK_S
        if not self._done:
            return _POLL_S
        return max(0.0, self._settle_at - asyncio.get_running_loop().time())

    async def _settle_when_due(self, consumer: LogConsumer) -> None:
        if self._settling is None and self._done and self._patience_s() == 0:
            self._settle()
            await asyncio.sleep(0)  # often nothing is left to do
        if self._settling is not None and self._settling.done():
            await self._commit(consumer)

    def _settle(self) -> None:
        """Begin to settle what is done so far."""
        if self._done:
            self._settled, self._done = self._done, {}
            self._settling = asyncio.create_task(self._work.settle(dict(self._settled)))
            self._settle_at = asyncio.get_running_loop().time() + _SETTLE_S

    async def _commit(self, consumer: LogConsumer) -> None:
        """Commit what is being settled, once it is."""
        if self._settling is not None:
            await self._settling
            await consumer.commit(self._settled)
            self._settling, self._settled = None, {}

    def _revoked(self, partitions: frozenset[int]) -> None:
        self._work.revoked(partitions)
        for partition in partitions:
            self._done.pop(partition, None)
            self._settled.pop(partition, None)

    async def _recover(self, consumer: LogConsumer, partitions: frozenset[int], error: ParleyError) -> None:
        """Begin again behind the last commit: what was done since then may have begun only."""
        partitions |= self._done.keys() | self._settled.keys()
        self.trouble = error.message
        _log.warning(
            "batch failed, reading it again",
            topic=self._topic, group=self._group, partitions=sorted(partitions), cause=error.message,
        )  # fmt: skip
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)
        self._done, self._settling, self._settled = {}, None, {}
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
                CONSUMER_LAG_SEEN.labels(self._topic).set(time.time())
            await asyncio.sleep(_LAG_EVERY_S)

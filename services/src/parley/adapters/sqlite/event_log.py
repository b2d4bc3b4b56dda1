"""The event log on SQLite: every append of the moment shares one transaction and one fsync (promise G1)."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from typing_extensions import override

from parley.adapters.sqlite.consumer_group import ConsumerGroup
from parley.adapters.sqlite.database import Database, open_database
from parley.adapters.sqlite.log_consumer import SqliteLogConsumer
from parley.adapters.sqlite.log_reads import Partition, read_commits, read_partitions
from parley.adapters.sqlite.log_schema import LOG_SCHEMA
from parley.adapters.sqlite.log_writes import Append, probe, run_log_group
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.position import offset_of, position_of
from parley.ports.clock import Clock
from parley.ports.event_log import Appended, Behind, EventLog, LogConsumer, LogRecord

LOG_FILE: Final = "log.db"


class SqliteEventLog(EventLog):
    """For one process: consumer groups share partitions among its own members. Open it with `open_log`."""

    def __init__(
        self, database: Database, partitions: Sequence[Partition], commits: Sequence[tuple[str, int, int]]
    ) -> None:
        """Take the partitions and the groups' progress as they were read from the file."""
        self._database = database
        self._topics: dict[str, list[Partition]] = defaultdict(list)
        for partition in partitions:
            self._topics[partition.topic].append(partition)
        by_id = {partition.id: partition for partition in partitions}
        self._groups: dict[tuple[str, str], ConsumerGroup] = {}
        for name, partition_id, next_offset in commits:
            partition = by_id[partition_id]
            self._group(partition.topic, name).advance(partition.number, next_offset)

    @property
    def database(self) -> Database:
        """The file, for housekeeping."""
        return self._database

    @override
    async def partitions(self, topic: str) -> int:
        return len(self._of(topic))

    @override
    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        target = self._partition(topic, partition)
        if not values:
            return []
        work = Append(target.id, partition, tuple(values))
        return await self._database.write(work, partial(self._appended, target, work.values))

    @override
    def consumer(self, topic: str, group: str) -> LogConsumer:
        return SqliteLogConsumer(self._database, self._of(topic), self._group(topic, group))

    @override
    async def end(self, topic: str, partition: int) -> int:
        target = self._partition(topic, partition)
        return position_of(target.generation, target.end)

    @override
    async def lag(self, topic: str, group: str) -> dict[int, int]:
        return {number: each.waiting for number, each in (await self.behind(topic, group)).items()}

    @override
    async def behind(self, topic: str, group: str) -> dict[int, Behind]:
        known = self._groups.get((topic, group))
        committed: Mapping[int, int] = known.committed if known else {}
        return {
            p.number: Behind(max(0, p.end - max(p.first, committed.get(p.number, 0))), p.end) for p in self._of(topic)
        }

    async def check(self) -> None:
        """Raise ParleyError UNAVAILABLE unless the log can be written now."""
        await self._database.write(probe)

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        await self._database.close()

    def trimmed(self, partition_id: int, first: int) -> None:
        """Note that offsets below `first` are gone."""
        for partitions in self._topics.values():
            for partition in partitions:
                if partition.id == partition_id:
                    partition.first = max(partition.first, first)

    def _appended(self, partition: Partition, values: Sequence[bytes], places: list[Appended]) -> None:
        partition.tail.extend(
            LogRecord(partition.number, place.position, place.appended_at, place.message_id, value)
            for place, value in zip(places, values, strict=True)
        )
        partition.end = max(partition.end, offset_of(places[-1].position) + 1)
        for (topic, _group), group in self._groups.items():
            if topic == partition.topic:
                for member in group.members:
                    if partition.number in member.readings:
                        member.signal.set()

    def _group(self, topic: str, name: str) -> ConsumerGroup:
        key = (topic, name)
        if key not in self._groups:
            self._groups[key] = ConsumerGroup(name, len(self._of(topic)))
        return self._groups[key]

    def _of(self, topic: str) -> list[Partition]:
        if topic not in self._topics:
            known = ", ".join(sorted(self._topics))
            raise ParleyError(ErrorCode.INTERNAL, f"topic {topic!r} does not exist; there are {known}")
        return self._topics[topic]

    def _partition(self, topic: str, number: int) -> Partition:
        partitions = self._of(topic)
        if not 0 <= number < len(partitions):
            text = f"topic {topic!r} has no partition {number}; it has 0 to {len(partitions) - 1}"
            raise ParleyError(ErrorCode.INTERNAL, text)
        return partitions[number]


async def open_log(
    directory: Path | None, clock: Clock, topics: Mapping[str, int], *, insist: bool = False
) -> SqliteEventLog:
    """Open or create the log of a data directory; None keeps it in memory. `topics` are {name: partitions}.

    The counts are for topics that the file does not have yet. A topic keeps the count it began with, since a
    conversation's order lives in one partition; with `insist`, another count in `topics` is refused.
    """
    path = directory / LOG_FILE if directory else None
    database = await open_database(path, LOG_SCHEMA, partial(run_log_group, clock=clock))
    try:
        await database.write(partial(_create_topics, topics=topics))
        partitions = await database.read(read_partitions)
        if insist:
            _refuse_other_counts(partitions, topics, path)
        return SqliteEventLog(database, partitions, await database.read(read_commits))
    except BaseException:
        await database.close()
        raise


def _create_topics(connection: sqlite3.Connection, topics: Mapping[str, int]) -> None:
    known = {name for (name,) in connection.execute("SELECT DISTINCT topic FROM partitions")}
    connection.executemany(
        "INSERT INTO partitions (topic, number, generation, first_offset, next_offset, appended_at) "
        "VALUES (?, ?, 0, 0, 0, 0)",
        [(name, number) for name, count in topics.items() if name not in known for number in range(count)],
    )


def _refuse_other_counts(partitions: Sequence[Partition], topics: Mapping[str, int], path: Path | None) -> None:
    for name, wanted in topics.items():
        stored = sum(partition.topic == name for partition in partitions)
        if stored != wanted:
            text = (
                f"partitions is {wanted}, but topic {name!r} in {path} was created with {stored}, which is for good: "
                f"set it to {stored}, leave it out, or begin with another data directory"
            )
            raise ParleyError(ErrorCode.UNAVAILABLE, text, field="partitions")

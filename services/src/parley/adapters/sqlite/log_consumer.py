"""One member of a consumer group on the SQLite log."""

import asyncio
from collections.abc import Mapping, Sequence

from typing_extensions import override

from parley.adapters.sqlite.consumer_group import ConsumerGroup, Member, Reading
from parley.adapters.sqlite.database import Database
from parley.adapters.sqlite.log_reads import Partition, read_records
from parley.adapters.sqlite.log_writes import write_commits
from parley.domain.position import offset_of
from parley.ports.event_log import LogConsumer, LogRecord, Polled


class SqliteLogConsumer(LogConsumer):
    """Waits without polling: appends and reassignments signal the members whom they concern."""

    def __init__(self, database: Database, partitions: Sequence[Partition], group: ConsumerGroup) -> None:
        """Join the group."""
        self._database = database
        self._partitions = partitions
        self._group = group
        self._member: Member = group.join()

    @override
    async def poll(self, limit: int, timeout_s: float) -> Polled:
        if not self._group.registered:
            await self._register()
        wanted = self._readable()
        if not wanted and not self._member.revoked:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._something()
            except TimeoutError:
                return self._polled([], {})
            wanted = self._readable()
        readings = dict(self._member.readings)
        found = _in_memory(wanted, limit)
        if found is None:
            found = await self._database.read(read_records(wanted, limit))
        return self._polled(found, readings)

    @override
    async def commit(self, positions: dict[int, int]) -> None:
        owned = {
            number: offset_of(position) + 1
            for number, position in positions.items()
            if number in self._member.readings and position >= 0
        }
        if not owned:
            return

        def advance(_: None) -> None:
            for number, offset in owned.items():
                self._group.advance(number, offset)

        by_id = {self._partitions[number].id: offset for number, offset in owned.items()}
        await self._database.write(write_commits(self._group.name, by_id), advance)

    @override
    async def rewind(self, partition: int) -> None:
        self._group.restart(self._member, partition)

    @override
    async def close(self) -> None:
        self._group.leave(self._member)

    async def _register(self) -> None:
        """Make the group known before it reads, so that nothing it has not committed is trimmed."""
        by_id = {partition.id: self._group.committed.get(partition.number, 0) for partition in self._partitions}
        await self._database.write(write_commits(self._group.name, by_id))
        self._group.registered = True

    async def _something(self) -> None:
        member = self._member
        while not (member.revoked or self._readable()):
            member.signal.clear()
            await member.signal.wait()

    def _readable(self) -> list[tuple[Partition, int]]:
        """Partitions of ours with something to read; each poll begins with another one, so that none starves."""
        ready = []
        for number, reading in self._member.readings.items():
            partition = self._partitions[number]
            offset = max(reading.next_offset, partition.first)
            if offset < partition.end:
                ready.append((partition, offset))
        turn = self._member.turn % len(ready) if ready else 0
        return ready[turn:] + ready[:turn]

    def _polled(self, found: Sequence[tuple[int, list[LogRecord]]], readings: Mapping[int, Reading]) -> Polled:
        """Drop what was reassigned while it was read; only now move on, so that a cancelled poll loses nothing."""
        member = self._member
        member.turn += 1
        records: list[LogRecord] = []
        for number, batch in found:
            reading = member.readings.get(number)
            if batch and reading is not None and reading is readings.get(number):
                reading.next_offset = offset_of(batch[-1].position) + 1
                records.extend(batch)
        revoked = frozenset(member.revoked)
        assigned = frozenset(member.assigned)
        member.revoked.clear()
        member.assigned.clear()
        return Polled(tuple(records), revoked, assigned)


def _in_memory(wanted: Sequence[tuple[Partition, int]], limit: int) -> list[tuple[int, list[LogRecord]]] | None:
    """Records from the tails; None when a partition is behind its own, and all have to be read from the file."""
    found: list[tuple[int, list[LogRecord]]] = []
    left = limit
    for partition, offset in wanted:
        if left <= 0:
            break
        records = partition.tail.since(offset, left)
        if records is None:
            return None
        left -= len(records)
        found.append((partition.number, records))
    return found

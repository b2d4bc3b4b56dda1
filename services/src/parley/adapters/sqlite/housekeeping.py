"""What has served its time is deleted, a little at once, so that a folder does not grow with what nobody reads."""

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from parley.adapters.sqlite.database import Database, Work
from parley.adapters.sqlite.event_log import SqliteEventLog
from parley.adapters.sqlite.log_reads import Partition, read_commits, read_partitions
from parley.adapters.sqlite.log_schema import place_of
from parley.contract import SENDS_TTL_MS
from parley.domain.position import OFFSET_MASK
from parley.ports.clock import Clock

_EVERY_S: Final = 3600.0
_SLICE: Final = 5_000
_log = structlog.get_logger("parley.housekeeping")


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Trims the log by each topic's retention and the dedupe rows by theirs; `retention_ms` is by topic.

    A record stays at least until every group that ever read its topic has committed it, however old it is.
    """

    log: SqliteEventLog
    store: Database
    clock: Clock
    retention_ms: Mapping[str, int]

    async def run(self) -> None:
        """Clean up now and every hour, until cancelled."""
        while True:
            try:
                await self.clean_up()
            except Exception as error:  # noqa: BLE001 - whatever it is, it may be gone in an hour
                _log.warning("old rows were not deleted, tried again in an hour", cause=str(error))
            await asyncio.sleep(_EVERY_S)

    async def clean_up(self) -> int:
        """Delete everything that may go; returns how many rows went."""
        now = self.clock.now_ms()
        deleted = await _in_slices(self.store, _delete_sends(now - SENDS_TTL_MS))
        partitions = await self.log.database.read(read_partitions)
        committed = _lowest_commits(await self.log.database.read(read_commits))
        for partition in partitions:
            before = now - self.retention_ms[partition.topic]
            last = committed.get(partition.id, partition.end) - 1
            deleted += await _in_slices(self.log.database, _delete_records(partition, last, before))
            self.log.trimmed(partition.id, await self.log.database.write(_note_first(partition)))
        if deleted:
            _log.info("old rows deleted", rows=deleted)
        return deleted


def _lowest_commits(commits: list[tuple[str, int, int]]) -> dict[int, int]:
    """The next offset of the slowest group, by partition id."""
    lowest: dict[int, int] = {}
    for _, partition_id, next_offset in commits:
        lowest[partition_id] = min(next_offset, lowest.get(partition_id, next_offset))
    return lowest


async def _in_slices(database: Database, work: Work[int]) -> int:
    """Repeat a bounded deletion until nothing is left, so that writers get their turn in between."""
    total = 0
    while (deleted := await database.write(work)) > 0:
        total += deleted
    return total


def _delete_sends(before: int) -> Work[int]:
    def work(connection: sqlite3.Connection) -> int:
        key = "conversation, sender, client_msg_id, position"
        query = f"DELETE FROM sends WHERE ({key}) IN (SELECT {key} FROM sends WHERE appended_at < ? LIMIT ?)"  # noqa: S608 - constants
        return connection.execute(query, (before, _SLICE)).rowcount

    return work


def _delete_records(partition: Partition, last: int, before: int) -> Work[int]:
    def work(connection: sqlite3.Connection) -> int:
        query = (
            "DELETE FROM records WHERE place IN "
            "(SELECT place FROM records WHERE place BETWEEN ? AND ? AND appended_at < ? ORDER BY place LIMIT ?)"
        )
        first_place = place_of(partition.id, 0)
        return connection.execute(query, (first_place, first_place + last, before, _SLICE)).rowcount

    return work


def _note_first(partition: Partition) -> Work[int]:
    """Keep the offset of the oldest record that is left; the next one to come if none is."""

    def work(connection: sqlite3.Connection) -> int:
        bounds = (place_of(partition.id, 0), place_of(partition.id, OFFSET_MASK))
        (oldest,) = connection.execute("SELECT min(place) FROM records WHERE place BETWEEN ? AND ?", bounds).fetchone()
        query = "SELECT next_offset FROM partitions WHERE id = ?"
        first: int = (
            connection.execute(query, (partition.id,)).fetchone()[0] if oldest is None else oldest & OFFSET_MASK
        )
        connection.execute("UPDATE partitions SET first_offset = ? WHERE id = ?", (first, partition.id))
        return first

    return work

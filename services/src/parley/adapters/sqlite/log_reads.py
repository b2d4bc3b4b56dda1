"""What is read from the log: its partitions, its groups, and records."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from parley.adapters.sqlite.database import Work
from parley.adapters.sqlite.log_schema import place_of
from parley.adapters.sqlite.log_tail import LogTail
from parley.domain.position import OFFSET_MASK, message_id_of, position_of
from parley.ports.event_log import LogRecord


@dataclass(slots=True)
class Partition:
    """A partition as the process sees it: `first` and `end` are offsets, the oldest that is kept and the next one."""

    id: int
    topic: str
    number: int
    generation: int
    first: int
    end: int
    tail: LogTail = field(default_factory=LogTail)


def read_partitions(connection: sqlite3.Connection) -> list[Partition]:
    """All partitions, by topic and number."""
    rows = connection.execute(
        "SELECT id, topic, number, generation, first_offset, next_offset FROM partitions ORDER BY topic, number"
    )
    return [Partition(*row) for row in rows]


def read_commits(connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """(group, partition id, next offset) of every group that ever joined."""
    return connection.execute("SELECT consumer_group, partition_id, next_offset FROM commits").fetchall()


def read_records(wanted: Sequence[tuple[Partition, int]], limit: int) -> Work[list[tuple[int, list[LogRecord]]]]:
    """Read from (partition, offset) pairs, in this order, until `limit` records are found: [(number, records)]."""

    def work(connection: sqlite3.Connection) -> list[tuple[int, list[LogRecord]]]:
        found: list[tuple[int, list[LogRecord]]] = []
        left = limit
        for partition, offset in wanted:
            if left <= 0:
                break
            rows = connection.execute(
                "SELECT place, appended_at, value FROM records WHERE place BETWEEN ? AND ? ORDER BY place LIMIT ?",
                (place_of(partition.id, offset), place_of(partition.id, OFFSET_MASK), left),
            )
            records = [_record(partition, *row) for row in rows]
            left -= len(records)
            found.append((partition.number, records))
        return found

    return work


def _record(partition: Partition, place: int, appended_at: int, value: bytes) -> LogRecord:
    offset = place & OFFSET_MASK
    message_id = message_id_of(appended_at, partition.number, offset)
    return LogRecord(partition.number, position_of(partition.generation, offset), appended_at, message_id, value)
